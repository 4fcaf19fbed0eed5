"""curate: pick the items of a data set that are worth keeping, and prove it.

    import curate
    result = curate.select("samples/clipart", n=100, out="reports/clipart")
    result.ids, result.report.diversity.selected.mean

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# `curate.select` is a function, and `curate/select/` is a package; so for `curate.measure`.
# The first import of a package sets the attribute of that name, so the packages are imported
# here, before the functions are defined.
import curate.measure
import curate.select  # noqa: F401
from curate.core.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike

    from curate.progress import Progress
    from curate.run.explore import Page
    from curate.run.result import Result
    from curate.run.spaces.catalog import Catalog
    from curate.run.spaces.neighbors import Hits
    from curate.run.spaces.result import SpaceResult
    from curate.schema.evaluation import EvaluationReport
    from curate.schema.report import Report
    from curate.schema.space_reports import ComparisonReport, DriftReport, SpaceReport

    Source = str | Path | ArrayLike

__all__ = [
    "Catalog",
    "__version__",
    "compare",
    "drift",
    "evaluate",
    "explore",
    "load_report",
    "load_space_report",
    "measure",
    "neighbors",
    "select",
]


def __getattr__(name: str) -> Any:
    """`curate.Catalog`, imported when it is first used."""
    if name == "Catalog":
        from curate.run.spaces.catalog import Catalog

        return Catalog
    raise AttributeError(f"module 'curate' has no attribute {name!r}")


def select(
    data: str | Path | Sequence[str | Path] | ArrayLike,
    *,
    n: int | None = None,
    fraction: float | None = None,
    out: str | Path | None = None,
    ids: str | Path | Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    datapool: str | Path | Sequence[str] | ArrayLike | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Result:
    """Select n items, or a fraction of them, and measure what the selection is worth.

    data      a path that `curate select` takes, several, or an (n, d) array of vectors
    out       folder for report.json, report.pdf and the selection; None writes nothing
    ids       an id for each row of an array, or a file of them
    labels    a label for each row of an array
    datapool  items chosen earlier: a path, the folder of an earlier run, a list of ids of the
              data, or an (m, d) array of vectors
    progress  see curate.progress; silent by default
    settings  every other option of `curate select`, such as metric="cosine" or seed=1, or
              strategy=["diversity", {"name": "balance", "column": "weather"}]

    Raises RequestError for a request that cannot be right, DataError for unusable data,
    StrictError, after writing, if strict=True and items were set aside.
    """
    from curate.run.api import select as select_from

    return select_from(
        data,
        n=n,
        fraction=fraction,
        out=out,
        ids=ids,
        labels=labels,
        datapool=datapool,
        progress=progress,
        **settings,
    )


def measure(
    data: str | Path | ArrayLike,
    selection: str | Path | Sequence[str],
    *,
    out: str | Path | None = None,
    ids: str | Path | Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    datapool: str | Path | ArrayLike | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Result:
    """Measure a selection that was made elsewhere.

    selection  its ids in pick order, or a path that `curate measure --selection` takes
    settings   every other option of `curate measure`, such as ignore_unknown=True

    The other arguments and the errors raised are those of `select`.
    """
    from pathlib import Path

    from curate.run.api import select as select_from

    if isinstance(selection, str | Path):
        settings["selection"], selected_ids = str(selection), None
    else:
        settings["selection"], selected_ids = "ids", [str(id_) for id_ in selection]
    return select_from(
        data,
        out=out,
        ids=ids,
        labels=labels,
        datapool=datapool,
        selected_ids=selected_ids,
        progress=progress,
        **settings,
    )


def load_report(path: str | Path) -> Report:
    """The validated report in `path`, a report.json or the folder of a run.

    Raises DataError where there is none, or it is of another version.
    """
    from curate.report.build.load import load_report as load

    return load(path)


def load_space_report(path: str | Path) -> SpaceReport:
    """The validated report of an evaluation, a comparison or a drift.

    Raises DataError where there is none, or it is of another version.
    """
    from curate.report.build.load import load_space_report as load

    return load(path)


def evaluate(
    spaces: Source | Mapping[str, Source] | Sequence[Source],
    *,
    labels: str | Sequence[Any] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> SpaceResult[EvaluationReport]:
    """Measure how good an embedding space is, or which of several is best.

    spaces    a path that `curate evaluate` takes or an (n, d) array; several of them; or a
              mapping of names to them. Several are measured on the ids that all have
    labels    a column, or a label for each item; also for items that have to be set aside
    settings  other options of `curate evaluate`, such as metric="cosine" or seed=1

    The result has `.report` and `.save(folder)`. Raises RequestError or DataError.
    """
    from curate.progress import silent
    from curate.run.spaces.api import evaluate as measure_spaces

    return measure_spaces(spaces, labels, progress or silent, **settings)


def compare(
    *spaces: Source | Mapping[str, Source] | Sequence[Source],
    labels: str | Sequence[Any] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> SpaceResult[ComparisonReport]:
    """Measure where two or more spaces over the same ids agree.

    Arguments, result and errors are as for `evaluate`.
    """
    from curate.progress import silent
    from curate.run.spaces.api import compare as compare_spaces

    return compare_spaces(*spaces, labels=labels, progress=progress or silent, **settings)


def neighbors(
    spaces: Source | Mapping[str, Source] | Sequence[Source],
    *,
    item: str | int | None = None,
    text: str | None = None,
    image: str | None = None,
    vector: str | ArrayLike | None = None,
    k: int = 10,
    index: str | None = None,
    **settings: Any,
) -> list[Hits]:
    """The k nearest of an item, a text, an image file or a vector, in each of the spaces.

    index  "hnsw", "ivf", "pq" or "lsh": approximate, with measured recall; None is exact

    Raises RequestError for a query that does not fit the spaces, DataError for unusable data.
    """
    from curate.run.spaces.api import neighbors as nearest

    return nearest(
        spaces, item=item, text=text, image=image, vector=vector, k=k, index=index, **settings
    )


def drift(
    old: Source,
    new: Source,
    *,
    n: int = 0,
    progress: Progress | None = None,
    **settings: Any,
) -> SpaceResult[DriftReport]:
    """Measure what changed from the data `old` to the data `new`.

    n  new items to pick, which cover what `old` did not have

    The result has `.report` and `.save(folder)`. Raises RequestError or DataError.
    """
    from curate.progress import silent
    from curate.run.spaces.api import drift as drift_of

    return drift_of(old, new, n, progress=progress or silent, **settings)


def explore(
    first: Source,
    second: Source | None = None,
    *,
    maps: str | Sequence[str] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Page:
    """A web page of a space, of a run (what it selected of its input), or of two spaces.

    maps      of pca, pacmap, umap, pca-umap and tsne; by default the first two
    settings  other options of `curate explore`, such as k=10 or points=20_000

    The result has `.html` and `.save(path)`. Raises RequestError or DataError.
    """
    from curate.progress import silent
    from curate.run.explore import explore as make_page

    return make_page(first, second, maps=maps, progress=progress or silent, **settings)
