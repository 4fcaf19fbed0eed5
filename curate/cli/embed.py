"""`curate embed`: the embeddings themselves, in a file that `curate select` and others read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from curate.cli.command import command
from curate.cli.terminal import Output
from curate.schema.job import READING, make_job

EMBEDDING = (
    *("source", *READING, "embedder", "embedder_options", "metric"),
    *("dims", "reduction", "normalize", "whiten", "seed"),
    *("threads", "cache", "no_cache", "catalog", "strict"),
)


@command("embed", settings=EMBEDDING, job_file=True)
def embed(
    *,
    out_file: Annotated[
        Path,
        typer.Option("--out", "-o", help="File to write; its suffix says how.", metavar="FILE"),
    ],
    dtype: Annotated[
        str | None,
        typer.Option(help="float16, float32 or float64. Default: as they are.", metavar="TEXT"),
    ] = None,
    settings: dict[str, Any],
    output: Output,
) -> None:
    """Embed items, and write the vectors to a file.

    The suffix of the file says how: .npy, .parquet, .safetensors, or .csv for LightlyOne.
    `curate select FILE.parquet` then gives the same picks as on the source.

    Example:  curate embed photos -o photos.parquet

    Exit codes: 0 done, 2 bad request, 3 bad data, 4 items set aside with --strict.
    """
    job = make_job(settings)
    from curate.export.vectors import check_format, write_vectors
    from curate.run.embed_items import embedded_source
    from curate.run.result import enforce_strict

    check_format(out_file)
    items = embedded_source(job, output.progress)
    files = write_vectors(out_file, items.dataset, items.embeddings, dtype)
    summary = {
        "files": [str(file) for file in files],
        "items": len(items.dataset),
        "dims": items.embeddings.dims,
        "metric": items.embeddings.metric,
        "embedder": items.embeddings.embedder,
        "set_aside": len(items.dataset.set_aside),
        "embedded": items.embedded.computed,
        "from_cache": items.embedded.from_cache,
    }
    output.files(summary, *files)
    enforce_strict(job, items.dataset)
