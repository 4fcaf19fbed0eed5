"""Strategies as jobs ask for them, alone and combined: every pick is the textbook's."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from curate.core.values import Embeddings
from curate.errors import RequestError, SelectionError
from curate.schema.strategy_syntax import read_specs
from curate.select.objectives import StrategyInputs
from curate.select.registry import find_candidates, select
from curate.select.request import Request, start_row
from oracles import (
    textbook_points,
    textbook_product,
    textbook_similarity,
    textbook_typicality,
)
from samples import SAMPLES, sample_embeddings
from spaces import SPACES

N, K = 240, 40
DATA = (*SAMPLES, "gaussian", "duplicated", "near_duplicates", "half_precision")
CLASSES = ["a", "b", "c", "d"]
ASKED = [
    ("typicality:neighbours=5",),
    ("outliers:neighbours=5",),
    ("outliers:neighbours=5,strength=-2",),
    ("similarity:queries",),
    ("similarity:queries,strength=-1",),
    ("weights:score",),
    ("weights:score,strength=-0.5",),
    ("weights:signed",),
    ("balance:label",),
    ("balance:label=input",),
    ("balance:label=a:0.6/c:0.1",),
    ("balance:soft=input,strength=2",),
    ("diversity", "typicality:neighbours=5", "balance:label"),
    ("diversity:strength=0.5", "weights:score,strength=2", "balance:label=a:0.5,strength=0.5"),
    ("diversity", "balance:label", "balance:soft=uniform", "random", "similarity:queries"),
    ("diversity:strength=-1", "outliers:neighbours=5"),
]


class Made:
    """Columns and queries beside the vectors of a data set, and what they come to."""

    def __init__(self, name, cache_folder):
        if name in SAMPLES:
            whole = sample_embeddings(name, cache_folder / "embeddings")
            self.vectors, self.metric = whole.vectors[:N], whole.metric
        else:
            self.vectors, self.metric = SPACES[name]()[:N], "euclidean"
        n = self.n = len(self.vectors)
        rng = np.random.default_rng(5)
        self.score, self.signed = rng.gamma(1, size=n), rng.normal(size=n)
        self.label = rng.choice(CLASSES, n, p=[0.5, 0.25, 0.15, 0.1])
        self.soft = rng.dirichlet([0.4] * 3, n)
        self.queries = np.asarray(self.vectors[::50], dtype=np.float64) + 0.01
        self.typical = textbook_typicality(self.vectors, 5, self.metric)
        self.similar = textbook_similarity(self.vectors, self.queries, self.metric)
        columns = {
            "score": self.score,
            "signed": self.signed,
            "label": self.label.tolist(),
            "soft": [dict(zip("xyz", row, strict=True)) for row in self.soft.tolist()],
        }
        table = pa.table({name: pa.array(values) for name, values in columns.items()})
        self.known = StrategyInputs(
            Embeddings(self.vectors, self.metric, "test"),
            table.column,
            query=lambda _: self.queries,
        )

    def fixed(self, spec, request):
        """(n,) the factor of a strategy, written out."""
        s, name = getattr(spec, "strength", 1), spec.name
        if name in ("typicality", "outliers"):
            values = self.typical
            s = -s if name == "outliers" else s
        elif name == "similarity":
            values = self.similar
        elif name == "weights" and spec.column == "score":
            values = np.maximum(self.score / self.score.max(), 1e-6)
        elif name == "weights":
            low, high = self.signed.min(), self.signed.max()
            values = np.maximum((self.signed - low) / (high - low), 1e-6)
        elif name == "random":
            drawn = np.random.default_rng(request.seed).exponential(size=self.n)
            values = drawn.min() / drawn
        else:
            return np.ones(self.n)
        return values**s if s > 0 else (values.min() / values) ** -s

    def balance(self, spec):
        """Membership, quotas by largest remainder, counts, strength."""
        member = np.array([[one == c for c in CLASSES] for one in self.label], dtype=float)
        member = self.soft if spec.column == "soft" else member
        if isinstance(spec.target, dict):
            named = [CLASSES.index(c) for c in spec.target]
            rest = [c for c in range(4) if c not in named]
            member = np.column_stack([member[:, named], member[:, rest].sum(axis=1)])
            shares = np.array([*spec.target.values(), 1 - sum(spec.target.values())])
        elif spec.target == "uniform":
            shares = np.full(member.shape[1], 1 / member.shape[1])
        else:
            shares = member.mean(axis=0)
        quotas = shares * K
        if spec.column == "label":
            quotas = np.floor(quotas + 1e-9)
            order = np.argsort(-(shares * K - quotas), kind="stable")
            quotas[order[: K - int(quotas.sum())]] += 1
        return member, quotas, np.zeros(len(quotas)), spec.strength


@pytest.fixture(scope="module", params=DATA)
def made(request, cache_folder):
    return Made(request.param, cache_folder)


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_picks_are_the_textbooks(asked, made):
    """On samples and made-up data, each strategy and combination picks what its formula says."""
    specs, request = read_specs(list(asked)), Request(K, seed=np.random.SeedSequence(2))
    fixed = np.prod([made.fixed(spec, request) for spec in specs], axis=0)
    expected = textbook_product(
        made.vectors,
        K,
        made.metric,
        fixed,
        diversity=sum(spec.strength for spec in specs if spec.name == "diversity"),
        balances=[made.balance(spec) for spec in specs if spec.name == "balance"],
        start=start_row(made.n, request, textbook_points(made.vectors, made.metric).__getitem__),
    )
    outcome = select(specs, made.known, request)
    assert outcome.selection.picks.tolist() == expected
    for objective in outcome.objectives:
        assert (
            (objective.at_pick > 0) & (objective.at_pick <= 1)
        ).all() or objective.spec.name == ("diversity")


def known_with(**columns):
    n = len(next(iter(columns.values())))
    vectors = np.random.default_rng(0).normal(size=(n, 3))
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    return StrategyInputs(Embeddings(vectors, "euclidean", "test"), table.column)


def test_weights_and_chance_are_a_draw_in_proportion():
    """random beside weights draws the first item with probability in proportion to its weight."""
    weights = [0.5, 1.0, 2.0, 4.0]
    known, specs = known_with(score=weights), read_specs(["random", "weights:score"])
    first = [
        select(specs, known, Request(1, seed=np.random.SeedSequence(seed))).selection.picks[0]
        for seed in range(1000)
    ]
    drawn = np.bincount(first, minlength=4) / 1000
    assert np.abs(drawn - np.array(weights) / 7.5).max() < 0.05


def test_thresholds_leave_what_meets_them():
    """Numbers compare as numbers, even where a csv has them as text; nulls meet nothing."""
    known = known_with(
        size=["10", "9", "", "100"], tag=["x", "y", None, "x"], share=[0.5, float("nan"), 1, 2]
    )

    def left(text):
        kept = find_candidates(read_specs(text), known, np.ones(4, dtype=bool))
        return np.flatnonzero(kept.free).tolist()

    assert left("threshold:size>9") == [0, 3]
    assert left("threshold:size<=10") == [0, 1]
    assert left("threshold:size in 9/10") == [0, 1]
    assert left("threshold:tag==x") == [0, 3]
    assert left("threshold:tag!=x") == [1]
    assert left("threshold:tag in x/y") == [0, 1, 3]
    assert left("threshold:share!=0.5") == [2, 3]
    assert left(["threshold:tag==x", "threshold:share>=2"]) == [3]


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ("threshold:size>500", SelectionError, "leaves none of 4 items"),
        ("threshold:tag==z", SelectionError, "No item has tag 'z'"),
        ("threshold:tag>3", RequestError, "threshold needs numbers, and column 'tag' holds 'x'"),
    ],
)
def test_conditions_that_cannot_be_met_say_so(asked, error, says):
    """A condition that leaves nothing, or compares text with a number, is one clear line."""
    known = known_with(size=[1, 2, 3, 4], tag=["x", "y", None, "x"])
    with pytest.raises(error, match=says):
        find_candidates(read_specs(asked), known, np.ones(4, dtype=bool))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("weights:tag", "weights needs numbers, and column 'tag' holds 'x'"),
        ("weights:signed,budget=3", "a budget needs values of 0 or more"),
        ("balance:own", "it has 4 different values for 4 items"),
        ("balance:tag=x:0.5/q:0.1", "no item has tag 'q'"),
        ("balance:nothing", "no item has a value"),
        ("balance:nested", "give a list of class names"),
        ("balance:minus", "needs shares of 0 or more"),
        (["diversity", "diversity"], "named twice"),
    ],
)
def test_what_cannot_be_combined_or_found_says_so(asked, says):
    """What no selection can mean is one clear line that names the column."""
    known = known_with(
        tag=["x", "y", None, "x"],
        own=["k", "l", "m", "n"],
        signed=[-1.0, 2, 3, 4],
        nothing=[None, "", None, None],
        nested=[[["a"]], [["b"]], [], []],
        minus=[{"a": 1.0}, {"a": -1.0}, None, None],
    )
    with pytest.raises(RequestError, match=says) as caught:
        select(read_specs(asked), known, Request(2))
    assert "\n" not in str(caught.value)


def test_a_start_that_decides_nothing_is_refused():
    """Where the first pick is the largest product, a start has no effect, and that is said."""
    known = known_with(size=[1, 2, 3, 4])
    with pytest.raises(RequestError, match="--start first has no effect with weights"):
        select(read_specs("weights:size"), known, Request(2, start="first"))


def test_items_without_a_weight_are_passed_over():
    """An item that has no value is not picked, and the note says how many there are."""
    known = known_with(size=[1, None, 3, float("nan")])
    candidates = find_candidates(read_specs("weights:size"), known, np.ones(4, dtype=bool))
    assert candidates.free.tolist() == [True, False, True, False]
    assert candidates.notes == ("2 items have no size and could not be picked.",)


def test_a_budget_is_kept_to():
    """Picks never cost more than the budget, and what still fits is taken."""
    known = known_with(price=[5.0, 4, 3, 2, 1])
    outcome = select(read_specs("weights:price,budget=8"), known, Request(5))
    assert outcome.selection.picks.tolist() == [0, 2]
    assert "budget of 8" in outcome.selection.notes[0]
    cheap = select(read_specs("weights:price,strength=-1,budget=8"), known, Request(5))
    assert cheap.selection.picks.tolist() == [4, 3, 2]


def test_a_strength_that_has_no_effect_is_noted():
    """A strength of the only strategy changes nothing, and the notes say so."""
    known = known_with(size=[1, 2, 3, 4])
    outcome = select(read_specs("diversity:strength=2"), known, Request(2))
    assert "has no effect" in outcome.selection.notes[0]
