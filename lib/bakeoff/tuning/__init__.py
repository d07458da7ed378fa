"""The old place of what exported models load themselves with; gone after the next release."""
