"""Base models: found, loaded, given a head."""
