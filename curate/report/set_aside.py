"""The part of report.json on what could not be used: items, and boxes of objects."""

from __future__ import annotations

from collections import Counter

from curate.core import Dataset
from curate.report.inline import bytes_of, first
from curate.report.part import Part

INLINE = 100


class Excluded(Part):
    """An item that was left out."""

    id: str
    """Its id, or where it stood."""
    reason: str
    """Why, as a short phrase."""
    detail: str
    """What exactly was found."""


class SetAsidePart(Part):
    """Items that could not be used."""

    count: int
    """How many."""
    reasons: dict[str, int]
    """How many for each reason."""
    examples: list[Excluded]
    """The first 100; all are in `file`."""
    file: str | None
    """Side file with every item set aside (csv: id, reason, detail); null if there is none."""


def set_aside_part(dataset: Dataset, file: str) -> SetAsidePart:
    """What `dataset` had to leave out; all of it is in `file`."""
    reasons = Counter(one.reason for one in dataset.set_aside)
    return SetAsidePart(
        count=len(dataset.set_aside),
        reasons=dict(sorted(reasons.items())),
        examples=first(
            map(Excluded.model_validate, dataset.set_aside),
            INLINE,
            lambda one: bytes_of(one.id, one.reason, one.detail),
            limit=500_000,
        ),
        file=file if dataset.set_aside else None,
    )
