"""The two embedders that ship, on real samples and on pictures of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from curate.core.distance import k_nearest
from curate.core.pictures import UnreadablePictureError, bombs_are_errors, load_picture
from curate.data import content_keys, read
from curate.embed.embed import embed, fit_embedder
from curate.embed.registry import EMBEDDERS, find_embedder
from curate.errors import RequestError


def label_accuracy(embeddings, labels):
    """Leave-one-out 1-nearest-neighbour accuracy."""
    vectors = embeddings.vectors
    found = k_nearest(vectors, vectors, 1, embeddings.metric, own_rows=np.arange(len(vectors)))
    labels = np.array(labels)
    return float((labels[found.rows[:, 0]] == labels).mean())


@pytest.mark.parametrize(
    ("source", "column", "least"),
    [("clipart", "label", 0.60), ("definitions/definitions.csv", "topic", 0.42)],
)
def test_neighbours_share_labels(source, column, least, samples, cache_folder):
    """Weights and preprocessing are right: neighbours have the same label as often as measured.

    Chance would be about .14 on the pictures and .06 on the definitions.
    """
    dataset = read(samples / source)
    embedder = find_embedder("auto", dataset.kind)
    done = embed(dataset, content_keys(dataset), embedder, cache_folder=cache_folder / "embeddings")
    labels = done.dataset.metadata.column(column).to_pylist()
    assert label_accuracy(done.embeddings, labels) > least


@pytest.mark.parametrize("name", EMBEDDERS)
def test_a_vector_does_not_depend_on_its_batch(name, samples):
    """The same item has the same vector to the last bit, alone or among others."""
    kind = "images" if name in ("image-lite", "perceptual") else "text"
    source = {"images": "clipart/tools", "text": "definitions/definitions.csv"}[kind]
    items = list(read(samples / source).items[:9])
    embedder = fit_embedder(find_embedder(name, kind), items)
    together = embedder.encode(items).vectors
    alone = np.concatenate([embedder.encode([item]).vectors for item in items])
    assert together.shape == (9, embedder.dims)
    assert np.array_equal(together, alone)


def test_text_vectors_have_unit_length_and_ignore_unknown_signs():
    """Rows are unit vectors; a text of unknown signs only has none."""
    encoded = find_embedder("text-static", "text").encode(
        ["a red car", "\U0001f9ff", "", "a blue car"]
    )
    assert set(encoded.unreadable) == {1, 2}
    assert encoded.unreadable[1].reason == "no known token"
    np.testing.assert_allclose(np.linalg.norm(encoded.vectors, axis=1), 1, rtol=1e-6)
    assert encoded.vectors[0] @ encoded.vectors[1] > 0.5


def test_long_texts_are_not_cut():
    """The tokenizer's own limit of 128 tokens is switched off."""
    embedder = find_embedder("text-static", "text")
    long = "cat " * 200 + "economy " * 200
    short = "cat " * 200
    assert not np.allclose(embedder.encode([long]).vectors, embedder.encode([short]).vectors)


def colours():
    """A picture of four flat quarters, so that colour and orientation can be checked."""
    pixels = np.zeros((80, 120, 3), dtype=np.uint8)
    pixels[:40, :60], pixels[:40, 60:] = (255, 0, 0), (0, 255, 0)
    pixels[40:, :60], pixels[40:, 60:] = (0, 0, 255), (255, 255, 0)
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    ("name", "convert", "options"),
    [
        ("plain.png", None, {}),
        ("palette.gif", None, {}),
        ("palette.png", "P", {}),
        ("alpha.png", "RGBA", {}),
        ("quality.jpg", None, {"quality": 95}),
        ("print.jpg", "CMYK", {"quality": 95}),
        ("lossless.webp", None, {"lossless": True}),
        ("plain.tiff", None, {}),
        ("plain.bmp", None, {}),
    ],
)
def test_every_kind_of_file_gives_the_same_picture(name, convert, options, tmp_path):
    """Palette, alpha, CMYK and each format decode to the same colours."""
    picture = colours() if convert is None else colours().convert(convert)
    picture.save(tmp_path / name, **options)
    found = np.asarray(load_picture(tmp_path / name, 224), dtype=int)
    assert found.shape == (80, 120, 3)
    for y, x, colour in ((10, 10, (255, 0, 0)), (10, 110, (0, 255, 0)), (70, 10, (0, 0, 255))):
        assert np.abs(found[y, x] - colour).max() < 30


def test_transparency_is_white(tmp_path):
    """Transparent pixels show white, not what is hidden beneath them."""
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert np.asarray(load_picture(tmp_path / "clear.png", 224)).min() == 255


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    """A 16-bit grey ramp stays a ramp."""
    ramp = np.linspace(0, 65535, 200).astype(np.uint16)[None, :].repeat(20, axis=0)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    found = np.asarray(load_picture(tmp_path / "ramp.png", 224))[10, :, 0].astype(int)
    np.testing.assert_allclose(found, np.linspace(0, 255, 200), atol=2)


def test_exif_rotation_is_respected(tmp_path):
    """A picture that says it lies on its side is turned upright."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to view
    colours().save(tmp_path / "turned.jpg", exif=exif, quality=95)
    found = np.asarray(load_picture(tmp_path / "turned.jpg", 224), dtype=int)
    assert found.shape == (120, 80, 3)
    assert np.abs(found[10, 70] - (255, 0, 0)).max() < 30


def test_an_animation_shows_its_first_frame(tmp_path):
    """Of an animated file the first frame is taken."""
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert tuple(np.asarray(load_picture(tmp_path / "moving.gif", 224))[0, 0]) == (255, 0, 0)


def test_large_pictures_are_reduced(tmp_path):
    """Both sides are at most what was asked for, and the aspect is kept."""
    colours().resize((1200, 800)).save(tmp_path / "large.jpg")
    assert load_picture(tmp_path / "large.jpg", 224).size == (224, 149)


def test_a_decompression_bomb_is_refused(tmp_path, monkeypatch):
    """A picture above Pillow's limit is set aside, not decoded."""
    colours().save(tmp_path / "bomb.png")
    for limit in (8000, 1000):  # Pillow warns above the limit and raises above twice of it
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with bombs_are_errors(), pytest.raises(UnreadablePictureError, match="bomb"):
            load_picture(tmp_path / "bomb.png", 224)


def test_an_embedder_for_other_items_is_refused():
    """--embedder must fit the data, and the message names one that does."""
    with pytest.raises(RequestError, match="pass --embedder text-static"):
        find_embedder("image-lite", "text")
    with pytest.raises(RequestError, match="pass --embedder image-lite"):
        find_embedder("none", "images")
