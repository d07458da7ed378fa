"""`load_trained` under the name that the READMEs of models exported so far import; now `bakeoff.load_trained`."""

from bakeoff.training.artifacts import load_trained

__all__ = ["load_trained"]
