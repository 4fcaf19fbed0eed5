"""What formats say of a picture: its upright size, and where it lies below the data's folder."""

from __future__ import annotations

from pathlib import Path

from curate.core import Dataset, Picture, Selection
from curate.errors import DataError

ORIENTATION = 0x0112  # of EXIF; above 4 the picture lies on its side


def upright_sizes(dataset: Dataset, selection: Selection) -> list[tuple[int, int]]:
    """(width, height) of each pick as it is shown, from its header alone.

    Raises DataError for a file that has vanished since it was embedded.
    """
    return [upright_size(dataset.items[row]) for row in selection.picks]


def upright_size(picture: Picture) -> tuple[int, int]:
    """(width, height) of one picture, EXIF rotation applied, without decoding it."""
    from PIL import Image

    try:
        with picture.open("rb") as stream, Image.open(stream) as image:
            width, height = image.size
            on_its_side = image.getexif().get(ORIENTATION, 1) > 4
    except (OSError, ValueError) as error:
        raise DataError(
            f"cannot export {picture.name}: {error}. It was there when it was embedded; run again."
        ) from None
    return (height, width) if on_its_side else (width, height)


def with_folder(picture: Picture, id_: str) -> str:
    """The id with the name of the data's folder before it, or the id where it has none."""
    if not isinstance(picture, Path):
        return id_
    whole = picture.absolute().as_posix()
    if not whole.endswith(f"/{id_}"):
        return id_
    folder = Path(whole[: -len(id_) - 1]).resolve().name
    return f"{folder}/{id_}" if folder else id_
