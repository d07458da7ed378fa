"""How an experiment begins: a look at the user's data, a commented experiment file, what it would cost to run.

Imported by the command line only; imports whatever it needs, torch in child processes and inside functions alone.
"""
