"""What a report says and shows of the same models on other texts than the whole of the test split."""
