"""The parts of report.json that hold measures: distributions, baselines, maps, the budget.

Distances are in the unit of the space, Euclidean (never squared) or cosine 1 − similarity.
"""

from __future__ import annotations

from pydantic import Field

from curate.report.part import Part
from curate.report.worth import Curve


class Histogram(Part):
    """Counts of values in bins; bin i is [edges[i], edges[i+1]), the last includes its end."""

    edges: list[float]
    """Bin limits, one more than counts. Shared by all sets of a measure."""
    counts: list[float]
    """Items in each bin; for random sets the mean count over the draws."""


class Distribution(Part):
    """Distances of one set of items, as a whole distribution."""

    mean: float
    """Arithmetic mean."""
    min: float
    """Smallest distance."""
    max: float
    """Largest distance; for coverage this is the covering radius over the queries."""
    std: float
    """Standard deviation over the items (divided by their number)."""
    quantiles: dict[str, float]
    """Quantiles by their percentage: "5", "25", "50", "75", "90", "95", "99" (linear)."""
    histogram: Histogram
    """The distribution in bins."""
    exact: bool
    """True if every item was a query; false if a uniform sample of queries was. Each distance is
    exact either way."""
    n_queries: int
    """From how many items distances were measured."""


class Draw(Part):
    """One random selection of the same size."""

    mean: float
    """Arithmetic mean of its distances."""
    min: float
    """Smallest distance."""
    max: float
    """Largest distance."""
    std: float
    """Standard deviation."""
    quantiles: dict[str, float]
    """Quantiles as in Distribution."""


class RandomBaseline(Distribution):
    """Random selections of the same size. The statistics are means over the draws."""

    draws: list[Draw]
    """Each draw."""
    interval: dict[str, tuple[float, float]]
    """The middle 95% of the draws for "mean", "min", "max" and each quantile ("q5" …)."""
    draws_better: dict[str, int]
    """For the same statistics, how many of the draws beat the selection (diversity: larger;
    coverage: smaller); 0 means the selection beats or equals them all."""
    band: tuple[list[float], list[float]]
    """For each bin of the histogram the 2.5% and 97.5% quantile of the counts of the draws."""


class Worst(Part):
    """An input item far from everything selected."""

    id: str
    """The input item."""
    row: int
    """Where it stands in the source, counted from 0 before anything was set aside."""
    distance: float
    """Its distance to the nearest item of the selection (datapool included)."""
    nearest: str
    """Id of that nearest item."""
    nearest_in_datapool: bool
    """True if that nearest item is of the datapool."""
    text: str | None
    """The beginning of its text, where items are text."""
    nearest_text: str | None
    """The same for the nearest item."""


class Diversity(Part):
    """Distance of each member of a set to its nearest other member. Larger is more diverse."""

    input: Distribution | None
    """All input items; null if there is one item only, as for every set."""
    selected: Distribution | None
    """The selection."""
    random: RandomBaseline | None
    """Random selections of the same size."""
    datapool: Distribution | None
    """The datapool, if there is one."""
    union: Distribution | None
    """Selection and datapool together, if there is one."""
    random_union: RandomBaseline | None = None
    """Random selections together with the datapool: what `union` is to be compared with."""


class Coverage(Part):
    """Distance of each input item to the nearest member of a set. Smaller covers better."""

    input: Distribution | None
    """The input covers itself at distance 0: always null, kept for symmetry."""
    selected: Distribution | None
    """By the selection."""
    random: RandomBaseline | None
    """By random selections of the same size."""
    datapool: Distribution | None
    """By the datapool, if there is one."""
    union: Distribution | None
    """By selection and datapool together, if there is one."""
    random_union: RandomBaseline | None = None
    """By random selections together with the datapool: what `union` is to be compared with."""
    radius: float
    """Largest distance of any input item to the selection (datapool included), over all input."""
    worst: list[Worst]
    """The input items that are covered worst, farthest first."""


class Map(Part):
    """Two coordinates for each point of `Maps`, without unit."""

    x: list[float]
    """First coordinate of each point."""
    y: list[float]
    """Second coordinate."""
    note: str
    """How the map was made."""
    explained: list[float] | None
    """PCA: fraction of the variance on each axis; null for other maps."""
    trust: tuple[float, int] | None = None
    """Trustworthiness for 10 neighbours (Venna & Kaski 2001), and from how many of the points: 1
    where every neighbour on the map is one in the space; null with too few points."""


class Maps(Part):
    """2-D maps of a stated sample of the input and of the selection."""

    rows: list[int]
    """Where each point stands in the source, counted from 0."""
    rank: list[int | None]
    """Rank of the point if it is selected (1 for the first), else null."""
    label: list[str | None]
    """Label of each point, where there is a label column."""
    nearest: list[int | None]
    """Position in these lists of the point's nearest pick, null where it is not on the map."""
    neighbour: list[int | None]
    """For a pick, position of its nearest other pick, null for the rest or if not on the map."""
    n_sampled: int
    """Points drawn uniformly from the input; all of it if this equals counts.input. Picks are
    added to them."""
    pca: Map | None
    """Principal components; null with fewer than 3 points or one dimension."""
    pacmap: Map | None
    """PaCMAP; null with fewer than 30 points, or where the job asks for another map."""
    asked: Map | None = None
    """The map that the job asks for instead (`job.map`: UMAP or t-SNE); its note says which."""

    @property
    def bent(self) -> Map | None:
        """The map that keeps neighbours together, or else the principal components."""
        return self.asked or self.pacmap or self.pca


class Budget(Part):
    """Covering radius after each number of picks: what fewer picks would have covered."""

    n: list[int]
    """Numbers of picks, ascending; all of 1..k up to 1,000, then evenly spaced in the logarithm,
    with k and its halves."""
    radius: list[float]
    """Largest distance of an input item to the first n picks (and datapool)."""
    knee: int | None = None
    """Number of picks where the curve lies farthest below the straight line between its ends, both
    axes scaled to [0, 1] (Kneedle, Satopää et al. 2011); null where it does not bend."""
    curve: Curve = Field(default_factory=lambda: Curve(prefixes=[], n_queries=0, exact=True))
    """Mean, 95% and largest coverage distance, and diversity, beside the draws."""
