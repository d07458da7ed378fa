"""What becomes of a trained model: it predicts, and it is exported with a card of what was measured.

Imported by the command line only.
"""
