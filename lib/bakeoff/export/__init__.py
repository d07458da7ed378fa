"""What was trained, handed over: model folders, cards, predictions."""
