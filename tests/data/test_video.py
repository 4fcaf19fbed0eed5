"""Video files become frames at a rate, with their times; made here, by the library that reads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import av
import numpy as np
import pytest
from PIL import Image

import curate
from curate.data import ReadOptions, read
from curate.data.video import find_videos
from curate.errors import DataError, MissingExtraError, RequestError

RATE, SECONDS = 8, 5  # frames a second of the file, and its length


def shade(number: int) -> int:
    """The grey that frame `number` is filled with."""
    return 20 + 5 * (number % 46)


def make_video(path, *, codec="mpeg4", frames=RATE * SECONDS, rate=RATE, times=None):
    """A video of grey frames; `times` are ticks of 1 / rate, evenly spaced if None."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            pixels = np.full((48, 64, 3), shade(number), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = number if times is None else times[number]
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    make_video(folder / "day" / "a.mp4")
    make_video(folder / "night" / "b.avi", frames=RATE * 2)
    make_video(folder / "c.mkv", frames=3)
    (folder / ".hidden").mkdir()
    make_video(folder / ".hidden" / "d.mp4", frames=2)
    return folder


def grey_of(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("L")).mean()


@pytest.mark.parametrize(("fps", "expected"), [(None, 5), (2.0, 10), (0.5, 3), (100.0, 40)])
def test_frames_are_taken_at_the_rate(videos, tmp_path, fps, expected):
    """The first frame at or after each multiple of 1 / fps, with its number, time and pixels."""
    found = read(videos / "day" / "a.mp4", ReadOptions(fps=fps, frame_cache=tmp_path))
    rows = found.metadata.to_pylist()
    assert len(found) == expected
    step = max(1, round(RATE / (fps or 1.0)))
    assert [row["frame"] for row in rows] == [step * i for i in range(expected)]
    for row, picture, id_ in zip(rows, found.items, found.ids, strict=True):
        assert row["video"] == "a.mp4"
        assert row["time"] == pytest.approx(row["frame"] / RATE)
        assert id_ == f"a.mp4/{row['time']:010.3f}.jpg"
        assert grey_of(picture) == pytest.approx(shade(row["frame"]), abs=4)
    assert found.label_column is None


def test_a_folder_of_videos_is_read_in_order(videos, tmp_path):
    """Video by video, the label is the first folder, hidden folders are passed over."""
    found = read(videos, ReadOptions(frame_cache=tmp_path))
    assert [path.name for path in find_videos(videos)] == ["c.mkv", "a.mp4", "b.avi"]
    rows = found.metadata.to_pylist()
    assert [row["video"] for row in rows] == ["c.mkv"] + ["day/a.mp4"] * 5 + ["night/b.avi"] * 2
    assert [row["label"] for row in rows] == [None] + ["day"] * 5 + ["night"] * 2
    assert found.label_column == "label"
    assert len(set(found.ids)) == len(found) == 8


def test_times_are_the_files_own(tmp_path):
    """Where frames are unevenly spaced the time decides, not the number of the frame."""
    times = [0, 1, 2, 30, 31, 60, 61, 62, 90]
    path = make_video(tmp_path / "v.mkv", frames=9, rate=30, times=times)
    found = read(path, ReadOptions(frame_cache=tmp_path / "cache"))
    assert found.metadata.column("frame").to_pylist() == [0, 3, 5, 8]
    np.testing.assert_allclose(found.metadata.column("time").to_pylist(), [0, 1, 2, 3], atol=2e-3)


def test_a_video_is_decoded_once(videos, tmp_path, monkeypatch):
    """Its frames are found by content and rate, whatever it is called; another rate is another."""
    first = read(videos / "day" / "a.mp4", ReadOptions(frame_cache=tmp_path / "cache"))
    shutil.copy(videos / "day" / "a.mp4", tmp_path / "renamed.mp4")
    monkeypatch.setitem(sys.modules, "av", None)  # whoever needs it now would fail
    again = read(tmp_path / "renamed.mp4", ReadOptions(frame_cache=tmp_path / "cache"))
    assert again.items == first.items
    assert again.ids[0] == "renamed.mp4/000000.000.jpg"
    with pytest.raises(MissingExtraError, match=r'pip install "curate-select\[video\]"'):
        read(tmp_path / "renamed.mp4", ReadOptions(fps=3, frame_cache=tmp_path / "cache"))
    assert not [path for path in (tmp_path / "cache").iterdir() if path.name.startswith(".")]


def test_what_is_no_video_is_set_aside(videos, tmp_path):
    """Garbage, an empty file and sound alone have a reason; the others are read."""
    shutil.copytree(videos / "day", tmp_path / "v")
    (tmp_path / "v" / "bad.mp4").write_bytes(b"this is no video at all" * 99)
    (tmp_path / "v" / "empty.mov").write_bytes(b"")
    found = read(tmp_path / "v", ReadOptions(frame_cache=tmp_path / "cache"))
    assert len(found) == 5
    assert {(one.id, one.reason) for one in found.set_aside} == {
        ("bad.mp4", "not a video"),
        ("empty.mov", "not a video"),
    }
    with pytest.raises(DataError, match="none can be used"):
        read(tmp_path / "v" / "bad.mp4", ReadOptions(frame_cache=tmp_path / "cache"))


def test_a_truncated_video_gives_what_it_has(tmp_path):
    """Frames before the cut are used; nothing raises."""
    whole = make_video(tmp_path / "w.avi", frames=RATE * 40).read_bytes()
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "cut.avi").write_bytes(whole[: len(whole) // 2])
    found = read(tmp_path / "t", ReadOptions(frame_cache=tmp_path / "cache"))
    assert 5 < len(found) < 40
    assert found.metadata.column("frame").to_pylist() == [RATE * i for i in range(len(found))]


def test_a_whole_run_on_video(videos, tmp_path):
    """Frames are embedded, selected and copied out; times reach selected.csv and the report runs
    again without decoding."""
    result = curate.select(
        videos,
        n=3,
        out=tmp_path / "out",
        cache=str(tmp_path / "cache"),
        copy_to=str(tmp_path / "copies"),
        fps=2,
    )
    assert result.report.counts.read == 10 + 4 + 1
    lines = (tmp_path / "out" / "selected.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert all(record["time"] == pytest.approx(record["frame"] / RATE) for record in records)
    copied = sorted(
        path.relative_to(tmp_path / "copies").as_posix()
        for path in (tmp_path / "copies").rglob("*.jpg")
    )
    assert copied == sorted(result.ids)
    assert (tmp_path / "cache" / "frames").is_dir()
    uncached = curate.select(videos, n=3, no_cache=True, no_report=True, fps=2)
    assert uncached.ids == result.ids


def test_rates_and_options_that_mean_nothing_are_refused(videos, samples):
    """A rate must be above 0, and pictures have none."""
    with pytest.raises(RequestError, match="greater than 0"):
        curate.select(videos, n=1, fps=0)
    with pytest.raises(RequestError, match=r"--fps '2\.0' does not apply to a folder of images"):
        curate.select(samples / "clipart" / "science", n=1, fps=2)
    with pytest.raises(RequestError, match="--frames 'True' does not apply to video"):
        curate.select(videos, n=1, frames=True)


def test_folders_of_frames_are_sequences(tmp_path):
    """With --frames a folder is a video, its images in the order of their numbers."""
    names = ["a/f1.png", "a/f10.png", "a/f9.png", "b/x2/f2.png", "b/x2/f1.png", "top3.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    found = read(tmp_path, ReadOptions(frames=True))
    assert found.ids == [
        "top3.png", "a/f1.png", "a/f9.png", "a/f10.png", "b/x2/f1.png", "b/x2/f2.png"
    ]  # fmt: skip
    assert found.metadata.column("video").to_pylist() == ["", "a", "a", "a", "b/x2", "b/x2"]
    assert found.metadata.column("frame").to_pylist() == [0, 0, 1, 2, 0, 1]
    assert found.metadata.column("label").to_pylist() == [None, "a", "a", "a", "b", "b"]
    assert read(tmp_path).metadata.column_names == ["label"]


def test_sequences_stay_within_a_video(videos, tmp_path):
    """The column `video` groups the runs of the strategy `sequence`."""
    result = curate.select(
        videos, n=6, fps=2, strategy="sequence:length=3,column=video", out=tmp_path, no_report=True
    )
    lines = (tmp_path / "selected.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(result.ids) == 6
    for first in (0, 3):
        run = rows[first : first + 3]
        assert len({row["video"] for row in run}) == 1
        assert [row["frame"] for row in run] == [run[0]["frame"] + 4 * i for i in range(3)]


def test_the_cache_command_knows_of_frames(videos, tmp_path):
    """`curate cache size` counts them in a line of their own, `clear` forgets them."""
    curate.select(videos, n=2, cache=str(tmp_path), no_report=True)
    kept = sum(path.stat().st_size for path in (tmp_path / "frames").rglob("*") if path.is_file())

    def cache(word):
        command = [sys.executable, "-m", "curate", "cache", word, "--cache", str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    embeddings, frames = cache("size").splitlines()
    assert frames == f"{kept}\t{tmp_path / 'frames'}"
    mine = tmp_path / "frames" / "mine.jpg"
    mine.write_bytes(b"not of the cache")
    assert int(cache("clear")) == kept + int(embeddings.split("\t")[0])
    assert list((tmp_path / "frames").iterdir()) == [mine]
    assert len(cache("size").splitlines()) == 1
