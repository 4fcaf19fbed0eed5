"""The measures of one space by name: what tables show, and where more is better."""

from __future__ import annotations

from typing import NamedTuple

from curate.report.spaces.evaluation import SpaceEvaluation


class Row(NamedTuple):
    """A measure: its title, whether more is better, and where it stands in SpaceEvaluation."""

    title: str
    more: bool
    part: str
    field: str


ROWS: dict[str, Row] = {
    "recall@1": Row("Recall@1", True, "retrieval", "recall@1"),
    "recall@2": Row("Recall@2", True, "retrieval", "recall@2"),
    "recall@4": Row("Recall@4", True, "retrieval", "recall@4"),
    "recall@8": Row("Recall@8", True, "retrieval", "recall@8"),
    "r_precision": Row("R-Precision", True, "retrieval", "r_precision"),
    "map@r": Row("MAP@R", True, "retrieval", "map@r"),
    "nmi": Row("NMI, mean over starts", True, "clusters", "nmi"),
    "ami": Row("AMI, mean over starts", True, "clusters", "ami"),
    "jsd": Row("JSD of pairs, bits", True, "pairs", "jsd"),
    "auc": Row("AUC of pairs", True, "pairs", "auc"),
    "silhouette_cosine": Row("Silhouette, cosine", True, "silhouette", "cosine"),
    "silhouette_euclidean": Row("Silhouette, Euclidean", True, "silhouette", "euclidean"),
    "intra": Row("π intra", False, "density", "intra"),
    "inter": Row("π inter", False, "density", "inter"),
    "ratio": Row("π ratio", False, "density", "ratio"),
    "alignment": Row("Alignment", False, "density", "alignment"),
    "uniformity": Row("Uniformity", False, "uniformity", "value"),
    "decay": Row("Spectral decay ρ", False, "spectrum", "decay"),
    "decay_rest": Row("ρ without the largest", False, "spectrum", "decay_rest"),
    "effective_rank": Row("Effective rank", False, "spectrum", "effective_rank"),
    "rank": Row("Numerical rank", False, "spectrum", "rank"),
}
MORE_IS_BETTER = tuple(name for name, row in ROWS.items() if row.more)


def value(one: SpaceEvaluation, name: str) -> float | None:
    """A measure of a space by name, of several starts the mean; None where it is not defined."""
    row = ROWS[name]
    part = getattr(one, row.part)
    if part is None:
        return None
    found = part.means[row.field] if row.part == "retrieval" else getattr(part, row.field)
    if isinstance(found, list):
        return float(sum(found) / len(found))
    return None if found is None else float(found)
