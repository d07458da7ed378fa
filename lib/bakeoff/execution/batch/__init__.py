"""Runs as jobs of a batch system: each a command of its own, in stages, and the scripts that submit them."""
