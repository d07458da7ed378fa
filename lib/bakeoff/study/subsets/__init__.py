"""The same trained models on other texts than the whole of the test split."""
