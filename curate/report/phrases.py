"""Small words that titles, tables and footnotes share: what items are called, what was exact."""

from __future__ import annotations

from curate.report.measures import Distribution
from curate.report.model import Report
from curate.report.numbers import count, number
from curate.report.scores import nothing_to_compare

NOUNS = {
    "images": ("image", "images"),
    "text": ("text", "texts"),
    "vectors": ("item", "items"),
    "objects": ("object", "objects"),
}
UNITS = {"euclidean": "Euclidean distance", "cosine": "cosine distance"}


def things(report: Report, many: int) -> str:
    """`many` of what the items are: 1 image, 1,200 texts."""
    return f"{count(many)} {noun(report, many)}"


def picks(many: int) -> str:
    """1 pick, 1,200 picks."""
    return "1 pick" if many == 1 else f"{count(many)} picks"


def noun(report: Report, many: int = 2) -> str:
    """What the items are called, one or many."""
    return NOUNS.get(report.provenance.kind, NOUNS["vectors"])[many != 1]


def unit(report: Report) -> str:
    """What a distance is measured in, for axes and heads of columns."""
    return UNITS.get(report.selection.metric, report.selection.metric)


def measured_from(one: Distribution | None, report: Report, whole: int) -> str:
    """What a footnote says: exact or from a sample, and how many."""
    if one is None:
        return ""
    if one.exact:
        return f"Exact: from all {things(report, whole)}."
    return (
        f"Each distance is exact, measured from a uniform sample of {count(one.n_queries)} of "
        f"{things(report, whole)} to the full set."
    )


def covered_from_sample(report: Report) -> bool:
    """Whether coverage was measured from a sample of the input, and only the radius from all."""
    selected = report.coverage.selected
    return selected is not None and not selected.exact


def sampled_maxima(report: Report) -> str:
    """What a footnote says where sampled maxima stand near the exact radius."""
    if not covered_from_sample(report):
        return ""
    return (
        "Maxima are sampled too; over all input the selection's is "
        f"{number(report.coverage.radius)} (exact)."
    )


def draws_note(report: Report) -> str:
    """What the random figures are made of."""
    random = report.coverage.random or report.diversity.random
    if random is None or nothing_to_compare(report):
        return ""
    return (
        f"Random: {count(len(random.draws))} draws of {things(report, report.counts.selected)} "
        "each; the mean over the draws and their middle 95%."
    )
