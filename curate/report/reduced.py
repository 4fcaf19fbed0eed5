"""What --dims, --normalize and --whiten did to the embeddings, for report.json and its pages."""

from __future__ import annotations

from curate.embed.reduce import Reduction
from curate.report.numbers import count
from curate.report.part import Part


class ReductionPart(Part):
    """The linear map between the embeddings and the vectors that were selected from."""

    map: str
    """What it does: unit (rows scaled to length 1), pca or random with the dimensions, whitened."""
    input_dims: int
    """Dimensions of the embeddings."""
    dims: int
    """Dimensions after it; all measures are in these."""
    explained_variance: list[float] | None
    """Share of the variance of the input in each of them, strongest first; null unless by PCA."""
    explained_variance_fraction: float | None
    """Their sum: what share of the variance is left."""


def reduction_part(reduction: Reduction | None) -> ReductionPart | None:
    """The part of a report, None where embeddings stayed as they were."""
    if reduction is None:
        return None
    explained = None if reduction.explained is None else reduction.explained.tolist()
    return ReductionPart(
        map=reduction.words,
        input_dims=reduction.input_dims,
        dims=reduction.input_dims if reduction.axes is None else reduction.axes.shape[1],
        explained_variance=explained,
        explained_variance_fraction=None if explained is None else min(1.0, sum(explained)),
    )


def in_words(part: ReductionPart) -> str:
    """One line for the page on how the numbers were made."""
    kept = part.explained_variance_fraction
    share = "" if kept is None else f"; {kept:.1%} of the variance is left"
    return f"{part.map}: from {count(part.input_dims)} to {count(part.dims)} dimensions{share}"
