"""st, hf, timm and openclip on tiny models of random weights, made here; nothing is downloaded.

The packages come with the extra `test-all`; without it the tests that need them are skipped.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from curate.embed.registry import find_embedder
from curate.errors import DataError, MissingExtraError

# Warnings of the packages themselves.
pytestmark = [
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
    ),
    pytest.mark.usefixtures("torchvision_beside_a_cpu_torch"),
]

TEXTS = ["a red car", "blue tree", "a", "red red red blue car tree a", "car"]


@pytest.fixture
def pictures(tmp_path):
    """Three pictures and a file that is none."""
    for place, colour in enumerate([(255, 0, 0), (0, 90, 200), (9, 9, 9)]):
        Image.new("RGB", (40 + 10 * place, 30), colour).save(tmp_path / f"{place}.png")
    (tmp_path / "3.png").write_bytes(b"no picture")
    return [tmp_path / f"{place}.png" for place in range(4)]


def hidden_states(folder, text):
    """(tokens, 16) last hidden states by transformers itself."""
    import torch
    import transformers

    tokens = transformers.AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    model = transformers.AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        return model(**tokens).last_hidden_state[0].numpy()


def alone_and_together(embedder, items):
    """The vectors of a batch, which each item must also have by itself and in any thread."""
    whole = embedder.encode(items)
    with ThreadPoolExecutor(4) as pool:
        single = list(pool.map(lambda item: embedder.encode([item]).vectors, items * 8))
    readable = np.concatenate([vectors for vectors in single if len(vectors)])
    assert np.array_equal(readable, np.concatenate([whole.vectors] * 8))
    return whole


@pytest.mark.parametrize("pooling", ["auto", "mean", "cls"])
def test_hf_texts_are_pooled_hidden_states(pooling, bert):
    """hf: means over the tokens, or takes the first, as transformers itself gives them."""
    embedder = find_embedder(f"hf:{bert}", "text", {"pooling": pooling})
    found = alone_and_together(embedder, TEXTS).vectors
    for vector, text in zip(found, TEXTS, strict=True):
        states = hidden_states(bert, text)
        expected = states[0] if pooling == "cls" else states.mean(axis=0)
        np.testing.assert_allclose(vector, expected, atol=1e-5)


def test_hf_batches_are_padded_without_effect(bert):
    """Together with longer texts a text has the same vector but for rounding."""
    one = find_embedder(f"hf:{bert}", "text").encode(TEXTS).vectors
    four = find_embedder(f"hf:{bert}", "text", {"batch": "4"}).encode(TEXTS).vectors
    np.testing.assert_allclose(four, one, atol=1e-5)


def test_a_prefix_and_other_weights_are_another_embedder(bert):
    """The fingerprint follows the settings that matter and the weights, not the place."""

    def fingerprint(**options):
        return find_embedder(f"hf:{bert}", "text", options).fingerprint

    assert fingerprint() == fingerprint(batch="4")
    assert fingerprint() != fingerprint(prefix="query ")
    assert str(bert.parent) not in fingerprint()


def test_st_gives_what_sentence_transformers_gives(bert, tmp_path):
    """st: gives the vectors of the package's own encode, prefix included."""
    package = pytest.importorskip(
        "sentence_transformers", reason="sentence-transformers is not installed"
    )
    try:
        from sentence_transformers.models import Pooling, Transformer
    except ImportError:
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    word = Transformer(str(bert))
    model = package.SentenceTransformer(modules=[word, Pooling(16)], device="cpu")
    model.save(str(tmp_path / "st"))
    embedder = find_embedder(f"st:{tmp_path / 'st'}", "text", {"prefix": "query "})
    found = alone_and_together(embedder, TEXTS).vectors
    expected = model.encode([f"query {text}" for text in TEXTS], show_progress_bar=False)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_hf_pictures(pictures, tmp_path):
    """hf: embeds pictures by the model's own processor, and sets aside what is none."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=8,
    )
    transformers.ViTModel(config).save_pretrained(tmp_path / "vit")
    transformers.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(
        tmp_path / "vit"
    )
    found = alone_and_together(find_embedder(f"hf:{tmp_path / 'vit'}", "images"), pictures)
    assert found.vectors.shape == (3, 16)
    assert found.unreadable[3].reason == "not an image"


def test_timm_with_weights_of_this_machine(pictures, tmp_path):
    """timm: gives the features of the model in front of its classifier."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    timm = pytest.importorskip("timm", reason="timm is not installed")
    torch.manual_seed(0)
    model = timm.create_model("resnet10t", num_classes=0).eval()
    torch.save(model.state_dict(), tmp_path / "weights.pth")
    options = {"weights": str(tmp_path / "weights.pth")}
    found = alone_and_together(find_embedder("timm:resnet10t", "images", options), pictures)
    data = timm.data.resolve_model_data_config(model)
    transform = timm.data.create_transform(**data, is_training=False)
    with torch.inference_mode():
        expected = model(transform(Image.open(pictures[1]))[None]).numpy()
    np.testing.assert_allclose(found.vectors[1], expected[0], atol=1e-5)
    assert found.unreadable[3].reason == "not an image"


def test_openclip_pictures_and_texts_share_a_space(pictures, tmp_path):
    """openclip: takes either kind, by a checkpoint of this machine."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    open_clip = pytest.importorskip("open_clip", reason="open-clip-torch is not installed")
    torch.manual_seed(0)
    model = open_clip.create_model("RN50")
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    name = f"openclip:RN50/{tmp_path / 'weights.pt'}"
    shown = find_embedder(name, "images").encode(pictures)
    said = find_embedder(name, "text").encode(TEXTS)
    assert shown.vectors.shape[1] == said.vectors.shape[1]
    assert shown.unreadable[3].reason == "not an image"


@pytest.mark.parametrize(
    ("name", "kind", "package", "extra"),
    [
        ("st:x/y", "text", "sentence_transformers", "st"),
        ("hf:x/y", "text", "transformers", "hf"),
        ("timm:resnet18", "images", "timm", "timm"),
        ("openclip:ViT-B-32/laion2b_s34b_b79k", "images", "open_clip", "openclip"),
    ],
)
def test_a_missing_package_names_its_extra(name, kind, package, extra, monkeypatch):
    """Without the package the message has the command that installs it."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf'pip install "curate-select\[{extra}\]"'):
        find_embedder(name, kind)


def test_a_path_that_is_not_there_is_not_looked_up_on_the_hub():
    """What can only be a place on this machine is refused before anything is asked for."""
    pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    with pytest.raises(DataError, match=r"there is no \./nowhere"):
        find_embedder("st:./nowhere", "text")
