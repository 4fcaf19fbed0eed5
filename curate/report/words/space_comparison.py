"""Sentences of the report of a comparison of spaces.

Every function that ends in `_title` returns the title of a page as a sentence with numbers, or
None if the report has nothing to show there.
"""

from __future__ import annotations

from curate.report.render.numbers import number
from curate.report.words.evaluation import PrintName
from curate.schema.space_reports import Agreement, ComparisonReport, SpacePair
from curate.schema.spaces import ShownItem


def summary_title(report: ComparisonReport, printed: PrintName = str) -> str:
    """How many neighbours the two least similar spaces share."""
    pair = min(report.pairs, key=lambda pair: shown_agreement(report, pair).overlap)
    agreement = shown_agreement(report, pair)
    spaces = f"{printed(pair.first)} and {printed(pair.second)}"
    if len(report.pairs) > 1:
        spaces = f"The least similar spaces, {spaces},"
    return (
        f"{spaces} share {number(agreement.overlap * agreement.k)} of {agreement.k} nearest "
        f"neighbours (chance: {number(agreement.chance * agreement.k)})"
    )


def histogram_title(report: ComparisonReport, printed: PrintName = str) -> str:
    """The shares of items that keep none and all of their neighbours."""
    pair = report.pairs[0]
    agreement = shown_agreement(report, pair)
    total = sum(agreement.counts)
    return (
        f"{number(100 * agreement.counts[0] / total)}% of the items share none of their "
        f"{agreement.k} nearest neighbours in {printed(pair.first)} and {printed(pair.second)}, "
        f"{number(100 * agreement.counts[-1] / total)}% share all"
    )


def matrices_title(report: ComparisonReport, printed: PrintName = str) -> str | None:
    """The two most similar spaces; None for fewer than three spaces."""
    if len(report.spaces) < 3:
        return None
    pair = max(report.pairs, key=lambda pair: shown_agreement(report, pair).overlap)
    return (
        f"{printed(pair.first)} and {printed(pair.second)} are the most similar spaces: overlap "
        f"{number(shown_agreement(report, pair).overlap)} at k = {report.shown_k}"
    )


def maps_title(report: ComparisonReport, _printed: PrintName = str) -> str | None:
    """The share of items on the maps that keep at least half of their neighbours."""
    if not report.maps:
        return None
    stable = sum(common * 2 >= report.shown_k for common in report.map_common)
    return (
        f"{number(100 * stable / len(report.map_common))}% of the items on the maps keep at least "
        f"half of their {report.shown_k} nearest neighbours"
    )


def labels_title(report: ComparisonReport, printed: PrintName = str) -> str | None:
    """The classes whose neighbourhoods agree least and most; None for fewer than two."""
    rows = report.pairs[0].labels
    if len(rows) < 2:
        return None
    low, high = rows[0], rows[-1]
    return (
        f"Neighbourhoods of {printed(low.label)} agree least ({number(low.overlap)}), "
        f"those of {printed(high.label)} most ({number(high.overlap)})"
    )


def changed_title(report: ComparisonReport, printed: PrintName = str) -> str | None:
    """The item whose neighbours change most."""
    rows = report.pairs[0].changed
    if not rows:
        return None
    name = cut_at_end(item_words(rows[0], printed))
    return f"The neighbours of “{name}” change most: it keeps {rows[0].common} of {report.shown_k}"


def shown_agreement(report: ComparisonReport, pair: SpacePair) -> Agreement:
    """Agreement of two spaces at the k that the pages show."""
    return next(agreement for agreement in pair.agreement if agreement.k == report.shown_k)


def pairwise_matrix(report: ComparisonReport, measure: str) -> list[list[float | None]]:
    """(s, s) values of "overlap" (at the shown k) or "cka" of all pairs; 1 on the diagonal."""
    names = [space.name for space in report.spaces]
    matrix: list[list[float | None]] = [[1.0 if a == b else None for b in names] for a in names]
    for pair in report.pairs:
        a, b = names.index(pair.first), names.index(pair.second)
        value = shown_agreement(report, pair).overlap if measure == "overlap" else pair.cka
        matrix[a][b] = matrix[b][a] = value
    return matrix


def item_words(item: ShownItem, printed: PrintName = str) -> str:
    """The words that stand for an item: its text; or its id, with the label if it has one."""
    words = item.text or item.id
    return f"{words} ({printed(item.label)})" if item.label and not item.text else words


def cut_at_end(words: str, most: int = 48) -> str:
    """`words`, cut at the end to at most `most` characters."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
