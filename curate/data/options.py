"""What a caller may say about a source beyond its path.

Idea: one frozen value goes to every reader. A reader names the options it
understands, and any other that is set is refused, so that no flag is ignored in
silence. Checking that a named column exists is left to the reader of the table.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from curate.errors import RequestError

_PLACES = ("frame_cache",)  # where to put things, which says nothing about a source


@dataclass(frozen=True)
class ReadOptions:
    """How to read a source. None means: decide from the data.

    id_column      column whose values are the ids, as they are written
    label_column   column that is the label; by default `label`, or else `labels`
    text_column    column that holds the texts
    vector_column  column of number lists; or the prefix of columns `prefix_0`, `prefix_1`, …;
                   or the name of an array in a file of several
    image_column   column that holds paths of images, or images
    columns        names or patterns, with commas between them, of columns that are the vectors
    scale          what becomes of numbers in those: none, standard or minmax
    ids            file of ids for a file of vectors: .txt with one a line, or a table
    follow_links   whether links in a folder of images may lead out of it
    frames         whether each folder of images is a video, its images the frames
    fps            frames a second to take of a video file
    frame_cache    folder for decoded frames; None for one that lives as long as the process
    """

    id_column: str | None = None
    label_column: str | None = None
    text_column: str | None = None
    vector_column: str | None = None
    image_column: str | None = None
    columns: str | None = None
    scale: str | None = None
    ids: Path | None = None
    follow_links: bool | None = None
    frames: bool | None = None
    fps: float | None = None
    frame_cache: Path | None = None

    def allow_only(self, understood: tuple[str, ...], what: str) -> None:
        """Refuse the options that are set and that `what`, a phrase, has no use for.

        Raises RequestError, naming the first such option as its flag.
        """
        for option in fields(self):
            if option.name in (*understood, *_PLACES):
                continue
            if getattr(self, option.name) not in (None, False):
                raise RequestError(
                    f"{flag(option.name)} {str(getattr(self, option.name))!r} means nothing for "
                    f"{what}. Leave it out, or give a source that has it."
                )


def flag(option: str) -> str:
    """The command-line spelling of an option."""
    return "--" + option.replace("_", "-")
