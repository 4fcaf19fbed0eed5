"""The shards of the cache: stored batch by batch, merged, checked, and shared by runs."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from curate.embed.cache import KEYS, MANY, VECTORS, Cache, cached_embedders, clear


def key(number: int) -> bytes:
    return number.to_bytes(16, "little")


def vectors(*numbers: int) -> np.ndarray:
    return np.array([[n, n * n, -n] for n in numbers], dtype=np.float32)


def found(cache: Cache, numbers: range) -> dict[int, list[float]]:
    """What the cache knows of these keys, by key."""
    return {
        numbers[position]: vector.tolist()
        for positions, some in cache.read([key(n) for n in numbers], None)
        for position, vector in zip(positions, some, strict=True)
    }


def test_many_small_shards_become_one(tmp_path):
    """Shards are merged when there are many; nothing is lost and nothing else remains."""
    cache = Cache(tmp_path, "v1")
    for n in range(MANY):
        cache.append([key(2 * n), key(2 * n + 1)], vectors(2 * n, 2 * n + 1))
    assert len(list(cache.folder.iterdir())) == 2
    everything = found(Cache(tmp_path, "v1"), range(2 * MANY))
    assert everything == {n: [n, n * n, -n] for n in range(2 * MANY)}


def test_a_vector_whose_checksum_differs_is_not_believed(tmp_path):
    """A bit that changed on disk costs one item, which is embedded again."""
    cache = Cache(tmp_path, "v1")
    cache.append([key(1), key(2)], vectors(1, 2))
    file = next(cache.folder.glob(f"*{VECTORS}"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1  # of the last vector
    file.write_bytes(content)
    assert found(cache, range(3)) == {1: [1, 1, -1]}


def test_reading_while_another_run_merges_loses_nothing(tmp_path):
    """A shard that vanishes while it is being read is found again in its successor."""
    writer, reader = Cache(tmp_path, "v1"), Cache(tmp_path, "v1")
    for n in range(40):
        writer.append([key(n)], vectors(n))
    stop = threading.Event()

    def write():
        n = 40
        while not stop.is_set():
            writer.append([key(n)], vectors(n))
            n += 1
            if n % 20 == 0:
                writer.merge()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(60):
            assert len(found(reader, range(40))) == 40
    finally:
        stop.set()
        thread.join()


def test_one_run_merges_while_another_appends(tmp_path):
    """Two processes may write to one cache at once: all that either stored is there."""
    code = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from curate.embed.cache import Cache\n"
        "cache, first = Cache(Path(sys.argv[1]), 'v1'), int(sys.argv[2])\n"
        "for n in range(first, first + 150):\n"
        "    cache.append([n.to_bytes(16, 'little')], np.array([[n, n * n, -n]], np.float32))\n"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(first)])
        for first in (0, 150)
    ]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert found(Cache(tmp_path, "v1"), range(300)) == {n: [n, n * n, -n] for n in range(300)}


def test_what_is_cached_can_be_seen_and_forgotten(tmp_path):
    """Shelves count items and bytes; clearing removes shards and no other file."""
    for name, count in (("a-1", 3), ("b-2", 5)):
        Cache(tmp_path, name).append([key(n) for n in range(count)], vectors(*range(count)))
    (tmp_path / "a-1" / "mine.txt").write_text("keep")
    seen = cached_embedders(tmp_path)
    assert [(one.fingerprint, one.items, one.dims) for one in seen] == [
        ("a-1", 3, 3),
        ("b-2", 5, 3),
    ]
    assert clear(tmp_path, "b-2") == seen[1].bytes
    assert [one.fingerprint for one in cached_embedders(tmp_path)] == ["a-1"]
    assert clear(tmp_path) == seen[0].bytes
    assert [path.name for path in tmp_path.rglob("*")] == ["a-1", "mine.txt"]


# A run that embeds 600 texts slowly, in batches of 4, and notes every item it embeds.
RUN = """
import sys, time, numpy as np
from pathlib import Path
from curate.core.values import Dataset, no_metadata
from curate.embed.embed import embed
from curate.embed.embedder import Encoded

class Slow:
    name, kind, metric, dims, fingerprint, batch_size = "slow", "text", "euclidean", 3, "slow", 4

    def encode(self, batch):
        time.sleep(0.003)
        noted = open(sys.argv[2], "a")
        noted.write("".join(f"{text}\\n" for text in batch))
        noted.close()
        rows = [[float(text), float(text) ** 0.5, 1.0] for text in batch]
        return Encoded(np.array(rows, dtype=np.float32), {})

texts = [str(n) for n in range(4000)]
keys = [text.encode().ljust(16, b"\\0") for text in texts]
data = Dataset("text", texts, texts, no_metadata(len(texts)), "texts")
print("began", flush=True)
done = embed(data, keys, Slow(), cache_folder=Path(sys.argv[1]), threads=2)
np.save(sys.argv[3], done.embeddings.vectors)
"""


@pytest.mark.slow
def test_kill_9_at_20_random_moments_loses_only_the_batches_under_way(tmp_path):
    """A run that ends after 20 kills has the vectors of an undisturbed one, to the last byte,
    and no item that a killed run had stored was embedded again."""
    moments = random.Random(20)
    noted = tmp_path / "noted.txt"
    noted.touch()

    def start(cache, out):
        words = [sys.executable, "-c", RUN, tmp_path / cache, noted, tmp_path / out]
        return subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE)

    lost = 0
    stored: set[bytes] = set()
    for _ in range(20):
        before = len(noted.read_text().splitlines())
        run = start("cache", "killed.npy")
        assert run.stdout.readline() == b"began\n"
        # Told by what it has done, for a busy machine is late, and all would be done in time.
        enough = before + moments.randrange(60)
        while run.poll() is None and len(noted.read_text().splitlines()) < enough:
            time.sleep(0.001)
        time.sleep(moments.uniform(0.0, 0.01))
        os.kill(run.pid, signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
        run.stdout.close()
        embedded = noted.read_text().splitlines()[before:]
        assert not {text.encode().ljust(16, b"\0") for text in embedded} & stored
        stored = {
            bytes(row["key"])
            for file in (tmp_path / "cache" / "slow").glob(f"*{KEYS}")
            for row in np.load(file)
        }
        known = {text.encode().ljust(16, b"\0") for text in embedded} & stored
        lost += len(embedded) - len(known)
    assert 0 < len(stored) < 4000  # the kills struck while there was work
    assert lost <= 20 * 2 * 4  # a batch a thread
    last = start("cache", "killed.npy")
    last.communicate(timeout=60)
    undisturbed = start("other", "whole.npy")
    undisturbed.communicate(timeout=60)
    killed, whole = (tmp_path / name for name in ("killed.npy", "whole.npy"))
    assert killed.read_bytes() == whole.read_bytes()
