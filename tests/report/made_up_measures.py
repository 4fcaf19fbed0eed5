"""What a made-up report says beyond distances, measured as a run would: it is only drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.core.values import Dataset, Selection
from curate.measure.selection.budget import curve_of
from curate.measure.selection.columns import measure_columns
from curate.measure.selection.diversity_coverage import Sets, diversity_of
from curate.measure.selection.likeness import likeness_of
from curate.measure.selection.neighbourhoods import neighbourhoods_of
from curate.report.build.assemble_report import neighbourhoods
from curate.schema.measures import PrefixCurve

SEED = np.random.SeedSequence(7)


def worth_of(
    points: NDArray[np.float64],
    picks: Sequence[int],
    ids: Sequence[str],
    labels: Sequence[str | None],
    texts: Sequence[str] | None,
) -> tuple[dict[str, Any], PrefixCurve]:
    """`likeness`, `neighbourhoods` and `columns` of a Report, and the curve of its budget."""
    n, chosen = len(points), np.array(picks, dtype=np.int64)
    rng = np.random.default_rng(SEED)
    draws = [rng.permutation(n)[: len(chosen)] for _ in range(20)]
    sets = Sets(points, "euclidean", np.arange(n), chosen, draws, None, n, SEED)
    keys = [row.tobytes() for row in points]
    kind, items = ("text", list(texts)) if texts else ("vectors", points)
    table = pa.table({"label": pa.array(labels, pa.string())})
    dataset = Dataset(kind, list(ids), items, table, "made-up", label_column="label")  # type: ignore[arg-type]
    selection = Selection(chosen, np.zeros(0), np.zeros(0), np.zeros(n), np.zeros(n), "diversity")  # type: ignore[arg-type]
    measured = None
    if sets.nearest_others is not None:
        mates = diversity_of(sets)[1]
        measured = neighbourhoods_of(
            points, "euclidean", sets.queries, sets.nearest_others, chosen, mates, draws, keys, SEED
        )
    likeness = likeness_of(points, "euclidean", chosen, draws, SEED)
    curve = curve_of(points, "euclidean", chosen, draws, None, None, n, SEED)
    parts = {
        "likeness": likeness,
        "neighbourhoods": neighbourhoods(dataset, selection, measured),
        "columns": measure_columns(dataset, chosen, draws),
    }
    return parts, curve
