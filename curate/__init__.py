"""curate: pick the items of a data set that are worth keeping, and prove it."""

from __future__ import annotations

__version__ = "0.1.0"
