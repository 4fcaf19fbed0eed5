"""`hf:NAME`: a model of the transformers package, for texts or pictures, without its head.

Texts: the mean of the last hidden states over the tokens, or the first of them (cls), or
the pooler's output. Pictures: the pooler's output where there is one, else the first token.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from curate.core import Kind
from curate.embed.hub import HubOptions, imported, loaded, torch_embedder
from curate.embed.model import ModelEmbedder
from curate.embed.pictures import load_picture
from curate.errors import RequestError


class TransformerOptions(HubOptions):
    """Settings of `hf:NAME`."""

    pooling: Literal["auto", "mean", "cls", "pooler"] = "auto"
    prefix: str = ""
    """Put before every text, as some models want it: 'query: '."""
    tokens: int = Field(default=512, ge=1)
    """Longer texts are cut."""


def transformer_model(
    name: str, path: str, kind: Kind, options: TransformerOptions
) -> ModelEmbedder:
    """The embedder by the model at `path`. MissingExtraError, DataError if it cannot be loaded."""
    package, _ = imported(["transformers", "torch"], "hf", name)
    package.utils.logging.set_verbosity_error()
    package.utils.logging.disable_progress_bar()
    model: Any = loaded(
        name, path, lambda: package.AutoModel.from_pretrained(path).to(options.device).eval()
    )
    if kind == "images":
        reader: Any = loaded(name, path, lambda: package.AutoImageProcessor.from_pretrained(path))
        reading = reader.to_json_string()
    else:
        reader = loaded(name, path, lambda: package.AutoTokenizer.from_pretrained(path))
        reading = repr(sorted(reader.get_vocab().items()))

    def read(items: list[Any]) -> Any:
        if kind == "images":
            return reader(images=items, return_tensors="pt")
        longest = min(options.tokens, reader.model_max_length)
        return reader(items, return_tensors="pt", padding=True, truncation=True, max_length=longest)

    def forward(items: list[Any]) -> Any:
        entries = read(items).to(options.device)
        return _pooled(model(**entries), entries.get("attention_mask"), options.pooling, name)

    return torch_embedder(
        name,
        kind,
        options,
        model,
        prepare=load_picture if kind == "images" else lambda text: options.prefix + text,
        forward=forward,
        reading=reading,
    )


def _pooled(answer: Any, mask: Any, pooling: str, name: str) -> Any:
    """(b, d) from the hidden states of a model; `mask` (b, tokens) is None for pictures."""
    pooler = getattr(answer, "pooler_output", None)
    if pooling == "auto":
        pooling = "mean" if mask is not None else "pooler" if pooler is not None else "cls"
    if pooling == "pooler":
        if pooler is None:
            raise RequestError(f"{name} has no pooler: pass --embedder-options pooling=mean.")
        return pooler.flatten(1)
    states = answer.last_hidden_state
    if states.ndim == 4:  # a convolutional network: (b, d, rows, columns)
        states = states.flatten(2).transpose(1, 2)
    if pooling == "cls":
        return states[:, 0]
    if mask is None:
        return states.mean(dim=1)
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
