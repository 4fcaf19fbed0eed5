"""The Python door: a path or an array in, a Result out."""

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
    picked: Sequence[str] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Result:
    """See `curate.select` and `curate.measure`; `picked` are ids that somebody else selected."""
    asked = {name: value for name, value in settings.items() if value is not None}
    asked |= {} if out is None else {"out": str(out)}
    pool = None
    if isinstance(datapool, str | Path):
        asked["datapool"] = str(datapool)
    elif isinstance(datapool, Sequence) and all(isinstance(one, str) for one in datapool):
        asked["datapool"] = IDS + "|".join(map(str, datapool))
    elif datapool is not None:
        pool = from_array(datapool, name="datapool")
        asked["datapool"] = pool.name
    paths = _paths_of(data)
    if paths is not None:
        if labels is not None or not (ids is None or isinstance(ids, str | Path)):
            raise RequestError(
                "ids and labels as lists go with an array; for a path pass ids=FILE, "
                "id_column or label_column."
            )
        asked |= {"source": [str(path) for path in paths]} | (
            {} if ids is None else {"ids": str(ids)}
        )
        dataset = None
    else:
        if isinstance(ids, str | Path):
            raise RequestError("for an array pass ids as a list of strings, not a path.")
        dataset = from_array(cast(ArrayLike, data), ids=ids, labels=labels)
        asked |= {"source": dataset.name}
    job = make_job(asked)
    result = run(
        job, dataset, pool, picked, to_be_saved=out is not None, progress=progress or silent
    )
    if out is not None:
        result.save(out)
    enforce_strict(job, result.dataset)
    return result


def _paths_of(data: object) -> list[str] | None:
    """`data` as paths if it is one or several, None if it is an array."""
    named = data if isinstance(data, list | tuple) and data else [data]
    return [str(one) for one in named] if all(isinstance(o, str | Path) for o in named) else None
