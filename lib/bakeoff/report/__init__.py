"""A study in words, tables and figures."""
