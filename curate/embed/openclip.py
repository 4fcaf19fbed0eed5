"""`openclip:ARCH/TAG`: a CLIP model of the open_clip package, for pictures or texts.

TAG is a name of pretrained weights, or a checkpoint file of this machine. Vectors of
pictures and texts of one model share a space.
"""

from __future__ import annotations

from typing import Any

from curate.core import Kind, Picture
from curate.embed.hub import HubOptions, imported, loaded, torch_embedder
from curate.embed.model import ModelEmbedder
from curate.embed.pictures import load_picture
from curate.errors import RequestError


def openclip_model(name: str, path: str, kind: Kind, options: HubOptions) -> ModelEmbedder:
    """The embedder by ARCH/TAG. MissingExtraError, DataError if it cannot be loaded."""
    package, torch = imported(["open_clip", "torch"], "openclip", name)
    architecture, _, tag = path.partition("/")
    if not tag:
        raise RequestError(
            f"--embedder {name} names no weights: write openclip:ARCH/TAG, as in "
            "openclip:ViT-B-32/laion2b_s34b_b79k, or a checkpoint file as TAG."
        )
    model, transform = loaded(
        name, tag, lambda: package.create_model_from_pretrained(architecture, tag)
    )
    model = model.to(options.device).eval()
    if kind == "images":

        def forward(items: list[Any]) -> Any:
            return model.encode_image(torch.stack(items).to(options.device))

        def prepare(picture: Picture) -> Any:
            return transform(load_picture(picture))

        return torch_embedder(name, kind, options, model, prepare, forward, repr(transform))
    tokenizer = loaded(name, "", lambda: package.get_tokenizer(architecture))
    return torch_embedder(
        name,
        kind,
        options,
        model,
        prepare=lambda text: text,
        forward=lambda texts: model.encode_text(tokenizer(texts).to(options.device)),
    )
