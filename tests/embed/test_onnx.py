"""onnx:FILE: models of known arithmetic, made here, and the one that ships as an oracle."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from curate.embed.image_lite import WEIGHTS
from curate.embed.registry import find_embedder
from curate.embed.weights import weights_file
from curate.errors import DataError, RequestError


def write(path, shape, *, kind=TensorProto.FLOAT, rank=None, output=("y", "Identity")):
    """A model whose output is its input of `shape`, or its mean over the places."""
    name, operation = output
    node = helper.make_node(operation, ["x"], [name])
    graph = helper.make_graph(
        [node],
        "graph",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(name, kind, [None] * (rank or len(shape)))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, path)
    return path


@pytest.fixture
def picture(tmp_path):
    """Left half red, right half of another colour; twice as wide as it is high."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20] = (255, 0, 0)
    pixels[:, 20:] = (0, 51, 102)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def embed(path, picture, **options):
    options = {name: str(value) for name, value in options.items()}
    return find_embedder(f"onnx:{path}", "images", options).encode([picture]).vectors


def test_the_shipped_weights_through_onnx_are_image_lite(samples):
    """With its size, mean and std said in a TOML file, the shipped file gives image-lite."""
    pictures = sorted((samples / "clipart" / "tools").iterdir())[:5]
    ours = find_embedder("image-lite", "images").encode(pictures).vectors
    options = {"size": "224", "mean": str(127 / 255), "std": str(128 / 255)}
    theirs = find_embedder(f"onnx:{weights_file(WEIGHTS)}", "images", options)
    np.testing.assert_allclose(theirs.encode(pictures).vectors, ours, rtol=0, atol=2e-4)


def test_channels_may_be_in_front_or_behind(tmp_path, picture):
    """Both layouts get the same values, (pixel / 255 − mean) / std, averaged by pooling."""
    front = write(tmp_path / "front.onnx", ["b", 3, 8, 8])
    options = {"mean": "0.5,0,0.25", "std": "0.5,1,2", "fit": "stretch", "pooling": "mean"}
    found = embed(front, picture, **options)
    middle = np.array([255 / 2, 51 / 2, 102 / 2]) / 255  # of the two halves
    expected = (middle - [0.5, 0, 0.25]) / [0.5, 1, 2]
    np.testing.assert_allclose(found, expected[None, :], atol=0.03)
    behind = write(tmp_path / "behind.onnx", ["b", 8, 8, 3])
    # There, dimension 1 is a row of pixels: the maximum over all others is that of each row.
    rows = embed(behind, picture, **(options | {"pooling": "max"}))
    assert rows.shape == (1, 8)
    np.testing.assert_allclose(rows, 1.0, atol=0.03)  # of red: (1 − 0.5) / 0.5


def test_fit_says_what_is_seen(tmp_path, picture):
    """letterbox adds white, crop keeps the middle, stretch fills the square."""
    path = write(tmp_path / "m.onnx", [1, 3, 8, 8])
    blue = {
        fit: embed(path, picture, fit=fit, pooling="mean", mean=0, std=1)[0, 2]
        for fit in ("letterbox", "crop", "stretch")
    }
    assert blue["letterbox"] == pytest.approx(0.5 * 1 + 0.5 * 0.2, abs=0.03)
    assert blue["crop"] == pytest.approx(0.2, abs=0.03)
    assert blue["stretch"] == pytest.approx(0.2, abs=0.03)


def test_settings_beside_the_file_are_read_and_flags_win(tmp_path, picture):
    """FILE.toml has the settings; an option of the command line replaces one of them."""
    path = write(tmp_path / "m.onnx", ["b", 3, "h", "w"])
    (tmp_path / "m.toml").write_text('size = 8\nmean = 0\nstd = 1\npooling = "max"\n')
    assert embed(path, picture)[0, 0] == pytest.approx(1.0, abs=1e-6)
    assert embed(path, picture, std="0.5")[0, 0] == pytest.approx(2.0, abs=1e-6)
    (tmp_path / "m.toml").write_text("colour = 3\n")
    with pytest.raises(RequestError, match="has no option 'colour'"):
        embed(path, picture)
    (tmp_path / "m.toml").write_text("size = = 3\n")
    with pytest.raises(DataError, match=r"m\.toml is not TOML"):
        embed(path, picture)


def test_the_fingerprint_is_of_content_and_settings(tmp_path):
    """A renamed model is the same; another setting or another file is not."""
    path = write(tmp_path / "m.onnx", ["b", 3, 8, 8])

    def fingerprint(**options):
        return find_embedder(f"onnx:{path}", "images", options).fingerprint

    first = fingerprint()
    assert fingerprint(batch="1") == first
    assert fingerprint(std="1") != first
    write(path, ["b", 3, 9, 9])
    assert fingerprint() != first


@pytest.mark.parametrize(
    ("shape", "options", "error", "says"),
    [
        (["b", 3, "h", "w"], {}, RequestError, "pass the one it was trained with"),
        (["b", 3, 8, 8], {"size": "9"}, RequestError, "of 8 pixels, not size=9"),
        (["b", 3, 8, 9], {}, RequestError, "must be square"),
        (["b", 4, 8, 8], {}, DataError, "three channels"),
        (["b", 10], {}, DataError, "it must take one"),
        ([2, 3, 8, 8], {}, DataError, "batches of exactly 2"),
        (["b", 3, 8, 8], {"output": "z"}, RequestError, "no output 'z'"),
        (["b", 3, 8, 8], {}, RequestError, "pass --embedder-options pooling=mean"),
        (["b", 3, 8, 8], {"pooling": "sum"}, RequestError, "option pooling"),
        (["b", 3, 8, 8], {"std": "a"}, RequestError, "option std"),
        (["b", 3, 8, 8], {"std": "0"}, RequestError, "option std"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_in_one_line(
    shape, options, error, says, tmp_path, picture
):
    """Each mismatch of file and settings says what was found and what to pass."""
    path = write(tmp_path / "m.onnx", shape)
    with pytest.raises(error, match=says) as caught:
        embed(path, picture, **options)
    assert "\n" not in str(caught.value)


def test_what_is_no_model_is_refused(tmp_path, picture):
    """A missing file, other bytes and another type of input each have their line."""
    with pytest.raises(DataError, match="no ONNX file at"):
        embed(tmp_path / "nowhere.onnx", picture)
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(DataError, match="is not an ONNX model"):
        embed(tmp_path / "text.onnx", picture)
    with pytest.raises(DataError, match=r"tensor\(uint8\)"):
        embed(write(tmp_path / "m.onnx", ["b", 3, 8, 8], kind=TensorProto.UINT8), picture)
