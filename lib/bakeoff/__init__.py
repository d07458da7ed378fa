"""Compare ways to fine-tune a text classifier and write the comparison up.

The notebooks use `bakeoff.notebook`; the command line is `bakeoff.cli`; everything else is behind them.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
