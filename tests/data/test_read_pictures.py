"""Pictures that are no files: whoever decodes, hashes or draws them needs their bytes alone."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from curate.core.pictures import UnreadablePictureError, load_picture
from curate.core.values import Dataset, no_metadata
from curate.data import content_keys
from curate.report.build import thumbnails


@dataclass(frozen=True)
class InMemory:
    """The least that a picture has to be."""

    content: bytes | None
    name: str = "a.png"
    suffix: str = ".png"

    def open(self, mode: str, /) -> io.BytesIO:
        assert mode == "rb"
        if self.content is None:
            raise OSError("gone")
        return io.BytesIO(self.content)


def png() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (30, 20), (255, 0, 0)).save(stream, "PNG")
    return stream.getvalue()


def reason_of(picture: InMemory) -> str:
    try:
        load_picture(picture, 8)
    except UnreadablePictureError as error:
        return error.problem.reason
    return ""


def test_a_picture_in_memory_is_decoded_hashed_and_drawn(tmp_path):
    """It gives the pixels, the content key and the thumbnail of a file of the same bytes."""
    path = tmp_path / "a.png"
    path.write_bytes(png())
    items = [InMemory(png()), path, InMemory(None)]
    data = Dataset("images", ["a", "b", "c"], items, no_metadata(3), "pictures")
    assert np.array_equal(load_picture(items[0], 8), load_picture(path, 8))
    keys = content_keys(data)
    assert keys[0] == keys[1] != keys[2]
    made = thumbnails.make_thumbnails(data, range(3))
    assert made["a"] == made["b"]
    assert "c" not in made


def test_what_cannot_be_opened_has_a_reason(tmp_path):
    """Empty, foreign, missing and impossible pictures are told apart."""
    assert reason_of(InMemory(b"")) == "empty file"
    assert reason_of(InMemory(b"no picture")) == "not an image"
    assert reason_of(InMemory(png()[:60])) == "corrupt image"
    assert reason_of(tmp_path / "missing.png") == "no such file"
    assert reason_of(tmp_path) == "a folder"
