"""Atomic writing: a reader sees the old file or the new one, never a part of one."""

from __future__ import annotations

import os
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
