"""The table of embedders, and which one fits a kind of item.

Some are a name; others a prefix and what the user puts behind it: a file, the name of a
model, a server. Nothing is imported until it is used, and nothing is downloaded unless a
model of a hub is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curate.core.values import Kind
from curate.embed.options import Options, checked_options
from curate.errors import RequestError, did_you_mean

if TYPE_CHECKING:
    from curate.embed.embedder import Embedder, UnfittedEmbedder


class EmbedderRequest(NamedTuple):
    """What a user wants: the whole name, what stands behind its prefix, for which items."""

    name: str
    argument: str
    kind: Kind
    options: Mapping[str, str]


def _image_lite(asked: EmbedderRequest) -> Embedder:
    from curate.embed.image_lite import image_lite

    return _without_options(asked, image_lite)


def _text_static(asked: EmbedderRequest) -> Embedder:
    from curate.embed.text_static import TextStatic

    return _without_options(asked, TextStatic)


def _perceptual(asked: EmbedderRequest) -> Embedder:
    from curate.embed.perceptual import perceptual

    return _without_options(asked, perceptual)


def _without_options(asked: EmbedderRequest, make: Callable[[], Embedder]) -> Embedder:
    checked_options(Options, asked.options, asked.name)
    return make()


def _tfidf(asked: EmbedderRequest) -> UnfittedEmbedder:
    from curate.embed.tfidf import Tfidf, TfidfOptions

    return Tfidf(checked_options(TfidfOptions, asked.options, asked.name))


def _onnx(asked: EmbedderRequest) -> Embedder:
    from curate.embed.onnx_file import onnx_file

    return onnx_file(Path(asked.argument), asked.options)


def _http(asked: EmbedderRequest) -> Embedder:
    from curate.embed.http import HttpOptions, http_server

    return http_server(asked.name, checked_options(HttpOptions, asked.options, "http"))


def _function(asked: EmbedderRequest) -> Embedder:
    from curate.embed.function import FunctionOptions, function_embedder

    options = checked_options(FunctionOptions, asked.options, asked.name)
    return function_embedder(asked.name, asked.kind, options)


def _sentences(asked: EmbedderRequest) -> Embedder:
    from curate.embed.hub_models import SentenceOptions, sentence_model

    options = checked_options(SentenceOptions, asked.options, asked.name)
    return sentence_model(asked.name, asked.argument, asked.kind, options)


def _transformer(asked: EmbedderRequest) -> Embedder:
    from curate.embed.hub_models import TransformerOptions, transformer_model

    options = checked_options(TransformerOptions, asked.options, asked.name)
    return transformer_model(asked.name, asked.argument, asked.kind, options)


def _timm(asked: EmbedderRequest) -> Embedder:
    from curate.embed.hub_models import TimmOptions, timm_model

    options = checked_options(TimmOptions, asked.options, asked.name)
    return timm_model(asked.name, asked.argument, options)


def _openclip(asked: EmbedderRequest) -> Embedder:
    from curate.embed.hub_models import HubOptions, openclip_model

    options = checked_options(HubOptions, asked.options, asked.name)
    return openclip_model(asked.name, asked.argument, asked.kind, options)


EMBEDDERS: dict[str, Callable[[EmbedderRequest], Embedder | UnfittedEmbedder]] = {
    "image-lite": _image_lite,
    "text-static": _text_static,
    "perceptual": _perceptual,
    "tfidf": _tfidf,
}
# By what stands before the first colon.
FAMILIES: dict[str, Callable[[EmbedderRequest], Embedder | UnfittedEmbedder]] = {
    "onnx": _onnx,
    "st": _sentences,
    "hf": _transformer,
    "timm": _timm,
    "openclip": _openclip,
    "http": _http,
    "https": _http,
}
DEFAULT: dict[Kind, str] = {"images": "image-lite", "text": "text-static", "vectors": "none"}
FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def find_embedder(
    name: str, kind: Kind, options: Mapping[str, str] | None = None
) -> Embedder | UnfittedEmbedder | None:
    """The embedder called `name`, or with "auto" the default for `kind`; None for vectors.

    Raises RequestError for an unknown name, or one that takes other items or options.
    """
    chosen = DEFAULT[kind] if name == "auto" else name
    options = options or {}
    if chosen == "none":
        if options:
            raise RequestError("--embedder-options has no effect on vectors: leave it out.")
        if kind != "vectors":
            raise _does_not_take(name, kind)
        return None
    prefix, _, argument = chosen.partition(":")
    family = FAMILIES.get(prefix) if argument else None
    make = EMBEDDERS.get(chosen) or family or (_function if FUNCTION.fullmatch(chosen) else None)
    if make is None:
        known = (*EMBEDDERS, *(f"{one}:…" for one in FAMILIES), "module:function", "none", "auto")
        raise RequestError(f"no embedder is called {_shown(chosen)!r}: {did_you_mean(name, known)}")
    if kind == "vectors" and make is not _function:
        raise _does_not_take(name, kind)
    embedder = make(EmbedderRequest(chosen, argument, kind, options))
    if embedder.kind != kind:
        raise RequestError(
            f"--embedder {name} takes {embedder.kind}, the data are {kind}: "
            f"pass --embedder {DEFAULT[kind]}."
        )
    return embedder


def _does_not_take(name: str, kind: Kind) -> RequestError:
    return RequestError(f"--embedder {name} does not take {kind}: pass --embedder {DEFAULT[kind]}.")


def _shown(name: str) -> str:
    return name if len(name) <= 80 else name[:79] + "…"
