"""The report's figures: each takes `ax` and returns it."""
