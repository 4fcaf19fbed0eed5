"""The part of a picture inside a box, as a picture of its own.

Idea: a `Crop` has bytes like every picture, so any embedder takes it. They are made when they
are asked for: the picture is decoded upright, cut, and written as a plain bitmap in memory. The
picture decoded last is kept, for the objects of one picture follow each other. Cost: decoding a
picture once for all its objects that are embedded together.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from curate.core import Picture
from curate.data.fingerprint import KEY_BYTES
from curate.embed.pictures import UnreadablePictureError, load_picture

if TYPE_CHECKING:
    from PIL import Image

WHOLE = 1 << 20  # no picture has a longer side, so none is made smaller
_kept = threading.local()  # the picture that this thread decoded last


@dataclass(frozen=True)
class Crop:
    """The pixels of `picture` in [left, right) × [top, bottom), which lie inside it."""

    picture: Picture
    left: int
    top: int
    right: int
    bottom: int
    suffix: str = ".bmp"

    @property
    def name(self) -> str:
        """The name of the picture and the box."""
        return f"{self.picture.name}[{self.left},{self.top},{self.right},{self.bottom}]"

    def open(self, _mode: Literal["rb"], /) -> BytesIO:
        """The crop as a bitmap. Raises OSError where the picture cannot be decoded."""
        stream = BytesIO()
        box = (self.left, self.top, self.right, self.bottom)
        _decoded(self.picture).crop(box).save(stream, "BMP")
        stream.seek(0)
        return stream

    def key(self, picture_key: bytes) -> bytes:
        """16 bytes for its content: that of the picture, and the box."""
        box = f"{self.left},{self.top},{self.right},{self.bottom}".encode()
        return hashlib.blake2b(picture_key + b"crop" + box, digest_size=KEY_BYTES).digest()


def _decoded(picture: Picture) -> Image.Image:
    last: tuple[Picture, Image.Image] | None = getattr(_kept, "last", None)
    if last is None or last[0] is not picture:
        try:
            _kept.last = last = (picture, load_picture(picture, WHOLE))
        except UnreadablePictureError as error:
            raise OSError(str(error)) from None
    return last[1]
