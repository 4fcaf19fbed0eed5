"""Where the repository is."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def fill(root: Path, *names: str) -> Path:
    """`root` with a file for each of the `names`, which are paths below it."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not decoded here")
    return root
