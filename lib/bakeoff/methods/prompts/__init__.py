"""Methods that put trained tokens in front of a text."""
