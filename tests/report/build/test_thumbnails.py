from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from curate.core.values import Dataset
from curate.errors import DataError
from curate.report.build import thumbnails


def dataset(files: list[Path], kind: str = "images") -> Dataset:
    ids = [file.name for file in files]
    return Dataset(kind=kind, ids=ids, items=files, metadata=None, name="x")  # type: ignore[arg-type]


def test_thumbnails_are_small_upright_and_white_behind(tmp_path: Path) -> None:
    """160 pixels at most, EXIF rotation applied, transparency over white, shape kept."""
    clear = Image.new("RGBA", (400, 100), (255, 0, 0, 0))
    clear.save(tmp_path / "clear.png")
    turned = Image.new("RGB", (300, 150), "blue")
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    made = thumbnails.make_thumbnails(
        dataset([tmp_path / "clear.png", tmp_path / "turned.jpg"]), [0, 1]
    )
    first = Image.open(io.BytesIO(made["clear.png"]))
    second = Image.open(io.BytesIO(made["turned.jpg"]))
    assert first.format == second.format == "JPEG"
    assert first.size == (160, 40)
    assert second.size == (80, 160)
    assert first.getpixel((80, 20)) == (255, 255, 255)


def test_an_unreadable_file_has_none(tmp_path: Path) -> None:
    """A file that is no picture, or is gone, is left out without a word."""
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    files = [tmp_path / "broken.png", tmp_path / "gone.png"]
    assert thumbnails.make_thumbnails(dataset(files), [0, 1]) == {}


def test_only_images_have_thumbnails() -> None:
    """Texts are not opened as files."""
    assert thumbnails.make_thumbnails(dataset([Path("a")], kind="text"), [0]) == {}


def test_the_side_file_is_deterministic_and_complete(tmp_path: Path) -> None:
    """The same pictures give the same bytes, and come back as they were, in order."""
    buffer = io.BytesIO()
    Image.new("RGB", (20, 10), "green").save(buffer, "JPEG")
    pictures = {"b/<x>.png": buffer.getvalue(), "a": buffer.getvalue()}
    with (tmp_path / "one.parquet").open("wb") as stream:
        thumbnails.write_thumbnails(stream, pictures)
    with (tmp_path / "two.parquet").open("wb") as stream:
        thumbnails.write_thumbnails(stream, pictures)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert list(thumbnails.read_thumbnails(tmp_path / "one.parquet").items()) == list(
        pictures.items()
    )


def test_what_is_no_picture_is_left_out_on_reading(tmp_path: Path) -> None:
    """A damaged entry of the side file costs its picture, not the report."""
    with (tmp_path / "side.parquet").open("wb") as stream:
        thumbnails.write_thumbnails(stream, {"bad": b"\xff\xd8\xff nonsense"})
    assert thumbnails.read_thumbnails(tmp_path / "side.parquet") == {}


def test_a_file_that_is_no_parquet_is_an_error(tmp_path: Path) -> None:
    """DataError in one line."""
    (tmp_path / "side.parquet").write_bytes(b"nonsense")
    with pytest.raises(DataError, match="contains no thumbnails") as caught:
        thumbnails.read_thumbnails(tmp_path / "side.parquet")
    assert "\n" not in str(caught.value)
