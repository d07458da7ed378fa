"""An experiment's runs, compared."""
