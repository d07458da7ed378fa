"""`bakeoff doctor`: what this machine and this environment are fit for, and what to do where they are not."""
