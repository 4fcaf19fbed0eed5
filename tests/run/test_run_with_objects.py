"""A whole run with boxes: what is reported is what an independent count and measure finds."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from pypdf import PdfReader

import curate
from coco import coco_of
from curate.data import content_keys, read
from curate.data.object_boxes import usable_boxes
from curate.embed.embed import embed
from curate.embed.registry import find_embedder
from curate.errors import RequestError
from oracles import textbook_by_objects, textbook_distances
from tree import ROOT


@pytest.fixture(scope="module")
def boxes_file(scenes, tmp_path_factory):
    _, boxes = scenes
    file = tmp_path_factory.mktemp("boxes") / "boxes.json"
    one_bad = [*boxes, (boxes[0][0], 200, 200, 5, 5, "colour 0")]
    file.write_text(coco_of(one_bad, sorted({box[0] for box in boxes})))
    return file


@pytest.fixture(scope="module")
def spaces_of(scenes, boxes_file, cache_folder):
    """Vectors of pictures and objects, made without the pipeline."""
    dataset = read(scenes[0])
    embedder = find_embedder("auto", "images")
    keys = content_keys(dataset)
    cache = cache_folder / "embeddings"
    pictures = embed(dataset, keys, embedder, cache_folder=cache).embeddings
    boxes = usable_boxes(boxes_file, dataset, keys)
    objects = embed(boxes.dataset, boxes.keys, embedder, cache_folder=cache).embeddings
    return pictures.vectors, objects.vectors, boxes.owners


@pytest.mark.parametrize("by", ["images", "objects", "both"])
def test_both_levels_are_in_the_report(by, scenes, boxes_file, spaces_of, tmp_path):
    """Picks, counts, labels, diversity and coverage of objects equal a float64 oracle's."""
    pictures, objects, owners = spaces_of
    _, boxes = scenes
    result = curate.select(
        scenes[0], n=5, objects=str(boxes_file), select_by=by, out=tmp_path / "out"
    )
    picks = result.indices
    if by != "images":
        assert picks.tolist() == textbook_by_objects(pictures, objects, owners, 5, "cosine", by)
    part = curate.load_report(tmp_path / "out").objects
    chosen = np.isin(owners, picks)
    assert part.selected_by == by
    assert (part.counts.read, part.counts.set_aside) == (len(boxes) + 1, 1)
    assert (part.counts.input, part.counts.selected) == (len(boxes), chosen.sum())
    assert part.counts.images == len(set(owners))
    assert part.counts.images_selected == len(set(owners[chosen]))
    assert len(part.counts.random) == 20
    labels = [box[5] for box in boxes]
    for label, counted in part.labels.items():
        assert counted.input == labels.count(label)
        assert counted.selected == sum(
            label_of_item == label
            for label_of_item, taken in zip(labels, chosen, strict=True)
            if taken
        )
    between = textbook_distances(objects, objects, "cosine")
    to_selected = between[:, chosen].min(axis=1)
    assert part.coverage.radius == pytest.approx(to_selected.max(), abs=1e-9)
    assert part.coverage.selected.mean == pytest.approx(to_selected.mean(), abs=1e-9)
    assert part.coverage.worst[0].distance == pytest.approx(to_selected.max(), abs=1e-9)
    np.fill_diagonal(between, np.inf)
    within = between[np.ix_(chosen, chosen)].min(axis=1)
    assert part.diversity.selected.mean == pytest.approx(within.mean(), abs=1e-9)
    assert part.diversity.input.mean == pytest.approx(between.min(axis=1).mean(), abs=1e-9)
    assert part.set_aside.reasons == {"outside the picture": 1}
    with (tmp_path / "out" / part.set_aside.file).open(newline="") as stream:
        assert [row["reason"] for row in csv.DictReader(stream)] == ["outside the picture"]
    published = json.loads((ROOT / "reports" / "report.schema.json").read_text())
    Draft202012Validator(published).validate(
        json.loads((tmp_path / "out" / "report.json").read_text())
    )
    text = "\n".join(page.extract_text() for page in PdfReader(tmp_path / "out/report.pdf").pages)
    assert f"{chosen.sum()} of {len(boxes)} objects are selected" in text
    assert "Coverage distance of objects" in text


def test_objects_are_reduced_as_the_pictures_are(scenes, boxes_file):
    """With --dims both levels are measured in the reduced space of the pictures."""
    result = curate.select(scenes[0], n=4, objects=str(boxes_file), dims=3, select_by="both")
    full = curate.select(scenes[0], n=4, objects=str(boxes_file), select_by="both")
    assert result.report.selection.dims == 3
    assert result.report.objects.counts.input == full.report.objects.counts.input
    assert result.report.objects.coverage.radius != full.report.objects.coverage.radius


def test_pictures_without_any_object_leave_nothing_to_measure(scenes, tmp_path):
    """Where no selected picture has an object there are counts and no measures."""
    folder, _ = scenes
    (tmp_path / "b.csv").write_text("image,x,y,width,height\nday1/scene1.png,2,2,9,9\n")
    result = curate.select(folder, n=1, objects=str(tmp_path / "b.csv"), start="day0/scene0.png")
    part = result.report.objects
    assert part.counts.selected == 0
    assert part.diversity is part.coverage is None
    result.save(tmp_path / "out")
    text = "\n".join(page.extract_text() for page in PdfReader(tmp_path / "out/report.pdf").pages)
    assert "0 of 1 objects are selected" in text


def test_without_boxes_there_is_no_such_part(scenes):
    """report.objects is null without --objects."""
    assert curate.select(scenes[0], n=3).report.objects is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"select_by": "objects"}, "needs boxes: pass --objects FILE"),
        (
            {"select_by": "both", "objects": "x.json", "strategy": "random"},
            "goes with --strategy diversity",
        ),
        ({"select_by": "both", "objects": "x.json", "min_distance": 0.1}, "no distance of its own"),
        ({"select_by": "objects", "objects": "x.json", "datapool": "DATA"}, "from a datapool"),
    ],
)
def test_requests_that_cannot_be_are_refused(settings, words, scenes):
    """Each with one line that says what to do, before anything is embedded."""
    settings = {
        key: str(scenes[0]) if value == "DATA" else value for key, value in settings.items()
    }
    with pytest.raises(RequestError, match=words):
        curate.select(scenes[0], n=3, **settings)


def test_objects_are_in_images_alone():
    """Vectors have no boxes."""
    with pytest.raises(RequestError, match="is for images, the data are vectors"):
        curate.select(np.eye(5), n=2, objects="x.json")


@pytest.mark.parametrize("no_report", [False, True])
def test_the_boxes_of_selected_images_are_exported(no_report, scenes, boxes_file, tmp_path):
    """coco.json holds exactly the usable boxes of the picks, under their labels."""
    result = curate.select(
        scenes[0], n=5, objects=str(boxes_file), export="coco", out=tmp_path, no_report=no_report
    )
    coco = json.loads((tmp_path / "coco.json").read_text())
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    labels = {category["id"]: category["name"] for category in coco["categories"]}
    boxes = sorted(
        (names[annotation["image_id"]], *annotation["bbox"], labels[annotation["category_id"]])
        for annotation in coco["annotations"]
    )
    assert boxes == sorted(box for box in scenes[1] if box[0] in result.ids)
    assert [annotation["id"] for annotation in coco["annotations"]] == list(
        range(1, len(boxes) + 1)
    )
    again = curate.select(scenes[0], n=2, objects=str(tmp_path / "coco.json"), no_report=True)
    assert len(again.parts.owners) == len(boxes)
