"""The measures of a selection, as `measure/` returns them and report.json stores them.

Distances are in the unit of the space, unless a field says otherwise: Euclidean (never squared),
or cosine, 1 − similarity. Formulas stand with each number, and again in the glossary of the PDF.
Where a measure speaks of items, `measure/` gives their rows, and the models here their ids:
`Outlier`, `Pair`, `Neighbourhoods`, `WorstCovered`, `CoverageMeasures`, `Maps`.
"""

from __future__ import annotations

from pydantic import Field

from curate.schema.base import Part

# --------------------------------------------------------------------------------------
# Distances of a set of items, and random selections of the same size beside them.


class Histogram(Part):
    """Counts of values in bins; bin i is [edges[i], edges[i+1]), the last includes its end."""

    edges: list[float]
    """Bin limits, one more than counts. Shared by all sets of a measure."""
    counts: list[float]
    """Items in each bin; for random sets the mean count over the draws."""


class Summary(Part):
    """Moments and quantiles of the distances of one set of items."""

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

    def statistics(self) -> dict[str, float]:
        """What is compared with random selections: "mean", "min", "max" and "q5" to "q99"."""
        quantiles = {f"q{percentage}": value for percentage, value in self.quantiles.items()}
        return {"mean": self.mean, "min": self.min, "max": self.max, **quantiles}


class Distribution(Summary):
    """Distances of one set of items, as a whole distribution."""

    histogram: Histogram
    """The distribution in bins."""
    exact: bool
    """True if every item was a query; false if a uniform sample of queries was. Each distance is
    exact either way."""
    n_queries: int
    """From how many items distances were measured."""


class RandomBaseline(Distribution):
    """Random selections of the same size. The statistics are means over the draws."""

    draws: list[Summary]
    """Each draw."""
    interval: dict[str, tuple[float, float]]
    """The middle 95% of the draws for "mean", "min", "max" and each quantile ("q5" …)."""
    draws_better: dict[str, int]
    """For the same statistics, how many of the draws beat the selection (diversity: larger;
    coverage: smaller); 0 means the selection beats or equals them all."""
    band: tuple[list[float], list[float]]
    """For each bin of the histogram the 2.5% and 97.5% quantile of the counts of the draws."""


class VersusRandom(Part):
    """One number of the selection, beside random selections of the same size."""

    selected: float
    """Of the selection."""
    random: float
    """Mean over the random draws."""
    interval: tuple[float, float]
    """The middle 95% of the draws."""
    draws_better: int
    """How many draws beat the selection; which way is better stands with each number."""


# --------------------------------------------------------------------------------------
# Diversity and coverage.


class SetMeasures(Part):
    """One measure of every set that it is defined for; null for the others."""

    input: Distribution | None
    """All input items. Coverage: null, for the input covers itself at distance 0."""
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


class DiversityMeasures(SetMeasures):
    """Distance of each member of a set to its nearest other member. Larger is more diverse; null
    for sets of one item."""


class WorstCovered(Part):
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


class CoverageMeasures(SetMeasures):
    """Distance of each input item to the nearest member of a set. Smaller covers better."""

    radius: float
    """Largest distance of any input item to the selection (datapool included), over all input."""
    worst: list[WorstCovered]
    """The input items that are covered worst, farthest first."""


# --------------------------------------------------------------------------------------
# How like the input the selection is, outliers, and near duplicates.


class Likeness(Part):
    """How many different items a set holds, and how like the input it is. Distances here are
    Euclidean; for cosine spaces between unit vectors (chords)."""

    vendi: VersusRandom
    """Vendi score, larger is better: exp(−Σ λᵢ ln λᵢ) over the eigenvalues λ of K / m, with
    K_ij = exp(−‖xᵢ − xⱼ‖² / 2σ²) over m members. The effective number of different items, from 1 to
    m (Friedman & Dieng, The Vendi Score, TMLR 2023)."""
    energy: VersusRandom
    """Energy distance to the input, smaller is more alike: √(2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖)
    over all pairs, X of the set and Y of the input (Székely & Rizzo 2013). Its unit is the square
    root of a distance. Before schema version 1.2 the root was not taken."""
    width: float
    """σ: the median distance between pairs of the input."""
    n_members: int
    """From how many members of each set: all, or a uniform sample."""
    n_input: int
    """From how many input items: all, or a uniform sample."""
    exact: bool
    """True if both were all."""


class OutlierShare(Part):
    """How much of the selection is among the most outlying input. Outlyingness of an item: mean
    distance to its five nearest other input items."""

    fraction: float
    """Which part of the input: 0.01 is its most outlying 1%."""
    threshold: float
    """Outlyingness beyond which an item counts: the quantile of the input."""
    input: float
    """Share of the input beyond it: `fraction`, or less where items are equal."""
    selected: float
    """Share of the selection beyond it."""
    interval: tuple[float, float]
    """Middle 95% of the shares of uniform draws (hypergeometric); their mean is `input`."""
    n_picks: int
    """From how many picks: all, or a uniform sample."""


class Outlier(Part):
    """An input item far from every other."""

    id: str
    """The item."""
    row: int
    """Where it stands in the source, counted from 0 before anything was set aside."""
    distance: float
    """Its outlyingness."""
    rank: int | None
    """Its rank in the selection; null if it was not selected."""
    text: str | None
    """The beginning of its text, where items are text."""


class Pair(Part):
    """Two items close to each other, of different content."""

    one: str
    """Id of the item that comes first in the source."""
    other: str
    """Id of the other."""
    distance: float
    """Their distance."""
    text: str | None
    """The beginning of the text of `one`, where items are text."""
    other_text: str | None
    """The same of `other`."""


class Neighbourhoods(Part):
    """What lies around each input item."""

    neighbours: int
    """k: how many nearest others an item was looked at with; 5, or all there are."""
    n_queries: int
    """From how many input items: all, or a uniform sample, each against all input."""
    exact: bool
    """True if they were all."""
    density: VersusRandom
    """Density: members in the ball of an input item that reaches to its k-th nearest other one, on
    average over the input, times N / (k M) for M members and N input items. Random choice has about
    (k + 1) / k; more: the set lies in dense regions (Naeem et al., ICML 2020)."""
    coverage: VersusRandom
    """Coverage: share of these balls that hold a member; larger is better (Naeem et al.)."""
    outlier_shares: list[OutlierShare]
    """For the most outlying 1% and 5% of the input."""
    outliers: list[Outlier]
    """The most outlying input items, farthest out first."""
    input_pairs: list[Pair]
    """The closest pairs of the input (from the queries), an item in one pair at most."""
    pick_pairs: list[Pair]
    """The closest pairs of picks; empty where there were too many to look at all."""


# --------------------------------------------------------------------------------------
# Shares of metadata.


class ColumnClass(Part):
    """One class or bin of a column."""

    name: str
    """The class, or the ends of the bin; (none) for items without a value."""
    input_count: int
    """Input items."""
    input_share: float
    """Share of the input."""
    selected_count: int
    """Selected items."""
    selected_share: float
    """Share of the selection."""
    random_share: float
    """Mean share of the random draws."""
    interval: tuple[float, float]
    """Middle 95% of the shares of the draws."""


class ColumnShares(Part):
    """Shares of one metadata column before and after."""

    name: str
    """The column."""
    is_label: bool
    """Whether it is the label."""
    binned: bool
    """True for numbers, counted in bins between quantiles of the input."""
    n_classes: int
    """How many classes or bins it has."""
    classes: list[ColumnClass]
    """Bins by value, or classes by their share of the input, at most 200."""
    variation: VersusRandom
    """Total variation distance to the input, ½ Σ |p − q| over the classes: the share of the set
    that would have to change class. draws_better counts the draws that are farther."""
    input_entropy: float
    """Balance entropy of the input, −Σ p ln p / ln C over its C classes: 1 for equal shares. Items
    without a value are a class."""
    entropy: VersusRandom
    """The same of the selection and the draws; larger is more balanced."""


# --------------------------------------------------------------------------------------
# What fewer picks would do.


class PrefixMeasures(Part):
    """The first n picks; random: the first n of each draw."""

    n: int
    """Number of picks."""
    coverage_mean: VersusRandom
    """Mean distance of the input to them (datapool included)."""
    coverage_q95: VersusRandom
    """95% of the input lies within this distance of them."""
    coverage_max: VersusRandom
    """Largest distance."""
    diversity_mean: VersusRandom | None
    """Mean distance of each of them to its nearest other; null for one pick."""
    diversity_min: VersusRandom | None
    """The smallest."""


class PrefixCurve(Part):
    """Coverage and diversity against the number of picks."""

    prefixes: list[PrefixMeasures]
    """By ascending n: k, its halves, and the knee of the radius."""
    n_queries: int
    """From how many input items: all, or a uniform sample."""
    exact: bool
    """True if they were all."""


class BudgetCurve(Part):
    """Covering radius after each number of picks: what fewer picks would have covered."""

    n: list[int]
    """Numbers of picks, ascending; all of 1..k up to 1,000, then evenly spaced in the logarithm,
    with k and its halves."""
    radius: list[float]
    """Largest distance of an input item to the first n picks (and datapool)."""
    knee: int | None = None
    """Number of picks where the curve lies farthest below the straight line between its ends, both
    axes scaled to [0, 1] (Kneedle, Satopää et al. 2011); null where it does not bend."""
    curve: PrefixCurve = Field(
        default_factory=lambda: PrefixCurve(prefixes=[], n_queries=0, exact=True)
    )
    """Mean, 95% and largest coverage distance, and diversity, beside the draws."""


# --------------------------------------------------------------------------------------
# Maps in two dimensions.


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
    """The map that the job asks for instead (`job.measure.map`: UMAP or t-SNE); its note says
    which."""

    @property
    def neighbour_map(self) -> Map | None:
        """The map that keeps neighbours together, or else the principal components."""
        return self.asked or self.pacmap or self.pca
