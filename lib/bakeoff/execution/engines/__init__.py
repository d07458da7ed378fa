"""Where the runs of a plan are executed: one interface, with room for others beside this machine."""
