"""`st:NAME`: a model of the sentence-transformers package, for texts, or pictures if it is CLIP.

Pooling, prompts and maximal length are what the model says.
"""

from __future__ import annotations

from typing import Any

from curate.core import Kind
from curate.embed.hub import HubOptions, imported, loaded, torch_embedder
from curate.embed.model import ModelEmbedder
from curate.embed.pictures import load_picture


class SentenceOptions(HubOptions):
    """Settings of `st:NAME`."""

    prefix: str = ""
    """Put before every text, as some models want it: 'query: '."""


def sentence_model(name: str, path: str, kind: Kind, options: SentenceOptions) -> ModelEmbedder:
    """The embedder by the model at `path`. MissingExtraError, DataError if it cannot be loaded."""
    (package,) = imported(["sentence_transformers"], "st", name)
    model: Any = loaded(
        name, path, lambda: package.SentenceTransformer(path, device=options.device).eval()
    )
    return torch_embedder(
        name,
        kind,
        options,
        model,
        prepare=load_picture if kind == "images" else lambda text: options.prefix + text,
        forward=lambda items: model.encode(
            items, batch_size=options.batch, show_progress_bar=False, convert_to_tensor=True
        ),
    )
