"""Methods that train no encoder: what a trained one has to beat."""
