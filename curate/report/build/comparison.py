"""Reports -> Comparison: the same statistics of each, after a check that they may be compared."""

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

# What must be equal, and what it is called: key of the provenance or of the selection.
SAME_DATA = (("input_fingerprint", "data"), ("embedder", "embeddings"))

MOST = 20  # runs that one page can hold


def compare_reports(runs: Sequence[Path]) -> Comparison:
    """Compare the reports of `runs`, each a report.json or the folder of a run.

    Raises DataError for a report that cannot be read, RequestError for too few or too many, for
    one that is given twice, and where data, embeddings or metric differ.
    """
    if not 2 <= len(runs) <= MOST:
        many = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
        raise RequestError(f"got {many}: pass 2 to {MOST} to compare.")
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


def _check_same(first: Path, one: Report, run: Path, other: Report) -> None:
    for key, what in SAME_DATA:
        if getattr(one.provenance, key) != getattr(other.provenance, key):
            raise RequestError(
                f"{run} and {first} are of different {what} ({key} "
                f"{getattr(other.provenance, key)} and {getattr(one.provenance, key)}): select "
                "from the same source with the same --embedder."
            )
    if one.selection.metric != other.selection.metric:
        raise RequestError(
            f"{run} measures {other.selection.metric} distance, {first} {one.selection.metric}: "
            "select with the same --metric."
        )


def _folder(run: Path) -> Path:
    """The folder of a run, whichever way it was given."""
    return (run.parent if run.suffix == ".json" else run).resolve()


def _names(places: Sequence[Path]) -> list[str]:
    """The last parts of each path, as few as tell them apart."""
    for many in range(1, max(len(place.parts) for place in places)):
        names = ["/".join(place.parts[-many:]) for place in places]
        if len(set(names)) == len(names):
            return names
    return [place.as_posix() for place in places]


def _statistics(report: Report) -> dict[str, SelectionStatistic]:
    found = {}
    for measure, statistic, *_ in SCORES:
        one = score(report, measure, statistic)
        if one is None:
            continue
        judged = judged_sets(report, measure)[0]
        found[f"{measure}_{statistic}"] = SelectionStatistic(
            value=one.selected,
            random=one.random,
            interval=one.interval,
            standing=one.standing,
            exact=judged is None or judged.exact,
        )
    return found


def _input_labels(report: Report) -> LabelBalance | None:
    """Of all items, as the report counted them for its page of labels."""
    label = label_column(report)
    if label is not None:
        counts = _named((one.name, one.input_count) for one in label.classes)
        return LabelBalance(counts=counts, items=report.counts.input, balance=label.input_entropy)
    return _not_counted(report.maps.label[: report.maps.n_sampled])


def _selected_labels(report: Report) -> LabelBalance | None:
    """Of all picks, likewise."""
    label = label_column(report)
    if label is not None:
        counts = _named((one.name, one.selected_count) for one in label.classes)
        return LabelBalance(
            counts=counts, items=report.counts.selected, balance=label.entropy.selected
        )
    return _not_counted([item.label for item in report.selection.items])


def _not_counted(labels: Sequence[str | None]) -> LabelBalance | None:
    """Labels that the report only lists: one for nearly each item, or all the same."""
    if all(label is None for label in labels):
        return None
    counts = _named((NONE if label is None else label, 1) for label in labels)
    return LabelBalance(counts=counts, items=len(labels), balance=None)


def _named(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Most first; classes without an item are left out."""
    total: Counter[str] = Counter()
    for name, count in counts:  # long names that were cut may be the same
        total[name] += count
    ordered = sorted((+total).items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(ordered)
