"""report.json of `curate evaluate`: what one space is worth, and which of several is best.

None stands where a number is not defined; `undefined` says why.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from curate.schema.base import Part
from curate.schema.spaces import SPACES_SCHEMA_VERSION, MadeBy, SpaceDescription, SpaceMap


class Retrieval(Part):
    """Does an item have its own label near it? Means over queries, each against all items."""

    means: dict[str, float]
    """"recall@1" … "recall@8", "r_precision" and "map@r", fractions of 1."""
    n_queries: int
    """Queries: labelled items whose class has another item, or a uniform sample of them."""
    exact: bool
    """Whether all of them were queries."""


class Clusters(Part):
    """k-means against the labels, from ten starts."""

    nmi: list[float]
    """Normalised mutual information (arithmetic mean) of each start."""
    ami: list[float]
    """Adjusted mutual information of each start; 0 is chance."""
    k: int
    """Number of clusters: that of the classes, or of different points if there are fewer."""
    n_items: int
    """Items clustered; a uniform sample if not `exact`."""
    exact: bool
    """Whether these are all labelled items."""


class PairSimilarities(Part):
    """Cosine similarities of pairs of one class and of two."""

    jsd: float
    """Jensen-Shannon divergence of both histograms in bits: 0 equal, 1 disjoint."""
    floor: list[float]
    """The same for permuted labels, one for each permutation."""
    auc: float
    """Chance that a pair of one class is more similar than a pair of two; no bins."""
    positive_mean: float
    """Mean similarity of pairs of one class."""
    negative_mean: float
    """Mean similarity of pairs of two classes."""
    edges: list[float]
    """Limits of the bins, from −1 to 1."""
    positive: list[float]
    """Fraction of the pairs of one class in each bin."""
    negative: list[float]
    """Fraction of the pairs of two classes in each bin."""
    n_positive: int
    """Pairs of one class that were measured."""
    n_negative: int
    """Pairs of two classes that were measured."""
    exact: bool
    """Whether these are all pairs; else uniform draws of each kind."""


class ClassDensity(Part):
    """How tight classes are; cosine distances, all pairs."""

    intra: float | None
    """π_intra: mean over classes of the mean distance within a class."""
    inter: float | None
    """π_inter: mean distance between the means of two classes."""
    ratio: float | None
    """π_intra / π_inter."""
    alignment: float | None
    """Mean squared Euclidean distance of unit rows over pairs of one class."""


class Spectrum(Part):
    """Singular values of the uncentred matrix."""

    shares: list[float]
    """Each over their sum, largest first, as many as the numerical rank."""
    rank: int
    """Singular values above the rounding of the stored numbers."""
    decay: float | None
    """ρ = KL(uniform ‖ shares), natural log: 0 if all directions are used alike."""
    decay_rest: float | None
    """The same without the largest."""
    effective_rank: float | None
    """exp of the entropy of the shares."""
    n_rows: int
    """Rows of the matrix."""


class Uniformity(Part):
    """How evenly unit rows fill the sphere."""

    value: float
    """log of the mean of exp(−2‖x − y‖²) over pairs; more negative is more even."""
    n_queries: int
    """Items from which it was measured to all others."""
    exact: bool
    """Whether these are all items."""


class Silhouette(Part):
    """Is an item nearer to its own class than to the next?"""

    cosine: float
    """Mean silhouette, cosine distance, over all labelled items."""
    euclidean: float
    """Mean silhouette, Euclidean distance, over `n_queries`."""
    n_queries: int
    """Items whose Euclidean silhouette was measured against all."""
    exact: bool
    """Whether these are all labelled items."""


class ClassRetrieval(Part):
    """One class."""

    label: str
    """Its name."""
    items: int
    """Items of it."""
    queries: int
    """Of these, queries."""
    recall_at_1: float | None
    """Fraction of its queries whose nearest item is of it."""
    r_precision: float | None
    """Mean R-Precision of its queries."""


class MixedClasses(Part):
    """Two classes that the space mixes up."""

    first: str
    """One label."""
    second: str
    """The other."""
    fraction: float
    """Of the eight nearest of items of either class, the fraction that is of the other."""


class SpaceEvaluation(Part):
    """All measures of one space."""

    space: SpaceDescription
    """Which."""
    retrieval: Retrieval | None
    """Needs labels."""
    clusters: Clusters | None
    """Needs labels."""
    pairs: PairSimilarities | None
    """Needs labels."""
    density: ClassDensity | None
    """Needs labels."""
    silhouette: Silhouette | None
    """Needs labels."""
    spectrum: Spectrum
    """Needs none."""
    uniformity: Uniformity | None
    """Needs none."""
    classes: list[ClassRetrieval]
    """Every class, the worst Recall@1 first."""
    mixed: list[MixedClasses]
    """The pairs of classes that are mixed up most, at most 20."""
    undefined: dict[str, str]
    """Measure -> why it is null."""


class SpaceDifference(Part):
    """The best space against another one, on the same queries."""

    metric: str
    """A key of Retrieval.means."""
    best: str
    """Space with the highest mean."""
    other: str
    """Space it is compared with."""
    mean: float
    """Mean of best − other over the queries."""
    low: float
    """2.5% quantile of the paired bootstrap."""
    high: float
    """97.5% quantile; where both have one sign, the difference is hardly luck of the queries."""


class EvaluationReport(Part):
    """The result of `curate evaluate`."""

    kind: Literal["evaluation"] = "evaluation"
    """What kind of report this is."""
    schema_version: str = SPACES_SCHEMA_VERSION
    """Version of this layout; the first number changes when a reader must change."""
    name: str
    """The spaces in short."""
    items: int
    """Items that every space has."""
    labels: str | None
    """Where the labels come from; null without."""
    labelled: int
    """Items with a label."""
    classes: int
    """Different labels."""
    spaces: list[SpaceEvaluation]
    """Each space, in the order of the request."""
    best: dict[str, str]
    """Measure -> space with the best value, where more is better; empty for one space."""
    differences: list[SpaceDifference]
    """Best against every other, for each retrieval metric."""
    maps: list[SpaceMap] = Field(default_factory=list)
    """The first four spaces, the same items on all; empty without labels."""
    map_labels: list[str | None] = Field(default_factory=list)
    """Label of each point of the maps; null where it has none."""
    made: MadeBy
    """How."""


# --------------------------------------------------------------------------------------
# What report.json of a selection says of its space: numbers of `curate evaluate`.


class SpaceQuality(Part):
    """The space that the selection was made in."""

    items: int
    """Items that it was measured on: all of the input."""
    labels: str | None
    """Column that the labels come from; null without."""
    labelled: int
    """Items with a label."""
    classes: int
    """Different labels."""
    recall_by_chance: float | None
    """Recall@1 that neighbours without any order would give; null without queries."""
    measured: SpaceEvaluation
    """The measures; of its classes at most the 100 that are found worst."""
