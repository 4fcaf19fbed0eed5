"""The table of embedders, and the default for each kind of item.

Some have a fixed name; others a prefix, followed by a file, the name of a model, or a server.
A new embedder is one file, and one line here. Its module is imported when it is used, and
nothing is downloaded unless the user names a model of a hub.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curate.core.values import Kind
from curate.embed.options import EmbedderOptions, checked_options
from curate.errors import RequestError, did_you_mean

if TYPE_CHECKING:
    from curate.embed.embedder import Embedder, UnfittedEmbedder


class EmbedderRequest(NamedTuple):
    """The embedder that a user names.

    name      the whole name
    argument  the part behind the prefix
    kind      of the items
    options   as in --embedder-options
    """

    name: str
    argument: str
    kind: Kind
    options: Mapping[str, str]


def _image_lite(request: EmbedderRequest) -> Embedder:
    from curate.embed.image_lite import image_lite

    return _without_options(request, image_lite)


def _text_static(request: EmbedderRequest) -> Embedder:
    from curate.embed.text_static import TextStatic

    return _without_options(request, TextStatic)


def _perceptual(request: EmbedderRequest) -> Embedder:
    from curate.embed.perceptual import perceptual

    return _without_options(request, perceptual)


def _without_options(request: EmbedderRequest, make: Callable[[], Embedder]) -> Embedder:
    checked_options(EmbedderOptions, request.options, request.name)
    return make()


def _tfidf(request: EmbedderRequest) -> UnfittedEmbedder:
    from curate.embed.tfidf import Tfidf, TfidfOptions

    return Tfidf(checked_options(TfidfOptions, request.options, request.name))


def _onnx(request: EmbedderRequest) -> Embedder:
    from curate.embed.onnx_file import onnx_file

    return onnx_file(Path(request.argument), request.options)


def _http(request: EmbedderRequest) -> Embedder:
    from curate.embed.http import HttpOptions, http_server

    return http_server(request.name, checked_options(HttpOptions, request.options, "http"))


def _function(request: EmbedderRequest) -> Embedder:
    from curate.embed.function import FunctionOptions, function_embedder

    options = checked_options(FunctionOptions, request.options, request.name)
    return function_embedder(request.name, request.kind, options)


def _sentences(request: EmbedderRequest) -> Embedder:
    from curate.embed.hub_models import SentenceOptions, sentence_model

    options = checked_options(SentenceOptions, request.options, request.name)
    return sentence_model(request.name, request.argument, request.kind, options)


def _transformer(request: EmbedderRequest) -> Embedder:
    from curate.embed.hub_models import TransformerOptions, transformer_model

    options = checked_options(TransformerOptions, request.options, request.name)
    return transformer_model(request.name, request.argument, request.kind, options)


def _timm(request: EmbedderRequest) -> Embedder:
    from curate.embed.hub_models import TimmOptions, timm_model

    options = checked_options(TimmOptions, request.options, request.name)
    return timm_model(request.name, request.argument, options)


def _openclip(request: EmbedderRequest) -> Embedder:
    from curate.embed.hub_models import HubOptions, openclip_model

    options = checked_options(HubOptions, request.options, request.name)
    return openclip_model(request.name, request.argument, request.kind, options)


EMBEDDERS: dict[str, Callable[[EmbedderRequest], Embedder | UnfittedEmbedder]] = {
    "image-lite": _image_lite,
    "text-static": _text_static,
    "perceptual": _perceptual,
    "tfidf": _tfidf,
}
# By the prefix before the first colon.
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
    """The embedder called `name`, for "auto" the default for `kind`; None for vectors.

    Raises RequestError for an unknown name, or for items or options that it does not take.
    """
    full_name = DEFAULT[kind] if name == "auto" else name
    options = options or {}
    if full_name == "none":
        if options:
            raise RequestError("--embedder-options has no effect on vectors: leave it out.")
        if kind != "vectors":
            raise _does_not_take(name, kind)
        return None
    prefix, _, argument = full_name.partition(":")
    of_family = FAMILIES.get(prefix) if argument else None
    make = (
        EMBEDDERS.get(full_name)
        or of_family
        or (_function if FUNCTION.fullmatch(full_name) else None)
    )
    if make is None:
        known = (
            *EMBEDDERS,
            *(f"{family}:…" for family in FAMILIES),
            "module:function",
            "none",
            "auto",
        )
        raise RequestError(
            f"no embedder is called {_shortened(full_name)!r}: {did_you_mean(name, known)}"
        )
    if kind == "vectors" and make is not _function:
        raise _does_not_take(name, kind)
    embedder = make(EmbedderRequest(full_name, argument, kind, options))
    if embedder.kind != kind:
        raise RequestError(
            f"--embedder {name} takes {embedder.kind}, the data are {kind}: "
            f"pass --embedder {DEFAULT[kind]}."
        )
    return embedder


def _does_not_take(name: str, kind: Kind) -> RequestError:
    return RequestError(f"--embedder {name} does not take {kind}: pass --embedder {DEFAULT[kind]}.")


def _shortened(name: str) -> str:
    return name if len(name) <= 80 else name[:79] + "…"
