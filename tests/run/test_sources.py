"""One set of pictures, however it is brought: the same picks, thumbnails and files."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as papq
import pytest
from typer.testing import CliRunner

import curate
from curate.cli.main import app
from curate.data import ReadOptions, read
from curate.data.registry import READERS
from curate.errors import RequestError
from curate.report.build import thumbnails
from curate.schema.job import make_job
from curate.schema.job_file import reproduce
from tree import ROOT


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
    result = curate.select(brought[way], n=7, no_report=True)
    assert result.ids == expected.ids
    rows = result.selection.picks.tolist()
    assert thumbnails.make_thumbnails(result.dataset, rows) == thumbnails.make_thumbnails(
        expected.dataset, rows
    )


def test_selected_pictures_are_copied_out_of_an_archive(brought, tmp_path: Path) -> None:
    """The copies have the bytes of the files that were packed."""
    result = curate.select(brought["zip"], n=5, no_report=True, copy_to=str(tmp_path / "copies"))
    result.save(tmp_path / "out")
    for id_ in result.ids:
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


def test_several_sources_are_one_in_every_door(brought, tmp_path: Path, monkeypatch) -> None:
    """A list in a job file (relative to it), the environment and Python give the same."""
    folder = Path(brought["folder"])
    (folder.parent / "job.toml").write_text(
        '[data]\nsource = ["folder/science", "folder/geography"]\n[select]\nn = 4\n'
        "[report]\nno_report = true\n"
    )
    (tmp_path / "with space").symlink_to(folder / "science")
    parts = [str(folder / "science"), str(folder / "geography")]
    expected = curate.select(parts, n=4, no_report=True).ids
    runner = CliRunner()
    runs = {"file": ["--config", str(folder.parent / "job.toml")], "words": [*parts, "--n", "4"]}
    runs["environment"] = ["--n", "4"]
    for name, words in runs.items():
        if name == "environment":
            monkeypatch.setenv("CURATE_SOURCE", f"{tmp_path / 'with space'}{os.pathsep}{parts[1]}")
        out = tmp_path / name
        done = runner.invoke(app, ["select", *words, "--no-report", "--out", str(out)])
        assert done.exit_code == 0, done.output
        assert (out / "selected.txt").read_text().splitlines() == expected
    job = make_job({"source": parts, "n": 4})
    assert reproduce(job) == f"curate select {parts[0]} {parts[1]} --n 4"


def test_rows_with_gaps_between_them_give_the_same_selection(tmp_path: Path) -> None:
    """Vectors that are mapped from .fvecs, where each row has a head, are selected as from .npy."""
    values = np.random.default_rng(5).normal(size=(4000, 24)).astype(np.float32)
    np.save(tmp_path / "v.npy", values)
    with (tmp_path / "v.fvecs").open("wb") as file:
        for row in values:
            file.write(np.int32(24).tobytes() + row.tobytes())
    picks = [
        curate.select(tmp_path / name, n=50, no_report=True).ids for name in ("v.npy", "v.fvecs")
    ]
    assert picks[0] == picks[1]


def test_the_docs_name_every_format() -> None:
    """What can be read is in the table of docs/sources.md."""
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    plain = {suffix.removesuffix(".gz") if suffix != ".tar.gz" else suffix for suffix in READERS}
    unnamed = {suffix for suffix in plain if f"{suffix}`" not in text and f"{suffix} " not in text}
    assert unnamed == set()


def test_a_datapool_of_a_numeric_table_is_named_by_ids(tmp_path: Path) -> None:
    """Another table would be scaled by its own rows, so it is refused; ids of the data are not."""
    rows = "".join(f"{at},{at * at % 37},{'ab'[at % 2]}\n" for at in range(40))
    (tmp_path / "t.csv").write_text("id,x,kind\n" + rows)
    asked = {"columns": "x,kind", "scale": "standard", "id_column": "id", "no_report": True}
    with pytest.raises(RequestError, match=r"beside --columns.*name them by ids:FILE"):
        curate.select(tmp_path / "t.csv", n=3, datapool=tmp_path / "t.csv", **asked)
    result = curate.select(tmp_path / "t.csv", n=3, datapool="ids:5|6", **asked)
    assert len(result.ids) == 3
    assert not {"5", "6"} & set(result.ids)
