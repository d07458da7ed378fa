"""Texts as a network reads them: tokens, batches, and text vectors that are made once."""
