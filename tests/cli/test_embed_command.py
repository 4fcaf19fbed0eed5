"""`curate embed` and `curate cache` as real processes: files that give the same picks again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as papq
import pytest

import curate
from curate.cli.main import main
from curate.core.values import Dataset, Embeddings, no_metadata
from curate.errors import DataError, RequestError
from curate.export.vectors import write_vectors
from process import run


@pytest.fixture
def cli(monkeypatch, capsys):
    """The command line in this process: exit code, stdout and stderr of `curate WORDS`."""

    def call(*words, cwd):
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["curate", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return subprocess.CompletedProcess(words, ended.value.code, *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def pictures(samples, tmp_path_factory) -> Path:
    """A folder with three folders of pictures, and what is selected from it."""
    folder = tmp_path_factory.mktemp("embed")
    for name in ("geography", "containers", "tools"):
        shutil.copytree(samples / "clipart" / name, folder / "pictures" / name)
    return folder


@pytest.fixture(scope="module")
def picks(pictures, cache_folder):
    return curate.select(pictures / "pictures", n=12, cache=str(cache_folder), no_report=True).ids


@pytest.mark.parametrize(
    ("file", "also"),
    [
        ("v.parquet", {}),
        ("v.npy", {"ids": "v.ids.csv", "id_column": "id", "metric": "cosine"}),
        ("v.safetensors", {"ids": "v.ids.csv", "id_column": "id"}),
        ("v.csv", {"metric": "cosine"}),
    ],
)
def test_what_is_embedded_gives_the_same_picks(file, also, pictures, picks, cache_folder, cli):
    """Every format, read back with the flags that docs/embedders.md names, gives the same ids."""
    done = cli("embed", "pictures", "-o", f"out/{file}", "--cache", cache_folder, cwd=pictures)
    assert (done.returncode, done.stderr) == (0, "")
    written = [pictures / line for line in done.stdout.splitlines()]
    assert written[0] == pictures / "out" / file
    assert all(path.is_file() for path in written)
    if "ids" in also:
        also = {**also, "ids": str(pictures / "out" / also["ids"])}
    found = curate.select(pictures / "out" / file, n=12, no_report=True, **also)
    assert found.ids == picks


def test_parquet_says_what_it_is(pictures, cache_folder):
    """Label, metric, embedder and dimensions travel in the file; a fixed-size list a row."""
    done = run(
        *("embed", "pictures", "-o", "said.parquet", "--dims", 8, "--dtype", "float16"),
        *("--cache", cache_folder, "--json"),
        cwd=pictures,
    )
    told = json.loads(done.stdout)
    assert (told["dims"], told["metric"]) == (8, "euclidean")
    schema = papq.read_schema(pictures / "said.parquet")
    assert str(schema.field("embedding").type) == "fixed_size_list<element: halffloat>[8]"
    made = json.loads(schema.metadata[b"curate"])
    assert made["embedder"].startswith("image-lite-")
    assert made["embedder"].endswith("/unit-pca8")
    result = curate.select(pictures / "said.parquet", n=3, random_draws=20)
    assert result.dataset.label_column == "label"
    assert result.report.selection.metric == "euclidean"
    assert result.report.selection.items[0].label in ("geography", "containers", "tools")


def test_mistakes_have_one_line(pictures, cli):
    """An unknown suffix, a missing --out and an unknown type are bad requests."""
    for words, says in (
        (["-o", "v.docx"], "There are: .csv, .npy, .parquet, .safetensors"),
        ([], "--out"),
        (["-o", "v.npy", "--dtype", "int8", "--embedder", "perceptual"], "--dtype is 'int8'"),
    ):
        done = cli("embed", "pictures", *words, cwd=pictures)
        assert done.returncode == 2, done.stderr
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_columns_of_the_same_name_are_kept(tmp_path):
    """Metadata called id or embedding stand beside ours, which step aside; reading knows."""
    import pyarrow as pa

    metadata = pa.table({"id": ["x", "y"], "embedding": [1, 2]})
    dataset = Dataset("text", ["a", "b"], ["ta", "tb"], metadata, "two")
    vectors = np.array([[1.0, 0.1], [0.5, 1 / 3]])
    embeddings = Embeddings(vectors, "cosine", "made-by-hand")
    write_vectors(tmp_path / "two.parquet", dataset, embeddings)
    result = curate.select(tmp_path / "two.parquet", n=2, no_report=True)
    assert sorted(result.ids) == ["a", "b"]
    assert result.dataset.metadata.column_names == ["id", "embedding"]
    assert np.array_equal(np.asarray(result.dataset.items), vectors)


def test_lightly_csv_has_its_columns_and_exact_values(tmp_path):
    """File names, a column a dimension, class numbers; float32 values come back to the bit."""
    vectors = np.array([[0.1, 1e-7], [1 / 3, -2.5], [3, 4]], dtype=np.float32)
    dataset = Dataset("images", ["b.jpg", "a.jpg", "c.jpg"], [], no_metadata(3), "three")
    write_vectors(tmp_path / "v.csv", dataset, Embeddings(vectors, "euclidean", "x"))
    lines = (tmp_path / "v.csv").read_text().splitlines()
    assert lines[0].replace('"', "") == "filenames,embedding_0,embedding_1,labels"
    values = [[float(cell) for cell in line.split(",")[1:3]] for line in lines[1:]]
    assert np.array_equal(np.array(values), vectors.astype(np.float64))
    large = Embeddings(vectors * 1e6, "euclidean", "x")
    with pytest.raises(DataError, match="beyond float16"):
        write_vectors(tmp_path / "v.npy", dataset, large, "float16")
    with pytest.raises(RequestError, match="cannot be written as 'v'"):
        write_vectors(tmp_path / "v", dataset, Embeddings(vectors, "euclidean", "x"))


def test_the_cache_is_listed_measured_and_cleared(pictures, tmp_path, cli):
    """ls names embedders, size counts bytes, clear forgets one or all, and nothing else."""
    for name in ("perceptual", "image-lite"):
        words = ("embed", "pictures/geography", "-o", tmp_path / "v.npy", "--embedder", name)
        assert cli(*words, "--cache", tmp_path / "c", cwd=pictures).returncode == 0
    listed = cli("cache", "ls", "--cache", tmp_path / "c", cwd=tmp_path).stdout.splitlines()
    rows = [line.split("\t") for line in listed]
    assert [(row[0].rpartition("-")[0], row[1], row[2]) for row in rows] == [
        ("image-lite", "10", "1280"),
        ("perceptual", "10", "832"),
    ]
    size = cli("cache", "size", "--cache", tmp_path / "c", cwd=tmp_path).stdout.split("\t")
    assert int(size[0]) == sum(int(row[3]) for row in rows)
    wrong = cli("cache", "clear", "perceptual", "--cache", tmp_path / "c", cwd=tmp_path)
    assert wrong.returncode == 2
    assert f"did you mean '{rows[1][0]}'" in wrong.stderr
    freed = cli("cache", "clear", rows[1][0], "--cache", tmp_path / "c", cwd=tmp_path)
    assert freed.stdout == f"{rows[1][3]}\n"
    cli("cache", "clear", "--cache", tmp_path / "c", cwd=tmp_path)
    assert cli("cache", "ls", "--cache", tmp_path / "c", cwd=tmp_path).stdout == ""
    assert (tmp_path / "v.npy").is_file()
