"""Every line of the table of embedders gives an embedder that keeps the promises of `Embedder`."""

from __future__ import annotations

import re

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from curate.data import read
from curate.embed.embed import fit_embedder
from curate.embed.registry import EMBEDDERS, FAMILIES, find_embedder
from curate.errors import RequestError

LINES = (*EMBEDDERS, *FAMILIES, "module:function")
# Warnings of the packages of the hub embedders themselves.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
TEXTS = ["a red car", "blue tree", "a", "red red tree"]


def an_onnx_model(folder):
    """A model of pictures whose output is its input, 8 × 8 pixels in three channels."""
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", 3, 8, 8]) for name in "xy"
    ]
    node = helper.make_node("Identity", ["x"], ["y"])
    graph = helper.make_graph([node], "graph", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, folder / "model.onnx")
    return f"onnx:{folder / 'model.onnx'}", "images", {"pooling": "mean"}


def a_sentence_model(folder, bert):
    package = pytest.importorskip(
        "sentence_transformers", reason="sentence-transformers is not installed"
    )
    package.SentenceTransformer(str(bert), device="cpu").save(str(folder / "st"))
    return f"st:{folder / 'st'}", "text", {}


def a_timm_model(folder):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    timm = pytest.importorskip("timm", reason="timm is not installed")
    model = timm.create_model("resnet10t", num_classes=0)
    torch.save(model.state_dict(), folder / "weights.pth")
    return "timm:resnet10t", "images", {"weights": str(folder / "weights.pth")}


def an_openclip_model(folder):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    open_clip = pytest.importorskip("open_clip", reason="open-clip-torch is not installed")
    torch.save(open_clip.create_model("RN50").state_dict(), folder / "weights.pt")
    return f"openclip:RN50/{folder / 'weights.pt'}", "images", {}


def a_function(folder, monkeypatch):
    (folder / "own_embedder.py").write_text(
        "def lengths(texts): return [[len(t), 1] for t in texts]"
    )
    monkeypatch.chdir(folder)
    return "own_embedder:lengths", "text", {}


@pytest.fixture(params=[line for line in LINES if line != "https"])
def embedder_and_items(request, tmp_path, monkeypatch, samples):
    """The embedder of a line, small and local, with four items of its kind."""
    line = request.param
    if line in ("st", "hf", "timm", "openclip"):
        request.getfixturevalue("torchvision_beside_a_cpu_torch")
    if line in ("image-lite", "perceptual"):
        name, kind, options = line, "images", {}
    elif line in ("text-static", "tfidf"):
        name, kind, options = line, "text", {}
    elif line == "onnx":
        name, kind, options = an_onnx_model(tmp_path)
    elif line == "st":
        name, kind, options = a_sentence_model(tmp_path, request.getfixturevalue("bert"))
    elif line == "hf":
        name, kind, options = f"hf:{request.getfixturevalue('bert')}", "text", {}
    elif line == "timm":
        name, kind, options = a_timm_model(tmp_path)
    elif line == "openclip":
        name, kind, options = an_openclip_model(tmp_path)
    elif line == "http":
        name, kind, options = request.getfixturevalue("server").url, "text", {}
    elif line == "module:function":
        name, kind, options = a_function(tmp_path, monkeypatch)
    else:
        pytest.fail(f"{line} is in the table of embedders and not in this test: add it")
    pictures = list(read(samples / "clipart" / "tools").items[:4]) if kind == "images" else []
    items = pictures or TEXTS
    return fit_embedder(find_embedder(name, kind, options), items), items


def test_every_line_gives_an_embedder(embedder_and_items, tmp_path):
    """Vectors are float32, finite, one an item and the same alone or in a batch; the fingerprint
    can name a folder; an unreadable picture is set aside with its reason."""
    embedder, items = embedder_and_items
    assert embedder.kind in ("images", "text")
    assert embedder.metric in ("cosine", "euclidean")
    assert re.fullmatch(r"[\w.-]{1,80}", embedder.fingerprint)
    assert embedder.batch_size >= 1
    encoded = embedder.encode(items)
    assert not encoded.unreadable
    assert encoded.vectors.dtype == np.float32
    assert encoded.vectors.shape == (4, embedder.dims or encoded.vectors.shape[1])
    assert np.isfinite(encoded.vectors).all()
    assert len(np.unique(encoded.vectors, axis=0)) > 1
    alone = [embedder.encode([item]).vectors for item in items]
    assert np.array_equal(np.concatenate(alone), encoded.vectors)
    if embedder.kind == "images":
        (tmp_path / "broken.png").write_bytes(b"no picture")
        encoded = embedder.encode([tmp_path / "broken.png", items[0]])
        assert encoded.unreadable[0].reason == "not an image"
        assert np.array_equal(encoded.vectors, alone[0])


def test_both_schemes_are_one_embedder():
    """A server may be named with http or https."""
    assert FAMILIES["http"] is FAMILIES["https"]


@pytest.mark.parametrize("line", LINES)
def test_every_line_refuses_an_unknown_option(line, tmp_path, monkeypatch):
    """An option that an embedder does not have is an error that names it, and nothing is loaded."""
    names = {
        "module:function": a_function(tmp_path, monkeypatch)[0],
        "onnx": an_onnx_model(tmp_path)[0],
    }
    prefix = f"{line}://localhost/v1" if line in ("http", "https") else f"{line}:none"
    name = names.get(line) or (line if line in EMBEDDERS else prefix)
    kind = "images" if line in ("image-lite", "perceptual", "onnx", "timm") else "text"
    with pytest.raises(RequestError, match="has no option 'colour'"):
        find_embedder(name, kind, {"colour": "red"})


@pytest.mark.parametrize("line", [line for line in LINES if line != "module:function"])
def test_only_functions_take_vectors(line):
    """Vectors are embedded already: naming an embedder for them is an error."""
    name = line if line in EMBEDDERS else f"{line}:none"
    with pytest.raises(RequestError, match="does not take vectors"):
        find_embedder(name, "vectors")
