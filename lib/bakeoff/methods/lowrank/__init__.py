"""Methods that add matrices of low rank."""
