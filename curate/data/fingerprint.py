"""A key for the content of every item, and a fingerprint for a whole input.

Items of equal content have equal keys, whatever their ids are. An input has the same
fingerprint as long as its items, their ids and their order are the same. Cost: every byte is
read once; files are read by a few threads, because hashing releases the interpreter lock.
The keys do not prove authenticity.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from curate.core.memory_map import row_blocks
from curate.core.values import Dataset, FloatArray, Picture
from curate.progress import Progress, silent

KEY_BYTES = 16
_THREADS = min(8, 2 * (os.cpu_count() or 1))
_FILES_AT_ONCE = 1024  # a million files would be a million waiting tasks


def content_keys(dataset: Dataset, progress: Progress = silent) -> list[bytes]:
    """n keys of 16 bytes: BLAKE2b of file bytes, UTF-8 text, or the bytes of a row.

    In a row −0.0 counts as 0.0, because their distance is zero. A file that cannot be read
    gets a key of its id alone; the embedder reports it.
    """
    if isinstance(dataset.items, np.ndarray):
        return list(_row_keys(dataset.items))
    if dataset.kind == "text":
        return [_key(text.encode("utf-8", "surrogatepass")) for text in dataset.items]
    return _file_keys(dataset.items, dataset.ids, progress)


def fingerprint(keys: Sequence[bytes], ids: Sequence[str]) -> str:
    """32 hex digits for a whole input, from its n keys and n ids in their order."""
    whole = hashlib.blake2b(digest_size=KEY_BYTES)
    for key, id_ in zip(keys, ids, strict=True):
        name = id_.encode("utf-8", "surrogatepass")
        # The length distinguishes ("ab", "c") from ("a", "bc").
        whole.update(key + len(name).to_bytes(8, "little") + name)
    return whole.hexdigest()


def _key(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=KEY_BYTES).digest()


def _row_keys(matrix: FloatArray) -> Iterator[bytes]:
    for rows in row_blocks(matrix):
        for row in np.ascontiguousarray(matrix[rows]) + 0.0:  # −0.0 + 0.0 is 0.0
            yield _key(row.tobytes())


def _file_keys(pictures: Sequence[Picture], ids: Sequence[str], progress: Progress) -> list[bytes]:
    starts = range(0, len(pictures), _FILES_AT_ONCE)
    keys: list[bytes] = []
    with ThreadPoolExecutor(_THREADS) as threads:
        for start in progress(starts, "reading files", len(starts)):
            part = slice(start, start + _FILES_AT_ONCE)
            keys.extend(threads.map(_file_key, pictures[part], ids[part]))
    return keys


def _file_key(picture: Picture, id_: str) -> bytes:
    try:
        with picture.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError:
        return _key(b"unreadable\0" + id_.encode("utf-8", "surrogatepass"))
