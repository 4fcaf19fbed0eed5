"""Thumbnails of the items that a report may show, stored in a side file.

JPEG of at most 160 pixels, upright, transparency over white. The PDF contains these bytes
unchanged. A file that cannot be read has no thumbnail; it is listed among the items set aside.
Only files of the data set are opened, nothing is downloaded.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from curate.core.pictures import UnreadablePictureError, bombs_are_errors, load_picture
from curate.core.values import Dataset, Picture
from curate.errors import DataError
from curate.report.build.finished_run import FinishedRun

SIDE = 160  # pixels; 72 points wide on the page at 160 dpi
QUALITY = 85
PICKS_PICTURED = 200  # first picks that get a thumbnail


def thumbnails_of_run(run: FinishedRun) -> dict[str, bytes]:
    """id -> JPEG of all items that the report shows as pictures.

    These are the first picks, the input items that are covered worst, the picks nearest to them,
    outliers and near duplicates. The key of a datapool item is `datapool:` and its id.
    """
    k = len(run.selection)
    nearest = run.selection.nearest[run.analysis.worst]
    picks = run.selection.picks
    rows = [*picks[:PICKS_PICTURED], *run.analysis.worst, *picks[nearest[nearest < k]]]
    neighbourhoods = run.analysis.neighbourhoods
    if neighbourhoods is not None:
        rows += neighbourhoods.outliers.tolist()
        pairs = [*neighbourhoods.input_pairs, *neighbourhoods.pick_pairs]
        rows += [row for pair in pairs for row in (pair.one, pair.other)]
    thumbnails = make_thumbnails(run.dataset, dict.fromkeys(map(int, rows)))
    if run.datapool is not None:
        pool_rows = dict.fromkeys(map(int, nearest[nearest >= k] - k))
        of_pool = make_thumbnails(run.datapool, pool_rows)
        thumbnails |= {f"datapool:{id_}": jpeg for id_, jpeg in of_pool.items()}
    return thumbnails


def make_thumbnails(dataset: Dataset, rows: Iterable[int], side: int = SIDE) -> dict[str, bytes]:
    """id -> JPEG of the images in `rows`, at most `side` pixels; empty if items are not images."""
    thumbnails: dict[str, bytes] = {}
    if dataset.kind != "images":
        return thumbnails
    with bombs_are_errors():
        for row in rows:
            jpeg = _jpeg(dataset.items[row], side)
            if jpeg is not None:
                thumbnails[dataset.ids[row]] = jpeg
    return thumbnails


def write_thumbnails(stream: IO[bytes], thumbnails: Mapping[str, bytes]) -> None:
    """Write the side file: parquet with id and jpeg. Equal pictures give equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "id": pa.array(list(thumbnails.keys()), pa.string()),
            "jpeg": pa.array(list(thumbnails.values()), pa.binary()),
        }
    )
    pq.write_table(table, stream, compression="none")  # JPEG is compressed already


def read_thumbnails(path: Path) -> dict[str, bytes]:
    """id -> JPEG from a side file; entries that are not JPEG are left out.

    Raises DataError if the file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, columns=["id", "jpeg"])
        pairs = zip(table["id"].to_pylist(), table["jpeg"].to_pylist(), strict=True)
        return {str(key): jpeg for key, jpeg in pairs if _is_jpeg(jpeg)}
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path} contains no thumbnails: {first}.") from None


def thumbnails_beside(folder: Path, name: str | None) -> dict[str, bytes]:
    """id -> JPEG from the side file `name` in `folder`; empty if there is no such file.

    name  as report.json gives it; None for a report without pictures
    """
    # Only the last part of the path: a report.json must not make us open files elsewhere.
    path = folder / Path(name).name if name else None
    return read_thumbnails(path) if path is not None and path.is_file() else {}


def _jpeg(picture: Picture, side: int) -> bytes | None:
    try:
        small = load_picture(picture, side)
    except (UnreadablePictureError, OSError):
        return None
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


def _is_jpeg(data: object) -> bool:
    """Whether Pillow can decode it as a small JPEG: drawing a report must not fail on a picture."""
    from PIL import Image

    if not isinstance(data, bytes):
        return False
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            image.load()
            return image.mode in ("RGB", "L") and max(image.size) <= 4 * SIDE
    except Exception:  # decoders raise any type of error on corrupt bytes
        return False
