"""The page as bytes: what a View says as JSON, the script and the style in one HTML file.

Everything that comes from the data is JSON inside a script element and becomes text nodes, so
that no name is markup; a content policy besides forbids whatever is not in the file.
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
from curate.viewer.gather import Drawn, Shown, View
from curate.viewer.pack import (
    as_script,
    column_packed,
    packed,
    places_packed,
    rows_packed,
    short,
    words_packed,
)

SCRIPTS = tuple(
    f"{name}.js" for name in ("data", "colours", "view", "pane", "tables", "finding", "page")
)
SIDE = 96  # pixels of a picture


def page(view: View, most_thumbnails: int) -> bytes:
    """The HTML file."""
    held = files("curate.viewer")
    script = "\n".join(held.joinpath(name).read_text("utf-8") for name in SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    told = _told(view, most_thumbnails)
    template = held.joinpath("page.html").read_text("utf-8")
    before, _, after = template.partition("{{data}}")
    # Filled in one by one and the data last, for they may hold anything.
    for name, text in (
        ("title", html.escape(told["title"])),
        ("policy", f"sha256-{digest}"),
        ("style", held.joinpath("page.css").read_text("utf-8")),
    ):
        before = before.replace(f"{{{{{name}}}}}", text)
    after = after.replace("{{script}}", script)
    return "".join([before, as_script(told), after]).encode()


def _told(view: View, most_thumbnails: int) -> dict[str, Any]:
    first = view.shown[0]
    m = len(first.rows)
    dataset = first.space.dataset
    # Where one space is of vectors, the other may have the items themselves.
    seen = next((one for one in view.shown if one.space.dataset.kind != "vectors"), first)
    held = seen.space.dataset
    texts = None
    if held.kind == "text":
        texts = [short(held.items[row]) for row in seen.rows.tolist()]
    pictures, with_picture = _pictures(seen, most_thumbnails)
    labels = [one.space.dataset.label_column for one in view.shown]
    notes = []
    if view.total > m:
        more = m - view.sampled
        beside = f" and the {more:,} selected ones that it lacks" if more else ""
        notes.append(
            f"{m:,} of {view.total:,} items are shown: a uniform sample of {view.sampled:,}"
            f"{beside}. Neighbours and maps are of these."
        )
    for one in view.shown:
        if one.space.dataset.set_aside:
            notes.append(f"{one.space.name}: {one.space.dataset.left_out_in_words()}.")
        missing = len(one.space.dataset) - view.total
        if missing:
            notes.append(f"{missing:,} items of {one.space.name} are not in the other space.")
    if pictures is not None and with_picture < m:
        notes.append(f"Pictures of {with_picture:,} items are in this file.")
    return {
        "title": _title(view),
        "version": __version__,
        "ids": [dataset.ids[row] for row in first.rows.tolist()],
        "texts": texts,
        "pictures": pictures,
        "total": view.total,
        "k": view.k,
        "columns": [*_columns(view), *_measured(view)],
        "label": next((one for one in labels if one is not None), None),
        "spaces": [_space(one, m) for one in view.shown],
        "agreement": None
        if view.agreement is None
        else {"overlap": view.agreement.summary.overlap, "chance": view.agreement.summary.chance},
        "selected": None if view.selected is None else packed(view.selected.astype(np.uint16)),
        "notes": notes,
    }


def _title(view: View) -> str:
    names = " and ".join(one.space.name for one in view.shown)
    if view.selected is None:
        return names
    return f"{int(view.selected.sum()):,} of {view.total:,} selected: {names}"


def _space(one: Shown, m: int) -> dict[str, Any]:
    return {
        "name": one.space.name,
        "metric": one.space.embeddings.metric,
        "dims": one.space.embeddings.dims,
        "embedder": one.space.embeddings.embedder,
        "near": rows_packed(one.near.rows, m),
        "distances": packed(one.near.distances.astype(np.float32)),
        "maps": [_map(drawn) for drawn in one.maps],
    }


def _map(drawn: Drawn) -> dict[str, Any]:
    kept = drawn.kept
    return {
        "name": drawn.name,
        "words": PROJECTIONS[drawn.name].words,
        "places": places_packed(drawn.places),
        "kept": None if kept is None else vars(kept),
    }


def _columns(view: View) -> list[dict[str, Any]]:
    """What is known of the items, from the first space that has a column of the name."""
    found: dict[str, dict[str, Any]] = {}
    for one in view.shown:
        metadata = one.space.dataset.metadata_of(one.rows)
        for name in metadata.column_names:
            if name not in found:
                named = name == one.space.dataset.label_column
                column = column_packed(name, metadata.column(name), named=named)
                if column is not None:
                    found[name] = column
    return list(found.values())


def _measured(view: View) -> list[dict[str, Any]]:
    """What was measured of the items, as columns after theirs."""
    told: list[dict[str, Any]] = []
    metric = view.shown[0].space.embeddings.metric
    if view.selected is not None and view.coverage is not None:
        words = ["selected" if one else "not selected" for one in view.selected.tolist()]
        told.append(words_packed("selected", words) | {"measured": "selected"})
        told.append(_number("distance to the nearest selected", view.coverage, metric))
    if view.agreement is not None:
        shared = view.agreement.common / view.k
        told.append(_number(f"neighbourhood agreement ({view.k} nearest)", shared, "share of 1"))
    for one in view.shown:
        farthest, metric = one.near.distances[:, -1], one.space.embeddings.metric
        told.append(
            _number(f"distance to neighbour {view.k} in {one.space.name}", farthest, metric)
        )
    return told


def _number(name: str, values: np.ndarray, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "number",
        "digits": 4,
        "unit": unit,
        "values": packed(values.astype(np.float64)),
        "measured": name,
    }


def _pictures(seen: Shown, most: int) -> tuple[Sequence[str | None] | None, int]:
    """Base64 of a small JPEG for each item, or for evenly spread ones; None if none are images."""
    dataset = seen.space.dataset
    if dataset.kind != "images" or most < 1:
        return None, 0
    m = len(seen.rows)
    drawn: IntArray = np.unique(np.linspace(0, m - 1, min(m, most)).round().astype(np.int64))
    made = thumbnails.make(dataset, seen.rows[drawn].tolist(), SIDE)
    told: list[str | None] = [None] * m
    for at in drawn.tolist():
        jpeg = made.get(dataset.ids[int(seen.rows[at])])
        if jpeg is not None:
            told[at] = base64.b64encode(jpeg).decode()
    return told, sum(one is not None for one in told)
