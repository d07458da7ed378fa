"""From a plan to finished runs: what is missing, what a sweep chose, one kernel after another.

Imports `errors`, `experiment`, `run`, `record` and `workspace`; never `tuning` or `reporting`, and never torch.
"""
