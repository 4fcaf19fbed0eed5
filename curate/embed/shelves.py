"""What the embedding cache holds, for a user who wants to see or to forget it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_dir

from curate.embed.cache import KEYS, VECTORS, keys_of, open_shard


def embeddings_folder(cache: str | Path | None) -> Path:
    """Where embeddings are cached: below `cache`, or the cache folder of this platform."""
    return Path(cache or user_cache_dir("curate")) / "embeddings"


@dataclass(frozen=True)
class Shelf:
    """What is cached for one embedder: items, dimension, bytes on disk, seconds of last write."""

    fingerprint: str
    items: int
    dims: int
    bytes: int
    written: float


def shelves(folder: Path) -> list[Shelf]:
    """One for each embedder that has something in the cache at `folder`, by name."""
    found = []
    for shelf in sorted(path for path in folder.glob("*") if path.is_dir()):
        files = [file for file in shelf.glob("*.npy") if file.name.endswith((KEYS, VECTORS))]
        keys_files = [file for file in files if file.name.endswith(KEYS)]
        shards = [shard for file in keys_files if (shard := open_shard(file)) is not None]
        if shards:
            distinct = {key for table, _ in shards for key in keys_of(table)}
            stats = [file.stat() for file in files]
            found.append(
                Shelf(
                    shelf.name,
                    len(distinct),
                    shards[0][1].shape[1],
                    sum(stat.st_size for stat in stats),
                    max(stat.st_mtime for stat in stats),
                )
            )
    return found


def clear(folder: Path, fingerprint: str | None = None) -> int:
    """Forget one embedder, or all of them; bytes freed. Removes nothing but files of a cache."""
    freed = 0
    for shelf in folder.glob("*") if fingerprint is None else [folder / fingerprint]:
        for file in sorted(shelf.glob("*.npy")) + sorted(shelf.glob(".*.npy.*")):
            if file.name.endswith((KEYS, VECTORS)) or file.name.startswith("."):
                freed += file.stat().st_size
                file.unlink(missing_ok=True)
        if shelf.is_dir() and not any(shelf.iterdir()):
            shelf.rmdir()
    return freed
