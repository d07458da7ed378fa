"""`bakeoff diff`: what has changed between two reports."""
