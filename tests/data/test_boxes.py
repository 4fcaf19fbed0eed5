"""Boxes become crops of the right pixels, or are set aside with their reason."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from coco import coco_of
from curate.core.pictures import load_picture
from curate.core.values import Dataset
from curate.data import content_keys, read
from curate.data.object_boxes import read_boxes, usable_boxes
from curate.embed.embed import embed
from curate.embed.embedder import Encoded
from curate.errors import DataError


class MeanColour:
    """An embedder whose vectors can be checked by hand: the mean colour of all pixels."""

    name, kind, metric, dims, fingerprint, batch_size = "mean", "images", "euclidean", 3, "mean", 4

    def __init__(self):
        self.seen = 0

    def encode(self, batch):
        self.seen += len(batch)
        found = [np.asarray(load_picture(one, 1 << 12)).mean(axis=(0, 1)) for one in batch]
        return Encoded(np.array(found, dtype=np.float32), {})


@dataclass(frozen=True)
class Found:
    """Embedded objects, as a run has them."""

    dataset: Dataset
    owners: np.ndarray
    vectors: np.ndarray


def objects_of(folder, file, embedder=None, cache_folder=None):
    dataset = read(folder)
    boxes = usable_boxes(file, dataset, content_keys(dataset))
    made = embed(boxes.dataset, boxes.keys, embedder or MeanColour(), cache_folder=cache_folder)
    assert len(made.dataset) == len(boxes.owners)
    return dataset, Found(made.dataset, boxes.owners, made.embeddings.vectors)


def mean_of(folder, name, left, top, right, bottom):
    with Image.open(folder / name) as image:
        return np.asarray(image.convert("RGB"))[top:bottom, left:right].mean(axis=(0, 1))


def test_a_coco_file_gives_the_crops_of_its_boxes(scenes, tmp_path):
    """Each vector is that of the pixels inside the box, each owner the picture it is in."""
    folder, boxes = scenes
    names = sorted({box[0] for box in boxes})
    (tmp_path / "boxes.json").write_text(coco_of(boxes, names))
    dataset, objects = objects_of(folder, tmp_path / "boxes.json")
    assert len(objects.owners) == len(boxes)
    for row, (name, x, y, width, height, label) in enumerate(boxes):
        assert dataset.ids[objects.owners[row]] == name
        expected = mean_of(folder, name, x, y, x + width, y + height)
        np.testing.assert_allclose(objects.vectors[row], expected, atol=1e-3)
        assert objects.dataset.metadata.column("label")[row].as_py() == label
        assert objects.dataset.ids[row].startswith(f"{name}#")


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_table_gives_the_same(scenes, tmp_path, suffix):
    """Columns image, x, y, width, height say what COCO says; label and score may be there."""
    folder, boxes = scenes
    file = tmp_path / f"boxes{suffix}"
    rows = [
        dict(zip(("image", "x", "y", "width", "height", "label"), box, strict=True))
        | {"score": 0.5}
        for box in boxes
    ]
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), file)
    elif suffix == ".jsonl":
        file.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        lines = [",".join(map(str, row.values())) for row in rows]
        file.write_text("\n".join([",".join(rows[0]), *lines]))
    (tmp_path / "boxes.json").write_text(coco_of(boxes, sorted({box[0] for box in boxes})))
    _, by_table = objects_of(folder, file)
    _, by_coco = objects_of(folder, tmp_path / "boxes.json")
    np.testing.assert_array_equal(by_table.vectors, by_coco.vectors)
    np.testing.assert_array_equal(by_table.owners, by_coco.owners)
    assert by_table.dataset.ids == by_coco.dataset.ids
    assert set(by_table.dataset.metadata.column("score").to_pylist()) == {0.5}


def test_bad_boxes_are_set_aside_with_their_reason(scenes, tmp_path):
    """One bad box costs one box; one that leaves its picture is cut at the edge."""
    folder, _ = scenes
    name = "day1/scene3.png"
    lines = [
        "image,x,y,width,height",
        f"{name},-5,-5,15,15",
        f"{name},70.5,50.5,100,100",
        f"{name},80,0,5,5",
        f"{name},3,3,0,5",
        f"{name},3,3,5,-1",
        f"{name},nan,3,5,5",
        f"{name},3,3,inf,5",
        f"{name},left,3,5,5",
        "nowhere.png,1,1,5,5",
        f"{name},2,2,4,4",
    ]
    (tmp_path / "b.csv").write_text("\n".join(lines))
    dataset, objects = objects_of(folder, tmp_path / "b.csv")
    assert {one.id: one.reason for one in objects.dataset.set_aside} == {
        f"{name}#2": "outside the picture",
        f"{name}#3": "empty box",
        f"{name}#4": "empty box",
        f"{name}#5": "not finite",
        f"{name}#6": "not finite",
        f"{name}#7": "no box",
        "nowhere.png#0": "unknown image",
    }
    cut = [(0, 0, 10, 10), (70, 50, 80, 60), (2, 2, 6, 6)]
    for vector, box in zip(objects.vectors, cut, strict=True):
        np.testing.assert_allclose(vector, mean_of(folder, name, *box), atol=1e-3)
    assert {dataset.ids[row] for row in objects.owners} == {name}


def test_crowds_and_unknown_ids_of_coco_are_set_aside(scenes, tmp_path):
    """A crowd is a region of many objects, and an annotation may point at no image."""
    folder, _ = scenes
    whole = {
        "images": [{"id": 1, "file_name": "scene1.png"}],
        "annotations": [
            {"image_id": 1, "bbox": [1, 1, 9, 9], "iscrowd": 1, "segmentation": {"counts": "x"}},
            {"image_id": 9, "bbox": [1, 1, 9, 9]},
            {"image_id": 1, "segmentation": [[1, 2, 3, 4, 5, 6]]},
            {"image_id": 1, "bbox": [1, 1, 9, 9], "category_id": 7, "score": "high"},
        ],
    }
    (tmp_path / "c.json").write_text(json.dumps(whole))
    dataset, objects = objects_of(folder, tmp_path / "c.json")
    assert sorted(one.reason for one in objects.dataset.set_aside) == [
        "crowd",
        "no box",
        "unknown image",
    ]
    # The file names the picture without its folder: there is one alone that it can be.
    assert [dataset.ids[row] for row in objects.owners] == ["day1/scene1.png"]
    assert objects.dataset.metadata.to_pylist()[0]["label"] == "7"
    assert objects.dataset.metadata.to_pylist()[0]["score"] is None


def test_names_from_above_and_below_the_folder_are_found_unless_two_fit(tmp_path):
    """A picture is found by a longer or a shorter path, and not guessed among two."""
    for name in ("a/x.png", "b/x.png", "y.png"):
        (tmp_path / "p" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 9), (len(name), 0, 0)).save(tmp_path / "p" / name)
    (tmp_path / "p" / "broken.png").write_bytes(b"none")
    (tmp_path / "b.csv").write_text(
        "image,x,y,width,height\nx.png,1,1,3,3\nsome/where/y.png,1,1,3,3\nb/x.png,1,1,3,3\n"
    )
    dataset, objects = objects_of(tmp_path / "p", tmp_path / "b.csv")
    assert [dataset.ids[row] for row in objects.owners] == ["y.png", "b/x.png"]
    assert [(one.reason, one.id) for one in objects.dataset.set_aside] == [
        ("ambiguous image", "x.png#0")
    ]


def test_boxes_are_of_the_upright_picture(tmp_path):
    """EXIF rotation is applied before the box is cut, as it is on the screen of a labeller."""
    pixels = np.zeros((20, 40, 3), dtype=np.uint8)
    pixels[:, :20] = (250, 0, 0)  # left half red; turned right, the upper half
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "p").mkdir()
    Image.fromarray(pixels).save(tmp_path / "p" / "t.png", exif=exif)
    (tmp_path / "b.csv").write_text("image,x,y,width,height\nt.png,0,0,20,20\nt.png,0,20,20,20\n")
    _, objects = objects_of(tmp_path / "p", tmp_path / "b.csv")
    np.testing.assert_allclose(objects.vectors, [[250, 0, 0], [0, 0, 0]], atol=1)


def test_crops_are_cached_by_picture_and_box(scenes, tmp_path):
    """A second run embeds nothing; a moved box and a changed picture are embedded again."""
    folder, boxes = scenes
    names = sorted({box[0] for box in boxes})
    (tmp_path / "boxes.json").write_text(coco_of(boxes, names))
    first, second, third = MeanColour(), MeanColour(), MeanColour()
    cache = {"cache_folder": tmp_path / "cache"}
    _, made = objects_of(folder, tmp_path / "boxes.json", embedder=first, **cache)
    _, again = objects_of(folder, tmp_path / "boxes.json", embedder=second, **cache)
    np.testing.assert_array_equal(made.vectors, again.vectors)
    assert (first.seen, second.seen) == (len(boxes), 0)
    moved = [(name, x, y, width - 1, *rest) for name, x, y, width, *rest in boxes[:1]] + boxes[1:]
    (tmp_path / "boxes.json").write_text(coco_of(moved, names))
    objects_of(folder, tmp_path / "boxes.json", embedder=third, **cache)
    assert third.seen == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("b.json", "{}", "is not a COCO file: no 'images'"),
        ("b.json", "[1, 2]", "is not a COCO file"),
        ("b.json", "not json", "is not a COCO file"),
        ("b.json", '{"images": [], "annotations": []}', "has no boxes"),
        ("b.csv", "image,x,y,w,height\na,1,1,1,1\n", "has no column 'width'"),
        ("b.xml", "<a/>", "give a COCO file"),
        (None, "", "no file of boxes"),
    ],
)
def test_what_is_no_file_of_boxes_is_one_line(name, content, words, tmp_path):
    """The message says what is missing."""
    if name:
        (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=words) as caught:
        read_boxes(tmp_path / (name or "none.json"))
    assert "\n" not in str(caught.value)
