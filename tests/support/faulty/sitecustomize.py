"""Imported by Python as it starts, where this folder is on PYTHONPATH."""

from bad_disk import install

install()
