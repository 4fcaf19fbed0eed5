"""Keys of content and fingerprints of inputs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from curate.data import content_keys, fingerprint, from_array, read


def blake(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def test_files_are_keyed_by_their_bytes(tmp_path: Path) -> None:
    """Equal files have equal keys whatever their names, in the order of the items."""
    for name, bytes_ in {"a.png": b"1", "b.png": b"2", "c/a.png": b"1"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes_)
    assert content_keys(read(tmp_path)) == [blake(b"1"), blake(b"2"), blake(b"1")]


def test_unreadable_files_have_keys_of_their_own(tmp_path: Path) -> None:
    """A file that is gone does not end the run, and two of them do not look equal."""
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"same")
    data = read(tmp_path)
    for path in data.items:
        path.unlink()
    first, second = content_keys(data)
    assert first != second
    assert blake(b"same") not in (first, second)


def test_texts_are_keyed_by_their_utf8(tmp_path: Path) -> None:
    """The key is that of the UTF-8 bytes."""
    (tmp_path / "t.txt").write_text("é\nb\n", encoding="utf-8")
    assert content_keys(read(tmp_path / "t.txt")) == [blake("é".encode()), blake(b"b")]


def test_rows_are_keyed_by_value() -> None:
    """The key is that of the row's bytes, where −0.0 is 0.0; columns and blocks do not matter."""
    rows = np.array([[0.0, 1.0], [-0.0, 1.0], [1.0, 0.0]], np.float32)
    keys = content_keys(from_array(rows))
    assert keys == [blake(rows[0].tobytes())] * 2 + [blake(rows[2].tobytes())]
    assert content_keys(from_array(np.asfortranarray(rows))) == keys


def test_memory_mapped_rows_have_the_keys_of_arrays(tmp_path: Path, monkeypatch) -> None:
    """Where the rows are stored, and in how many blocks they are read, changes no key."""
    rows = np.arange(20, dtype=np.float64).reshape(10, 2)
    np.save(tmp_path / "v.npy", rows)
    expected = content_keys(from_array(rows))
    monkeypatch.setattr("curate.core.memory_map.BLOCK_BYTES", 48)
    assert content_keys(read(tmp_path / "v.npy")) == expected


def test_a_fingerprint_depends_on_content_ids_and_order() -> None:
    """Equal inputs have equal fingerprints; any change of key, id or order shows."""
    keys, ids = [blake(b"1"), blake(b"2")], ["a", "b"]
    whole = fingerprint(keys, ids)
    assert len(whole) == 32
    assert whole == fingerprint(list(keys), tuple(ids))
    others = {
        fingerprint(keys[::-1], ids),
        fingerprint(keys, ids[::-1]),
        fingerprint(keys[::-1], ids[::-1]),
        fingerprint(keys[:1], ids[:1]),
        fingerprint(keys, ["ab", ""]),
    }
    assert len(others | {whole}) == 6
