"""Small pictures of the items that a report may show: made once, kept in a side file.

JPEG of at most 160 pixels, upright, transparency over white. They go into the PDF as
they are. A file that cannot be read simply has none: what is wrong with it stands among
the items set aside. Nothing is fetched; only files of the data set are opened.
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


def make_thumbnails(dataset: Dataset, rows: Iterable[int], side: int = SIDE) -> dict[str, bytes]:
    """id -> JPEG of the images in `rows`; empty if the items are no images."""
    made: dict[str, bytes] = {}
    if dataset.kind != "images":
        return made
    with bombs_are_errors():
        for row in rows:
            jpeg = _jpeg(dataset.items[row], side)
            if jpeg is not None:
                made[dataset.ids[row]] = jpeg
    return made


def write_thumbnails(stream: IO[bytes], thumbnails: Mapping[str, bytes]) -> None:
    """Write the side file: parquet of id and jpeg, the same bytes for the same pictures."""
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
    """The side file back; pictures that are no JPEG are left out.

    Raises DataError where it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, columns=["id", "jpeg"])
        pairs = zip(table["id"].to_pylist(), table["jpeg"].to_pylist(), strict=True)
        return {str(key): jpeg for key, jpeg in pairs if _is_jpeg(jpeg)}
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path} holds no thumbnails: {first}.") from None


def _jpeg(picture: Picture, side: int) -> bytes | None:
    try:
        small = load_picture(picture, side)
    except (UnreadablePictureError, OSError):
        return None
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


def _is_jpeg(data: object) -> bool:
    """Whether Pillow can decode it: a report must not fail on a picture."""
    from PIL import Image

    if not isinstance(data, bytes):
        return False
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            image.load()
            return image.mode in ("RGB", "L") and max(image.size) <= 4 * SIDE
    except Exception:  # decoders raise what they like on corrupt bytes
        return False


# --------------------------------------------------------------------------------------
# Which items of a run the report may show as pictures.


PICTURES = 200  # of the first picks


def thumbnails_of_run(run: FinishedRun) -> dict[str, bytes]:
    """Thumbnails by id: the first picks, the worst-covered inputs beside what covers them,
    outliers and near duplicates; an item of the datapool goes by `datapool:` and its id."""
    k = len(run.selection)
    nearest = run.selection.nearest[run.analysis.worst]
    picks = run.selection.picks
    rows = [*picks[:PICTURES], *run.analysis.worst, *picks[nearest[nearest < k]]]
    around = run.analysis.neighbourhoods
    if around is not None:
        rows += around.outliers.tolist()
        pairs = [*around.input_pairs, *around.pick_pairs]
        rows += [row for pair in pairs for row in (pair.one, pair.other)]
    made = make_thumbnails(run.dataset, dict.fromkeys(map(int, rows)))
    if run.datapool is not None:
        of_pool = make_thumbnails(run.datapool, dict.fromkeys(map(int, nearest[nearest >= k] - k)))
        made |= {f"datapool:{id_}": jpeg for id_, jpeg in of_pool.items()}
    return made
