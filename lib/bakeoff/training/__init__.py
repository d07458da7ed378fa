"""One run inside its kernel."""
