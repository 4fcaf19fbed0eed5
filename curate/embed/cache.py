"""Embeddings on disk, by content of the item and fingerprint of the embedder.

A folder an embedder; in it append-only shards: `<name>.vectors.npy` (m, d) and
`<name>.keys.npy` (m, 16). The keys are renamed into place last, so a shard exists once
it is whole, and two runs at once or a killed one leave nothing half-written. A renamed
item is found again, a changed one is not. Shards are memory-mapped.
Not here: eviction; delete the folder to forget.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from curate.core import FloatArray
from curate.files import write_beside

KEY_BYTES = 16


class Cache:
    """Vectors of one embedder that were computed before."""

    def __init__(self, folder: Path, fingerprint: str, dims: int) -> None:
        self.folder = folder / fingerprint
        self._dims = dims
        self._shards: list[FloatArray] = []
        self._places: dict[bytes, tuple[int, int]] = {}
        for keys_file in sorted(self.folder.glob("*.keys.npy")):
            self._open(keys_file)

    def _open(self, keys_file: Path) -> None:
        vectors_file = keys_file.with_name(keys_file.name.replace(".keys.", ".vectors."))
        try:
            keys = np.load(keys_file, allow_pickle=False)
            vectors = np.load(vectors_file, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError):
            return  # damaged by something else than us: its items are embedded again
        if keys.shape != (len(vectors), KEY_BYTES) or vectors.shape[1:] != (self._dims,):
            return
        shard = len(self._shards)
        self._shards.append(vectors)
        self._places.update((key.tobytes(), (shard, row)) for row, key in enumerate(keys))

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def fetch(self, keys: Sequence[bytes], into: FloatArray, rows: Sequence[int]) -> None:
        """Copy the vector of each key to its row of `into`; every key must be contained."""
        for key, row in zip(keys, rows, strict=True):
            shard, place = self._places[key]
            into[row] = self._shards[shard][place]

    def append(self, keys: Sequence[bytes], vectors: FloatArray) -> None:
        """Store (m, d) vectors of m new keys as one shard. OSError if that is impossible."""
        if not keys:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        table = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), KEY_BYTES)
        name = hashlib.blake2b(table.tobytes(), digest_size=8).hexdigest()
        for what, array in (("vectors", vectors), ("keys", table)):
            with write_beside(self.folder / f"{name}.{what}.npy") as stream:
                np.save(stream, array)
