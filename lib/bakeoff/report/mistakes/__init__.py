"""Figures of what methods get wrong: by class, by how sure they are, and beside one another."""
