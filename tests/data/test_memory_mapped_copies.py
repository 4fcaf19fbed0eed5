"""What has to be copied of a large mapped file does not come into memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from curate.core import memory_map
from curate.data import read
from curate.embed.embed import embed
from curate.errors import DataError

VECTORS = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)


@pytest.fixture
def small_blocks(monkeypatch):
    """Files of which more than seven rows are large."""
    monkeypatch.setattr(memory_map, "BLOCK_BYTES", 7 * 5 * 4)


def saved(tmp_path: Path, vectors: np.ndarray) -> Path:
    np.save(tmp_path / "vectors.npy", vectors)
    return tmp_path / "vectors.npy"


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("stored", [np.asfortranarray(VECTORS), VECTORS.astype(">f4")])
def test_rows_are_turned_in_a_file(stored, tmp_path):
    """Columns first, or swapped bytes, become rows of native numbers, mapped again."""
    items = read(saved(tmp_path, stored)).items
    assert memory_map.mapping_of(items) is not None
    assert items.flags.c_contiguous
    assert items.dtype == np.dtype("=f4")
    np.testing.assert_array_equal(items, VECTORS)


@pytest.mark.usefixtures("small_blocks")
def test_rows_that_are_left_go_to_a_file(tmp_path):
    """Where a row is not finite, and another zero under cosine, the rest is still mapped."""
    vectors = VECTORS.copy()
    vectors[20, 1], vectors[[0, 250]] = np.nan, 0
    embedded = embed(read(saved(tmp_path, vectors)), None, None, metric="cosine")
    assert memory_map.mapping_of(embedded.embeddings.vectors) is not None
    assert np.shares_memory(embedded.embeddings.vectors, embedded.dataset.items)
    np.testing.assert_array_equal(
        embedded.embeddings.vectors, np.delete(VECTORS, [0, 20, 250], axis=0)
    )


def test_little_is_copied_in_memory(tmp_path):
    """A small file is not worth another."""
    vectors = VECTORS.copy()
    vectors[20, 1] = np.nan
    items = read(saved(tmp_path, vectors)).items
    assert memory_map.mapping_of(items) is None
    np.testing.assert_array_equal(items, np.delete(VECTORS, 20, axis=0))


@pytest.mark.usefixtures("small_blocks")
def test_no_room_is_said_in_one_line(tmp_path, monkeypatch):
    """Where the copy cannot be written, the message names the folder and what to do."""
    stored = saved(tmp_path, np.asfortranarray(VECTORS))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(DataError, match=r"0\.0 GB of vectors cannot be copied to .*TMPDIR"):
        read(stored)


PEAK = r"""
import re, sys
from pathlib import Path
import numpy as np
from curate.data import read
from curate.embed.embed import embed

def peak():
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024

embed(read(sys.argv[1]), None, None)
before = peak()
embed(read(sys.argv[2]), None, None)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
@pytest.mark.parametrize(("columns_first", "most"), [(False, 220), (True, 450)])
def test_memory_of_a_file_with_a_bad_row(columns_first, most, tmp_path):
    """A file of 300 MB, a row of which is set aside, is copied, and not into memory: within
    220 MB, or 450 where a block of rows touches all pages of the file."""
    small, large = tmp_path / "small.npy", tmp_path / "large.npy"
    np.save(small, VECTORS)
    matrix = np.lib.format.open_memmap(
        large, "w+", np.float16, (400_000, 384), fortran_order=columns_first
    )
    matrix[:] = 1
    matrix[77, 3] = np.nan
    matrix.flush()
    del matrix
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(small), str(large)],
        capture_output=True,
        text=True,
        check=False,
    )
    large.unlink()
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < most
