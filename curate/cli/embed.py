"""`curate embed`: the embeddings themselves, in a file that `curate select` and others read."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from curate.cli.options import job_signature, settings
from curate.cli.terminal import set_up_logging, silent_or_bar
from curate.schema.job import READING, SETTINGS, make_job

# The settings of a job that say what is read and how it is embedded.
TAKES = (
    *("source", *READING, "embedder", "embedder_options", "metric"),
    *("dims", "reduction", "normalize", "whiten", "seed"),
    *("threads", "cache", "no_cache", "catalog", "strict"),
)
WITHOUT = tuple(name for name in SETTINGS if name not in TAKES)


def embed(
    *,
    out_file: Path,
    dtype: str | None,
    config: Path | None,
    json_output: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    context: typer.Context,  # noqa: ARG001 (dictated by the signature that commands share)
    **flags: Any,
) -> None:
    """Embed items, and write the vectors: .npy, .parquet, .safetensors, or LightlyOne's .csv.

    `curate select FILE.parquet` then gives the same picks as on the source.

    Example:  curate embed photos -o photos.parquet

    Exit codes: 0 done, 2 bad request, 3 bad data, 4 items set aside with --strict.
    """
    set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    job = make_job(settings(config, flags, without=WITHOUT))
    from curate.export.vectors import check_format, write_vectors
    from curate.run.embed_items import embedded_source
    from curate.run.result import enforce_strict

    check_format(out_file)
    items = embedded_source(job, silent_or_bar(quiet=quiet))
    written = write_vectors(out_file, items.dataset, items.embeddings, dtype)
    if json_output:
        told = {
            "files": [str(file) for file in written],
            "items": len(items.dataset),
            "dims": items.embeddings.dims,
            "metric": items.embeddings.metric,
            "embedder": items.embeddings.embedder,
            "set_aside": len(items.dataset.set_aside),
            "embedded": items.embedded.computed,
            "from_cache": items.embedded.from_cache,
        }
        print(json.dumps(told))
    elif not quiet:
        for file in written:
            print(file)
    enforce_strict(job, items.dataset)


def _signature() -> inspect.Signature:
    out = typer.Option("--out", "-o", help="File to write; its suffix says how.", metavar="FILE")
    dtype = typer.Option(help="float16, float32 or float64. Default: as they are.", metavar="TEXT")
    given = job_signature(WITHOUT)
    parameter, named = inspect.Parameter, inspect.Parameter.KEYWORD_ONLY
    own = (
        parameter("out_file", named, annotation=Annotated[Path, out]),
        parameter("dtype", named, default=None, annotation=Annotated[str | None, dtype]),
    )
    return given.replace(parameters=[*own, *given.parameters.values()])


embed.__signature__ = _signature()  # type: ignore[attr-defined]
embed.__annotations__ = {
    name: parameter.annotation for name, parameter in _signature().parameters.items()
}
