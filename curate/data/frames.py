"""Folders of frames: each folder of images is a video, and its images are in time order.

Numbers in names count as numbers, so that `frame10.png` comes after `frame9.png`. Nothing is
known of time but the order. O(n log n).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

_DIGITS = re.compile(r"(\d+)")


def in_time(name: str) -> tuple[str, list[tuple[int, str]], str]:
    """What sorts POSIX paths by their folder, then by their names with numbers as numbers."""
    folder, _, file = name.rpartition("/")
    parts = _DIGITS.split(file)
    # Names begin with text, perhaps none: so numbers stand against numbers.
    return folder, [(int(part), "") if part.isdigit() else (-1, part) for part in parts], file


def frame_columns(names: Sequence[str]) -> dict[str, pa.Array]:
    """Columns `video`, the folder of each of n paths in time order, and `frame`, from 0 in it."""
    videos = [name.rpartition("/")[0] for name in names]
    seen: Counter[str] = Counter()
    frames = []
    for video in videos:
        frames.append(seen[video])
        seen[video] += 1
    return {"video": pa.array(videos, pa.string()), "frame": pa.array(frames, pa.int64())}
