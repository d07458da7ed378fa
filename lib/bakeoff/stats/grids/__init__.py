"""Cells in, what holds over data sets out: a grid of data sets and base models, each cell a comparison of its own."""
