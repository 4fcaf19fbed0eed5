"""Sentences and measure names of the report of an evaluation.

Every function that ends in `_title` returns the title of a page as a sentence with numbers, or
None if the report has nothing to show there. `MEASURE_ROWS` lists the measures of a space:
their names in tables, whether more is better, and where SpaceEvaluation stores them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from curate.report.render.numbers import count, number, percent
from curate.schema.evaluation import EvaluationReport, SpaceEvaluation, SpaceQuality

# What titles print for the name of a space or class: `str` leaves it whole, pages shorten it.
PrintName = Callable[[str], str]

FEW_QUERIES = 10  # a class with fewer queries is not named in a title: its recall is noise
RANKS_SHOWN = 3  # spaces whose effective rank stands in a title


class MeasureRow(NamedTuple):
    """A measure: its title, whether more is better, and its place in SpaceEvaluation."""

    title: str
    more: bool
    part: str
    field: str


MEASURE_ROWS: dict[str, MeasureRow] = {
    "recall@1": MeasureRow("Recall@1", True, "retrieval", "recall@1"),
    "recall@2": MeasureRow("Recall@2", True, "retrieval", "recall@2"),
    "recall@4": MeasureRow("Recall@4", True, "retrieval", "recall@4"),
    "recall@8": MeasureRow("Recall@8", True, "retrieval", "recall@8"),
    "r_precision": MeasureRow("R-Precision", True, "retrieval", "r_precision"),
    "map@r": MeasureRow("MAP@R", True, "retrieval", "map@r"),
    "nmi": MeasureRow("NMI, mean over starts", True, "clusters", "nmi"),
    "ami": MeasureRow("AMI, mean over starts", True, "clusters", "ami"),
    "jsd": MeasureRow("JSD of pairs, bits", True, "pairs", "jsd"),
    "auc": MeasureRow("AUC of pairs", True, "pairs", "auc"),
    "silhouette_cosine": MeasureRow("Silhouette, cosine", True, "silhouette", "cosine"),
    "silhouette_euclidean": MeasureRow("Silhouette, Euclidean", True, "silhouette", "euclidean"),
    "intra": MeasureRow("π intra", False, "density", "intra"),
    "inter": MeasureRow("π inter", False, "density", "inter"),
    "ratio": MeasureRow("π ratio", False, "density", "ratio"),
    "alignment": MeasureRow("Alignment", False, "density", "alignment"),
    "uniformity": MeasureRow("Uniformity", False, "uniformity", "value"),
    "decay": MeasureRow("Spectral decay ρ", False, "spectrum", "decay"),
    "decay_rest": MeasureRow("ρ without the largest", False, "spectrum", "decay_rest"),
    "effective_rank": MeasureRow("Effective rank", False, "spectrum", "effective_rank"),
    "rank": MeasureRow("Numerical rank", False, "spectrum", "rank"),
}
MORE_IS_BETTER = tuple(name for name, row in MEASURE_ROWS.items() if row.more)


def measure_value(space: SpaceEvaluation, name: str) -> float | None:
    """A measure of a space by its name in MEASURE_ROWS; None if it is not defined.

    Of a measure with several starts, such as NMI, this is the mean over the starts.
    """
    row = MEASURE_ROWS[name]
    part = getattr(space, row.part)
    if part is None:
        return None
    stored = part.means[row.field] if row.part == "retrieval" else getattr(part, row.field)
    if isinstance(stored, list):
        return float(sum(stored) / len(stored))
    return None if stored is None else float(stored)


def best_space(report: EvaluationReport) -> SpaceEvaluation:
    """The space with the highest Recall@1; the first one if there are no labels."""
    name = report.best.get("recall@1", report.spaces[0].space.name)
    return next(space for space in report.spaces if space.space.name == name)


def summary_title(report: EvaluationReport, printed: PrintName = str) -> str:
    """The best space and its lead; with a single space, how good it is."""
    leads = [difference for difference in report.differences if difference.metric == "recall@1"]
    if leads:
        closest = min(leads, key=lambda difference: difference.mean)
        best, other = printed(closest.best), printed(closest.other)
        lead = 100 * closest.mean
        between = f"{number(100 * closest.low)} to {number(100 * closest.high)}"
        if closest.low <= 0:
            return (
                f"No clear difference between {best} and {other}: Recall@1 differs by "
                f"{number(lead)} percentage points ({between})"
            )
        rank = "" if len(leads) == 1 else ", the second best"
        return (
            f"{best} has the highest Recall@1: {number(lead)} percentage points "
            f"({between}) above {other}{rank}"
        )
    first = report.spaces[0]
    if first.retrieval is not None:
        recall = first.retrieval.means["recall@1"]
        return (
            f"In {printed(first.space.name)} the nearest neighbour of an item has the same label "
            f"in {number(recall)} of the cases (Recall@1)"
        )
    return (
        f"The {count(report.items)} items in {printed(first.space.name)} have an effective rank "
        f"of {number(first.spectrum.effective_rank)} in {count(first.space.dims)} dimensions"
    )


def differences_title(report: EvaluationReport, _printed: PrintName = str) -> str | None:
    """How many of the differences in retrieval are significant."""
    if not report.differences:
        return None
    clear = sum(difference.low > 0 for difference in report.differences)
    total = len(report.differences)
    return f"{clear} of {total} differences in retrieval are clear: their interval is above zero"


def maps_title(report: EvaluationReport, printed: PrintName = str) -> str | None:
    """How many neighbours the maps keep."""
    if not report.maps:
        return None
    kept = [
        (printed(space_map.space), percent(space_map.preserved))
        for space_map in report.maps
        if space_map.preserved is not None
    ]
    if not kept:
        return "Maps: there are too few items to measure how good they are"
    if len(kept) == 1:
        name, share = kept[0]
        return f"The map of {name} keeps {share} of the 10 nearest neighbours of an item"
    shares = ", ".join(f"{share} in {name}" for name, share in kept)
    return f"The maps keep these shares of the 10 nearest neighbours of an item: {shares}"


def pairs_title(report: EvaluationReport, printed: PrintName = str) -> str | None:
    """How much pairs of the same class differ from pairs of two classes."""
    measured = [
        (space.pairs, space.space.name) for space in report.spaces if space.pairs is not None
    ]
    if not measured:
        return None
    best, name = max(measured, key=lambda pair: pair[0].jsd)
    most = f" most in {printed(name)}" if len(measured) > 1 else ""
    return (
        f"Distances within a class and between classes differ{most}: JSD {number(best.jsd)} of at "
        f"most 1 bit (shuffled labels: {number(max(best.floor))})"
    )


def shape_title(report: EvaluationReport, printed: PrintName = str) -> str | None:
    """The effective rank of each space."""
    ranks = [
        f"{number(space.spectrum.effective_rank)} of {count(space.space.dims)} "
        f"in {printed(space.space.name)}"
        for space in report.spaces
        if space.spectrum.effective_rank is not None
    ]
    return f"Effective dimensions: {'; '.join(ranks[:RANKS_SHOWN])}" if ranks else None


def classes_title(report: EvaluationReport, printed: PrintName = str) -> str | None:
    """The class with the lowest recall, and the two classes that are confused most often."""
    space = best_space(report)
    ranked = [row for row in space.classes if row.recall_at_1 is not None]
    if not ranked:
        return None
    judged = [row for row in ranked if row.queries >= FEW_QUERIES] or ranked
    lowest = judged[0]
    name, recall = printed(lowest.label), number(lowest.recall_at_1)
    equal = sum(row.recall_at_1 == lowest.recall_at_1 for row in judged)
    if len(judged) == 1:
        title = f"Class {name} has Recall@1 {recall}"
    elif equal == len(judged):
        title = f"All {count(equal)} classes have the same Recall@1: {recall}"
    else:
        others = f" and {count(equal - 1)} more have" if equal > 1 else " has"
        title = f"Class {name}{others} the lowest Recall@1: {recall}"
    if space.mixed:
        pair = space.mixed[0]
        title += f"; {printed(pair.first)} and {printed(pair.second)} are confused most often"
    return f"{title} (in {printed(space.space.name)})" if len(report.spaces) > 1 else title


def few_queries_note(space: SpaceEvaluation) -> str:
    """Footnote if the title leaves out classes with few queries; else empty."""
    queries = [row.queries for row in space.classes if row.recall_at_1 is not None]
    if not min(queries, default=FEW_QUERIES) < FEW_QUERIES <= max(queries):
        return ""
    return (
        f"The title names only classes with at least {FEW_QUERIES} queries: "
        "with fewer, chance decides."
    )


def undefined_sentences(space: SpaceEvaluation, printed: PrintName = str) -> list[str]:
    """Which measures are not defined in a space; a sentence for each reason."""
    sentences = []
    for reason in sorted(set(space.undefined.values())):
        names = ", ".join(name for name, why in space.undefined.items() if why == reason)
        sentences.append(f"{printed(space.space.name)}: not defined: {names}, because {reason}.")
    return sentences


def sampling_note(report: EvaluationReport | SpaceQuality, first: SpaceEvaluation) -> str:
    """What was measured exactly and what from a sample.

    Sample sizes are the same in every space, so the first one stands for all.
    """
    items = [f"{count(report.items)} items"]
    if report.labels:
        items.append(
            f"{count(report.labelled)} with a label from {report.labels}, "
            f"{count(report.classes)} classes"
        )
    sentences = [", ".join(items) + "."]
    if first.retrieval is not None:
        queries = count(first.retrieval.n_queries)
        against = "all items" if report.labelled == report.items else "all with a label"
        sentences.append(
            f"Retrieval: exact, {queries} queries against {against}."
            if first.retrieval.exact
            else f"Retrieval: a uniform sample of {queries} queries, each exact against {against}."
        )
    if first.clusters is not None:
        sampled = (
            "" if first.clusters.exact else f", a uniform sample of {count(first.clusters.n_items)}"
        )
        sentences.append(f"Clusters: k = {count(first.clusters.k)}, 10 starts{sampled}.")
    if first.silhouette is not None and not first.silhouette.exact:
        sentences.append(
            f"Euclidean silhouette: a sample of {count(first.silhouette.n_queries)} items."
        )
    if first.uniformity is not None and not first.uniformity.exact:
        sentences.append(
            f"Uniformity: from a sample of {count(first.uniformity.n_queries)} items to all others."
        )
    return " ".join(sentences)
