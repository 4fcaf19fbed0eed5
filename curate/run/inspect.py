"""What a source holds, before anything is embedded: `curate inspect`.

The source is read as a run would read it, so `inspect` reports what a run will get. Of images
a few hundred, evenly spaced, are opened up to their headers. If the columns of a table do not
tell which of them are the items, the columns are shown all the same, with an option that tells.
Cost: one reading of the table or of the file names, and one pass over vectors for NaN.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from curate.core.pictures import bombs_are_errors
from curate.core.values import Dataset, Picture
from curate.data import ReadOptions
from curate.data.assemble import format_of
from curate.data.columns import is_text
from curate.data.images import IMAGE_SUFFIXES
from curate.data.numeric_columns import is_number
from curate.data.table_pictures import names_images
from curate.data.tables import LOADERS, load_table
from curate.errors import RequestError
from curate.run.read_sources import read_source, resolve_names
from curate.schema.job import Job, make_job
from curate.schema.job_file import reproduce

OPENED = 200  # images whose headers are looked at
EXAMPLES = 5  # of items set aside
LONGEST = 40  # characters of an example
_ROWS = 10_000  # of vectors whose lengths are measured
_SHARE, _MOST = 10, 1000  # the proposed selection: a tenth of the items, at most 1000


class InspectedColumn(BaseModel):
    """A column of metadata: its type, how many different values, how many are missing."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: str
    distinct: int | None
    """None for values that cannot be compared, such as lists."""
    nulls: int
    example: str


class Inspection(BaseModel):
    """What `curate inspect` reports. `facts` are in words, by their subject."""

    model_config = ConfigDict(frozen=True)

    source: list[str]
    name: str
    kind: str | None
    """images, text or vectors; None if the columns do not say."""
    items: int
    facts: dict[str, str]
    columns: list[InspectedColumn]
    label_column: str | None
    labels: dict[str, int]
    """The most frequent labels."""
    set_aside: dict[str, int]
    """How many items cannot be used, by reason."""
    examples: list[dict[str, str]]
    """Some of them: id, reason, detail."""
    problem: str | None
    """Why the source cannot be used with these settings; null if it can."""
    next: str
    """The command to run."""


def inspect(job: Job) -> Inspection:
    """What the source of `job` holds. Raises what reading raises if there is nothing to show."""
    job = resolve_names(job)
    try:
        dataset = read_source(job)
    except RequestError as error:
        inspection = _undecided(job, error)
        if inspection is None:
            raise
        return inspection
    reasons = Counter(item.reason for item in dataset.set_aside)
    facts = _FACTS[dataset.kind](dataset.items)
    count = min(_MOST, max(1, len(dataset) // _SHARE))
    following = reproduce(job.updated(n=count))
    if _are_files(job, dataset):
        facts["note"] = "the lines are names of image files: with @ in front they are a list"
        following = following.replace(str(job.data.source), f"@{job.data.source}", 1)
    return Inspection(
        source=job.data.sources,
        name=dataset.name,
        kind=dataset.kind,
        items=len(dataset),
        facts=facts,
        columns=_columns(dataset.metadata),
        label_column=dataset.label_column,
        labels=_labels(dataset),
        set_aside=dict(reasons.most_common()),
        examples=[
            {"id": item.id, "reason": item.reason, "detail": item.detail}
            for item in dataset.set_aside[:EXAMPLES]
        ],
        problem=None,
        next=following,
    )


def _undecided(job: Job, error: RequestError) -> Inspection | None:
    """The columns of a table that does not tell which are its items; None for other sources."""
    path = Path(job.data.sources[0])
    if len(job.data.sources) > 1 or not path.is_file() or format_of(path, LOADERS) not in LOADERS:
        return None
    table = load_table(path, ReadOptions(columns="*"))  # so that numbers are numbers
    option = _proposed(table)
    count = min(_MOST, max(1, table.num_rows // _SHARE))
    return Inspection(
        source=job.data.sources,
        name=path.stem,
        kind=None,
        items=table.num_rows,
        facts={},
        columns=_columns(table),
        label_column=None,
        labels={},
        set_aside={},
        examples=[],
        problem=str(error),
        next=reproduce(make_job({"source": job.data.source, "n": count, **option})),
    )


def _proposed(table: pa.Table) -> dict[str, str]:
    """The option that most likely says which columns are the items."""
    names = table.column_names
    images = [name for name in names if names_images(table.column(name))]
    if images:
        return {"image_column": images[0]}
    numbers = [name for name in names if is_number(table.schema.field(name).type)]
    texts = {name: _length(table.column(name)) for name in names if _is_text(table, name)}
    if texts and (max(texts.values()) > LONGEST / 2 or not numbers):
        return {"text_column": max(texts, key=lambda name: texts[name])}
    plain = [name for name in numbers if "," not in name and name.lower() != "id"]
    return {"columns": ",".join(plain or numbers), "scale": "standard"} if numbers else {}


def _is_text(table: pa.Table, name: str) -> bool:
    return is_text(table.schema.field(name).type)


def _length(column: pa.ChunkedArray) -> float:
    return float(pc.mean(pc.utf8_length(column.slice(0, _ROWS))).as_py() or 0)


def _columns(table: pa.Table) -> list[InspectedColumn]:
    return [
        InspectedColumn(
            name=name,
            type=str(column.type),
            distinct=_distinct(column),
            nulls=column.null_count,
            example=_example(column),
        )
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]


def _distinct(column: pa.ChunkedArray) -> int | None:
    try:
        return int(pc.count_distinct(column).as_py())
    except pa.ArrowException:
        return None


def _example(column: pa.ChunkedArray) -> str:
    first = pc.drop_null(column.slice(0, _ROWS)).slice(0, 1).to_pylist()
    return _short(str(first[0])) if first else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _labels(dataset: Dataset) -> dict[str, int]:
    if dataset.label_column is None:
        return {}
    values = dataset.metadata.column(dataset.label_column)
    try:
        counts = pc.value_counts(values).to_pylist()
    except pa.ArrowException:  # lists
        return {}
    counts.sort(key=lambda label: (-label["counts"], str(label["values"])))
    return {str(label["values"]): label["counts"] for label in counts[:12]}


# -- facts of each kind ------------------------------------------------------------------


def _of_images(items: Sequence[Picture]) -> dict[str, str]:
    formats = Counter(item.suffix.lower() or "without suffix" for item in items)
    step = max(1, -(-len(items) // OPENED))
    sizes: list[tuple[int, int]] = []
    lengths: list[int] = []
    closed: list[str] = []
    with bombs_are_errors():
        for item in items[::step]:
            try:
                sizes.append(_size_of(item, lengths))
            except Exception as error:  # Pillow raises what it likes on corrupt bytes
                closed.append(f"{item.name} ({type(error).__name__})")
    facts = {"formats": ", ".join(f"{count:,} {name}" for name, count in formats.most_common())}
    opened = len(sizes) + len(closed)
    if sizes:
        (small, large), total = _extremes(sizes), sum(lengths) / len(lengths) * len(items)
        facts["pixels"] = f"from {small} to {large} ({opened:,} of {len(items):,} opened)"
        facts["bytes"] = f"{'' if step == 1 else 'about '}{_bytes(total)}"
    if closed:
        facts["unreadable"] = f"{len(closed):,} of {opened:,} opened, such as {_short(closed[0])}"
    return facts


def _size_of(item: Picture, lengths: list[int]) -> tuple[int, int]:
    from PIL import Image

    with item.open("rb") as stream:
        lengths.append(stream.seek(0, 2))
        stream.seek(0)
        with Image.open(stream) as image:
            return image.size


def _extremes(sizes: list[tuple[int, int]]) -> tuple[str, str]:
    ordered = sorted(sizes, key=lambda size: size[0] * size[1])
    small, large = (f"{width}×{height}" for width, height in (ordered[0], ordered[-1]))
    return small, large


def _of_texts(items: Sequence[str]) -> dict[str, str]:
    lengths = np.array([len(text) for text in items])
    return {
        "characters": f"{lengths.min():,} to {lengths.max():,}, median {np.median(lengths):,.0f}",
        "distinct": f"{len(set(items)):,}",
        "example": _short(items[0]),
    }


def _of_vectors(items: Any) -> dict[str, str]:
    count, dims = items.shape
    step = max(1, -(-count // _ROWS))
    norms = np.linalg.norm(np.asarray(items[::step], dtype=np.float64), axis=1)
    mapped = items
    while isinstance(mapped, np.ndarray) and not isinstance(mapped, np.memmap):
        mapped = mapped.base
    place = "stay in the file" if isinstance(mapped, np.memmap) else "in memory"
    return {
        "dimensions": f"{dims:,} of {items.dtype}",
        "bytes": f"{_bytes(items.nbytes)}, {place}",
        "lengths": f"{norms.min():.4g} to {norms.max():.4g} ({len(norms):,} measured)",
    }


_FACTS: dict[str, Any] = {"images": _of_images, "text": _of_texts, "vectors": _of_vectors}


def _bytes(count: float) -> str:
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"


def _are_files(job: Job, dataset: Dataset) -> bool:
    """Whether the texts of a .txt file are names of image files that are there."""
    path = Path(job.data.sources[0])
    if dataset.kind != "text" or len(job.data.sources) > 1 or path.suffix.lower() != ".txt":
        return False
    first = [str(text).strip() for text in dataset.items[:EXAMPLES]]
    return all(
        text.lower().endswith(IMAGE_SUFFIXES) and (path.parent / text).is_file() for text in first
    )
