"""The table of embedders, and which one fits a kind of item."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from curate.core import Kind
from curate.errors import RequestError, did_you_mean

if TYPE_CHECKING:
    from curate.embed.embedder import Embedder


def _image_lite() -> Embedder:
    from curate.embed.image_lite import ImageLite

    return ImageLite()


def _text_static() -> Embedder:
    from curate.embed.text_static import TextStatic

    return TextStatic()


# Functions that import, so that an embedder costs nothing until it is used.
EMBEDDERS: dict[str, Callable[[], Embedder]] = {
    "image-lite": _image_lite,
    "text-static": _text_static,
}
DEFAULT: dict[Kind, str] = {"images": "image-lite", "text": "text-static", "vectors": "none"}


def find_embedder(name: str, kind: Kind) -> Embedder | None:
    """The embedder called `name`, or with "auto" the default for `kind`; None for vectors.

    Raises RequestError for an unknown name, or one that takes other items.
    """
    chosen = DEFAULT[kind] if name == "auto" else name
    if chosen not in (*EMBEDDERS, "none"):
        known = (*EMBEDDERS, "none", "auto")
        raise RequestError(f"no embedder is called {name!r}: {did_you_mean(name, known)}")
    if (chosen == "none") != (kind == "vectors"):
        raise RequestError(
            f"--embedder {name} does not take {kind}: pass --embedder {DEFAULT[kind]}."
        )
    if chosen == "none":
        return None
    embedder = EMBEDDERS[chosen]()
    if embedder.kind != kind:
        raise RequestError(
            f"--embedder {name} takes {embedder.kind}, the data are {kind}: "
            f"pass --embedder {DEFAULT[kind]}."
        )
    return embedder
