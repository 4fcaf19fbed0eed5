"""A folder of small pictures, some of them odd and some of them broken, each in a known way."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image


def _noise(at: int, side: int = 16) -> Image.Image:
    """A picture that no other number has."""
    values = np.random.default_rng(at).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(values)


def _encoded(image: Image.Image, kind: str, **how: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **how)
    return stream.getvalue()


def _bomb() -> bytes:
    """A PNG of a few bytes whose header claims 1.6 billion pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0")), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _animated(path: Path, at: int) -> None:
    frames = [_noise(at), _noise(at + 1_000_000)]
    path.write_bytes(_encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))


def _sixteen_bits(path: Path, at: int) -> None:
    values = np.random.default_rng(at).integers(0, 65536, (16, 16), dtype=np.uint16)
    path.write_bytes(_encoded(Image.fromarray(values), "PNG"))


def _denied(path: Path, at: int) -> None:
    path.write_bytes(_encoded(_noise(at), "PNG"))
    path.chmod(0)


def _outside(path: Path, at: int) -> None:
    target = path.parent.parent / f"outside-{at}.png"
    target.write_bytes(_encoded(_noise(at), "PNG"))
    path.symlink_to(target)


# (what the name ends with, what makes the file, the reason for which it is set aside)
Kind = tuple[str, Callable[[Path, int], object], str]
BROKEN: list[Kind] = [
    ("empty.png", lambda path, _: path.touch(), "empty file"),
    ("cut.png", lambda path, at: path.write_bytes(_encoded(_noise(at), "PNG")[:-200]),
     "corrupt image"),
    ("cut.jpg", lambda path, at: path.write_bytes(_encoded(_noise(at, 64), "JPEG")[:-900]),
     "corrupt image"),
    ("text.jpg", lambda path, at: path.write_text(f"no picture {at}"), "not an image"),
    ("bomb.png", lambda path, _: path.write_bytes(_bomb()), "decompression bomb"),
    ("denied.png", _denied, "permission denied"),
    ("folder.jpg", lambda path, _: path.mkdir(), "a folder"),
    ("gone.png", lambda path, _: path.symlink_to(path.parent / "nowhere.png"), "no such file"),
    ("outside.png", _outside, "link outside the folder"),
    ("cut.gif", lambda path, at: path.write_bytes(_encoded(_noise(at, 64), "GIF")[:-2000]),
     "corrupt image"),
]  # fmt: skip
ODD: list[Kind] = [
    ("cmyk.jpg", lambda path, at: _noise(at).convert("CMYK").save(path), ""),
    ("16 bits.png", _sixteen_bits, ""),
    ("animated.gif", _animated, ""),
    ("palette.png", lambda path, at: _noise(at).quantize(16).save(path, transparency=3), ""),
    ("png inside.jpg", lambda path, at: path.write_bytes(_encoded(_noise(at), "PNG")), ""),
    ("صورة.png", lambda path, at: _noise(at).save(path), ""),
    ("two\nlines.png", lambda path, at: _noise(at).save(path), ""),
    ("UPPER.PNG", lambda path, at: _noise(at).save(path), ""),
    ("grey alpha.png", lambda path, at: _noise(at).convert("LA").save(path), ""),
    ("progressive.jpg", lambda path, at: _noise(at).save(path, progressive=True), ""),
]


def make_folder(folder: Path, count: int) -> tuple[set[str], dict[str, str]]:
    """Fill `folder` with `count` pictures, a hundredth of them odd and one broken.

    Returns the ids of the usable ones, and for each of the others its reason.
    """
    folder.mkdir()
    good: set[str] = set()
    bad: dict[str, str] = {}
    each = max(10, count // 100)
    for at in range(count):
        kinds = BROKEN if at < each else ODD if at < 2 * each else [_PLAIN]
        ending, make, reason = kinds[at % len(kinds)]
        name = f"{at:05} {ending}"
        make(folder / name, at)
        if reason:
            bad[name] = reason
        else:
            good.add(name)
    return good, bad


_PLAIN: Kind = ("plain.png", lambda path, at: _noise(at).save(path), "")
