"""What a report says and shows of several experiments that one file names."""
