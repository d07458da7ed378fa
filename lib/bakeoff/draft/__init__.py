"""`bakeoff new`: from a file to an experiment."""
