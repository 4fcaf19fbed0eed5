"""A vector depends on its item and its embedder: not on threads, batches, or the size of either."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits

import curate
from curate.core.pictures import UnreadablePictureError, load_picture
from curate.data import ReadOptions, content_keys, read
from curate.embed.embed import embed, fit_embedder
from curate.embed.registry import find_embedder
from curate.errors import DataError
from curate.schema.job_file import read_job_file

TEXTS = ["a red car", "the red tree", "blue car on a road", "a road to the tree", "one more car"]


@pytest.mark.parametrize(
    ("name", "source", "options"),
    [
        ("image-lite", "clipart/containers", {}),
        ("perceptual", "clipart/containers", {}),
        ("text-static", "definitions/definitions.csv", {"text_column": "text"}),
        ("tfidf", "definitions/definitions.csv", {"text_column": "text"}),
    ],
)
def test_threads_do_not_show(name, source, options, samples):
    """One thread and four give the same vectors to the last bit, also of a fitted embedder."""
    dataset = read(samples / source, ReadOptions(**options))
    keys = content_keys(dataset)
    found = []
    for threads in (1, 4):
        with threadpool_limits(threads):
            embedder = fit_embedder(find_embedder(name, dataset.kind), dataset.items)
            found.append(embed(dataset, keys, embedder, threads=threads))
    first, again = (one.embeddings for one in found)
    assert first.embedder == again.embedder
    assert np.array_equal(first.vectors, again.vectors)


def test_tfidf_is_that_of_scikit_learn():
    """Cosines of tfidf vectors are those of scikit-learn's own decomposition."""
    embedder = fit_embedder(find_embedder("tfidf", "text", {"dims": "3"}), TEXTS)
    vectors = embedder.encode(TEXTS).vectors.astype(np.float64)
    counted = TfidfVectorizer(
        ngram_range=(1, 2), token_pattern=r"(?u)\w+", sublinear_tf=True
    ).fit_transform(TEXTS)
    oracle = TruncatedSVD(3, algorithm="arpack", random_state=0).fit_transform(counted)
    oracle /= np.linalg.norm(oracle, axis=1)[:, None]
    np.testing.assert_allclose(vectors @ vectors.T, oracle @ oracle.T, atol=1e-5)


def test_tfidf_of_a_datapool_knows_the_words_of_the_data(tmp_path):
    """The embedder fitted to the data embeds the datapool; a text of other words is left out,
    and another data set is another space."""
    (tmp_path / "data.txt").write_text("\n".join(TEXTS))
    (tmp_path / "pool.txt").write_text("red car\nunheard-of\n")
    settings = {"embedder": "tfidf", "n": 2, "datapool": str(tmp_path / "pool.txt")}
    result = curate.select(tmp_path / "data.txt", **settings)
    assert result.report.counts.datapool == 1
    one = fit_embedder(find_embedder("tfidf", "text"), TEXTS)
    other = fit_embedder(find_embedder("tfidf", "text"), TEXTS[:-1])
    assert one.fingerprint != other.fingerprint
    assert one.encode(["unheard-of"]).unreadable[0].reason == "no known word"
    with pytest.raises(DataError, match="have no words"):
        fit_embedder(find_embedder("tfidf", "text"), ["…", "!"])


def test_perceptual_sees_colour_layout_and_edges(tmp_path):
    """The same picture at another size is nearest; colours, halves and edges all count."""
    pixels = np.full((64, 64, 3), 200, np.uint8)
    pixels[:, :32] = (200, 30, 30)
    pictures = {
        "itself": Image.fromarray(pixels),
        "larger": Image.fromarray(pixels).resize((150, 150)),
    }
    pictures["mirrored"] = Image.fromarray(pixels[:, ::-1].copy())
    pictures["other colour"] = Image.fromarray(pixels[..., ::-1].copy())
    striped = pixels.copy()
    striped[::8] = 0
    pictures["striped"] = Image.fromarray(striped)
    for name, picture in pictures.items():
        picture.save(tmp_path / f"{name}.png")
    paths = [tmp_path / f"{name}.png" for name in pictures]
    vectors = find_embedder("perceptual", "images").encode(paths).vectors
    distances = dict(zip(pictures, np.linalg.norm(vectors - vectors[0], axis=1), strict=True))
    assert distances["larger"] < 0.25
    assert min(distances[name] for name in ("mirrored", "other colour", "striped")) > 0.3
    assert np.isfinite(vectors).all()


@pytest.mark.parametrize("mode", ["P", "1"])
def test_palettes_and_bits_are_averaged_when_reduced(mode, tmp_path):
    """A fine chequerboard of black and white becomes grey, whatever way its pixels are stored."""
    board = (np.indices((400, 400)).sum(axis=0) % 2 * 255).astype(np.uint8)
    Image.fromarray(board).convert(mode).save(tmp_path / "board.png")
    found = np.asarray(load_picture(tmp_path / "board.png", 50), dtype=int)
    assert abs(found - 127).max() < 40


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif", ".tiff"])
def test_a_truncated_picture_is_set_aside(suffix, tmp_path, rng):
    """Half a file is no picture, in any format."""
    noise = rng.integers(0, 255, (80, 80, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / f"whole{suffix}")
    content = (tmp_path / f"whole{suffix}").read_bytes()
    (tmp_path / f"half{suffix}").write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadablePictureError) as caught:
        load_picture(tmp_path / f"half{suffix}", 32)
    assert caught.value.problem.reason in ("corrupt image", "not an image")


@pytest.mark.parametrize(
    ("fit", "size"), [("letterbox", (40, 20)), ("crop", (40, 40)), ("stretch", (40, 40))]
)
def test_fit_gives_its_size(fit, size, tmp_path):
    """Each way of fitting gives the size it promises, for JPEG drafts and others."""
    for suffix in (".jpg", ".png"):
        Image.new("RGB", (800, 400), (10, 200, 30)).save(tmp_path / f"p{suffix}")
        picture = load_picture(tmp_path / f"p{suffix}", 40, fit)
        assert picture.size == size
        assert np.abs(np.asarray(picture, dtype=int) - (10, 200, 30)).max() < 8


def test_a_model_in_a_job_file_is_relative_to_it(tmp_path):
    """onnx:FILE in a job file means a file beside it, as all paths there do."""
    (tmp_path / "job.toml").write_text('[embed]\nembedder = "onnx:model.onnx"\n')
    assert read_job_file(tmp_path / "job.toml")["embedder"] == f"onnx:{tmp_path}/model.onnx"
