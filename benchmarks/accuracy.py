"""Leave-one-out label accuracy of the embedders on samples/, written into samples/README.md.

An item counts as right if its nearest other item, in the embedder's own metric, has its
label; exact neighbours. Items without a vector are left out and counted.

Run:  python benchmarks/accuracy.py
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from curate.core.distance import k_nearest
from curate.core.pictures import square
from curate.core.values import Dataset, Embeddings
from curate.data import ReadOptions, content_keys, read
from curate.embed.embed import embed, fit_embedder
from curate.embed.embedder import ModelEmbedder
from curate.embed.registry import find_embedder

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
TABLE = re.compile(r"(?<=<!-- accuracy -->\n).*?(?=<!-- /accuracy -->)", re.DOTALL)
SIDE = 32  # of the raw pixels


def raw_pixels() -> ModelEmbedder:
    """The baseline that every embedder of pictures must beat."""
    return ModelEmbedder(
        name="raw pixels",
        kind="images",
        metric="euclidean",
        fingerprint="pixels",
        prepare=lambda path: square(path, SIDE).astype(np.float32).ravel() / 255,
        forward=np.stack,
        together=16,
    )


def accuracy(embeddings: Embeddings, labels: list[object]) -> float:
    vectors = embeddings.vectors
    found = k_nearest(vectors, vectors, 1, embeddings.metric, own_rows=np.arange(len(vectors)))
    named = np.array(labels)
    return float((named[found.rows[:, 0]] == named).mean())


def measured(dataset: Dataset, name: str) -> tuple[float, int, int]:
    """Accuracy, dimensions, and how many items have no vector."""
    embedder = (
        raw_pixels()
        if name == "raw pixels"
        else fit_embedder(find_embedder(name, dataset.kind), dataset.items)
    )
    done = embed(dataset, content_keys(dataset), embedder)
    assert done.dataset.label_column is not None
    labels = done.dataset.metadata.column(done.dataset.label_column).to_pylist()
    return (
        accuracy(done.embeddings, labels),
        done.embeddings.dims,
        len(dataset) - len(done.dataset),
    )


def chance(labels: list[object]) -> float:
    """That two different items drawn at random share a label."""
    counts = np.unique(np.array(labels), return_counts=True)[1]
    return float((counts * (counts - 1)).sum() / (len(labels) * (len(labels) - 1)))


def main() -> None:
    texts = ReadOptions(text_column="text", id_column="id", label_column="topic")
    sources = (
        ("clipart", ReadOptions(), ("image-lite", "perceptual", "raw pixels")),
        ("definitions/definitions.csv", texts, ("text-static", "tfidf")),
    )
    lines = [
        "| sample | embedder | dimensions | accuracy | without a vector |",
        "|---|---|---|---|---|",
    ]
    for source, options, names in sources:
        dataset = read(SAMPLES / source, options)
        sample = source.split("/", 1)[0]
        for name in names:
            share, dims, without = measured(dataset, name)
            lines.append(f"| `{sample}` | {name} | {dims} | {share:.3f} | {without} |")
            print(lines[-1])
        assert dataset.label_column is not None
        labels = dataset.metadata.column(dataset.label_column).to_pylist()
        lines.append(f"| `{sample}` | chance | | {chance(labels):.3f} | |")
    readme = SAMPLES / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(TABLE.sub("\n".join(lines) + "\n", text), encoding="utf-8")


if __name__ == "__main__":
    main()
