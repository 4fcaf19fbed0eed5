"""Embeddings on disk, by content of the item and fingerprint of the embedder.

Each embedder has a folder with append-only shards: `<name>.vectors.npy` (m, d), and
`<name>.keys.npy` (m) with a key and a checksum for each vector. The keys are renamed into
place last: a shard exists once it is whole, also if two runs write at once or one is killed. A
renamed item is found again, a changed one is not. A vector is used only if its checksum fits.

Every batch is written as a shard at once, so a killed run loses only the batches in progress.
Many small shards are merged into one, which is in place before they are deleted. Shards are
opened one at a time, so that a large cache needs few file handles.
Not here: eviction; `curate cache clear` deletes.
"""

from __future__ import annotations

import hashlib
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_dir

from curate.core.atomic_files import write_beside
from curate.core.values import FloatArray

KEY_BYTES = 16
ROW = np.dtype([("key", f"V{KEY_BYTES}"), ("crc", "<u4")])
KEYS, VECTORS = ".keys.npy", ".vectors.npy"
SMALL_BYTES = 4 << 20  # of vectors; only smaller shards are merged
MANY = 64  # small shards: merge them
MOST = 4 * MANY  # shards merged at a time
ATTEMPTS = 3  # to list shards while another run merges them
ABANDONED = 24 * 3600.0  # seconds until a temporary file counts as left by a killed run


class Cache:
    """The stored vectors of one embedder."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder / fingerprint
        self._merging = threading.Lock()
        self._appended = 0

    def read(
        self, keys: Sequence[bytes], dims: int | None
    ) -> Iterator[tuple[list[int], FloatArray]]:
        """The stored vectors of `keys`: (positions in `keys`, (m, d) vectors), shard by shard.

        Each key comes at most once, at its first position. `dims` None takes the dimension of
        the first shard. Damaged shards and vectors are skipped: their items are embedded again.
        """
        wanted = {key: position for position, key in reversed(list(enumerate(keys)))}
        seen: set[Path] = set()
        for _ in range(ATTEMPTS):
            vanished = False
            for keys_file in sorted(self.folder.glob(f"*{KEYS}")):
                if keys_file in seen or not wanted:
                    continue
                seen.add(keys_file)
                try:
                    positions, vectors = _look_up(keys_file, wanted, dims)
                except FileNotFoundError:  # merged by another run: its successor is there
                    vanished = True
                    continue
                if positions:
                    dims = vectors.shape[1]
                    for position in positions:
                        del wanted[keys[position]]
                    yield positions, vectors
            if not vanished:
                return

    def append(self, keys: Sequence[bytes], vectors: FloatArray) -> None:
        """Store (m, d) vectors of m keys as one shard. Raises OSError if that is impossible.

        Several threads may call it at once.
        """
        if not keys:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        vectors = np.ascontiguousarray(vectors)
        table = np.empty(len(keys), ROW)
        table["key"] = np.frombuffer(b"".join(keys), dtype=f"V{KEY_BYTES}")
        table["crc"] = checksums(vectors)
        self._write(table, vectors)
        with self._merging:
            self._appended += 1
            if self._appended % MANY == 0:
                self.merge()

    def _write(self, table: NDArray[Any], vectors: FloatArray) -> Path:
        name = hashlib.blake2b(table.tobytes(), digest_size=8).hexdigest()
        for suffix, array in ((VECTORS, vectors), (KEYS, table)):
            with write_beside(self.folder / f"{name}{suffix}") as stream:
                np.save(stream, array)
        return self.folder / f"{name}{KEYS}"

    def merge(self) -> None:
        """Merge small shards into one, if there are many. Raises OSError if that is impossible.

        Another run may do so at the same time: a key in two shards does no harm.
        """
        small = [file for file in sorted(self.folder.glob(f"*{KEYS}")) if _is_small(file)]
        if len(small) < MANY:
            return
        try:
            shards = {file: open_shard(file) for file in small[:MOST]}
        except FileNotFoundError:  # another run is merging them
            return
        whole = {file: shard for file, shard in shards.items() if shard is not None}
        if len({vectors.shape[1] for _, vectors in whole.values()}) != 1:
            return
        tables, arrays = zip(*whole.values(), strict=True)
        merged = self._write(np.concatenate(tables), np.concatenate(arrays))
        for file in whole.keys() - {merged}:
            _remove(file)
        for temporary in self.folder.glob(".*.npy.*"):
            with suppress(FileNotFoundError):  # another run has just finished it
                if time.time() - temporary.stat().st_mtime > ABANDONED:
                    temporary.unlink()


def _look_up(
    keys_file: Path, wanted: dict[bytes, int], dims: int | None
) -> tuple[list[int], FloatArray]:
    """Positions of the wanted keys in one shard, and their vectors. Raises FileNotFoundError."""
    none: tuple[list[int], FloatArray] = ([], np.empty((0, 0), np.float32))
    shard = open_shard(keys_file)
    if shard is None or (dims is not None and shard[1].shape[1] != dims):
        return none
    table, vectors = shard
    # If a key is twice in a shard, the later one counts.
    row_of = {key: row for row, key in enumerate(keys_of(table)) if key in wanted}
    rows = sorted(row_of.values())
    if not rows:
        return none
    stored = np.asarray(vectors[rows])
    whole = checksums(stored) == table["crc"][rows]
    at = {row: place for place, row in enumerate(rows)}
    good = [(wanted[key], at[row]) for key, row in row_of.items() if whole[at[row]]]
    return [position for position, _ in good], stored[[place for _, place in good]]


def open_shard(keys_file: Path) -> tuple[NDArray[Any], FloatArray] | None:
    """Keys and mapped vectors of a shard, None if it is damaged. Raises FileNotFoundError."""
    try:
        table = np.load(keys_file, allow_pickle=False)
        vectors = np.load(_vectors_of(keys_file), mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, EOFError):
        return None  # damaged by another program or a disk
    good = table.dtype == ROW and vectors.dtype.kind == "f" and vectors.ndim == 2
    return (table, vectors) if good and table.shape == (len(vectors),) else None


def keys_of(table: NDArray[Any]) -> Iterator[bytes]:
    """The m keys of a shard."""
    flat = np.ascontiguousarray(table["key"]).tobytes()
    return (flat[at : at + KEY_BYTES] for at in range(0, len(flat), KEY_BYTES))


def checksums(vectors: FloatArray) -> NDArray[np.uint32]:
    """(m,) CRC-32 of each row."""
    return np.array([zlib.crc32(row) for row in np.ascontiguousarray(vectors)], dtype=np.uint32)


def _vectors_of(keys_file: Path) -> Path:
    return keys_file.with_name(keys_file.name.removesuffix(KEYS) + VECTORS)


def _is_small(keys_file: Path) -> bool:
    try:
        return _vectors_of(keys_file).stat().st_size < SMALL_BYTES
    except OSError:
        return False


def _remove(keys_file: Path) -> None:
    """Delete a shard, its keys first: without them it no longer exists. Files in use may stay."""
    for path in (keys_file, _vectors_of(keys_file)):
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return


# The whole cache, for a user who wants to see or to clear it.


def embeddings_folder(cache: str | Path | None) -> Path:
    """Where embeddings are cached: below `cache`, or the cache folder of this platform."""
    return Path(cache or user_cache_dir("curate")) / "embeddings"


@dataclass(frozen=True)
class CachedEmbedder:
    """What the cache holds of one embedder; `written` is the time of the last write in seconds."""

    fingerprint: str
    items: int
    dims: int
    bytes: int
    written: float


def cached_embedders(folder: Path) -> list[CachedEmbedder]:
    """The embedders with vectors in the cache at `folder`, sorted by fingerprint."""
    embedders = []
    for subfolder in sorted(path for path in folder.glob("*") if path.is_dir()):
        files = [file for file in subfolder.glob("*.npy") if file.name.endswith((KEYS, VECTORS))]
        keys_files = [file for file in files if file.name.endswith(KEYS)]
        shards = [shard for file in keys_files if (shard := open_shard(file)) is not None]
        if shards:
            distinct = {key for table, _ in shards for key in keys_of(table)}
            stats = [file.stat() for file in files]
            embedders.append(
                CachedEmbedder(
                    subfolder.name,
                    len(distinct),
                    shards[0][1].shape[1],
                    sum(stat.st_size for stat in stats),
                    max(stat.st_mtime for stat in stats),
                )
            )
    return embedders


def clear(folder: Path, fingerprint: str | None = None) -> int:
    """Delete the vectors of one embedder or of all, and no other file; returns the bytes freed."""
    freed = 0
    for subfolder in folder.glob("*") if fingerprint is None else [folder / fingerprint]:
        for file in sorted(subfolder.glob("*.npy")) + sorted(subfolder.glob(".*.npy.*")):
            if file.name.endswith((KEYS, VECTORS)) or file.name.startswith("."):
                freed += file.stat().st_size
                file.unlink(missing_ok=True)
        if subfolder.is_dir() and not any(subfolder.iterdir()):
            subfolder.rmdir()
    return freed
