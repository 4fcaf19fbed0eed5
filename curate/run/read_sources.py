"""Everything that a job reads: its data, and the items that it names beside them.

A source, a datapool or a query set may be a name of the catalogue; `resolve_names` replaces
names by paths, before anything is read.

Items beside the data (a datapool, a query set) are named in three ways:
  a path                      items of the same kind as the data
  the folder of an earlier    what that run selected, and the datapool of that run
  run, or its report.json
  ids:FILE or ids:ID|ID       items of the data
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.catalog.store import named_entry
from curate.core.values import Dataset
from curate.data import ReadOptions, read
from curate.data.selected_ids import read_selected_ids, rows_with_ids
from curate.data.video import frames_folder
from curate.errors import DataError, RequestError
from curate.report.build.load import load_report
from curate.report.build.side_files import REPORT_JSON
from curate.run.output_folder import output_folder
from curate.schema.job import IDS, Job, make_job
from curate.schema.strategies import Similarity, Spec


def resolve_names(job: Job, *, source: bool = True, datapool: bool = True) -> Job:
    """The job with paths in place of names of the catalogue.

    A path that exists wins over a name. The entry of a name also holds settings that say how
    its source is read; a setting of the job wins over them.

    source, datapool  False for one that is in memory, so that its word is no name
    Raises RequestError for the name of an experiment, which holds no items, and DataError
    where the catalogue cannot be used.
    """
    catalog = job.data.catalog
    settings = job.given()
    if source and (entry := named_entry(job.data.source, catalog)) is not None:
        settings = {"name": entry.name, **entry.settings, **settings, "source": entry.source}
    if datapool and (entry := named_entry(job.select.datapool, catalog)) is not None:
        settings["datapool"] = entry.source
    if any(isinstance(spec, Similarity) for spec in job.select.strategy):
        settings["strategy"] = [_with_path(spec, catalog) for spec in job.select.strategy]
    return make_job(settings)


def _with_path(spec: Spec, catalog: str | None) -> Spec:
    """The strategy, with the path of its query set in place of a name."""
    entry = named_entry(spec.query, catalog) if isinstance(spec, Similarity) else None
    return spec if entry is None else spec.model_copy(update={"query": entry.source})


def read_source(job: Job) -> Dataset:
    """The data of a job. Raises RequestError or DataError as readers do."""
    return read(job.data.source, read_options(job))


def read_options(job: Job) -> ReadOptions:
    """How the source of a job is read."""
    data = job.data
    return ReadOptions(
        id_column=data.id_column,
        label_column=data.label_column,
        text_column=data.text_column,
        vector_column=data.vector_column,
        image_column=data.image_column,
        columns=data.columns,
        scale=None if data.scale == "none" else data.scale,
        ids=Path(data.ids) if data.ids else None,
        follow_links=data.follow_links or None,
        frames=data.frames or None,
        fps=data.fps,
        frame_cache=None if job.embed.no_cache else frames_folder(job.embed.cache),
    )


# -- items that are named beside the data ------------------------------------------------


def read_items_beside(job: Job, dataset: Dataset, words: str, role: str) -> Dataset:
    """The items that `words` of a job name, of the same kind as those of `dataset`.

    role  what the items are, for messages: "datapool" or "query set"
    Raises DataError where they cannot be read or are of another kind, RequestError for ids that
    the data do not have.
    """
    if words.startswith(IDS):
        listed = words.removeprefix(IDS)
        ids = read_selected_ids(Path(listed)) if Path(listed).exists() else listed.split("|")
        return _items_with_ids(dataset, ids, f"the {role}", role)
    path = Path(words)
    if path.name == REPORT_JSON or (path.is_dir() and (path / REPORT_JSON).is_file()):
        return _items_of_run(job, dataset, path if path.is_dir() else path.parent, role)
    if job.data.columns is not None:
        raise RequestError(
            f"the {role} {words} cannot be read beside --columns, which scales and encodes by the "
            f"rows of the data. Put its rows into the data, and name them by {IDS}FILE."
        )
    # Ids and labels are read as the other file has them. Its texts, vectors and images are in
    # the columns that the job names only if it has the format of the data.
    same_format = path.suffix.lower() == Path(job.data.sources[0]).suffix.lower()
    columns = ReadOptions(
        text_column=job.data.text_column,
        vector_column=job.data.vector_column,
        image_column=job.data.image_column,
    )
    options = columns if same_format else ReadOptions()
    others = read(words, replace(options, frame_cache=read_options(job).frame_cache))
    _check_kind(dataset, others, words, role)
    return others


def _items_with_ids(dataset: Dataset, ids: Sequence[str], source: str, name: str) -> Dataset:
    """The items of `dataset` that have these ids, in their order, as a data set called `name`.

    source  where the ids come from, for messages
    """
    rows, _ = rows_with_ids(ids, dataset, source)
    items = dataset.items
    return replace(
        dataset,
        ids=[dataset.ids[row] for row in rows],
        items=items[rows] if isinstance(items, np.ndarray) else [items[row] for row in rows],
        metadata=dataset.metadata_of(rows),
        name=name,
        set_aside=(),
        positions=dataset.source_positions()[rows],
    )


def _items_of_run(job: Job, dataset: Dataset, folder: Path, role: str) -> Dataset:
    """What an earlier run selected, and its datapool.

    They are read from the source of that run, if it is not the source of the job.
    """
    if folder.resolve() == output_folder(job, dataset.name).resolve():
        raise RequestError(
            f"the {role} {folder} is the folder that this run writes: pass another with --out."
        )
    earlier = load_report(folder).job
    ids = read_selected_ids(folder)
    # Row numbers are ids too: in another source they would name other items.
    same = (earlier.data.sources, earlier.data.id_column) == (job.data.sources, job.data.id_column)
    source = dataset if same else read_source(earlier)
    selected = _items_with_ids(source, ids, str(folder), role)
    _check_kind(dataset, selected, str(folder), role)
    if earlier.select.datapool is None:
        return selected
    before = read_items_beside(earlier, dataset, earlier.select.datapool, role)
    return _union(before, selected)


def _union(first: Dataset, second: Dataset) -> Dataset:
    """Items of both, those of `first` first; an id that is in both counts once."""
    seen = set(first.ids)
    more = [id_ for id_ in second.ids if id_ not in seen]
    if not more:
        return first
    second = _items_with_ids(second, more, second.name, first.name)
    arrays = isinstance(first.items, np.ndarray) and isinstance(second.items, np.ndarray)
    items = np.concatenate([first.items, second.items]) if arrays else [*first.items, *second.items]
    return replace(
        first,
        ids=[*first.ids, *second.ids],
        items=items,
        metadata=pa.concat_tables([first.metadata, second.metadata], promote_options="permissive"),
        positions=None,
    )


def _check_kind(dataset: Dataset, others: Dataset, words: str, role: str) -> None:
    """Raise DataError if `others` are not of the kind of the data."""
    if others.kind != dataset.kind:
        raise DataError(
            f"the {role} {words} holds {others.kind}, the data are {dataset.kind}: "
            f"pass a {role} of {dataset.kind}, or ids of the data as ids:FILE."
        )
