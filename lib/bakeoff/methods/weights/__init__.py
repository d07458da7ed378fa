"""Methods that train weights of the base model itself."""
