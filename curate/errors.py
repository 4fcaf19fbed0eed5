"""The errors of curate, and the exit code of each.

A message is one line that says what is wrong, what was given and what to do next. The classes
carry the exit code, so that the command line needs no table of its own. Nothing here prints.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

EXIT_DONE = 0
EXIT_INTERRUPTED = 130
MOST_NAMES = 20  # listed in a message
LONGEST_REASON = 160  # characters of a foreign message: a parser may quote a whole row


class CurateError(Exception):
    """Base of every error that curate raises on purpose; its text is one line."""

    exit_code = 1


class RequestError(CurateError):
    """The request is wrong: flags, counts, names of columns."""

    exit_code = 2


class SelectionError(RequestError):
    """That many items cannot be selected from these."""


class MissingExtraError(RequestError):
    """An optional dependency is needed; the message has the exact install command."""


class DataError(CurateError):
    """The data cannot be used: no such path, unknown format, damaged file."""

    exit_code = 3


class StrictError(CurateError):
    """Under --strict: the run is done and its outputs are written, but items were set aside."""

    exit_code = 4


def one_line(error: BaseException) -> str:
    """The message of a foreign error on one line, cut if it is long, without a full stop."""
    text = " ".join(str(error).split()) or type(error).__name__
    short = text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"
    return short.rstrip(".")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A phrase for an error message: the known name nearest to `name`, then the known names."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    guess = f"did you mean {near[0]!r}? " if near else ""
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return f"{guess}There are: {', '.join(names[:MOST_NAMES]) or 'none'}{more}."
