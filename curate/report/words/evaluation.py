"""The findings of an evaluation as sentences with numbers, and what was exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from curate.report.render.numbers import count, number, percent
from curate.schema.evaluation import EvaluationReport, SpaceEvaluation, SpaceQuality

FEW = 10

# Titles print names of spaces and classes through such a function: it may shorten them.
PrintName = Callable[[str], str]


def summary_title(report: EvaluationReport, printed: PrintName = str) -> str:
    """The best space, or how good the only one is."""
    leads = [one for one in report.differences if one.metric == "recall@1"]
    if leads:
        closest = min(leads, key=lambda one: one.mean)
        lead = 100 * closest.mean
        between = f"{number(100 * closest.low)} to {number(100 * closest.high)}"
        if closest.low <= 0:
            return (
                f"{printed(closest.best)} and {printed(closest.other)} do not differ for certain: "
                f"Recall@1 is {number(lead)} points apart ({between})"
            )
        of = "" if len(leads) == 1 else " of the others"
        return (
            f"{printed(closest.best)} finds the label of an item best: Recall@1 is {number(lead)} "
            f"points ({between}) above that of {printed(closest.other)}{', the next' if of else ''}"
        )
    first = report.spaces[0]
    if first.retrieval is not None:
        found = first.retrieval.means["recall@1"]
        return (
            f"In {printed(first.space.name)} the nearest neighbour has the label of its item "
            f"in {number(found)} of the cases (Recall@1)"
        )
    rank = first.spectrum.effective_rank
    return (
        f"{printed(first.space.name)} spreads {count(report.items)} items over {number(rank)} of "
        f"{count(first.space.dims)} dimensions"
    )


def differences_title(report: EvaluationReport, _printed: PrintName = str) -> str | None:
    """How many of the differences are more than luck."""
    if not report.differences:
        return None
    sure = sum(one.low > 0 for one in report.differences)
    every = len(report.differences)
    return f"{sure} of {every} differences in retrieval are hardly luck of the queries"


def maps_title(report: EvaluationReport, printed: PrintName = str) -> str | None:
    """How many neighbours the maps keep."""
    if not report.maps:
        return None
    kept = [(one.space, one.preserved) for one in report.maps if one.preserved is not None]
    if not kept:
        return "Maps: pictures of too few items to be judged"
    told = ", ".join(
        percent(share) + (f" in {printed(name)}" if len(kept) > 1 else "") for name, share in kept
    )
    if len(kept) == 1:
        return (
            f"The map of {printed(kept[0][0])} keeps {told} of the 10 nearest neighbours of an item"
        )
    return f"Of the 10 nearest neighbours of an item the maps keep {told}"


def pairs_title(report: EvaluationReport, printed: PrintName = str) -> str | None:
    """How far pairs of one class and of two are apart."""
    known = [(one.pairs, one.space.name) for one in report.spaces if one.pairs is not None]
    if not known:
        return None
    best, name = max(known, key=lambda one: one[0].jsd)
    floor = max(best.floor)
    lead = f"Most of all in {printed(name)}, pairs" if len(known) > 1 else "Pairs"
    return (
        f"{lead} of one class differ from pairs of two by {number(best.jsd)} of 1 bit, "
        f"where shuffled labels give {number(floor)}"
    )


def shape_title(report: EvaluationReport, printed: PrintName = str) -> str | None:
    """How many directions are used."""
    told = [
        f"{number(one.spectrum.effective_rank)} of {count(one.space.dims)} in "
        f"{printed(one.space.name)}"
        for one in report.spaces
        if one.spectrum.effective_rank is not None
    ]
    if not told:
        return None
    return f"Effective dimensions: {'; '.join(told[:3])}"


def classes_title(report: EvaluationReport, printed: PrintName = str) -> str | None:
    """The worst class, and the two that are mixed up most."""
    one = best_space(report)
    ranked = [row for row in one.classes if row.recall_at_1 is not None]
    if not ranked:
        return None
    judged = [row for row in ranked if row.queries >= FEW] or ranked
    worst = judged[0]
    alike = sum(row.recall_at_1 == worst.recall_at_1 for row in judged)
    if len(judged) > 1 and alike == len(judged):
        told = f"All {count(alike)} classes are found alike"
    else:
        others = f" and {count(alike - 1)} more are" if alike > 1 else " is"
        told = f"Class {printed(worst.label)}{others} found{' worst' if len(judged) > 1 else ''}"
    told += f": Recall@1 {number(worst.recall_at_1)}"
    if one.mixed:
        pair = one.mixed[0]
        told += f"; {printed(pair.first)} and {printed(pair.second)} are mixed up most"
    return f"{told} (in {printed(one.space.name)})" if len(report.spaces) > 1 else told


def few_queries_note(one: SpaceEvaluation) -> str:
    """That classes are not named in the title which are found badly or well by chance."""
    ranked = [row.queries for row in one.classes if row.recall_at_1 is not None]
    if not min(ranked, default=FEW) < FEW <= max(ranked):
        return ""
    return f"The title is about classes of {FEW} queries or more: with fewer, chance decides."


def best_space(report: EvaluationReport) -> SpaceEvaluation:
    """The space with the highest Recall@1, or the first."""
    name = report.best.get("recall@1", report.spaces[0].space.name)
    return next(one for one in report.spaces if one.space.name == name)


def undefined_sentences(one: SpaceEvaluation, printed: PrintName = str) -> list[str]:
    """What is not defined in a space, a sentence for each reason."""
    told = []
    for reason in sorted(set(one.undefined.values())):
        names = ", ".join(key for key, why in one.undefined.items() if why == reason)
        told.append(f"{printed(one.space.name)}: no {names}, for {reason}.")
    return told


def sampling_note(report: EvaluationReport | SpaceQuality, first: SpaceEvaluation) -> str:
    """What was exact and what sampled; the same in every space, so told of the first."""
    told = [f"{count(report.items)} items"]
    if report.labels:
        told.append(
            f"{count(report.labelled)} with a label from {report.labels}, "
            f"{count(report.classes)} classes"
        )
    lines = [", ".join(told) + "."]
    if first.retrieval is not None:
        many = count(first.retrieval.n_queries)
        against = "all items" if report.labelled == report.items else "all with a label"
        lines.append(
            f"Retrieval: exact, {many} queries against {against}."
            if first.retrieval.exact
            else f"Retrieval: a uniform sample of {many} queries, each exact against {against}."
        )
    if first.clusters is not None:
        sampled = (
            "" if first.clusters.exact else f", a uniform sample of {count(first.clusters.n_items)}"
        )
        lines.append(f"Clusters: k = {count(first.clusters.k)}, 10 starts{sampled}.")
    if first.silhouette is not None and not first.silhouette.exact:
        lines.append(f"Euclidean silhouette: {count(first.silhouette.n_queries)} sampled items.")
    if first.uniformity is not None and not first.uniformity.exact:
        lines.append(
            f"Uniformity: {count(first.uniformity.n_queries)} sampled items to all others."
        )
    return " ".join(lines)


# --------------------------------------------------------------------------------------
# The measures of one space by name: what tables show, and where more is better.


class MeasureRow(NamedTuple):
    """A measure: its title, whether more is better, and where it stands in SpaceEvaluation."""

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


def measure_value(one: SpaceEvaluation, name: str) -> float | None:
    """A measure of a space by name, of several starts the mean; None where it is not defined."""
    row = MEASURE_ROWS[name]
    part = getattr(one, row.part)
    if part is None:
        return None
    found = part.means[row.field] if row.part == "retrieval" else getattr(part, row.field)
    if isinstance(found, list):
        return float(sum(found) / len(found))
    return None if found is None else float(found)
