"""How fast the shipped embedders are: threads, the network alone, and the whole way.

The whole way is reading a folder, hashing, decoding, embedding and storing in a new cache,
in this process; the network alone runs on pictures that are decoded already. Turns are taken
in an order that repeats, and the median of each is printed.

Run:  python benchmarks/embedding.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from curate.data import ReadOptions, content_keys, read
from curate.embed.embed import embed
from curate.embed.embedder import ModelEmbedder
from curate.embed.registry import find_embedder

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
TURNS = 3
TEXTS = 20_000


def rate(count: int, work: Callable[[], object]) -> float:
    """Items a second."""
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def whole_way(source: Path, options: ReadOptions, name: str, threads: int) -> int:
    with tempfile.TemporaryDirectory() as cache:
        dataset = read(source, options)
        embedder = find_embedder(name, dataset.kind)
        embed(dataset, content_keys(dataset), embedder, cache_folder=Path(cache), threads=threads)
    return len(dataset)


def main() -> None:
    pictures = read(SAMPLES / "clipart").items
    lite = find_embedder("image-lite", "images")
    assert isinstance(lite, ModelEmbedder)
    ready = [lite.prepare(picture) for picture in pictures]
    batches = [ready[start : start + 16] for start in range(0, len(ready), 16)]

    def network() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lite.forward, batches))

    def folder(threads: int) -> None:
        whole_way(SAMPLES / "clipart", ReadOptions(), "image-lite", threads)

    text = ReadOptions(text_column="text", id_column="id")
    table = read(SAMPLES / "definitions" / "definitions.csv", text)
    times = -(-TEXTS // len(table))
    with tempfile.TemporaryDirectory() as folder_of_texts:
        # Repeated with a number each, so that no text comes twice.
        lines = Path(folder_of_texts) / "texts.txt"
        lines.write_text("\n".join(f"{one} {n}" for n in range(times) for one in table.items))
        count = times * len(table)
        jobs: dict[str, tuple[int, Callable[[], object]]] = {
            "image-lite, network alone, 2 threads": (len(ready), network),
            "image-lite, whole way, 2 threads": (len(ready), lambda: folder(2)),
            "image-lite, whole way, 1 thread": (len(ready), lambda: folder(1)),
            "text-static, whole way, 2 threads": (
                count,
                lambda: whole_way(lines, ReadOptions(), "text-static", 2),
            ),
        }
        found: dict[str, list[float]] = {name: [] for name in jobs}
        for _ in range(TURNS):
            for name, (items, work) in jobs.items():
                found[name].append(rate(items, work))
    for name, rates in found.items():
        turns = ", ".join(f"{one:,.0f}" for one in rates)
        print(f"{name}: {statistics.median(rates):,.0f} a second ({turns})")


if __name__ == "__main__":
    main()
