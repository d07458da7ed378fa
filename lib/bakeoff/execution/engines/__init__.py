"""Where the runs of a plan are executed: one interface, this machine and clusters behind it."""
