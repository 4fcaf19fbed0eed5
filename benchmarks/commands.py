"""Whole commands, from the start of the process to its end: what waiting for them feels like.

    python benchmarks/commands.py

600 items, made here: vectors, and tables of ids, numbers and a label. Each command writes its
report.pdf and report.json. Once before the clock starts, so that compiled code is there; then
the commands take turns.

Writes a table to benchmarks/results.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "commands.md"
ROWS, LABELS, TURNS = 600, 6, 7
FROM_TABLES = ["--id-column", "id", "--columns", "v*", "--labels", "label"]
COMMANDS = {
    "curate --help": ["--help"],
    "compare, 64 and 32 dimensions": ["compare", "64.npy", "32.npy", "--out", "a"],
    "compare, 384 and 256 dimensions, labels": [
        *("compare", "384.csv", "256.csv", "--out", "b"),
        *FROM_TABLES,
    ],
    "compare, 384, 256 and 128 dimensions, labels": [
        *("compare", "384.csv", "256.csv", "128.csv", "--out", "c"),
        *FROM_TABLES,
    ],
    "evaluate, 64 dimensions, labels": ["evaluate", "64.csv", "--out", "d", *FROM_TABLES],
    "select 50, 64 dimensions": ["select", "64.npy", "--n", "50", "--out", "e"],
}


def write_spaces(folder: Path) -> None:
    """Clusters, one a label, in 384 dimensions; the others are projections of them with noise."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, LABELS, ROWS)
    source = 2 * rng.normal(size=(LABELS, 384))[labels] + 2 * rng.normal(size=(ROWS, 384))
    for dims in (384, 256, 128, 64, 32):
        space = source @ rng.normal(size=(384, dims)) / 20 + rng.normal(size=(ROWS, dims))
        np.save(folder / f"{dims}.npy", space.astype(np.float32))
        head = ["id", "label", *(f"v{place}" for place in range(dims))]
        rows = [
            [f"item{row}", f"class {label}", *(f"{value:.6g}" for value in values)]
            for row, (label, values) in enumerate(zip(labels, space, strict=True))
        ]
        text = "\n".join(",".join(line) for line in [head, *rows])
        (folder / f"{dims}.csv").write_text(text + "\n", encoding="utf-8")


def seconds(folder: Path, words: list[str]) -> float:
    began = time.perf_counter()
    command = [str(Path(sys.executable).parent / "curate"), *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_spaces(folder)
        for turn in range(TURNS + 1):
            for name, words in COMMANDS.items():
                one = seconds(folder, words)
                if turn:
                    taken[name].append(one)
    lines = [
        f"| {name} | {statistics.median(many):.2f} | {min(many):.2f}–{max(many):.2f} |"
        for name, many in taken.items()
    ]
    text = f"""# Whole commands

{time.strftime("%Y-%m-%d")}, {len(os.sched_getaffinity(0))} cores, Python \
{platform.python_version()}. {ROWS} items; seconds from the start of the process to its end, with \
report.pdf and report.json written, median of {TURNS} turns.

| command | seconds | range |
| --- | --- | --- |
{chr(10).join(lines)}
"""
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
