"""This machine and its disk: atomic files, hashes, locks, cores, the workspace."""
