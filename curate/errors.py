"""What goes wrong, and the exit code each kind of wrong has.

Idea: a message is one line that says what is wrong, what was got and what to do
next. The classes carry the exit code, so that the command line needs no table of
its own. Nothing here prints.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

EXIT_DONE = 0
EXIT_INTERRUPTED = 130
MOST_NAMES = 20  # that a message lists


class CurateError(Exception):
    """Base of every error that curate raises on purpose; its text is one line."""

    exit_code = 1


class RequestError(CurateError):
    """The request cannot be right: flags, counts, names of columns."""

    exit_code = 2


class SelectionError(RequestError):
    """So many items cannot be selected from these."""


class MissingExtraError(RequestError):
    """An optional dependency is needed; the message has the exact install command."""


class DataError(CurateError):
    """The data cannot be used: no such path, unknown format, truncated file."""

    exit_code = 3


class StrictError(CurateError):
    """The run is done and its outputs are written, but items were set aside under --strict."""

    exit_code = 4


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`known` as a phrase for an error message, led by the name nearest to `name`."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    guess = f"did you mean {near[0]!r}? " if near else ""
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return f"{guess}There are: {', '.join(names[:MOST_NAMES]) or 'none'}{more}."
