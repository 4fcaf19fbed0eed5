"""Typicality beside lightly-mundig's: time, and how far the values are from each other.

    python benchmarks/typicality.py [N]

Ours is exact: every pair is compared in float32 in compiled code, the nearest are measured again
in float64, and no neighbour is missed (recall is 1 by construction). Both get the same float32
array of N (100,000) mixture vectors in 32 dimensions, and 20 neighbours.

Needs `pip install lightly-mundig`. Writes a table to benchmarks/results.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import lightly_mundig
import numpy as np
from farthest import mixture

from curate.core.values import Embeddings
from curate.select.combined.typicality import typicality

NEIGHBOURS = 20


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    vectors = mixture(n, 32)
    typicality(Embeddings(vectors[:10_000], "euclidean", ""))  # compiled code is loaded
    began = time.perf_counter()
    ours = typicality(Embeddings(vectors, "euclidean", ""), NEIGHBOURS)
    seconds = time.perf_counter() - began
    print(f"curate {seconds:.1f} s", flush=True)
    began = time.perf_counter()
    engine = lightly_mundig.Typicality(embeddings=vectors)
    theirs = np.array(engine.calculate_typicality(num_nearest_neighbors=NEIGHBOURS))
    mundig = time.perf_counter() - began
    text = f"""# Typicality

{n:,} mixture vectors in 32 dimensions, {NEIGHBOURS} neighbours, one turn each, {os.cpu_count()}
cores, load {os.getloadavg()[0]:.1f} when done.

| | seconds | method |
| --- | --- | --- |
| curate | {seconds:.1f} | exact: all pairs in float32, the nearest again in float64 |
| lightly-mundig | {mundig:.1f} | its own |

curate is {mundig / seconds:.0f} times as fast. Largest difference of two values:
{np.abs(ours - theirs).max():.1e}.
"""
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "typicality.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
