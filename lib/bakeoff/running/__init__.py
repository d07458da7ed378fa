"""From a plan to finished runs: what is missing, what a sweep chose, kernels side by side.

Imports `errors`, `experiment`, `run`, `record`, `threads` and `workspace`; never `tuning` or `reporting`, never torch.
"""
