"""The embedding cache: found by content, whole or absent, never wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from curate.core.values import Dataset, Problem, no_metadata
from curate.embed.cache import Cache
from curate.embed.embed import embed
from curate.embed.embedder import Encoded
from curate.errors import DataError


class Lengths:
    """An embedder of texts by their length that remembers what it was asked."""

    name, kind, metric, dims, fingerprint, batch_size = "lengths", "text", "euclidean", 2, "v1", 3

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, batch):
        self.seen += batch
        bad = {i: Problem("bad text", text) for i, text in enumerate(batch) if "bad" in text}
        good = [text for text in batch if "bad" not in text]
        vectors = [[len(text), ord(text[0])] for text in good]
        return Encoded(np.array(vectors, dtype=np.float32).reshape(len(good), 2), bad)


def texts(*items: str) -> tuple[Dataset, list[bytes]]:
    ids = [str(i) for i in range(len(items))]
    dataset = Dataset("text", ids, list(items), no_metadata(len(items)), "texts")
    return dataset, [item.encode().ljust(16, b"\0") for item in items]


def test_only_new_content_is_embedded(tmp_path):
    """What was embedded before, under whatever id and order, is not embedded again."""
    dataset, keys = texts("a", "bb", "ccc", "dddd")
    embed(dataset, keys, Lengths(), cache_folder=tmp_path)
    embedder = Lengths()
    dataset, keys = texts("ccc", "new", "a")
    done = embed(dataset, keys, embedder, cache_folder=tmp_path)
    assert embedder.seen == ["new"]
    assert (done.computed, done.from_cache) == (1, 2)
    assert done.embeddings.vectors.tolist() == [[3, 99], [3, 110], [1, 97]]


def test_equal_content_is_embedded_once(tmp_path):
    """Duplicates share one embedding, also when they are unreadable."""
    embedder = Lengths()
    dataset, keys = texts("a", "bad", "a", "bad", "a")
    done = embed(dataset, keys, embedder, cache_folder=tmp_path)
    assert sorted(embedder.seen) == ["a", "bad"]
    assert done.dataset.ids == ["0", "2", "4"]
    assert [(one.id, one.reason) for one in done.dataset.set_aside] == [
        ("1", "bad text"),
        ("3", "bad text"),
    ]
    assert done.dataset.source_positions().tolist() == [0, 2, 4]


def test_another_fingerprint_is_another_cache(tmp_path):
    """An embedder with other weights finds nothing of the first."""
    dataset, keys = texts("a", "bb")
    embed(dataset, keys, Lengths(), cache_folder=tmp_path)
    other = Lengths()
    other.fingerprint = "v2"
    embed(dataset, keys, other, cache_folder=tmp_path)
    assert sorted(other.seen) == ["a", "bb"]


@pytest.mark.parametrize("what", ["keys", "vectors"])
def test_a_damaged_shard_is_embedded_again(what, tmp_path):
    """A truncated file of the cache costs time, and is never believed."""
    dataset, keys = texts("a", "bb", "ccc")
    first = embed(dataset, keys, Lengths(), cache_folder=tmp_path)
    for path in Path(tmp_path).rglob(f"*.{what}.npy"):
        path.write_bytes(path.read_bytes()[:-3])
    again = embed(dataset, keys, Lengths(), cache_folder=tmp_path)
    assert again.computed == 3
    assert again.embeddings.vectors.tolist() == first.embeddings.vectors.tolist()


def test_a_shard_without_keys_does_not_exist(tmp_path):
    """Keys are renamed into place last: vectors alone, of a killed run, count for nothing."""
    cache = Cache(tmp_path, "v1")
    cache.append([b"k" * 16], np.ones((1, 2), dtype=np.float32))
    next(cache.folder.glob("*.keys.npy")).unlink()
    assert list(Cache(tmp_path, "v1").read([b"k" * 16], 2)) == []


def test_what_was_finished_survives_an_interrupt(tmp_path):
    """Batches that were encoded before an exception are in the cache afterwards."""

    class Stops(Lengths):
        def encode(self, batch):
            if "stop" in batch:
                raise KeyboardInterrupt
            return super().encode(batch)

    dataset, keys = texts("a", "bb", "ccc", "stop")
    with pytest.raises(KeyboardInterrupt):
        embed(dataset, keys, Stops(), cache_folder=tmp_path)
    embedder = Lengths()
    embed(dataset, keys, embedder, cache_folder=tmp_path)
    assert embedder.seen == ["stop"]


def test_a_cache_that_cannot_be_written_costs_a_warning(tmp_path, caplog):
    """A read-only cache does not end the run."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    dataset, keys = texts("a", "bb")
    done = embed(dataset, keys, Lengths(), cache_folder=blocked)
    assert len(done.embeddings) == 2
    assert "cannot be written" in caplog.text


def test_nothing_readable_is_an_error():
    """If no item has a vector the run ends, and names the first reason."""
    dataset, keys = texts("bad", "worse bad")
    with pytest.raises(DataError, match="none of the 2 items can be used: 2 bad text"):
        embed(dataset, keys, Lengths())
