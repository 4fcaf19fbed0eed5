"""Side files with a row for each input item: what report.json would be too long for.

Rows are in the order of the input. Columns: `id`, `row` (where it stands in the source, from
0), `rank` (1 for the first pick), `coverage` (distance to the nearest pick or datapool item),
`nearest` (id of that), `nearest_in_datapool`, and for the items on the maps `pca_x`, `pca_y`,
`pacmap_x`, `pacmap_y`. Cost: O(n), 2 seconds for a million items.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.report.build import Run

ITEM_FILES = {"parquet": "items.parquet", "csv": "items.csv"}


def write_items(stream: IO[bytes], run: Run, kind: str) -> None:
    """Write the file of one `kind`, a key of ITEM_FILES. Equal runs give equal bytes."""
    import pyarrow.csv
    import pyarrow.parquet

    table = items_table(run)
    if kind == "parquet":
        pyarrow.parquet.write_table(table, stream, compression="zstd")
    else:
        pyarrow.csv.write_csv(table, stream)


def items_table(run: Run) -> pa.Table:
    """The rows of all input items."""
    import pyarrow as pa

    selection, dataset = run.selection, run.dataset
    n, k = len(dataset), len(selection)
    rank = np.zeros(n, dtype=np.int64)
    rank[selection.picks] = np.arange(1, k + 1)
    ids = pa.array(dataset.ids, pa.string())
    members = ids.take(pa.array(selection.picks))
    if run.datapool is not None:
        members = pa.concat_arrays([members, pa.array(run.datapool.ids, pa.string())])
    return pa.table(
        {
            "id": ids,
            "row": dataset.source_positions(),
            "rank": pa.array(rank, mask=rank == 0),
            "coverage": selection.coverage,
            "nearest": members.take(pa.array(selection.nearest)),
            "nearest_in_datapool": selection.nearest >= k,
            **_coordinates(run, n),
        }
    )


def _coordinates(run: Run, n: int) -> dict[str, Any]:
    """Columns of the maps that there are, null for items that are not on them."""
    import pyarrow as pa

    maps = run.analysis.maps
    missing = np.ones(n, dtype=bool)
    missing[maps.rows] = False
    columns = {}
    for name, one in (("pca", maps.pca), ("pacmap", maps.pacmap), ("map", maps.asked)):
        for axis in ("x", "y") if one is not None else ():
            values = np.zeros(n)
            values[maps.rows] = getattr(one, axis)
            columns[f"{name}_{axis}"] = pa.array(values, mask=missing)
    return columns
