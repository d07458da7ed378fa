"""Methods that transform what layers compute."""
