"""The parts of report.json on what a selection holds besides distances: variety, likeness to the
input, outliers, near duplicates, shares of metadata, and what fewer picks would do.

Distances are in the unit of the space, unless a field says otherwise. Formulas stand with
each number, and again in the glossary of the PDF.
"""

from __future__ import annotations

from curate.report.part import Part


class Rivalled(Part):
    """One number of the selection beside random selections of the same size."""

    selected: float
    """Of the selection."""
    random: float
    """Mean over the random draws."""
    interval: tuple[float, float]
    """The middle 95% of the draws."""
    draws_better: int
    """How many draws beat the selection; which way is better stands with each number."""


class LikenessPart(Part):
    """How many different items a set holds, and how like the input it is. Distances here are
    Euclidean; for cosine spaces between unit vectors (chords)."""

    vendi: Rivalled
    """Vendi score, larger is better: exp(−Σ λᵢ ln λᵢ) over the eigenvalues λ of K / m, with
    K_ij = exp(−‖xᵢ − xⱼ‖² / 2σ²) over m members. The effective number of different items, from 1 to
    m (Friedman & Dieng, The Vendi Score, TMLR 2023)."""
    energy: Rivalled
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


class AroundPart(Part):
    """What lies around each input item."""

    neighbours: int
    """k: how many nearest others an item was looked at with; 5, or all there are."""
    n_queries: int
    """From how many input items: all, or a uniform sample, each against all input."""
    exact: bool
    """True if they were all."""
    density: Rivalled
    """Density: members in the ball of an input item that reaches to its k-th nearest other one, on
    average over the input, times N / (k M) for M members and N input items. Random choice has about
    (k + 1) / k; more: the set lies in dense regions (Naeem et al., ICML 2020)."""
    coverage: Rivalled
    """Coverage: share of these balls that hold a member; larger is better (Naeem et al.)."""
    outlier_shares: list[OutlierShare]
    """For the most outlying 1% and 5% of the input."""
    outliers: list[Outlier]
    """The most outlying input items, farthest out first."""
    input_pairs: list[Pair]
    """The closest pairs of the input (from the queries), an item in one pair at most."""
    pick_pairs: list[Pair]
    """The closest pairs of picks; empty where there were too many to look at all."""


class Share(Part):
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


class ColumnPart(Part):
    """Shares of one metadata column before and after."""

    name: str
    """The column."""
    is_label: bool
    """Whether it is the label."""
    binned: bool
    """True for numbers, counted in bins between quantiles of the input."""
    n_classes: int
    """How many classes or bins it has."""
    classes: list[Share]
    """Bins by value, or classes by their share of the input, at most 200."""
    variation: Rivalled
    """Total variation distance to the input, ½ Σ |p − q| over the classes: the share of the set
    that would have to change class. draws_better counts the draws that are farther."""
    input_entropy: float
    """Balance entropy of the input, −Σ p ln p / ln C over its C classes: 1 for equal shares. Items
    without a value are a class."""
    entropy: Rivalled
    """The same of the selection and the draws; larger is more balanced."""


class Prefix(Part):
    """The first n picks; random: the first n of each draw."""

    n: int
    """Number of picks."""
    coverage_mean: Rivalled
    """Mean distance of the input to them (datapool included)."""
    coverage_q95: Rivalled
    """95% of the input lies within this distance of them."""
    coverage_max: Rivalled
    """Largest distance."""
    diversity_mean: Rivalled | None
    """Mean distance of each of them to its nearest other; null for one pick."""
    diversity_min: Rivalled | None
    """The smallest."""


class Curve(Part):
    """Coverage and diversity against the number of picks."""

    prefixes: list[Prefix]
    """By ascending n: k, its halves, and the knee of the radius."""
    n_queries: int
    """From how many input items: all, or a uniform sample."""
    exact: bool
    """True if they were all."""
