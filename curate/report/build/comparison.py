"""Reports of several selections -> Comparison: the same statistics of each, side by side.

Only selections from the same data, embedded in the same way and measured with the same metric
can be compared; anything else is refused. The statistics are those of `words.scores.SCORES`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from curate.core.version import __version__
from curate.errors import RequestError
from curate.report.build.load import load_report
from curate.report.words.scores import SCORES, judged_sets, label_column, score
from curate.schema.report import Report
from curate.schema.selection_comparison import (
    Comparison,
    LabelBalance,
    SelectionCompared,
    SelectionStatistic,
)
from curate.schema.strategies import NONE

# Fields of the provenance that must be equal, and what they are called in an error message.
SAME_DATA = (("input_fingerprint", "data"), ("embedder", "embeddings"))

MOST = 20  # runs that fit on one page


def compare_reports(runs: Sequence[Path]) -> Comparison:
    """The comparison of the reports of `runs`, each a report.json or the folder of a run.

    Raises DataError if a report cannot be read, RequestError for too few or too many runs, for
    a run that is given twice, and if data, embeddings or metric differ.
    """
    if not 2 <= len(runs) <= MOST:
        number = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
        raise RequestError(f"got {number}: pass 2 to {MOST} to compare.")
    places = [_folder(run) for run in runs]
    for place, times in Counter(places).items():
        if times > 1:
            raise RequestError(f"{place} is given {times} times: pass each run once.")
    reports = [load_report(run) for run in runs]
    for run, report in zip(runs, reports, strict=True):
        _check_same(runs[0], reports[0], run, report)
    first = reports[0]
    return Comparison(
        curate=__version__,
        data_name=first.provenance.data_name,
        kind=first.provenance.kind,
        input_fingerprint=first.provenance.input_fingerprint,
        input=first.counts.input,
        metric=first.selection.metric,
        embedder=first.provenance.embedder,
        labels=_input_labels(first),
        selections=[
            SelectionCompared(
                name=name,
                run=run.as_posix(),
                command=report.provenance.command,
                strategy=report.selection.strategy,
                selected=report.counts.selected,
                datapool=report.counts.datapool,
                statistics=_statistics(report),
                labels=_selected_labels(report),
            )
            for name, run, report in zip(_names(places), runs, reports, strict=True)
        ],
    )


def _check_same(first_run: Path, first: Report, run: Path, report: Report) -> None:
    """Raise RequestError unless both reports are about the same data, embeddings and metric."""
    for key, what in SAME_DATA:
        if getattr(first.provenance, key) != getattr(report.provenance, key):
            raise RequestError(
                f"{run} and {first_run} are of different {what} ({key} "
                f"{getattr(report.provenance, key)} and {getattr(first.provenance, key)}): select "
                "from the same source with the same --embedder."
            )
    if first.selection.metric != report.selection.metric:
        raise RequestError(
            f"{run} measures {report.selection.metric} distance, {first_run} "
            f"{first.selection.metric} distance: "
            "select with the same --metric."
        )


def _folder(run: Path) -> Path:
    """The folder of a run, given as a folder or as a report.json in it."""
    return (run.parent if run.suffix == ".json" else run).resolve()


def _names(places: Sequence[Path]) -> list[str]:
    """Names of the runs: the last parts of each path, as few as make them different."""
    for parts in range(1, max(len(place.parts) for place in places)):
        names = ["/".join(place.parts[-parts:]) for place in places]
        if len(set(names)) == len(names):
            return names
    return [place.as_posix() for place in places]


def _statistics(report: Report) -> dict[str, SelectionStatistic]:
    statistics = {}
    for measure, statistic, *_ in SCORES:
        row = score(report, measure, statistic)
        if row is None:
            continue
        judged = judged_sets(report, measure)[0]
        statistics[f"{measure}_{statistic}"] = SelectionStatistic(
            value=row.selected,
            random=row.random,
            interval=row.interval,
            standing=row.standing,
            exact=judged is None or judged.exact,
        )
    return statistics


def _input_labels(report: Report) -> LabelBalance | None:
    """Label counts of all input items; None without labels."""
    label = label_column(report)
    if label is not None:
        counts = _summed((row.name, row.input_count) for row in label.classes)
        return LabelBalance(counts=counts, items=report.counts.input, balance=label.input_entropy)
    return _counted_here(report.maps.label[: report.maps.n_sampled])


def _selected_labels(report: Report) -> LabelBalance | None:
    """Label counts of all picks; None without labels."""
    label = label_column(report)
    if label is not None:
        counts = _summed((row.name, row.selected_count) for row in label.classes)
        return LabelBalance(
            counts=counts, items=report.counts.selected, balance=label.entropy.selected
        )
    return _counted_here([item.label for item in report.selection.items])


def _counted_here(labels: Sequence[str | None]) -> LabelBalance | None:
    """Counts of labels that the report does not count: nearly all different, or all equal."""
    if all(label is None for label in labels):
        return None
    counts = _summed((NONE if label is None else label, 1) for label in labels)
    return LabelBalance(counts=counts, items=len(labels), balance=None)


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Label -> number of items, the most frequent first; without classes that have no item."""
    total: Counter[str] = Counter()
    for name, count in counts:  # two long labels may be equal after they were cut
        total[name] += count
    ordered = sorted((+total).items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(ordered)
