"""The embeddings of the three samples, as the job beside each makes them."""

from __future__ import annotations

import functools
from pathlib import Path

from curate.core.values import Embeddings
from curate.data import ReadOptions, content_keys, read
from curate.embed.embed import embed
from curate.embed.registry import find_embedder
from curate.schema.job import make_job
from curate.schema.job_file import read_job_file
from tree import ROOT

SAMPLES = ("clipart", "definitions", "words")


@functools.cache
def sample_embeddings(name: str, cache: Path | None = None) -> Embeddings:
    """Embeddings of a sample; `cache` is a folder that keeps them between processes."""
    job = make_job(read_job_file(ROOT / "samples" / name / "curate.toml"))
    options = ReadOptions(
        id_column=job.data.id_column,
        label_column=job.data.label_column,
        text_column=job.data.text_column,
        ids=Path(job.data.ids) if job.data.ids else None,
    )
    dataset = read(Path(job.data.source), options)
    embedder = find_embedder(job.embed.embedder, dataset.kind)
    keys = None if embedder is None else content_keys(dataset)
    metric = None if job.embed.metric == "auto" else job.embed.metric
    return embed(dataset, keys, embedder, metric=metric, cache_folder=cache).embeddings
