"""One set of pictures, however it is brought: the same picks, thumbnails and files."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as papq
import pytest

import curate
from curate.data import ReadOptions, read
from curate.report import thumbnails


@pytest.fixture(scope="module")
def brought(samples, tmp_path_factory) -> dict[str, Path | str]:
    """The pictures of two folders in every way that a user may have them."""
    root = tmp_path_factory.mktemp("brought")
    for name in ("science", "geography"):
        shutil.copytree(samples / "clipart" / name, root / "folder" / name)
    files = sorted((root / "folder").rglob("*.png"))
    names = [path.relative_to(root / "folder").as_posix() for path in files]
    for kind in ("zip", "tar", "gztar"):
        shutil.make_archive(str(root / "archive"), kind, root / "folder")
    (root / "folder" / "list.lst").write_text("\n".join(names))
    (root / "folder" / "paths.csv").write_text("\n".join(["image", *names]))
    cells = [
        {"bytes": path.read_bytes(), "path": name} for path, name in zip(files, names, strict=True)
    ]
    table = pa.table({"image": cells, "label": [name.split("/")[0] for name in names]})
    papq.write_table(table, root / "cells.parquet")
    saved = root / "saved"
    saved.mkdir()
    with pa.ipc.new_stream(saved / "data-00000-of-00001.arrow", table.schema) as file:
        file.write_table(table)
    state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}
    (saved / "state.json").write_text(json.dumps(state))
    (saved / "dataset_info.json").write_text("{}")
    return {
        "folder": root / "folder",
        "zip": root / "archive.zip",
        "tar": root / "archive.tar",
        "tar.gz": root / "archive.tar.gz",
        "pattern": f"{root}/folder/**/*.png",
        "list": f"@{root}/folder/list.lst",
        "paths": root / "folder" / "paths.csv",
        "cells": root / "cells.parquet",
        "saved": saved,
    }


WAYS = ("zip", "tar", "tar.gz", "pattern", "list", "paths", "cells", "saved")


@pytest.mark.parametrize("way", WAYS)
def test_the_same_pictures_give_the_same_selection(brought, way: str) -> None:
    """Ids, order and thumbnails are those of the folder, whatever holds the pictures."""
    expected = curate.select(brought["folder"], n=7, no_report=True)
    found = curate.select(brought[way], n=7, no_report=True)
    assert found.ids == expected.ids
    rows = found.selection.picks.tolist()
    assert thumbnails.make(found.dataset, rows) == thumbnails.make(expected.dataset, rows)


def test_selected_pictures_are_copied_out_of_an_archive(brought, tmp_path: Path) -> None:
    """The copies have the bytes of the files that were packed."""
    found = curate.select(brought["zip"], n=5, no_report=True, copy_to=str(tmp_path / "copies"))
    found.save(tmp_path / "out")
    for id_ in found.ids:
        copy = next((tmp_path / "copies").rglob(Path(id_).name))
        assert copy.read_bytes() == (Path(brought["folder"]) / id_).read_bytes()


@pytest.mark.slow
def test_a_large_parquet_of_vectors_opens_quickly(tmp_path: Path) -> None:
    """100,000 rows of 384 dimensions take under two seconds of processor time, best of three."""
    values = np.random.default_rng(0).normal(size=(100_000, 384)).astype(np.float32)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), 384)
    ids = [f"item {row}" for row in range(len(values))]
    papq.write_table(pa.table({"id": ids, "vector": vectors}), tmp_path / "v.parquet")
    seconds = []
    for _ in range(3):
        start = time.process_time()
        data = read(tmp_path / "v.parquet", ReadOptions(id_column="id"))
        seconds.append(time.process_time() - start)
    assert np.array_equal(data.items, values)
    assert min(seconds) < 2
