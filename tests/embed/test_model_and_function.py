"""Models that curate did not make: their answers are checked, their options read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import curate
from curate.embed.options import split_options
from curate.embed.registry import find_embedder
from curate.errors import DataError, RequestError

MODULE = """
import numpy as np
calls = []

def lengths(batch):
    calls.append(len(batch))
    return [[len(one), ord(one[0]), 1.0] for one in batch]

def colours(batch):
    return np.stack([np.asarray(one, dtype=float).mean(axis=(0, 1)) for one in batch])

def doubled(batch):
    return 2 * np.stack(batch)

def flat(batch):
    return np.ones(len(batch))

def words(batch):
    return [["a"] for one in batch]

def fails(batch):
    raise KeyError("no such thing")

def not_finite(batch):
    return [[np.nan if one == "bad" else 1.0] for one in batch]

not_callable = 3
"""


@pytest.fixture
def here(tmp_path, monkeypatch, request):
    """A current folder with a module of a name of its own, for modules are imported once."""
    name = "mine_" + "".join(filter(str.isalnum, request.node.name))[-50:]
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return name


def test_a_function_of_the_user_embeds_texts(here):
    """module:function gets lists of texts, at most `batch` of them, and its rows are taken."""
    embedder = find_embedder(f"{here}:lengths", "text", {"batch": "2", "metric": "euclidean"})
    encoded = embedder.encode(["a", "bb", "ccc"])
    assert encoded.vectors.tolist() == [[1, 97, 1], [2, 98, 1], [3, 99, 1]]
    assert embedder.metric == "euclidean"
    assert __import__(here).calls == [2, 1]


def test_a_function_of_the_user_embeds_pictures_and_vectors(here, tmp_path):
    """Pictures arrive upright in RGB and unreadable ones are set aside; vectors arrive as rows."""
    Image.new("RGBA", (30, 20), (10, 20, 30, 255)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    embedder = find_embedder(f"{here}:colours", "images")
    encoded = embedder.encode([tmp_path / "a.png", tmp_path / "b.png"])
    assert encoded.vectors.tolist() == [[10, 20, 30]]
    assert encoded.unreadable[1].reason == "not an image"
    vectors = find_embedder(f"{here}:doubled", "vectors").encode([np.ones(2), np.zeros(2)]).vectors
    assert vectors.tolist() == [[2, 2], [0, 0]]


def test_the_fingerprint_follows_the_source(here, tmp_path):
    """Another source or version is another embedder; the same is the same."""
    first = find_embedder(f"{here}:lengths", "text").fingerprint
    assert find_embedder(f"{here}:lengths", "text").fingerprint == first
    assert find_embedder(f"{here}:lengths", "text", {"version": "2"}).fingerprint != first
    with (tmp_path / f"{here}.py").open("a") as file:
        file.write("# changed\n")
    assert find_embedder(f"{here}:lengths", "text").fingerprint != first


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ("flat", r"returned shape \(2,\) for 2 items: it must be \(2, d\)"),
        ("words", "did not return an array of numbers"),
        ("fails", "failed on 2 items: KeyError: 'no such thing'"),
    ],
)
def test_a_wrong_answer_is_one_line(function, says, here):
    """What a function returns or raises wrongly ends in one line that says what it was."""
    with pytest.raises(DataError, match=says):
        find_embedder(f"{here}:{function}", "text").encode(["a", "b"])


def test_a_vector_that_is_not_finite_is_set_aside(here):
    """One item with NaN does not spoil the others."""
    encoded = find_embedder(f"{here}:not_finite", "text").encode(["good", "bad", "fine"])
    assert encoded.vectors.tolist() == [[1], [1]]
    assert encoded.unreadable[1].reason == "not finite"


def test_a_function_that_is_not_there_is_refused(here):
    """The message names the module, and the function that is nearest."""
    with pytest.raises(RequestError, match="did you mean 'lengths'"):
        find_embedder(f"{here}:length", "text")
    with pytest.raises(RequestError, match="there is no module nowhere_at_all"):
        find_embedder("nowhere_at_all:length", "text")
    with pytest.raises(RequestError, match="no function 'not_callable'"):
        find_embedder(f"{here}:not_callable", "text")


def test_a_job_runs_with_a_function_and_says_how_to_repeat_it(here, tmp_path):
    """The whole way: options reach the embedder, the report names both, the cache works."""
    (tmp_path / "texts.txt").write_text("\n".join(["one", "two", "three", "fourteen", "five"]))
    settings = {
        "embedder": f"{here}:lengths",
        "embedder_options": "batch=2 metric=euclidean",
        "cache": str(tmp_path / "cache"),
    }
    first = curate.select(tmp_path / "texts.txt", n=2, **settings).report
    again = curate.select(tmp_path / "texts.txt", n=2, **settings).report
    assert first.selection.dims == 3
    assert "--embedder-options 'batch=2 metric=euclidean'" in first.provenance.command
    assert (again.timings.embedded, again.timings.from_cache) == (0, 5)
    assert [one.id for one in again.selection.items] == [one.id for one in first.selection.items]


def test_options_are_words_with_names():
    """EmbedderOptions may be quoted; what has no name is refused."""
    assert split_options("size=224 prefix='a b='") == {"size": "224", "prefix": "a b="}
    assert split_options(None) == {}
    with pytest.raises(RequestError, match="write name=value"):
        split_options("224")
    with pytest.raises(RequestError, match="Close the quote"):
        split_options("a='b")


def test_options_of_an_embedder_are_its_own():
    """An option that an embedder does not have, or cannot read, is refused with its name."""
    with pytest.raises(RequestError, match="has no option 'size': It has none"):
        find_embedder("image-lite", "images", {"size": "224"})
    with pytest.raises(RequestError, match="did you mean 'dims'"):
        find_embedder("tfidf", "text", {"dim": "3"})
    with pytest.raises(RequestError, match="option dims of --embedder tfidf is 'many'"):
        find_embedder("tfidf", "text", {"dims": "many"})
    with pytest.raises(RequestError, match="no effect on vectors"):
        find_embedder("auto", "vectors", {"size": "224"})
