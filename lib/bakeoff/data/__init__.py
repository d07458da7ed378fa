"""Texts: found, read, labelled, split."""
