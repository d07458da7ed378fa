"""The calls the two notebooks make."""
