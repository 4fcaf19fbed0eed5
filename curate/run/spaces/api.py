"""`curate.evaluate`, `compare`, `neighbors` and `drift`: sources in, a result out.

Python and the command line both call these. Settings are flat, as in `curate.select`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from curate.errors import DataError, RequestError
from curate.measure.spaces.parallel_blocks import Effort
from curate.measure.spaces.space import Space
from curate.progress import Progress, silent
from curate.run.spaces.compare import compare_spaces
from curate.run.spaces.drift import CLUSTERS, drift_between
from curate.run.spaces.evaluate import evaluate_spaces
from curate.run.spaces.neighbors import Hits, Query, nearest_in
from curate.run.spaces.open import Source, open_all, open_space
from curate.run.spaces.result import SpacePlan, SpaceResult, steady_threads
from curate.schema.evaluation import EvaluationReport
from curate.schema.job import SETTINGS, WITHOUT_EFFECT, check_space_settings
from curate.schema.space_reports import ComparisonReport, DriftReport

Sources = Source | Mapping[str, Source] | Sequence[Source]


def evaluate(
    spaces: Sources,
    labels: str | Sequence[Any] | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> SpaceResult[EvaluationReport]:
    """See `curate.evaluate`."""
    given = check_space_settings(settings)
    opened = open_all(_several(spaces), given, progress)
    column, values = _labels(labels, opened)
    plan = _plan("evaluate", [space.source for space in opened], labels, given, progress)
    with steady_threads(plan.effort.threads):
        return evaluate_spaces(opened, column, values, plan)


def compare(
    *spaces: Sources,
    labels: str | Sequence[Any] | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> SpaceResult[ComparisonReport]:
    """See `curate.compare`."""
    given = check_space_settings(settings)
    sources = spaces[0] if len(spaces) == 1 else spaces
    if not isinstance(sources, Mapping | tuple | list) or len(sources) < 2:
        raise RequestError("comparing takes two spaces or more: name another one.")
    opened = open_all(sources, given, progress)  # type: ignore[arg-type]
    column, values = _labels(labels, opened)
    plan = _plan("compare", [space.source for space in opened], labels, given, progress)
    with steady_threads(plan.effort.threads):
        return compare_spaces(opened, column, values, plan)


def neighbors(
    spaces: Sources,
    *,
    item: str | int | None = None,
    text: str | None = None,
    image: str | None = None,
    vector: Any = None,
    k: int = 10,
    index: str | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> list[Hits]:
    """See `curate.neighbors`."""
    given = check_space_settings(settings)
    query = Query(item=item, text=text, image=image, vector=vector)
    opened = open_all(_several(spaces), given, progress)
    embedder = str(given.get("embedder", "auto"))
    return nearest_in(opened, query, k, index, embedder, given.get("seed", 0))


def drift(
    old: Source,
    new: Source,
    n: int = 0,
    clusters: int = CLUSTERS,
    progress: Progress = silent,
    **settings: Any,
) -> SpaceResult[DriftReport]:
    """See `curate.drift`."""
    given = check_space_settings(settings)
    before, after = open_all([old, new], given, progress)
    own = {"n": n} if n else {}
    own |= {"clusters": clusters} if clusters != CLUSTERS else {}
    plan = _plan("drift", [before.source, after.source], None, own | given, progress)
    with steady_threads(plan.effort.threads):
        return drift_between(before, after, n, clusters, plan)


def _several(spaces: Sources) -> Mapping[str, Source] | Sequence[Source]:
    """One space as a list of one; a list of spaces, or a mapping, as it is."""
    if isinstance(spaces, Mapping):
        return spaces
    if isinstance(spaces, list | tuple) and spaces and not _is_row(spaces[0]):
        return spaces
    return [spaces]  # type: ignore[list-item]


def _is_row(value: Any) -> bool:
    """Whether this is a number or a row of numbers, so that the list around it is one array."""
    return isinstance(value, int | float) or (
        isinstance(value, list | tuple) and bool(value) and isinstance(value[0], int | float)
    )


def _labels(
    labels: str | Sequence[Any] | None, opened: Sequence[Space]
) -> tuple[str | None, list[Any] | None]:
    """The name of a column; or a label for each item of the first space.

    A list of labels has one for each item, or also one for each item that was set aside.
    Raises DataError for a list of another length.
    """
    if labels is None or isinstance(labels, str):
        return labels, None
    many, values = len(labels), list(labels)
    for space in opened:
        used, aside = len(space.dataset), len(space.dataset.set_aside)
        if many not in (used, used + aside):
            left = f", {aside} more set aside" if aside else ""
            raise DataError(
                f"got {many} labels, {space.name} has {used} items{left}: give a label for each."
            )
    first = opened[0].dataset
    if many == len(first):
        return None, values
    return None, [values[row] for row in first.source_positions().tolist()]


def _plan(
    command: str,
    words: Sequence[str],
    labels: Any,
    settings: Mapping[str, Any],
    progress: Progress,
) -> SpacePlan:
    given = {"labels": labels} if isinstance(labels, str) else {}
    given |= {  # without defaults, so that the command is short
        name: value
        for name, value in settings.items()
        if name not in WITHOUT_EFFECT
        and (name not in SETTINGS or value != SETTINGS[name].field.default)
    }
    line = ["curate", command, *words]
    for name, value in given.items():
        line += [f"--{name.replace('_', '-')}", str(value)]
    if "array" in words:  # data in memory have no command line
        keywords = [f"{name}={value!r}" for name, value in given.items()]
        line = [f"curate.{command}({', '.join([*words, *keywords])})"]
    return SpacePlan(
        command=line[0] if len(line) == 1 else shlex.join(line),
        queries=settings.get("queries", SETTINGS["queries"].field.default),
        seed=settings.get("seed", 0),
        effort=Effort(settings.get("threads"), progress),
    )


__all__ = ["compare", "drift", "evaluate", "neighbors", "open_space"]
