"""`curate.explore`: a run, a space or two spaces in, a web page out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from curate.core.atomic_files import write_beside
from curate.core.threads import at_most_threads
from curate.core.values import FloatArray
from curate.data.selected_ids import read_selected_ids, rows_with_ids
from curate.errors import DataError, RequestError
from curate.measure.projections import check_at_once
from curate.measure.spaces.space import Space, named_apart
from curate.progress import Progress, silent
from curate.report.build.load import is_about_spaces, load_report
from curate.report.build.side_files import REPORT_JSON
from curate.run.embed_items import embed_items
from curate.run.read_sources import read_items_beside, read_source
from curate.run.spaces.open import Source, open_all
from curate.schema.job import check_space_settings
from curate.viewer.gather import PageSettings, SelectedItems, gather
from curate.viewer.page import page


@dataclass(frozen=True)
class Page:
    """A web page that shows a space, a selection, or two spaces. `html` is the whole file."""

    name: str
    html: bytes

    def save(self, path: str | Path) -> Path:
        """Write it; returns the path. Raises DataError where that is impossible."""
        file = Path(path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with write_beside(file) as stream:
                stream.write(self.html)
        except OSError as error:
            raise DataError(
                f"cannot write {file}: {error.strerror or error}. Pass another with --out."
            ) from None
        return file


def explore(
    first: Source,
    second: Source | None = None,
    *,
    maps: str | Sequence[str] | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> Page:
    """See `curate.explore`."""
    own = {setting.name for setting in fields(PageSettings)} - {"maps", "seed"}
    shown = {name: value for name, value in settings.items() if name in own and value is not None}
    if maps:
        names = maps.split(",") if isinstance(maps, str) else maps
        shown["maps"] = tuple(dict.fromkeys(name.strip() for name in names))
    labels = {name: value for name, value in settings.items() if name == "labels"}  # of an array
    rest = {name: value for name, value in settings.items() if name not in {*own, *labels}}
    reading = check_space_settings(rest)
    page_settings = PageSettings(**shown, seed=reading.get("seed", 0))
    if page_settings.points < 100:
        raise RequestError(f"--points is {page_settings.points}: it must be at least 100.")
    if page_settings.thumbnails < 0:
        raise RequestError(f"--thumbnails is {page_settings.thumbnails}: it must be at least 0.")
    for name in page_settings.maps:
        check_at_once(name, 0)  # the name; the number of points is checked when it is known
    with at_most_threads(reading.get("threads")):
        space, selected = _first_space(first, reading | labels, progress)
        others = [] if second is None else open_all([second], reading | labels, progress)
        spaces = named_apart([space, *others])
        content = gather(spaces, selected, page_settings, progress)
        name = " and ".join(space.name for space in spaces)
        return Page(name, page(content, page_settings.thumbnails))


def _first_space(
    source: Source, settings: Mapping[str, Any], progress: Progress
) -> tuple[Space, SelectedItems | None]:
    """The input of a run and what it selected, if `source` is a run; or a space."""
    folder = _folder_of_run(source)
    if folder is None:
        return open_all([source], settings, progress)[0], None
    if is_about_spaces(folder):
        raise RequestError(f"{folder} is a report about spaces: name the spaces themselves.")
    job = load_report(folder).job
    job = job.updated(**{name: settings[name] for name in _NOT_OF_THE_RUN if name in settings})
    dataset = read_source(job)
    ignore_unknown, seed = job.select.ignore_unknown, job.select.seed
    ids = read_selected_ids(folder)
    rows, _ = rows_with_ids(ids, dataset, str(folder), ignore_unknown=ignore_unknown)
    items = embed_items(job.embed, dataset, seed, progress)
    datapool: FloatArray | None = None
    if job.select.datapool is not None:
        others = read_items_beside(job, dataset, job.select.datapool, "datapool")
        embedded = embed_items(job.embed, others, seed, progress, like=items)
        datapool = np.asarray(embedded.embeddings.vectors)
    space = Space(str(source), items.dataset, items.embeddings, items.embedder)
    # Embedding may set items aside, and then rows move: the ids give the rows again.
    rows, _ = rows_with_ids([dataset.ids[row] for row in rows], items.dataset, str(folder))
    return space, SelectedItems(rows, datapool)


# Settings that are those of now and not of the run: they do not change the items or vectors.
_NOT_OF_THE_RUN = ("threads", "cache", "no_cache", "label_column")


def _folder_of_run(source: Source) -> Path | None:
    """The folder of a run, if `source` is one or the report.json in it."""
    if not isinstance(source, str | Path):
        return None
    path = Path(source)
    if path.name == REPORT_JSON and path.is_file():
        return path.parent
    return path if (path / REPORT_JSON).is_file() else None
