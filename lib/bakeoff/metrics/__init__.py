"""Metric functions, one row each, and what the tests need of them."""
