"""Claims: one condition each, and the statement that holds."""
