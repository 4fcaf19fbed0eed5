"""Decoding pictures: upright, RGB, over white; or the reason why that is impossible.

Palettes, CMYK, 16 bits a channel, alpha and EXIF rotation are converted; of an animation the
first frame is taken. Pictures with more pixels than Pillow's `MAX_IMAGE_PIXELS` are refused
as decompression bombs (Pillow by itself refuses twice as many).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from curate.core.values import Picture, Problem

Fit = Literal["letterbox", "crop", "stretch"]
WHITE = (255, 255, 255)
FIRST_ON_ITS_SIDE = 5  # EXIF orientations 5 to 8 swap width and height


class UnreadablePictureError(Exception):
    """A picture cannot be read; `problem` says why."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.problem = Problem(reason, detail)


@contextmanager
def bombs_are_errors() -> Iterator[None]:
    """Turn Pillow's warning about large pictures into an error; enter it around all threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        # A file with odd metadata still has its pixels: no warning on the screen.
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        yield


def load_picture(picture: Picture, side: int | None = None, fit: Fit = "letterbox") -> Image.Image:
    """`picture` as upright RGB, both sides at most `side` pixels if that is given.

    fit  letterbox keeps the aspect within the square, crop keeps the middle of it,
         stretch fills it
    Raises UnreadablePictureError for one that is empty, corrupt or too large to decode.
    """
    with _opened(picture) as image:
        if side is not None:
            # JPEG decodes at a half, quarter or eighth of its size for free.
            image.draft(None, (2 * side, 2 * side))
        upright = ImageOps.exif_transpose(_continuous(_eight_bits(image)))
        return _over_white(upright if side is None else _reduced(upright, side, fit))


def square(picture: Picture, side: int, fit: Fit = "letterbox") -> NDArray[np.uint8]:
    """(side, side, 3) uint8: the picture in a square, a letterbox centred on white.

    Raises UnreadablePictureError.
    """
    pixels = np.asarray(load_picture(picture, side, fit))  # (h, w, 3)
    height, width, _ = pixels.shape
    if height == width == side:
        return pixels
    canvas = np.full((side, side, 3), 255, dtype=np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    canvas[top : top + height, left : left + width] = pixels
    return canvas


def _reduced(image: Image.Image, side: int, fit: Fit) -> Image.Image:
    if fit == "letterbox":
        image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
        return image
    if fit == "stretch":
        return image.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return ImageOps.fit(image, (side, side), Image.Resampling.BICUBIC)


def upright_size(picture: Picture) -> tuple[int, int]:
    """Width and height in pixels of the upright `picture`, from its header alone.

    Raises UnreadablePictureError.
    """
    with _opened(picture) as image:
        width, height = image.size
        on_its_side = image.getexif().get(ExifTags.Base.Orientation, 1) >= FIRST_ON_ITS_SIDE
        return (height, width) if on_its_side else (width, height)


@contextmanager
def _opened(picture: Picture) -> Iterator[Image.Image]:
    """`picture` opened by Pillow; every error inside the block becomes UnreadablePictureError."""
    try:
        with picture.open("rb") as stream, Image.open(stream) as image:
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePictureError("decompression bomb", _first_line(error)) from None
    except UnidentifiedImageError:
        with picture.open("rb") as stream:
            empty = not stream.read(1)
        reason, detail = ("empty file", "0 bytes") if empty else ("not an image", picture.suffix)
        raise UnreadablePictureError(reason, detail) from None
    except PermissionError:
        raise UnreadablePictureError("permission denied", "") from None
    except FileNotFoundError:
        raise UnreadablePictureError("no such file", "") from None
    except IsADirectoryError:
        raise UnreadablePictureError("a folder", "not an image") from None
    except Exception as error:  # decoders raise many types on corrupt bytes
        raise UnreadablePictureError("corrupt image", _first_line(error)) from None


def _eight_bits(image: Image.Image) -> Image.Image:
    """An image of 16 or 32 bits a channel scaled to 8 bits; Pillow would clip it."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image, dtype=np.float32)
        top = 65535.0 if image.mode.startswith("I") else max(float(values.max()), 1.0)
        return Image.fromarray(np.clip(values * (255 / top), 0, 255).astype(np.uint8))
    image.load()
    return image


def _continuous(image: Image.Image) -> Image.Image:
    """Palette and 1-bit images as colours and greys, whose values can be averaged."""
    if image.mode in ("P", "PA"):
        return image.convert("RGBA")
    return image.convert("L") if image.mode == "1" else image


def _over_white(image: Image.Image) -> Image.Image:
    if "transparency" in image.info or image.mode in ("LA", "RGBA"):
        rgba = image.convert("RGBA")
        canvas = Image.new("RGBA", rgba.size, (*WHITE, 255))
        return Image.alpha_composite(canvas, rgba).convert("RGB")
    return image.convert("RGB")


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
