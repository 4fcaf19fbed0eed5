"""`curate cache`: what is kept of embeddings, how much it is, and how to clear it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from curate.cli.command import command, command_group
from curate.errors import RequestError, did_you_mean

cache = command_group("List or clear cached embeddings.")


@command("ls", settings=["cache"])
def list_cache(*, settings: dict[str, Any]) -> None:
    """List what is cached: embedder, items, dimensions, bytes, last write.

    Example:  curate cache ls
    """
    from curate.embed.cache import cached_embedders, embeddings_folder

    for entry in cached_embedders(embeddings_folder(settings.get("cache"))):
        written = datetime.fromtimestamp(entry.written).isoformat(" ", "seconds")
        print(entry.fingerprint, entry.items, entry.dims, entry.bytes, written, sep="\t")


@command("size", settings=["cache"])
def size_of_cache(*, settings: dict[str, Any]) -> None:
    """Print how many bytes the cache takes, and where it is; frames of video in a second line.

    Example:  curate cache size
    """
    from curate.data.video import frames_folder, size_of_frames
    from curate.embed.cache import cached_embedders, embeddings_folder

    folder, frames = (place(settings.get("cache")) for place in (embeddings_folder, frames_folder))
    print(sum(entry.bytes for entry in cached_embedders(folder)), folder, sep="\t")
    if size_of_frames(frames):
        print(size_of_frames(frames), frames, sep="\t")


@command("clear", settings=["cache"])
def clear_cache(
    embedder: Annotated[
        str | None, typer.Argument(help="As `curate cache ls` calls it. Default: all of them.")
    ] = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Delete cached embeddings, and with all of them video frames; print the bytes freed.

    Example:  curate cache clear
    """
    from curate.data.video import clear_frames, frames_folder
    from curate.embed.cache import cached_embedders, clear, embeddings_folder

    folder = embeddings_folder(settings.get("cache"))
    names = [entry.fingerprint for entry in cached_embedders(folder)]
    if embedder is not None and embedder not in names:
        raise RequestError(f"nothing is cached of {embedder!r}: {did_you_mean(embedder, names)}")
    frames = clear_frames(frames_folder(settings.get("cache"))) if embedder is None else 0
    print(clear(folder, embedder) + frames)


for _command in (list_cache, size_of_cache, clear_cache):
    _command.add_to(cache)
