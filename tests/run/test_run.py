"""The whole job on the real samples: picks, proof, and the same again."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import curate
from curate.data import ReadOptions, content_keys, read
from curate.embed.embed import embed
from curate.embed.registry import find_embedder
from curate.errors import RequestError
from curate.schema.report import VOLATILE, Report, schema
from oracles import textbook_distances, textbook_farthest_first
from tree import ROOT

JOBS = {
    "clipart": {"source": "clipart", "n": 60},
    "definitions": {"source": "definitions/definitions.csv", "n": 80, "id_column": "id"},
    "words": {"source": "words/vectors.npy", "n": 90, "metric": "cosine"},
}


@pytest.fixture(scope="module")
def job_of(samples):
    def job(name):
        settings = dict(JOBS[name])
        return samples / settings.pop("source"), settings

    return job


def without_volatile(path):
    """report.json without the fields that are declared to differ between runs."""
    tree = json.loads(path.read_text(encoding="utf-8"))
    for name in VOLATILE:
        *parents, last = name.split(".")
        node = tree
        for parent in parents:
            node = node[parent]
        del node[last]
    return tree


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("name", JOBS)
def test_picks_on_the_samples_are_the_textbooks(name, metric, job_of, cache_folder):
    """On every sample, in both metrics, picks and radii equal the float64 textbook."""
    source, settings = job_of(name)
    result = curate.select(source, **(settings | {"metric": metric}))
    dataset = read(source, ReadOptions(id_column=settings.get("id_column")))
    embedder = find_embedder("auto", dataset.kind)
    vectors = embed(
        dataset, content_keys(dataset), embedder, cache_folder=cache_folder / "embeddings"
    ).embeddings.vectors
    picks, radii = textbook_farthest_first(
        vectors, settings["n"], metric, start=int(result.indices[0])
    )
    assert result.indices.tolist() == picks
    distances = [item.distance for item in result.report.selection.items[1:]]
    np.testing.assert_allclose(distances, radii[1:], rtol=1e-6)
    coverage = textbook_distances(vectors, vectors[picks], metric).min(axis=1)
    assert result.report.coverage.radius == pytest.approx(coverage.max(), rel=1e-6)
    assert result.report.coverage.selected.mean == pytest.approx(coverage.mean(), rel=1e-6)


@pytest.mark.slow
def test_two_runs_are_identical(job_of, tmp_path):
    """Apart from the declared fields report.json repeats itself, and the PDF to the last byte."""
    source, settings = job_of("clipart")
    for out in ("a", "b"):
        curate.select(source, out=tmp_path / out, **settings)
    first, again = (without_volatile(tmp_path / out / "report.json") for out in ("a", "b"))
    assert first == again
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    for name in set(names) - {"report.json"}:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_the_second_run_embeds_nothing(samples, tmp_path):
    """Embeddings are found in the cache by content; without a cache all are made again."""
    few = tmp_path / "few"
    shutil.copytree(samples / "clipart" / "geography", few)
    runs = [curate.select(few, n=3, cache=str(tmp_path / "cache")).report.timings for _ in range(2)]
    assert (runs[0].embedded, runs[0].from_cache) == (10, 0)
    assert (runs[1].embedded, runs[1].from_cache) == (0, 10)
    uncached = curate.select(few, n=3, cache=str(tmp_path / "cache"), no_cache=True)
    assert uncached.report.timings.embedded == 10


@pytest.mark.slow
def test_shuffled_rows_give_the_same_items(samples):
    """The order of the rows does not matter to which items are selected."""
    vectors = np.load(samples / "words" / "vectors.npy")
    ids = [str(row) for row in range(len(vectors))]
    order = np.random.default_rng(0).permutation(len(vectors))
    straight = curate.select(vectors, n=70, ids=ids)
    shuffled = curate.select(vectors[order], n=70, ids=[ids[row] for row in order])
    assert set(straight.ids) == set(shuffled.ids)


def test_the_outputs_agree_with_each_other(job_of, tmp_path):
    """txt, csv, jsonl and report.json name the same picks in the same order."""
    source, settings = job_of("definitions")
    result = curate.select(source, out=tmp_path, label_column="topic", **settings)
    assert (tmp_path / "selected.txt").read_text().splitlines() == result.ids
    lines = (tmp_path / "selected.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["id"] for record in records] == result.ids
    assert [record["rank"] for record in records] == list(range(1, 81))
    assert records[0]["distance"] is None
    assert list(records[0]) == ["rank", "id", "distance", "topic", "words"]
    with (tmp_path / "selected.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == result.ids
    report = curate.load_report(tmp_path)
    assert report == result.report.model_copy(update={"timings": report.timings})
    assert [item.id for item in report.selection.items] == result.ids
    assert [item.label for item in report.selection.items] == [row["topic"] for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("name", JOBS)
def test_the_report_keeps_its_published_schema(name, job_of, tmp_path):
    """report.json of every sample is valid under the published JSON Schema."""
    source, settings = job_of(name)
    curate.select(source, out=tmp_path, **settings)
    published = json.loads((ROOT / "reports" / "report.schema.json").read_text())
    Draft202012Validator(published).validate(json.loads((tmp_path / "report.json").read_text()))


def test_the_published_schema_is_current():
    """reports/report.schema.json is what the models say: run `make schema` if this fails."""
    published = json.loads((ROOT / "reports" / "report.schema.json").read_text())
    assert published == json.loads(json.dumps(schema()))


def test_the_top_level_keys_are_the_contract():
    """Pipelines rely on these names."""
    keys = (
        "schema_version job provenance counts selection objectives diversity coverage "
        "likeness neighbourhoods columns maps budget items set_aside duplicates objects space "
        "timings"
    )
    assert " ".join(Report.model_fields) == keys


def test_a_datapool_counts_and_is_not_selected_again(samples, tmp_path):
    """Items of the datapool are beaten to it, whether they are in the input or not."""
    vectors = np.load(samples / "words" / "vectors.npy")[:800]
    first = curate.select(vectors, n=50)
    np.save(tmp_path / "pool.npy", vectors[first.indices])
    second = curate.select(vectors, n=50, datapool=str(tmp_path / "pool.npy"))
    assert not set(first.ids) & set(second.ids)
    counts = second.report.counts
    assert (counts.datapool, counts.in_datapool, counts.selected) == (50, 50, 50)
    together = curate.select(vectors, n=100)
    assert first.ids + second.ids == together.ids
    assert second.report.coverage.union.mean == pytest.approx(
        together.report.coverage.selected.mean, rel=1e-9
    )
    picks, radii = textbook_farthest_first(
        vectors, 50, "euclidean", datapool=vectors[first.indices]
    )
    assert second.indices.tolist() == picks
    np.testing.assert_allclose(
        [item.distance for item in second.report.selection.items], radii, rtol=1e-6
    )


def test_a_datapool_of_pictures(samples, tmp_path):
    """Pictures of the datapool are known by their content, not by their name."""
    pool = tmp_path / "pool"
    pool.mkdir()
    for path in sorted((samples / "clipart" / "science").glob("*.png"))[:5]:
        shutil.copy(path, pool / f"renamed_{path.name}")
    result = curate.select(samples / "clipart", n=20, datapool=str(pool))
    assert result.report.counts.in_datapool == 5
    taken = {path.name.removeprefix("renamed_") for path in pool.iterdir()}
    assert not taken & {id_.split("/")[-1] for id_ in result.ids}


def test_an_array_needs_no_files(tmp_path, monkeypatch):
    """An array gives a result without anything being written, and it can be saved later."""
    monkeypatch.chdir(tmp_path)
    vectors = np.random.default_rng(0).normal(size=(40, 3))
    result = curate.select(vectors, n=5)
    assert list(tmp_path.iterdir()) == []
    assert len(result.ids) == len(result.indices) == 5
    result.save(tmp_path / "out")
    report = curate.load_report(tmp_path / "out")
    assert report == result.report.model_copy(update={"timings": report.timings})
    assert " ".join(report.timings.stages) == (
        "read embed select diversity coverage likeness budget duplicates maps columns draw"
    )


def test_a_named_start_is_the_first_pick(samples):
    """--start takes the id of an item."""
    result = curate.select(samples / "words" / "vectors.npy", n=5, start="17")
    assert result.indices[0] == 17
    other = curate.select(samples / "words" / "vectors.npy", n=5, start="first")
    assert other.indices[0] == 0


def test_all_items_can_be_kept():
    """n equal to the number of items selects every one, at radius 0."""
    result = curate.select(np.random.default_rng(0).normal(size=(25, 3)), fraction=1.0)
    assert sorted(result.indices) == list(range(25))
    assert result.report.coverage.radius == 0
    assert any("Every item is selected" in note for note in result.report.selection.notes)


def test_without_a_report_only_the_selection_is_written(tmp_path):
    """no_report writes the same picks, and removes the report of an earlier run."""
    vectors = np.random.default_rng(0).normal(size=(40, 3))
    full = curate.select(vectors, n=5, out=tmp_path)
    alone = curate.select(vectors, n=5, out=tmp_path, no_report=True)
    assert alone.ids == full.ids
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "removed.txt",
        "selected.csv",
        "selected.jsonl",
        "selected.txt",
    ]
    with pytest.raises(RequestError, match="no_report"):
        _ = alone.report


def test_an_array_of_earlier_items_is_a_datapool():
    """From Python the datapool may be an array, and the picks go on from it."""
    vectors = np.random.default_rng(0).normal(size=(200, 3))
    first = curate.select(vectors, n=10)
    second = curate.select(vectors, n=10, datapool=vectors[first.indices])
    assert first.ids + second.ids == curate.select(vectors, n=20).ids


def test_a_min_distance_ends_the_run_early_and_says_so():
    """With a minimum distance no two picks are nearer, and a note tells how many there are."""
    vectors = np.random.default_rng(0).uniform(size=(300, 2))
    result = curate.select(vectors, n=200, min_distance=0.2)
    assert 5 < len(result.ids) < 40
    assert result.report.diversity.selected.min >= 0.2
    assert any("of the 200 items asked for" in note for note in result.report.selection.notes)
    random = curate.select(vectors, n=5, min_distance=0.2, strategy="random", no_report=True)
    assert random.selection.distances.min() >= 0.2


@pytest.mark.slow
def test_threads_and_cache_change_nothing(samples, tmp_path):
    """Threads and the place of the cache change neither report.json nor the PDF."""
    for threads in (1, 2):
        curate.select(
            samples / "words" / "vectors.npy",
            n=40,
            threads=threads,
            cache=str(tmp_path / f"cache{threads}"),
            out=tmp_path / f"out{threads}",
        )
    first, second = (tmp_path / f"out{threads}" for threads in (1, 2))
    assert without_volatile(first / "report.json") == without_volatile(second / "report.json")
    assert (first / "report.pdf").read_bytes() == (second / "report.pdf").read_bytes()


def test_metadata_reach_the_files_as_they_were(tmp_path):
    """Leading zeros survive, nested values are JSON, and jsonl has no token that JSON lacks."""
    rows = [
        {"v": [float(i), 1.0], "sku": f"00{i}", "tags": {"a": [i]}, "score": float("inf")}
        for i in range(5)
    ]
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    curate.select(tmp_path / "t.parquet", n=2, vector_column="v", out=tmp_path / "out")
    for line in (tmp_path / "out" / "selected.jsonl").read_text().splitlines():
        record = json.loads(line, parse_constant=pytest.fail)
        assert record["sku"].startswith("00")
        assert record["score"] is None
    with (tmp_path / "out" / "selected.csv").open(encoding="utf-8", newline="") as stream:
        assert next(json.loads(row["tags"]) for row in csv.DictReader(stream))["a"]
