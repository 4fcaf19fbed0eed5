"""`curate.select` and `curate.measure`: a path or an array in, a Result out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from numpy.typing import ArrayLike

from curate.data import from_array
from curate.errors import RequestError
from curate.progress import Progress, silent
from curate.run.pipeline import run
from curate.run.result import Result, enforce_strict
from curate.schema.job import IDS, make_job


def select(
    data: str | Path | Sequence[str | Path] | ArrayLike,
    *,
    out: str | Path | None = None,
    ids: str | Path | Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    datapool: str | Path | Sequence[str] | ArrayLike | None = None,
    selected_ids: Sequence[str] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Result:
    """See `curate.select` and `curate.measure`.

    selected_ids  ids in pick order of a selection that was made elsewhere, to be measured
    """
    given = {name: value for name, value in settings.items() if value is not None}
    if out is not None:
        given["out"] = str(out)
    pool = None
    if isinstance(datapool, str | Path):
        given["datapool"] = str(datapool)
    elif isinstance(datapool, Sequence) and all(isinstance(id_, str) for id_ in datapool):
        given["datapool"] = IDS + "|".join(map(str, datapool))
    elif datapool is not None:
        pool = from_array(datapool, name="datapool")
        given["datapool"] = pool.name
    paths = _paths_in(data)
    if paths is not None:
        if labels is not None or not (ids is None or isinstance(ids, str | Path)):
            raise RequestError(
                "ids and labels as lists go with an array; for a path pass ids=FILE, "
                "id_column or label_column."
            )
        dataset = None
        given["source"] = paths
        if ids is not None:
            given["ids"] = str(ids)
    else:
        if isinstance(ids, str | Path):
            raise RequestError("for an array pass ids as a list of strings, not a path.")
        dataset = from_array(cast(ArrayLike, data), ids=ids, labels=labels)
        given["source"] = dataset.name
    job = make_job(given)
    result = run(
        job, dataset, pool, selected_ids, to_be_saved=out is not None, progress=progress or silent
    )
    if out is not None:
        result.save(out)
    enforce_strict(job, result.dataset)
    return result


def _paths_in(data: object) -> list[str] | None:
    """`data` as a list of paths if it is one path or several, None if it is an array."""
    several = data if isinstance(data, list | tuple) and data else [data]
    if all(isinstance(path, str | Path) for path in several):
        return [str(path) for path in several]
    return None
