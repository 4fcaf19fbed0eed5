"""`curate cache`: what is kept of embeddings, how much it is, and how to forget it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.options import ENVIRONMENT
from curate.errors import RequestError, did_you_mean
from curate.schema.job import describe

cache = typer.Typer(
    help="See or forget cached embeddings.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)

Folder = Annotated[
    Path | None,
    typer.Option("--cache", help=describe("cache"), envvar=ENVIRONMENT + "CACHE"),
]


@cache.command("ls")
def list_cache(folder: Folder = None) -> None:
    """List what is cached: embedder, items, dimensions, bytes, last write.

    Example:  curate cache ls
    """
    from curate.embed.cache import cached_embedders, embeddings_folder

    for shelf in cached_embedders(embeddings_folder(folder)):
        written = datetime.fromtimestamp(shelf.written).isoformat(" ", "seconds")
        print(shelf.fingerprint, shelf.items, shelf.dims, shelf.bytes, written, sep="\t")


@cache.command("size")
def size_of_cache(folder: Folder = None) -> None:
    """Print how many bytes the cache takes, and where it is; frames of video in a second line.

    Example:  curate cache size
    """
    from curate.data.video import frames_folder, size_of_frames
    from curate.embed.cache import cached_embedders, embeddings_folder

    place, frames = embeddings_folder(folder), frames_folder(folder)
    print(sum(shelf.bytes for shelf in cached_embedders(place)), place, sep="\t")
    if size_of_frames(frames):
        print(size_of_frames(frames), frames, sep="\t")


@cache.command("clear")
def clear_cache(
    embedder: Annotated[
        str | None, typer.Argument(help="As `curate cache ls` calls it. Default: all of them.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Forget cached embeddings, and with all of them frames of video; prints the bytes freed.

    Example:  curate cache clear
    """
    from curate.data.video import clear_frames, frames_folder
    from curate.embed.cache import cached_embedders, clear, embeddings_folder

    place = embeddings_folder(folder)
    names = [shelf.fingerprint for shelf in cached_embedders(place)]
    if embedder is not None and embedder not in names:
        raise RequestError(f"nothing is cached of {embedder!r}: {did_you_mean(embedder, names)}")
    frames = clear_frames(frames_folder(folder)) if embedder is None else 0
    print(clear(place, embedder) + frames)
