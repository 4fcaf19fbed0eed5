"""The findings of a comparison as sentences with numbers; None where there is no page."""

from __future__ import annotations

from curate.report.render.numbers import number
from curate.report.words.evaluation import PrintName
from curate.schema.space_reports import AgreementPart, ComparisonReport, PairPart
from curate.schema.spaces import Shown


def summary_title(report: ComparisonReport, printed: PrintName = str) -> str:
    """How much the spaces share."""
    pair = min(report.pairs, key=lambda one: shown_agreement(report, one).overlap)
    at = shown_agreement(report, pair)
    where = f"{printed(pair.first)} and {printed(pair.second)}"
    if len(report.pairs) > 1:
        where = f"Least alike, {where}"
    return (
        f"{where} share {number(at.overlap * at.k)} of {at.k} nearest neighbours, "
        f"where chance gives {number(at.chance * at.k)}"
    )


def shown_agreement(report: ComparisonReport, pair: PairPart) -> AgreementPart:
    """Agreement at the k that is shown."""
    return next(one for one in pair.agreement if one.k == report.shown_k)


def histogram_title(report: ComparisonReport, printed: PrintName = str) -> str:
    """How many items share nothing, and how many everything."""
    pair = report.pairs[0]
    at = shown_agreement(report, pair)
    total = sum(at.counts)
    return (
        f"{number(100 * at.counts[0] / total)}% of the items share no neighbour of {at.k} in "
        f"{printed(pair.first)} and {printed(pair.second)}, "
        f"{number(100 * at.counts[-1] / total)}% share all"
    )


def matrices_title(report: ComparisonReport, printed: PrintName = str) -> str | None:
    """The two spaces that are most alike, among several."""
    if len(report.spaces) < 3:
        return None
    pair = max(report.pairs, key=lambda one: shown_agreement(report, one).overlap)
    return (
        f"{printed(pair.first)} and {printed(pair.second)} are most alike: overlap "
        f"{number(shown_agreement(report, pair).overlap)} at k = {report.shown_k}"
    )


def maps_title(report: ComparisonReport, _printed: PrintName = str) -> str | None:
    """Where the spaces agree."""
    if not report.maps:
        return None
    some = sum(one * 2 >= report.shown_k for one in report.map_common)
    return (
        f"{number(100 * some / len(report.map_common))}% of the items on the maps keep half of "
        f"their {report.shown_k} neighbours or more"
    )


def labels_title(report: ComparisonReport, printed: PrintName = str) -> str | None:
    """The classes that agree least and most."""
    rows = report.pairs[0].labels
    if len(rows) < 2:
        return None
    low, high = rows[0], rows[-1]
    return (
        f"Neighbourhoods of {printed(low.label)} agree least ({number(low.overlap)}), "
        f"those of {printed(high.label)} most ({number(high.overlap)})"
    )


def changed_title(report: ComparisonReport, printed: PrintName = str) -> str | None:
    """The item that changed most."""
    rows = report.pairs[0].changed
    if not rows:
        return None
    one = rows[0]
    name = cut_at_end(item_words(one, printed))
    return f"“{name}” keeps {one.common} of its {report.shown_k} neighbours: see what it is near to"


def item_words(item: Shown, printed: PrintName = str) -> str:
    """An item in words: its text, or its id and label."""
    if item.text:
        return item.text
    return f"{item.id} ({printed(item.label)})" if item.label else item.id


def cut_at_end(words: str, most: int = 48) -> str:
    """The beginning of long words."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def pairwise_matrix(report: ComparisonReport, measure: str) -> list[list[float | None]]:
    """(s, s) values of "overlap" (at the shown k) or "cka"; 1 on the diagonal."""
    names = [space.name for space in report.spaces]
    full: list[list[float | None]] = [[1.0 if a == b else None for b in names] for a in names]
    for pair in report.pairs:
        a, b = names.index(pair.first), names.index(pair.second)
        found = shown_agreement(report, pair).overlap if measure == "overlap" else pair.cka
        full[a][b] = full[b][a] = found
    return full
