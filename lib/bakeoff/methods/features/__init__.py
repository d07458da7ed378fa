"""Methods that learn a head on text vectors of the frozen base model."""
