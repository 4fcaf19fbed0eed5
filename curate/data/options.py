"""Options of reading a source.

One frozen value goes to every reader. A reader names the options that it understands and
refuses every other one that is set, so that no flag is silently ignored. The reader of a
table checks that a named column exists.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from curate.errors import RequestError

_PLACES = ("frame_cache",)  # where to write; every reader accepts it


@dataclass(frozen=True)
class ReadOptions:
    """How to read a source; None leaves the decision to the data.

    id_column      column whose values are the ids, as they are written
    label_column   column that is the label; by default `label`, or else `labels`
    text_column    column that holds the texts
    vector_column  column of number lists; or the prefix of columns `prefix_0`, `prefix_1`, …;
                   or the name of an array in a file of several
    image_column   column that holds paths of images, or images
    columns        names or patterns, separated by commas, of columns that are the vectors
    scale          scaling of the numbers in `columns`: none, standard or minmax
    ids            file with the ids for a file of vectors: .txt, one a line, or a table
    follow_links   whether links in a folder of images may lead out of it
    frames         whether each folder of images is a video, its images the frames
    fps            frames a second to take from a video file
    frame_cache    folder for decoded frames; None for a temporary one of this process
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
        """Raise RequestError for the first option that is set and not in `understood`.

        `what` is a phrase for the source, such as "a list of images".
        """
        for option in fields(self):
            if option.name in (*understood, *_PLACES):
                continue
            if getattr(self, option.name) not in (None, False):
                raise RequestError(
                    f"{flag(option.name)} {str(getattr(self, option.name))!r} does not apply to "
                    f"{what}. Leave it out, or give a source that has it."
                )


def flag(option: str) -> str:
    """An option as the command line spells it."""
    return "--" + option.replace("_", "-")
