"""`timm:NAME`: an image model of the timm package without its classifier.

Size, crop, mean and std are what the model says. `weights=FILE` reads a checkpoint of this
machine instead of the pretrained weights of the hub.
"""

from __future__ import annotations

from typing import Any

from curate.embed.hub import HubOptions, imported, loaded, torch_embedder
from curate.embed.model import ModelEmbedder
from curate.embed.pictures import load_picture


class TimmOptions(HubOptions):
    """Settings of `timm:NAME`."""

    weights: str = ""
    """A checkpoint file; empty takes the pretrained weights of the hub."""


def timm_model(name: str, model_name: str, options: TimmOptions) -> ModelEmbedder:
    """The embedder of pictures. MissingExtraError, DataError if it cannot be loaded."""
    package, data, torch = imported(["timm", "timm.data", "torch"], "timm", name)

    def load() -> Any:
        made = package.create_model(
            model_name,
            pretrained=not options.weights,
            checkpoint_path=options.weights,
            num_classes=0,
        )
        return made.to(options.device).eval()

    model = loaded(name, options.weights, load)
    settings = data.resolve_model_data_config(model)
    transform = data.create_transform(**settings, is_training=False)
    return torch_embedder(
        name,
        "images",
        options,
        model,
        prepare=lambda picture: transform(load_picture(picture)),
        forward=lambda pictures: model(torch.stack(pictures).to(options.device)),
        reading=repr(transform),
    )
