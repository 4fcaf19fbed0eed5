"""Where the time of a farthest-first traversal goes, and what its arithmetic alone would take.

    python benchmarks/farthest_profile.py [--wordnet wordnet_minilm_f16.npy]

The cases of `farthest.py`, on one thread, so that parts add up; of TURNS turns the fastest.
"Arithmetic alone" is the kernel's own inner loop over as many pairs, with nothing near enough
to be looked at: four points, one tile of the prefix, a difference and a fused multiply-add for
every coordinate. No kernel that measures these pairs takes less; what `refresh` takes beyond is
fetching scattered items, finding the nearest and dropping items early.

Writes a table to benchmarks/results.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from farthest import RESULTS, WARM_UP, Case, cases, machine, mixture, ours, table

from curate.core.threads import ThreadPool
from curate.core.values import Embeddings
from curate.select.lazy_traversal import bounds
from curate.select.lazy_traversal import traversal as lazy
from curate.select.lazy_traversal.kernels import refresh
from curate.select.request import Request

TURNS = 5
HEAD = [
    "case",
    "picks, ms",
    "first pass",
    "queue",
    "refresh",
    "of that arithmetic alone",
    "picking",
    "two threads",
    "coverage, ms",
    "of that ruling out",
    "rounds",
    "items pulled",
    "pairs measured for the picks",
    "items left to refresh for coverage",
]


class Watched(lazy.Traversal):
    """A traversal that counts what it looks at."""

    pairs = pulled = rounds = 0

    def _refresh(self, order: np.ndarray, edge: float, *mapped: int) -> np.ndarray:
        before = self.state.seen[order].astype(np.int64)
        exact = super()._refresh(order, edge, *mapped)
        self.pairs += int((self.state.seen[order] - before).sum())
        self.pulled += len(order)
        self.rounds += 1
        return exact


def clocked(seconds: dict[str, float], name: str, function: Callable[..., Any]) -> Any:
    """`function`, whose time is added to seconds[name]."""

    def call(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        result = function(*arguments, **named)
        seconds[name] += time.perf_counter() - began
        return result

    return call


def one_turn(vectors: np.ndarray, k: int, threads: int) -> dict[str, float]:
    """Seconds of each part of one traversal."""
    seconds: dict[str, float] = defaultdict(float)
    parts = [
        (lazy.Traversal, "_begin", "first pass"),
        (lazy.Traversal, "_refresh", "refresh"),
        (lazy.Traversal, "_pick_among", "picking"),
        (lazy.BucketQueue, "__init__", "queue"),
        (lazy.BucketQueue, "pull", "queue"),
        (lazy.BucketQueue, "put_back", "queue"),
        (lazy, "by_key", "queue"),
        (bounds, "rule_out", "ruling out"),
    ]
    kept = [getattr(owner, name) for owner, name, _ in parts]
    for (owner, name, label), function in zip(parts, kept, strict=True):
        setattr(owner, name, clocked(seconds, label, function))
    try:
        with ThreadPool(threads, vectors) as thread_pool:
            began = time.perf_counter()
            request = Request(k, start=0, threads=threads)
            traversal = lazy.Traversal(Embeddings(vectors, "euclidean", ""), request, thread_pool)
            traversal.pick()
            seconds["picks"] = time.perf_counter() - began
            seconds["refresh for picks"] = seconds["refresh"]
            traversal.selection()
            seconds["coverage"] = time.perf_counter() - began - seconds["picks"]
    finally:
        for (owner, name, _), function in zip(parts, kept, strict=True):
            setattr(owner, name, function)
    return seconds


def counts(vectors: np.ndarray, k: int) -> tuple[Watched, int, float]:
    """A traversal that counted, pairs it measured for the picks, share left for coverage."""
    left: list[float] = []
    real = bounds.rule_out

    def watched(order: np.ndarray, *arguments: Any) -> None:
        real(order, *arguments)
        left.append(float((traversal.state.seen[order] < traversal.upto).mean()))

    bounds.rule_out = watched
    try:
        with ThreadPool(None, vectors) as thread_pool:
            traversal = Watched(
                Embeddings(vectors, "euclidean", ""), Request(k, start=0), thread_pool
            )
            traversal.pick()
            pairs, pulled, rounds = traversal.pairs, traversal.pulled, traversal.rounds
            traversal.selection()
            traversal.pulled, traversal.rounds = pulled, rounds
    finally:
        bounds.rule_out = real
    return traversal, pairs, float(np.mean(left))


def arithmetic(done: Watched, pairs: int) -> float:
    """Seconds for so many pairs in the kernel's inner loop, on one thread."""
    upto = min(done.upto, 1024)
    order = np.arange(min(len(done.state.squared), 1 << 15), dtype=np.int32)
    exact = np.empty(len(order))
    best = np.inf
    for _ in range(TURNS):
        done.state.squared[order], done.state.seen[order] = 0, 0  # so nothing is as near
        counter = np.zeros(1, np.int64)
        began = time.perf_counter()
        refresh(
            order, exact, done.items, done.prefix, upto, 0.0, done.rounding, done.state, counter
        )
        best = min(best, time.perf_counter() - began)
    return best / (len(order) * upto) * pairs


def row(case: Case) -> list[str]:
    vectors = case.make()
    ours(mixture(*WARM_UP), 50)  # compiled code is loaded before the clock starts
    alone = min((one_turn(vectors, case.k, 1) for _ in range(TURNS)), key=lambda s: s["picks"])
    both = min(one_turn(vectors, case.k, 2)["picks"] for _ in range(TURNS))
    done, pairs, left = counts(vectors, case.k)

    def shown(name: str) -> str:
        return f"{1000 * alone[name]:.1f}"

    return [
        f"{case.name}, k = {case.k:,}",
        shown("picks"),
        shown("first pass"),
        shown("queue"),
        shown("refresh for picks"),
        f"{1000 * arithmetic(done, pairs):.1f}",
        shown("picking"),
        f"{1000 * both:.1f}",
        shown("coverage"),
        shown("ruling out"),
        str(done.rounds),
        f"{done.pulled / len(vectors):.1f} n",
        f"{pairs / len(vectors) / case.k:.1%}",
        f"{left:.1%}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wordnet", type=Path, default=os.environ.get("CURATE_BENCH_WORDNET"))
    rows = []
    for case in cases(False, parser.parse_args().wordnet):
        rows.append(row(case))
        print(*rows[-1], sep=" | ", flush=True)
    text = (
        f"# Where the time of farthest-first traversal goes\n\n{machine()}.\n\n"
        "Milliseconds on one thread, the fastest of five turns; `benchmarks/farthest_profile.py`\n"
        f"says what is what.\n\n{table(HEAD, rows)}\n"
    )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "farthest_profile.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
