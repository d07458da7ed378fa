"""An experiment's runs in shared storage: objects behind fsspec, with working copies in the workspace."""
