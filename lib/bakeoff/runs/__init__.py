"""One run: identity, folder, record."""
