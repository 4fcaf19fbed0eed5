"""Combined strategies beside lightly-mundig, in turns on the same arrays.

    python benchmarks/combination.py

The combination is diversity × weights × balance, strength 1 each, towards equal shares of four
classes that are 50, 30, 15 and 5% of the input. Ours is timed with everything that it returns
(exact coverage of every item, the covering radius after each pick). Beside the time stands how
many of each class were picked, for that is what was asked.

Needs `pip install "curate-select[bench]"`. Writes a table to benchmarks/results.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from farthest import PAUSE, machine, mixture, table

RESULTS = Path(__file__).parent / "results" / "combination.md"
N, D, K = 100_000, 32, 1000
SHARES = (0.5, 0.3, 0.15, 0.05)
TURNS = 3


def ours(vectors: np.ndarray, weights: np.ndarray, classes: np.ndarray) -> np.ndarray:
    from curate.core.values import Embeddings
    from curate.select.combined.assemble import select_product
    from curate.select.combined.factors import BalanceFactor, Product
    from curate.select.request import Request

    balance = BalanceFactor(np.eye(4), np.full(4, K / 4), np.zeros(4))
    product = Product(weights, classes.astype(np.int32), 1.0, (balance,))
    embeddings = Embeddings(vectors, "euclidean", "")
    return select_product(embeddings, Request(K, start=0), product).picks


def mundig(vectors: np.ndarray, weights: np.ndarray, classes: np.ndarray) -> np.ndarray:
    import lightly_mundig

    selection = lightly_mundig.Selection()
    selection.add_diversifying_strategy(vectors, 1.0)
    selection.add_weighting_strategy(weights.astype(np.float32), 1.0)
    one_hot = np.eye(4, dtype=np.float32)[classes]
    selection.add_balancing_strategy(one_hot, np.full(4, 0.25, np.float32), 1.0)
    return np.array(selection.run_selection([], N, K))


def in_turns(
    contenders: dict[str, Callable[[], np.ndarray]],
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Median seconds of each, and what each returned."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    results = {}
    for _ in range(TURNS):
        for name, contender in contenders.items():
            time.sleep(PAUSE)
            began = time.perf_counter()
            results[name] = contender()
            seconds[name].append(time.perf_counter() - began)
            print(f"  {name}: {seconds[name][-1]:.3f} s", flush=True)
    return {name: float(np.median(many)) for name, many in seconds.items()}, results


def main() -> None:
    vectors, rng = mixture(N, D), np.random.default_rng(1)
    weights, classes = rng.uniform(0.05, 1, N), rng.choice(4, N, p=SHARES)
    ours(vectors, weights, classes)  # compiled code is loaded before the clock starts
    times, picks = in_turns(
        {
            "curate": lambda: ours(vectors, weights, classes),
            "lightly-mundig": lambda: mundig(vectors, weights, classes),
        }
    )
    rows = [
        [
            name,
            f"{times[name]:.2f}",
            f"{times[name] / times['curate']:.1f}×",
            " / ".join(map(str, np.bincount(classes[picks[name]], minlength=4))),
            f"{weights[picks[name]].mean():.3f}",
        ]
        for name in times
    ]
    head = ["who", "seconds, median", "× curate", "picks of each class, 250 asked", "mean weight"]
    text = f"# Combined strategies\n\n{machine()}.\n\nDiversity × weights × balance, "
    text += f"{N:,} × {D}, n = {K:,}.\n\n{table(head, rows)}\n"
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
