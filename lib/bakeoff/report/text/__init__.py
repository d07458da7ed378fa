"""Words: sentences, names, numbers, languages."""
