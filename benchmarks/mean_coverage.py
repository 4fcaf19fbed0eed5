"""Mean coverage distance of each strategy on the three samples, beside random draws.

    python benchmarks/mean_coverage.py

The mean distance of all items to their nearest selected one, exact, for 50 and 200 picks of
each sample, in the space and metric of the job beside it. Random is the mean of 20 draws.

Needs `pip install "curate-select[kmedoids]"`. Writes a table to benchmarks/results.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import curate
from curate.schema.job_file import read_job_file

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ("clipart", "definitions", "words")
PICKS = (50, 200)
DRAWS = 20
STRATEGIES = ("diversity", "facility-location", "k-medoids")


def mean_coverage(name: str, n: int, strategy: str, seed: int = 0) -> float:
    settings = read_job_file(ROOT / "samples" / name / "curate.toml")
    settings |= {"n": n, "strategy": strategy, "seed": seed, "no_report": True}
    result = curate.select(settings.pop("source"), **settings)
    return float(result.selection.coverage.mean())


def main() -> None:
    head = ["sample", "n", f"random, mean of {DRAWS}", *STRATEGIES]
    head += [f"{name} below diversity by" for name in STRATEGIES[1:]]
    rows, saved = [], {name: [] for name in STRATEGIES[1:]}
    for name in SAMPLES:
        for n in PICKS:
            draws = [mean_coverage(name, n, "random", seed) for seed in range(DRAWS)]
            reached = {strategy: mean_coverage(name, n, strategy) for strategy in STRATEGIES}
            for strategy, shares in saved.items():
                shares.append(1 - reached[strategy] / reached["diversity"])
            values = [statistics.fmean(draws), *reached.values()]
            row = [name, str(n), *(f"{value:.4f}" for value in values)]
            rows.append([*row, *(f"{shares[-1]:.1%}" for shares in saved.values())])
            print(*rows[-1], flush=True)
    medians = [f"{statistics.median(shares):.1%}" for shares in saved.values()]
    rows.append(["median", *[""] * (len(head) - 1 - len(medians)), *medians])
    lines = [head, ["---"] * len(head), *rows]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    text = f"# Mean coverage distance\n\nSmaller is better.\n\n{table}\n"
    (results / "mean_coverage.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
