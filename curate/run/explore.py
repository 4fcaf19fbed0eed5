"""Sources in, a page out: for Python and for the command line."""

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
    """A page that shows a space, a selection, or two spaces. `html` is the whole file."""

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
    own = {one.name for one in fields(PageSettings)} - {"maps", "seed"}
    asked = {name: value for name, value in settings.items() if name in own and value is not None}
    if maps:
        names = maps.split(",") if isinstance(maps, str) else maps
        asked["maps"] = tuple(dict.fromkeys(name.strip() for name in names))
    labels = {name: value for name, value in settings.items() if name == "labels"}  # of an array
    rest = {name: value for name, value in settings.items() if name not in {*own, *labels}}
    reading = check_space_settings(rest)
    wanted = PageSettings(**asked, seed=reading.get("seed", 0))
    if wanted.points < 100:
        raise RequestError(f"--points is {wanted.points}: it must be at least 100.")
    if wanted.thumbnails < 0:
        raise RequestError(f"--thumbnails is {wanted.thumbnails}: it must be at least 0.")
    for name in wanted.maps:
        check_at_once(name, 0)  # and whether there are too many points when they are counted
    with at_most_threads(reading.get("threads")):
        space, chosen = _first(first, reading | labels, progress)
        others = [] if second is None else open_all([second], reading | labels, progress)
        spaces = named_apart([space, *others])
        content = gather(spaces, chosen, wanted, progress)
        name = " and ".join(one.name for one in spaces)
        return Page(name, page(content, wanted.thumbnails))


def _first(
    source: Source, settings: Mapping[str, Any], progress: Progress
) -> tuple[Space, SelectedItems | None]:
    """A run, as its input and what it selected; or a space."""
    run = _run_in(source)
    if run is None:
        return open_all([source], settings, progress)[0], None
    if is_about_spaces(run):
        raise RequestError(f"{run} is a report about spaces: name the spaces themselves.")
    job = load_report(run).job
    job = job.updated(**{name: settings[name] for name in _ELSEWHERE if name in settings})
    dataset = read_source(job)
    rows, _ = rows_with_ids(
        read_selected_ids(run), dataset, str(run), ignore_unknown=job.select.ignore_unknown
    )
    items = embed_items(job.embed, dataset, job.select.seed, progress)
    before: FloatArray | None = None
    if job.select.datapool is not None:
        pool = read_items_beside(job, dataset, job.select.datapool, "datapool")
        before = np.asarray(
            embed_items(job.embed, pool, job.select.seed, progress, like=items).embeddings.vectors
        )
    space = Space(str(source), items.dataset, items.embeddings, items.embedder)
    # What embedding set aside cannot be selected, so ids find their rows again.
    rows, _ = rows_with_ids([dataset.ids[row] for row in rows], items.dataset, str(run))
    return space, SelectedItems(rows, before)


# Settings that say where, how fast and by which label, not what: those of now, not of the run.
_ELSEWHERE = ("threads", "cache", "no_cache", "label_column")


def _run_in(source: Source) -> Path | None:
    """The folder of a run, if `source` is one or the report.json in it."""
    if not isinstance(source, str | Path):
        return None
    path = Path(source)
    if path.name == REPORT_JSON and path.is_file():
        return path.parent
    return path if (path / REPORT_JSON).is_file() else None
