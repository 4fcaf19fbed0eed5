"""The page as bytes: its content as JSON, the script and the style in one HTML file.

Everything that comes from the data is JSON in a script element and becomes text nodes, so no name
of the data acts as markup. A content security policy blocks whatever is not in the file.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from curate.core.values import IntArray
from curate.core.version import __version__
from curate.measure.projections import PROJECTIONS
from curate.report.build import thumbnails
from curate.viewer.gather import DrawnMap, PageContent, ShownSpace
from curate.viewer.pack import (
    as_script,
    pack_array,
    pack_column,
    pack_coordinates,
    pack_rows,
    pack_words,
    short,
)

SCRIPTS = tuple(
    f"{name}.js" for name in ("data", "colours", "view", "pane", "tables", "finding", "page")
)
THUMBNAIL_PIXELS = 96


def page(content: PageContent, most_thumbnails: int) -> bytes:
    """The HTML file, with at most so many thumbnails."""
    folder = files("curate.viewer")
    script = "\n".join(folder.joinpath(name).read_text("utf-8") for name in SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = _data(content, most_thumbnails)
    template = folder.joinpath("page.html").read_text("utf-8")
    before, _, after = template.partition("{{data}}")
    # The data are filled in last: they may contain the name of a placeholder.
    for name, text in (
        ("title", html.escape(data["title"])),
        ("policy", f"sha256-{digest}"),
        ("style", folder.joinpath("page.css").read_text("utf-8")),
    ):
        before = before.replace(f"{{{{{name}}}}}", text)
    after = after.replace("{{script}}", script)
    return "".join([before, as_script(data), after]).encode()


def _data(content: PageContent, most_thumbnails: int) -> dict[str, Any]:
    first = content.spaces[0]
    m = len(first.rows)
    dataset = first.space.dataset
    # If one space holds only vectors, the other may have the texts or pictures.
    with_items = next(
        (shown for shown in content.spaces if shown.space.dataset.kind != "vectors"), first
    )
    items = with_items.space.dataset
    texts = None
    if items.kind == "text":
        texts = [short(items.items[row]) for row in with_items.rows.tolist()]
    pictures, with_picture = _pictures(with_items, most_thumbnails)
    labels = [shown.space.dataset.label_column for shown in content.spaces]
    selected = content.selected
    notes = []
    if content.total > m:
        more = m - content.sampled
        beside = f" and {more:,} selected items beside it" if more else ""
        notes.append(
            f"{m:,} of {content.total:,} items are shown: a uniform sample of {content.sampled:,}"
            f"{beside}. Neighbours and maps are of these."
        )
    for shown in content.spaces:
        space = shown.space
        if space.dataset.set_aside:
            notes.append(f"{space.name}: {space.dataset.left_out_in_words()}.")
        missing = len(space.dataset) - content.total
        if missing:
            notes.append(f"{missing:,} items of {space.name} are not in the other space.")
    if pictures is not None and with_picture < m:
        notes.append(f"This file holds pictures of {with_picture:,} items.")
    return {
        "title": _title(content),
        "version": __version__,
        "ids": [dataset.ids[row] for row in first.rows.tolist()],
        "texts": texts,
        "pictures": pictures,
        "total": content.total,
        "k": content.k,
        "columns": [*_columns(content), *_measured(content)],
        "label": next((label for label in labels if label is not None), None),
        "spaces": [_space(shown, m) for shown in content.spaces],
        "agreement": None
        if content.agreement is None
        else {
            "overlap": content.agreement.summary.overlap,
            "chance": content.agreement.summary.chance,
        },
        "selected": None if selected is None else pack_array(selected.astype(np.uint16)),
        "notes": notes,
    }


def _title(content: PageContent) -> str:
    names = " and ".join(shown.space.name for shown in content.spaces)
    if content.selected is None:
        return names
    return f"{int(content.selected.sum()):,} of {content.total:,} selected: {names}"


def _space(shown: ShownSpace, m: int) -> dict[str, Any]:
    embeddings = shown.space.embeddings
    return {
        "name": shown.space.name,
        "metric": embeddings.metric,
        "dims": embeddings.dims,
        "embedder": embeddings.embedder,
        "near": pack_rows(shown.near.rows, m),
        "distances": pack_array(shown.near.distances.astype(np.float32)),
        "maps": [_map(drawn) for drawn in shown.maps],
    }


def _map(drawn: DrawnMap) -> dict[str, Any]:
    return {
        "name": drawn.name,
        "words": PROJECTIONS[drawn.name].words,
        "places": pack_coordinates(drawn.coordinates),
        "kept": None if drawn.quality is None else vars(drawn.quality),
    }


def _columns(content: PageContent) -> list[dict[str, Any]]:
    """The metadata columns; the first space that has a column of a name gives it."""
    columns: dict[str, dict[str, Any]] = {}
    for shown in content.spaces:
        dataset = shown.space.dataset
        metadata = dataset.metadata_of(shown.rows)
        for name in metadata.column_names:
            if name not in columns:
                is_label = name == dataset.label_column
                column = pack_column(name, metadata.column(name), is_label=is_label)
                if column is not None:
                    columns[name] = column
    return list(columns.values())


def _measured(content: PageContent) -> list[dict[str, Any]]:
    """What was measured, as columns after those of the metadata."""
    columns: list[dict[str, Any]] = []
    metric = content.spaces[0].space.embeddings.metric
    if content.selected is not None and content.coverage is not None:
        words = ["selected" if picked else "not selected" for picked in content.selected.tolist()]
        columns.append(pack_words("selected", words) | {"measured": "selected"})
        columns.append(_number("distance to the nearest selected", content.coverage, metric))
    if content.agreement is not None:
        shared = content.agreement.common / content.k
        columns.append(
            _number(f"neighbourhood agreement ({content.k} nearest)", shared, "share of 1")
        )
    for shown in content.spaces:
        farthest, metric = shown.near.distances[:, -1], shown.space.embeddings.metric
        name = f"distance to neighbour {content.k} in {shown.space.name}"
        columns.append(_number(name, farthest, metric))
    return columns


def _number(name: str, values: np.ndarray, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "number",
        "digits": 4,
        "unit": unit,
        "values": pack_array(values.astype(np.float64)),
        "measured": name,
    }


def _pictures(shown: ShownSpace, most: int) -> tuple[Sequence[str | None] | None, int]:
    """A small JPEG as base64 for each item, or for `most` evenly spread ones; and how many.

    None if the items are no images.
    """
    dataset = shown.space.dataset
    if dataset.kind != "images" or most < 1:
        return None, 0
    m = len(shown.rows)
    spread: IntArray = np.unique(np.linspace(0, m - 1, min(m, most)).round().astype(np.int64))
    jpegs = thumbnails.make_thumbnails(dataset, shown.rows[spread].tolist(), THUMBNAIL_PIXELS)
    pictures: list[str | None] = [None] * m
    for place in spread.tolist():
        jpeg = jpegs.get(dataset.ids[int(shown.rows[place])])
        if jpeg is not None:
            pictures[place] = base64.b64encode(jpeg).decode()
    return pictures, sum(picture is not None for picture in pictures)
