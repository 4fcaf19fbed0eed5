"""Video files, and folders of frames, as sequences of images.

A video is decoded once, from beginning to end, one frame in memory at a time. The first frame
at or after each multiple of 1 / fps is written as JPEG to the cache, in a folder named by the
content of the video and the rate. From then on the frames are pictures like any other, and a
second run decodes nothing. Time is that of the file, from its first frame, so a variable frame
rate does no harm. A video that cannot be read to its end is set aside from there on.

An id is the path of the video, a slash, and the time in seconds: `day1/a.mp4/000012.000.jpg`.
Columns: `video`, `frame` (number among all frames of the video, from 0), `time` (seconds), and
`label`, the first folder.

With --frames each folder of images is a video, its images the frames in the order of their
names, where numbers count as numbers: `frame10.png` comes after `frame9.png`. O(n log n).

PyAV decodes (an extra). Not here: sound, subtitles, further video streams.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import logging
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from platformdirs import user_cache_dir

from curate.core.values import Dataset, Problem, Problems
from curate.data.assemble import name_of
from curate.data.options import ReadOptions
from curate.data.picture_paths import picture_dataset, readable
from curate.data.read_errors import reading
from curate.errors import MissingExtraError, RequestError, one_line

if TYPE_CHECKING:
    from PIL import Image

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm")
FPS = 1.0  # frames a second by default
QUALITY = 95  # of JPEG: far finer than what embedders distinguish
log = logging.getLogger("curate")
INDEX = "frames.json"  # in the folder of the frames of a video
_DIGITS = re.compile(r"(\d+)")


# Video files.


@dataclass(frozen=True)
class DecodedVideo:
    """Frames of a video: `files`, their `numbers` and `times`; `problem` if decoding broke off."""

    files: list[Path]
    numbers: list[int]
    times: list[float]
    problem: Problem | None


def find_videos(folder: Path) -> list[Path]:
    """Video files below `folder`, sorted by path; hidden ones are skipped."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in VIDEO_SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def read_video(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the frames of one video file. Raises as `read_videos`."""
    return read_videos(path.parent, [path], options)


def read_videos(folder: Path, paths: Sequence[Path], options: ReadOptions) -> Dataset:
    """The data set of the frames of `paths`, all below `folder`, video by video in time order.

    Raises MissingExtraError without PyAV, RequestError for an invalid rate, DataError if no
    frame can be read.
    """
    options.allow_only(("label_column", "fps", "frame_cache"), "video")
    fps = FPS if options.fps is None else options.fps
    if not 0 < fps < float("inf"):
        raise RequestError(f"--fps {fps:g} is not a rate: give frames a second, as in --fps 1.")
    names: list[str] = []
    pictures: list[Path] = []
    problems: Problems = {}
    columns: dict[str, list[object]] = {"video": [], "frame": [], "time": []}
    for path in paths:
        video = readable(path.relative_to(folder).as_posix())
        decoded = _decoded(path, fps, options.frame_cache or _temporary())
        for file, number, time in zip(decoded.files, decoded.numbers, decoded.times, strict=True):
            names.append(f"{video}/{file.name}")
            pictures.append(file)
            for column, value in zip(columns.values(), (video, number, time), strict=True):
                column.append(value)
        if decoded.problem is not None:
            problems[len(names)] = decoded.problem
            names.append(video)
            pictures.append(path)
            for column, value in zip(columns.values(), (video, None, None), strict=True):
                column.append(value)
    types = (pa.string(), pa.int64(), pa.float64())
    return picture_dataset(
        names,
        pictures,
        problems,
        options,
        name_of(paths[0] if len(paths) == 1 else folder),
        folder,
        columns={
            name: pa.array(values, kind)
            for (name, values), kind in zip(columns.items(), types, strict=True)
        },
        # The last folder in the path of a frame is the video, which is not a label.
        labels=[_first_folder(str(video)) for video in columns["video"]],
    )


def _first_folder(video: str) -> str | None:
    return video.split("/")[0] if "/" in video else None


@cache
def _temporary() -> Path:
    """A folder that exists as long as this process, for runs without a cache."""
    folder = tempfile.mkdtemp(prefix="curate-frames-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _decoded(path: Path, fps: float, frames: Path) -> DecodedVideo:
    """The frames of one video, from the cache if they are there."""
    with reading(path), path.open("rb") as stream:
        content = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    folder = frames / f"{content}-{fps:g}fps-q{QUALITY}"
    if not (folder / INDEX).is_file():
        frames.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=frames, prefix=".decoding-"))
        try:
            _decode(path, fps, beside)
            try:
                beside.rename(folder)
            except OSError:  # another run was faster; its frames are the same
                if not (folder / INDEX).is_file():
                    raise
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    problem = index["trouble"]  # as caches of earlier versions call it
    return DecodedVideo(
        [folder / name for name in index["files"]],
        index["numbers"],
        index["times"],
        None if problem is None else Problem(*problem),
    )


def _decode(path: Path, fps: float, folder: Path) -> None:
    """Write the wanted frames of a video to `folder`, and an index of them."""
    files: list[str] = []
    numbers: list[int] = []
    times: list[float] = []
    problem: Problem | None = None
    try:
        for number, time, image in _wanted(path, fps):
            files.append(f"{time:010.3f}.jpg")
            numbers.append(number)
            times.append(round(time, 6))
            image.save(folder / files[-1], quality=QUALITY)
    except _BrokenVideoError as error:
        problem = Problem("broken video" if files else "not a video", str(error))
    index = {"files": files, "numbers": numbers, "times": times, "trouble": problem}
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")
    log.info("%s: %d frames", path.name, len(files))


class _BrokenVideoError(Exception):
    """A video cannot be decoded, or not to its end."""


def _wanted(path: Path, fps: float) -> Iterator[tuple[int, float, Image.Image]]:
    """Number, time from the first frame in seconds, and picture of each frame to be written."""
    try:
        import av
    except ImportError:
        raise MissingExtraError(
            f"{path.name} is a video, which needs PyAV: "
            'run pip install "curate-select[video]" and try again.'
        ) from None
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise _BrokenVideoError("no video stream")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            rate = float(stream.average_rate or fps)
            first: float | None = None
            due = 0  # number of the next multiple of 1 / fps
            for number, frame in enumerate(container.decode(stream)):
                now = number / rate if frame.time is None else float(frame.time)
                first = now if first is None else first
                # Times in the file are rounded, so up to a microsecond early is on time.
                if now - first < due / fps - 1e-6:
                    continue
                due = int((now - first + 1e-6) * fps) + 1
                image = frame.to_image()
                yield number, now - first, image.rotate(frame.rotation, expand=True)
            if first is None:
                raise _BrokenVideoError("no frame")
    except (av.FFmpegError, ValueError, OSError) as error:
        raise _BrokenVideoError(one_line(error)) from None


# The frames on disk.


def frames_folder(cache: str | Path | None) -> Path:
    """The folder of the frames of video files, in the cache of the embeddings."""
    return Path(cache or user_cache_dir("curate")) / "frames"


def size_of_frames(folder: Path) -> int:
    """Bytes of the frames kept in `folder`, 0 if there is none."""
    return sum(file.stat().st_size for file in _frame_files(folder))


def clear_frames(folder: Path) -> int:
    """Delete all frames, and no other file; returns the bytes freed."""
    freed = size_of_frames(folder)
    for file in _frame_files(folder):
        file.unlink(missing_ok=True)
    for emptied in [*folder.glob("*"), folder]:
        if emptied.is_dir() and not any(emptied.iterdir()):
            emptied.rmdir()
    return freed


def _frame_files(folder: Path) -> list[Path]:
    """The frames and their indices."""
    videos = [index.parent for index in folder.glob(f"*fps-q*/{INDEX}")]
    return [file for video in videos for file in (*video.glob("*.jpg"), video / INDEX)]


# Folders of frames.


def time_order(name: str) -> tuple[str, list[tuple[int, str]], str]:
    """A sort key for POSIX paths: by folder, then by name, with numbers as numbers."""
    folder, _, file = name.rpartition("/")
    parts = _DIGITS.split(file)
    # The first part is text, perhaps empty, so that numbers are compared with numbers.
    return folder, [(int(part), "") if part.isdigit() else (-1, part) for part in parts], file


def frame_columns(names: Sequence[str]) -> dict[str, pa.Array]:
    """Columns for n paths in time order: `video`, the folder, and `frame`, from 0 in each."""
    videos = [name.rpartition("/")[0] for name in names]
    seen: Counter[str] = Counter()
    frames = []
    for video in videos:
        frames.append(seen[video])
        seen[video] += 1
    return {"video": pa.array(videos, pa.string()), "frame": pa.array(frames, pa.int64())}
