"""Frames of video files on disk: where they are kept, how much that is, how to forget them."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_dir

INDEX = "frames.json"  # beside the frames of a video


def frames_folder(cache: str | Path | None) -> Path:
    """Where the frames of video files are kept, in the same cache."""
    return Path(cache or user_cache_dir("curate")) / "frames"


def size_of_frames(folder: Path) -> int:
    """Bytes of the frames kept in `folder`, 0 if there is none."""
    return sum(file.stat().st_size for file in _frame_files(folder))


def clear_frames(folder: Path) -> int:
    """Forget all frames; bytes freed. Removes nothing but files of a cache."""
    freed = size_of_frames(folder)
    for file in _frame_files(folder):
        file.unlink(missing_ok=True)
    for place in [*folder.glob("*"), folder]:
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
    return freed


def _frame_files(folder: Path) -> list[Path]:
    """Frames and their indices: in folders that have an index of the same make."""
    of_videos = [index.parent for index in folder.glob(f"*fps-q*/{INDEX}")]
    return [file for one in of_videos for file in (*one.glob("*.jpg"), one / INDEX)]
