"""`bakeoff share`: a report with its records for others, without what is private to this machine."""
