"""Arrays in, verdicts out."""
