"""Built-in columns: each value equals an independent computation, and is made only when asked."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from curate.core.values import Dataset, no_metadata
from curate.data import content_keys, read
from curate.data.options import ReadOptions
from curate.embed import computed_columns
from curate.embed.computed_columns import BUILTIN, add_builtin_columns, builtin_columns
from curate.errors import RequestError


def textbook(path):
    """Every picture column by numpy and scipy alone, in float64."""
    image = Image.open(path).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    rgb_picture = Image.alpha_composite(white, image).convert("RGB")
    rgb = np.asarray(rgb_picture).astype(float)
    luma = np.asarray(rgb_picture.convert("L")).astype(float)
    height, width = luma.shape
    return {
        "width": width,
        "height": height,
        "aspect": width / height,
        "bytes": path.stat().st_size,
        "sharpness": ndimage.laplace(luma, mode="nearest").var(),
        "luminance": luma.mean(),
        "red": rgb[..., 0].mean(),
        "green": rgb[..., 1].mean(),
        "blue": rgb[..., 2].mean(),
        "contrast": luma.std(),
        "signal_to_noise": luma.mean() / luma.std() if luma.std() else None,
    }


def pictures_in(folder):
    dataset = read(folder, ReadOptions())
    return dataset, content_keys(dataset)


def made(tmp_path, rng):
    """Noise, one colour, a single pixel, a line, a step, and half-transparent noise."""
    noise = rng.integers(0, 256, size=(37, 61, 3), dtype=np.uint8)
    step = np.zeros((20, 30, 3), dtype=np.uint8)
    step[:, 15:] = 255
    clear = rng.integers(0, 256, size=(16, 9, 4), dtype=np.uint8)
    for name, array in {
        "noise": noise,
        "plain": np.full((8, 8, 3), 77, dtype=np.uint8),
        "dot": noise[:1, :1],
        "line": noise[:1],
        "step": step,
        "clear": clear,
    }.items():
        Image.fromarray(array).save(tmp_path / f"{name}.png")
    return tmp_path


@pytest.mark.parametrize("which", ["made", "animals"])
def test_picture_columns_equal_the_textbook(which, tmp_path, rng, samples):
    """Each value is that of numpy and scipy.ndimage to the last digits of float64."""
    folder = made(tmp_path, rng) if which == "made" else samples / "clipart" / which
    dataset, keys = pictures_in(folder)
    table = builtin_columns(dataset, list(BUILTIN["images"]), keys)
    assert table.column_names == list(BUILTIN["images"])
    for path, row in zip(dataset.items, table.to_pylist(), strict=True):
        for name, expected in textbook(path).items():
            if expected is None:
                assert row[name] is None, (path, name)
            else:
                assert row[name] == pytest.approx(expected, rel=1e-10, abs=1e-9), (path, name)


def test_a_step_has_the_sharpness_of_its_edge(tmp_path, rng):
    """By hand: of 30 columns two see ±255, so the variance is 2 · 255² / 30."""
    dataset, keys = pictures_in(made(tmp_path, rng))
    found = builtin_columns(dataset, ["sharpness"], keys)["sharpness"].to_pylist()
    assert found[list(dataset.ids).index("step.png")] == 2 * 255**2 / 30


def test_a_turned_picture_is_measured_upright(tmp_path):
    """EXIF orientation 6 swaps width and height, from the header as from the pixels."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 10), "red").save(tmp_path / "turned.jpg", exif=exif)
    dataset, keys = pictures_in(tmp_path)
    row = builtin_columns(dataset, ["width", "height", "aspect"], keys).to_pylist()[0]
    assert row == {"width": 10, "height": 40, "aspect": 0.25}


def test_what_cannot_be_read_has_no_value(tmp_path):
    """A corrupt file gives null, the others their value."""
    Image.new("RGB", (5, 4), "white").save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    dataset, keys = pictures_in(tmp_path)
    found = builtin_columns(dataset, ["bytes", "width", "luminance"], keys)
    assert found.to_pydict() == {
        "bytes": [13, (tmp_path / "good.png").stat().st_size],
        "width": [None, 5],
        "luminance": [None, 255.0],
    }


def test_values_are_cached_by_content_and_do_not_depend_on_threads(tmp_path, samples, monkeypatch):
    """One thread or four, the first time or from the cache, moved or not: the same bits."""
    dataset, keys = pictures_in(samples / "clipart" / "food")
    names = ["sharpness", "contrast", "blue"]
    one = builtin_columns(dataset, names, keys, tmp_path, threads=1)
    assert builtin_columns(dataset, names, keys, None, threads=4).equals(one)
    monkeypatch.setattr(computed_columns, "load_picture", None)  # decoding would now fail
    assert builtin_columns(dataset, names, keys, tmp_path, threads=4).equals(one)


def test_header_columns_decode_nothing(samples, monkeypatch):
    """Size and shape are known without a pixel."""
    dataset, keys = pictures_in(samples / "clipart" / "food")
    monkeypatch.setattr(computed_columns, "load_picture", None)
    table = builtin_columns(dataset, ["width", "height", "aspect", "bytes"], keys)
    assert table["width"].null_count == 0


TEXTS = {
    "": (0, 0, 0.0),
    "short": (5, 1, 0.0),
    "abcdefghabcdefgh": (16, 1, 1 - 8 / 9),
    "well-known, isn't it?": (21, 3, 0.0),
    "— — 3 %": (7, 1, 0.0),
    "東京へ行く。": (6, 5, 0.0),
    "हिन्दी में": (10, 2, 0.0),
    "a" * 100: (100, 1, 1 - 1 / 93),
}


def texts(items):
    return Dataset("text", [str(i) for i in range(len(items))], items, no_metadata(len(items)), "t")


def test_text_columns_by_hand():
    """Characters, words and repetition of texts in several scripts are as counted by hand."""
    table = builtin_columns(texts(list(TEXTS)), list(BUILTIN["text"]), [])
    found = [tuple(row.values()) for row in table.to_pylist()]
    assert found == list(TEXTS.values())


def test_repetition_counts_runs_that_came_before(rng):
    """On random strings of two letters it equals a count of each run of 8 by Counter."""
    items = ["".join(rng.choice(["a", "b"], size=size)) for size in (8, 20, 300)]
    found = builtin_columns(texts(items), ["repetition"], [])["repetition"].to_pylist()
    for text, value in zip(items, found, strict=True):
        runs = Counter(zip(*(text[shift:] for shift in range(8)), strict=False))
        again = sum(count - 1 for count in runs.values())
        assert value == pytest.approx(again / runs.total(), abs=1e-12)


def test_a_column_of_the_user_wins(samples):
    """A name that the metadata have is not computed; one that they lack is added beside it."""
    dataset, keys = pictures_in(samples / "clipart" / "food")
    mine = dataset.metadata.append_column("width", [list(range(len(dataset)))])
    dataset = Dataset("images", dataset.ids, dataset.items, mine, "food")
    assert add_builtin_columns(dataset, ["width"], keys) is dataset
    both = add_builtin_columns(dataset, ["width", "bytes", "bytes"], keys).metadata
    assert both["width"].to_pylist() == list(range(len(dataset)))
    assert both.column_names == [*mine.column_names, "bytes"]


@pytest.mark.parametrize("kind", ["images", "text", "vectors"])
def test_an_unknown_column_says_what_there_is(kind):
    """One line with the nearest name, the user's columns and the built-in ones of this kind."""
    dataset = Dataset(kind, ["a"], np.zeros((1, 2)), no_metadata(1), "data")
    with pytest.raises(RequestError, match="no column 'sharpnes'") as error:
        add_builtin_columns(dataset, ["sharpnes"], [b""])
    for name in BUILTIN[kind]:
        assert name in str(error.value)
    if kind == "images":
        assert "did you mean 'sharpness'?" in str(error.value)
