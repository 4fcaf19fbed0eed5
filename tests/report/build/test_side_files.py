"""What report.json would be too long for: a row for each input item, beside it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest
from scipy.spatial.distance import cdist

import curate
from curate.report.build.side_files import ITEM_FILES


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, curate.Result]:
    """600 points, of which the map shows 150, beyond a datapool of 7; some ids are hostile."""
    folder = tmp_path_factory.mktemp("items")
    points = np.random.default_rng(3).normal(size=(600, 5)).astype(np.float32)
    np.save(folder / "pool.npy", 3 * points[:7] + 1)
    ids = [f'a,"{row}\n' if row < 9 else f"id{row}" for row in range(600)]
    result = curate.select(
        points, n=20, ids=ids, datapool=str(folder / "pool.npy"), map_points=150, out=folder / "a"
    )
    return folder, result


def test_every_input_item_has_its_coverage_and_nearest_pick(
    run: tuple[Path, curate.Result],
) -> None:
    """Distances and ids are those of a plain float64 computation, in the order of the input."""
    folder, result = run
    assert result.report.items == ITEM_FILES
    table = pyarrow.parquet.read_table(folder / "a" / "items.parquet")
    points = np.asarray(result.dataset.items, dtype=np.float64)
    pool = np.load(folder / "pool.npy").astype(np.float64)
    members = np.concatenate([points[result.selection.picks], pool])
    apart = cdist(points, members)
    names = [*result.ids, *result.run.datapool.ids]
    assert table["id"].to_pylist() == result.dataset.ids
    assert table["row"].to_pylist() == list(range(600))
    np.testing.assert_allclose(table["coverage"].to_numpy(), apart.min(axis=1), rtol=1e-6)
    assert table["nearest"].to_pylist() == [names[place] for place in apart.argmin(axis=1)]
    assert table["nearest_in_datapool"].to_pylist() == (apart.argmin(axis=1) >= 20).tolist()
    rank = {row: place for place, row in enumerate(result.selection.picks.tolist(), 1)}
    assert table["rank"].to_pylist() == [rank.get(row) for row in range(600)]


def test_items_on_the_maps_have_their_place(run: tuple[Path, curate.Result]) -> None:
    """Coordinates are those of report.json, null for items that are not shown."""
    folder, result = run
    table = pyarrow.parquet.read_table(folder / "a" / "items.parquet")
    maps = result.report.maps
    for name in ("pca", "pacmap"):
        for axis in ("x", "y"):
            column = table[f"{name}_{axis}"].to_pylist()
            assert [column[row] for row in maps.rows] == getattr(getattr(maps, name), axis)
            assert sum(value is not None for value in column) == len(maps.rows) < 600


def test_both_formats_say_the_same(run: tuple[Path, curate.Result]) -> None:
    """The csv, with ids that hold commas, quotes and line ends, reads back as the parquet."""
    folder, _ = run
    table = pyarrow.parquet.read_table(folder / "a" / "items.parquet")
    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    types = pyarrow.csv.ConvertOptions(column_types=table.schema)
    read = pyarrow.csv.read_csv(
        folder / "a" / "items.csv", parse_options=options, convert_options=types
    )
    assert read.equals(table)


def test_the_same_run_writes_the_same_bytes(run: tuple[Path, curate.Result]) -> None:
    """Both side files are equal to the last byte when they are written again."""
    folder, result = run
    result.save(folder / "b")
    for name in ITEM_FILES.values():
        assert (folder / "a" / name).read_bytes() == (folder / "b" / name).read_bytes()


@pytest.mark.slow
def test_report_json_is_bounded_whatever_the_data_hold(tmp_path: Path) -> None:
    """Ids of 4,000 signs, labels of 9,000 and groups of equal items: below 10 MB, and drawn."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(1400, 2)).astype(np.float32)
    points[1300:] = points[:100]
    ids = [f"{row}{'漢' * 4000}" for row in range(1400)]
    labels = [f"{row % 4}{'label ' * 1500}{row % 7}" for row in range(1400)]
    result = curate.select(points, n=1000, ids=ids, labels=labels, strategy="random", out=tmp_path)
    assert (tmp_path / "report.json").stat().st_size < 10_000_000
    assert (tmp_path / "report.pdf").stat().st_size < 5_000_000
    stored = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    inline = stored["selection"]["items"]
    assert 100 < len(inline) < 1000
    assert [item["id"] for item in inline] == result.ids[: len(inline)]
    assert len((tmp_path / "selected.txt").read_text(encoding="utf-8").splitlines()) == 1000
