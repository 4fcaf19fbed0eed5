"""Which items of a run the report may show as pictures."""

from __future__ import annotations

from curate.report import thumbnails
from curate.report.build import Run

PICTURES = 200  # of the first picks


def pictures(run: Run) -> dict[str, bytes]:
    """Thumbnails by id: the first picks, the worst-covered inputs beside what covers them,
    outliers and near duplicates; an item of the datapool goes by `datapool:` and its id."""
    k = len(run.selection)
    nearest = run.selection.nearest[run.analysis.worst]
    picks = run.selection.picks
    rows = [*picks[:PICTURES], *run.analysis.worst, *picks[nearest[nearest < k]]]
    around = run.analysis.around
    if around is not None:
        rows += around.outliers.tolist()
        pairs = [*around.input_pairs, *around.pick_pairs]
        rows += [row for pair in pairs for row in (pair.one, pair.other)]
    made = thumbnails.make(run.dataset, dict.fromkeys(map(int, rows)))
    if run.datapool is not None:
        of_pool = thumbnails.make(run.datapool, dict.fromkeys(map(int, nearest[nearest >= k] - k)))
        made |= {f"datapool:{id_}": jpeg for id_, jpeg in of_pool.items()}
    return made
