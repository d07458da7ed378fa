"""The drawing of each kind of figure: plain numbers in, marks on an `ax` out.

Every function takes `ax` and returns it, knows nothing of records or statistics, and leaves matplotlib's settings as
they were. `reporting.figures` gives them the numbers.
"""

from __future__ import annotations

__all__: list[str] = []
