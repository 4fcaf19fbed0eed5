"""Atomic writing: a reader sees the old file or the new one, never a part of one."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def write_beside(path: Path) -> Iterator[IO[bytes]]:
    """A binary stream that becomes `path` when the block ends well, and is deleted otherwise.

    It writes a temporary file in the same folder, so that the rename is atomic; `name` of the
    stream is the path of that file.
    """
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as stream:
        beside = Path(stream.name)
        try:
            yield stream
            stream.close()
            beside.chmod(0o666 & ~_umask())  # temporary files are private, outputs are shared
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


NAME_BYTES = 160  # of a file name that is made from words; a file system takes 255


def file_name_of(words: str, default: str) -> str:
    """A plain file name made from `words`: letters, digits, dots, `_` and `-`; else `default`.

    Long names are cut, and end in a hash of all words, so that different words differ.
    """
    name = re.sub(r"[^\w.-]+", "-", words).strip("._-")
    if len(name.encode()) > NAME_BYTES:
        digest = hashlib.sha256(words.encode()).hexdigest()[:8]
        name = f"{name.encode()[:NAME_BYTES].decode(errors='ignore')}-{digest}"
    return name or default
