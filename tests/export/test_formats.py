"""Each export names exactly the picks, in order, in the layout that its tool documents."""

from __future__ import annotations

import io
import json
from urllib.parse import unquote

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import curate
from curate.core.pictures import upright_size
from curate.core.values import Dataset, no_metadata
from curate.errors import RequestError
from curate.export.fiftyone import check
from curate.export.records import name_with_folder
from curate.export.registry import FORMATS

ALL = ",".join(FORMATS)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A few labelled pictures of odd names and sizes, one on its side, and where they went."""
    root = tmp_path_factory.mktemp("exports")
    folder = root / "photos"
    rng = np.random.default_rng(0)
    for name, size, turned in (
        ("cat/a b.png", (40, 30), False),
        ("cat/b.jpg", (50, 20), True),
        ("dog/ü.png", (20, 60), False),
        ("top.bmp", (24, 24), False),
        ("dog/c.v2.png", (33, 44), False),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(rng.integers(0, 255, (*size[::-1], 3), dtype=np.uint8))
        exif = Image.Exif()
        exif[0x0112] = 6  # lies on its right side
        image.save(path, **({"exif": exif} if turned else {}))
    result = curate.select(folder, n=4, out=root / "out", export=ALL, no_report=True)
    return folder, root / "out", result


def test_every_format_has_its_file_and_the_report_names_it(exported, tmp_path):
    """selection.files lists the exports; a later run without them removes their files."""
    folder, _, _ = exported
    curate.select(folder, n=2, out=tmp_path, export=["coco", "hf"])
    files = curate.load_report(tmp_path).selection.files
    assert files["coco"] == "coco.json"
    assert files["hf"] == "hf.parquet"
    assert files["removed"] == "removed.txt"
    assert all((tmp_path / name).is_file() for name in files.values())
    curate.select(folder, n=2, out=tmp_path, export="lightly", no_report=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["selected.txt", "selected.csv", "selected.jsonl", "removed.txt", "lightly.txt"]
    )


def test_removed_is_what_was_not_selected(exported):
    """selected.txt and removed.txt together are the input, each id once."""
    folder, out, result = exported
    removed = (out / "removed.txt").read_text(encoding="utf-8").splitlines()
    everything = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    assert sorted(removed + result.ids) == everything


def test_lightly_is_a_list_of_relative_names(exported):
    """One name a line, below the datasource, which is what relevant_filenames_file takes."""
    _, out, result = exported
    assert (out / "lightly.txt").read_text(encoding="utf-8").splitlines() == result.ids


def test_label_studio_tasks_point_at_local_files(exported):
    """Each task's image is served below the folder that the data's folder lies in."""
    folder, out, result = exported
    tasks = json.loads((out / "labelstudio.json").read_text(encoding="utf-8"))
    assert [task["data"]["id"] for task in tasks] == result.ids
    assert [task["data"]["rank"] for task in tasks] == [1, 2, 3, 4]
    for task in tasks:
        served = task["data"]["image"]
        assert served.startswith("/data/local-files/?d=")
        assert " " not in served
        assert (folder.parent / unquote(served.split("=", 1)[1])).is_file()
    assert {task["data"]["label"] for task in tasks} <= {"cat", "dog", None}


def test_the_cvat_manifest_has_header_names_and_upright_sizes(exported):
    """Version and type, then name and extension apart, width and height as shown."""
    folder, out, result = exported
    lines = [json.loads(line) for line in (out / "cvat_manifest.jsonl").read_text().splitlines()]
    assert lines[:2] == [{"version": "1.1"}, {"type": "images"}]
    assert [line["name"] + line["extension"] for line in lines[2:]] == result.ids
    assert all(line["extension"].startswith(".") for line in lines[2:])
    for line in lines[2:]:
        with Image.open(folder / (line["name"] + line["extension"])) as image:
            size = image.size
        turned = line["name"] == "cat/b"
        assert (line["width"], line["height"]) == (size[::-1] if turned else size)


def test_fiftyone_labels_are_by_path_without_suffix(exported):
    """The keys are paths below the data's folder without suffix; no label is null."""
    folder, out, result = exported
    labels = json.loads((out / "fiftyone.json").read_text(encoding="utf-8"))["labels"]
    known = {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert [known[key].relative_to(folder).as_posix() for key in labels] == result.ids
    for key, label in labels.items():
        assert label == (key.split("/")[0] if "/" in key else None)


def test_fiftyone_refuses_what_it_cannot_tell_apart():
    """Two names that differ in the suffix alone would be one picture to FiftyOne."""
    check(["a.png", "b.png", "x/a.png"])
    with pytest.raises(RequestError, match=r"a\.png and a\.jpg apart"):
        check(["a.png", "b.png", "a.jpg"])


def test_coco_images_are_the_picks(exported):
    """Ids from 1, file names below the data's folder, sizes, and no annotations."""
    folder, out, result = exported
    coco = json.loads((out / "coco.json").read_text(encoding="utf-8"))
    assert [image["file_name"] for image in coco["images"]] == result.ids
    assert [image["id"] for image in coco["images"]] == [1, 2, 3, 4]
    assert coco["annotations"] == coco["categories"] == []
    sizes = {name: upright_size(folder / name) for name in result.ids}
    assert {
        image["file_name"]: (image["width"], image["height"]) for image in coco["images"]
    } == sizes


def test_hf_parquet_holds_the_files_themselves(exported):
    """The image column is the files, byte for byte, and is declared as images to `datasets`."""
    folder, out, result = exported
    table = pq.read_table(out / "hf.parquet")
    assert table.column_names == ["image", "rank", "id", "distance", "label"]
    assert table.column("id").to_pylist() == result.ids
    for id_, image in zip(result.ids, table.column("image").to_pylist(), strict=True):
        assert image["bytes"] == (folder / id_).read_bytes()
        assert image["path"] == id_.split("/")[-1]
    declared = json.loads(table.schema.metadata[b"huggingface"])
    assert declared == {"info": {"features": {"image": {"_type": "Image"}}}}


def test_texts_and_vectors_go_where_they_fit(tmp_path):
    """Texts become tasks and rows, vectors rows; columns of the same name keep their values."""
    lines = ["text,image,rank"] + [f"word {i} of many,pic{i},{i}" for i in range(9)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    out = tmp_path / "out"
    result = curate.select(
        tmp_path / "t.csv",
        n=3,
        out=out,
        text_column="text",
        export="labelstudio,hf",
        no_report=True,
    )
    tasks = json.loads((out / "labelstudio.json").read_text())
    rows = pq.read_table(out / "hf.parquet").to_pylist()
    for task, row, id_ in zip(tasks, rows, result.ids, strict=True):
        assert task["data"]["text"] == row["text"] == f"word {id_} of many"
        assert task["data"]["metadata.rank"] == row["metadata.rank"] == id_
        assert task["data"]["image"] == row["image"] == f"pic{id_}"
    vectors = np.random.default_rng(0).normal(size=(30, 5)).astype(np.float16)
    picked = curate.select(vectors, n=7, out=tmp_path / "v", export="hf", no_report=True)
    table = pq.read_table(tmp_path / "v" / "hf.parquet")
    assert str(table.schema.field("vector").type).startswith("fixed_size_list")
    np.testing.assert_array_equal(
        np.array(table.column("vector").to_pylist(), dtype=np.float16), vectors[picked.indices]
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cvat", "takes images, the data are vectors"),
        ("labelstudio", "images or text, the data are vectors: for vectors there is hf"),
        ("hugging", "no export is called 'hugging'"),
    ],
)
def test_an_export_that_cannot_be_is_refused_before_the_work(name, words, tmp_path):
    """The message says what the format takes and what there is instead; nothing is written."""
    vectors = np.random.default_rng(0).normal(size=(30, 5))
    with pytest.raises(RequestError, match=words):
        curate.select(vectors, n=7, out=tmp_path / "out", export=name)
    assert not (tmp_path / "out").exists()


def test_a_picture_that_is_no_file_has_its_id_alone():
    """Inside an archive there is no folder to put before the id."""

    class Member:
        name, suffix = "x.png", ".png"

        def open(self, _mode):
            return io.BytesIO()

    assert name_with_folder(Member(), "deep/x.png") == "deep/x.png"


def test_an_infinite_distance_is_null_in_parquet(tmp_path):
    """The first pick has nothing before it, so its distance is null, not infinity."""
    vectors = np.random.default_rng(0).normal(size=(9, 2))
    data = Dataset("vectors", list("abcdefghi"), vectors, no_metadata(9), "v")
    assert len(data) == 9
    curate.select(vectors, n=3, out=tmp_path, export="hf", no_report=True)
    distances = pq.read_table(tmp_path / "hf.parquet").column("distance").to_pylist()
    assert distances[0] is None
    assert all(distance > 0 for distance in distances[1:])
