"""Weights that ship inside the package: where they are, and their fingerprint."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

# --------------------------------------------------------------------------------------
# Weights of the two embedders that ship; README.md tells their origin and licence.


# --------------------------------------------------------------------------------------


def weights_file(name: str) -> Path:
    """Path of a shipped weights file. Packages are installed unzipped, so it is a real file."""
    return Path(str(files("curate.embed.weights").joinpath(name)))


def weights_fingerprint(embedder: str, preprocessing: str, *names: str) -> str:
    """`embedder-<hash>`, the hash over the files and the version of the preprocessing."""
    digest = hashlib.blake2b(preprocessing.encode(), digest_size=8)
    for name in names:
        digest.update(weights_file(name).read_bytes())
    return f"{embedder}-{digest.hexdigest()}"
