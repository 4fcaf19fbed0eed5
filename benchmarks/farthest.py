"""Farthest-first traversal beside its peers: time, memory, and whether the picks are right.

    python benchmarks/farthest.py [--quick] [--wordnet wordnet_minilm_f16.npy]

Everyone gets the same float32 array, starts at row 0, and takes turns: ours, the peers,
ours, the peers, so that a slow minute of the machine is everybody's. A contender that took
longer than SLOW seconds has three turns instead of five. Ours is timed twice: with everything
that it returns (the coverage of every item, exact), and for the picks alone, which is all that
the others return. Memory is measured in a process of its own: the peak, beyond the array.

Every other order of picks is compared with ours, which is the exact greedy one (the tests
say so, bit by bit). Where they part, both prefixes are the same, so the distance of each
one's next pick to it says how far that one fell short of the farthest.

Needs `pip install "curate-select[bench]"`. Writes a table to benchmarks/results.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"
SLOW = 20.0  # seconds; who takes longer has fewer turns
TURNS, SLOW_TURNS = 5, 3
PAUSE = 0.5  # seconds before each turn: threads of the one before spin until they sleep
WARM_UP = (70_000, 64)  # rows and columns, enough for the compiled way to be taken
MOST_WORK = {"VoronoiFPS": 4e9, "fpsample": 1e11}  # n k d beyond which a turn takes minutes


def mixture(n: int, d: int, unit: bool = False) -> np.ndarray:
    """200 Gaussian components of very different sizes and weights; rows normalised if `unit`."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 3, (200, d))
    scales = np.exp(rng.uniform(np.log(0.05), np.log(1.5), 200))
    which = rng.choice(200, n, p=rng.dirichlet(np.full(200, 0.5)))
    vectors = np.empty((n, d), np.float32)
    for start in range(0, n, 100_000):
        of = which[start : start + 100_000]
        vectors[start : start + 100_000] = (
            centres[of] + rng.normal(size=(len(of), d)) * (scales[of, None])
        )
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True) if unit else vectors


def ours(vectors: np.ndarray, k: int) -> np.ndarray:
    from curate.core.values import Embeddings
    from curate.select.request import Request
    from curate.select.strategies.farthest_first import farthest_first

    return farthest_first(Embeddings(vectors, "euclidean", ""), Request(k, start=0)).picks


def ours_picks(vectors: np.ndarray, k: int) -> np.ndarray:
    from curate.core.threads import ThreadPool
    from curate.core.values import Embeddings
    from curate.select.lazy_traversal.traversal import Traversal
    from curate.select.request import Request

    request = Request(k, start=0)
    with ThreadPool(None, vectors) as thread_pool:
        traversal = Traversal(Embeddings(vectors, "euclidean", ""), request, thread_pool)
        traversal.pick()
    return traversal.rows


def matrix_vector(vectors: np.ndarray, k: int) -> np.ndarray:
    """The five lines that most people write, in float32."""
    norms = (vectors * vectors).sum(axis=1)
    nearest, picks = np.full(len(vectors), np.inf, np.float32), [0]
    for _ in range(k - 1):
        last = picks[-1]
        np.minimum(nearest, norms - 2 * (vectors @ vectors[last]) + norms[last], out=nearest)
        picks.append(int(nearest.argmax()))
    return np.array(picks)


def mundig(vectors: np.ndarray, k: int) -> np.ndarray:
    import lightly_mundig

    selection = lightly_mundig.Selection()
    selection.add_diversifying_strategy(vectors, 1.0)
    return np.array(selection.run_selection([0], len(vectors), k))


def fpsample(vectors: np.ndarray, k: int) -> np.ndarray:
    import fpsample

    return fpsample.fps_sampling(vectors, k, start_idx=0).astype(int)


def voronoi(vectors: np.ndarray, k: int) -> np.ndarray:
    from skmatter.sample_selection import VoronoiFPS

    return VoronoiFPS(n_to_select=k, initialize=0).fit(vectors).selected_idx_


Contender = Callable[[np.ndarray, int], np.ndarray]
CONTENDERS: dict[str, Contender] = {
    "ours, picks": ours_picks,
    "ours, with coverage": ours,
    "matrix-vector loop": matrix_vector,
    "lightly-mundig": mundig,
    "fpsample": fpsample,
    "VoronoiFPS": voronoi,
}


@dataclass(frozen=True)
class Case:
    name: str
    make: Callable[[], np.ndarray]
    k: int


def cases(quick: bool, wordnet: Path | None) -> Iterator[Case]:
    yield Case("mixture 100k×32", lambda: mixture(100_000, 32), 1000)
    if not quick:
        yield Case("mixture 100k×32", lambda: mixture(100_000, 32), 10_000)
        yield Case("mixture 1M×32", lambda: mixture(1_000_000, 32), 1000)
        yield Case("mixture 1M×384 unit", lambda: mixture(1_000_000, 384, unit=True), 1000)
    if wordnet is not None:
        yield Case("wordnet", lambda: np.load(wordnet).astype(np.float32), 1000)
        if not quick:
            yield Case("wordnet", lambda: np.load(wordnet).astype(np.float32), 10_000)


def compete(case: Case, turns: int, leave_out: set[str]) -> list[list[str]]:
    """A row of the table for each contender."""
    vectors = case.make()
    n, d = vectors.shape
    running = dict(CONTENDERS)
    for name in running.keys() & CONTENDERS.keys():
        if name in leave_out or n * case.k * d > MOST_WORK.get(name, np.inf):
            del running[name]
    ours(mixture(*WARM_UP), 50)  # compiled code is loaded before the clock starts
    seconds: dict[str, list[float]] = {name: [] for name in running}
    picks = {}
    for turn in range(turns):
        for name, select in running.items():
            if turn >= SLOW_TURNS and seconds[name][0] > SLOW:
                continue
            time.sleep(PAUSE)
            vectors.sum()  # nobody pays for what the one before left in the cache
            began = time.perf_counter()
            picks[name] = select(vectors, case.k)
            seconds[name].append(time.perf_counter() - began)
            print(f"  {case.name}, k = {case.k}: {name} {seconds[name][-1]:.3f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npy"
        np.save(path, vectors)
        memory = {name: peak_memory(name, path, case.k) for name in running}
    median = {name: float(np.median(times)) for name, times in seconds.items()}
    return [
        [
            f"{case.name}, k = {case.k:,}",
            name,
            f"{median[name]:.3f} ({min(seconds[name]):.3f}–{max(seconds[name]):.3f})",
            str(len(seconds[name])),
            f"{median[name] / median['ours, picks']:.1f}×",
            f"{median[name] / median['ours, with coverage']:.1f}×",
            memory[name],
            deviation(vectors, picks["ours, picks"], picks[name]),
        ]
        for name in running
    ]


def deviation(vectors: np.ndarray, exact: np.ndarray, picks: np.ndarray) -> str:
    """How `picks` differ from the exact greedy ones."""
    parts = np.flatnonzero(exact != picks)
    if len(parts) == 0:
        return "same picks"
    at = int(parts[0])
    prefix = vectors[exact[:at]].astype(float)

    def squared(row: int) -> float:
        return float(((prefix - vectors[row]) ** 2).sum(axis=1).min())

    short = 1 - np.sqrt(squared(picks[at]) / squared(exact[at]))
    return f"pick {at} is {short:.1e} nearer than the farthest"


def peak_memory(name: str, path: Path, k: int) -> str:
    """MB beyond the array itself, at the peak, in a process of its own."""
    command = [sys.executable, __file__, "--memory", name, str(path), str(min(k, 50))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "–"


def report_memory(name: str, path: str, k: int) -> None:
    def peak() -> float:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    CONTENDERS[name](mixture(*WARM_UP), 5)  # its code is not what is measured
    vectors = np.load(path)
    before = peak()
    CONTENDERS[name](vectors, k)
    print(f"{peak() - before:.0f}")


def growth(quick: bool) -> list[list[str]]:
    """What ours costs as one of n, k and d grows."""
    shapes = [(n, 1000, 32) for n in (10_000, 100_000, 1_000_000)]
    shapes += [(100_000, k, 32) for k in (100, 1000, 10_000, 50_000)]
    shapes += [(100_000, 1000, d) for d in (2, 8, 32, 128, 512)]
    rows = []
    for n, k, d in shapes:
        if quick and n * k * d > 4e9:
            continue
        vectors = mixture(n, d)
        times: dict[str, list[float]] = {"ours, picks": [], "ours, with coverage": []}
        for _ in range(1 if quick else 3):
            for name, seconds in times.items():
                began = time.perf_counter()
                CONTENDERS[name](vectors, k)
                seconds.append(time.perf_counter() - began)
        picks, whole = (float(np.median(seconds)) for seconds in times.values())
        pairs = n * k * d / picks / 1e9
        rows.append([f"{n:,}", f"{k:,}", str(d), f"{picks:.3f}", f"{whole:.3f}", f"{pairs:.0f}"])
        print("  growth:", *rows[-1], flush=True)
    return rows


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    names = ("numpy", "numba", "lightly-mundig", "fpsample", "skmatter")
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        cpu = re.search(r"model name\s*:\s*(.*)", text)[1] if "model name" in text else cpu
    return (
        f"{time.strftime('%Y-%m-%d')}, {len(os.sched_getaffinity(0))} cores of {cpu}, "
        f"load {os.getloadavg()[0]:.1f} when done, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in names)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="under two minutes")
    parser.add_argument(
        "--wordnet",
        type=Path,
        default=os.environ.get("CURATE_BENCH_WORDNET"),
        help="an .npy file of real embeddings; also from CURATE_BENCH_WORDNET",
    )
    parser.add_argument("--memory", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.memory:
        name, path, k = given.memory
        return report_memory(name, path, int(k))
    rows = []
    for case in cases(given.quick, given.wordnet):
        leave_out = {"VoronoiFPS", "fpsample"} if given.quick else set()
        rows += compete(case, TURNS, leave_out)
    head = ["case", "who", "seconds, median (range)", "turns", "× ours, picks"]
    head += ["× ours, with coverage", "MB beyond the array", "against exact greedy"]
    text = f"# Farthest-first traversal\n\n{machine()}.\n\n{table(head, rows)}\n\n## Growth\n\n"
    text += "Ours on mixtures; Gpairs·d/s is n k d over the seconds for the picks.\n\n"
    text += table(
        ["n", "k", "d", "picks, s", "with coverage, s", "Gpairs·d/s"], growth(given.quick)
    )
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / ("farthest-quick.md" if given.quick else "farthest.md")
    path.write_text(text + "\n", encoding="utf-8")
    print(text)
    return None


if __name__ == "__main__":
    main()
