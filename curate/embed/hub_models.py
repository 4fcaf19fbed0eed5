"""Embedders that run models of other packages on torch.

st:NAME            a model of sentence-transformers, for texts, or pictures if it is CLIP;
                   pooling, prompts and maximal length are those of the model
hf:NAME            a model of transformers without its head, for texts or pictures
timm:NAME          an image model of timm without its classifier; size, crop, mean and std are
                   those of the model
openclip:ARCH/TAG  a CLIP model of open_clip, for pictures or texts, whose vectors share a
                   space; TAG names pretrained weights, or is a checkpoint file

NAME is a local folder or file, or a model of the Hugging Face hub. Only in that case something
is downloaded: the user has named it. The fingerprint is of the weights, wherever they came
from. Each call of torch computes on one thread, and several calls run at once: that scales as
well, and does not change the order of sums.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from curate.core.pictures import load_picture
from curate.core.values import FloatArray, Kind, Metric, Picture
from curate.embed.embedder import ModelEmbedder, fingerprint_of, missing_package
from curate.embed.options import EmbedderOptions
from curate.errors import CurateError, DataError, RequestError, one_line

PREPROCESSING = "1"
BATCH = 16


class HubOptions(EmbedderOptions):
    """Settings of a model that runs on torch."""

    device: str = "cpu"
    """Device of torch, such as cuda."""
    batch: int = Field(default=1, ge=1)
    """Items a call; more are faster on a GPU, and may change the last bits."""
    metric: Metric = "cosine"


def torch_embedder(
    name: str,
    kind: Kind,
    options: HubOptions,
    model: Any,
    prepare: Callable[[Any], Any],
    forward: Callable[[list[Any]], Any],
    reading: str = "",
) -> ModelEmbedder:
    """The embedder of `model`; `forward` gives a (b, d) tensor for b prepared items.

    reading  describes how items are prepared, as far as the model does not
    """
    torch = import_module("torch")

    def run(items: list[Any]) -> FloatArray:
        torch.set_num_threads(1)  # for this thread only
        with torch.inference_mode():
            answer: FloatArray = np.asarray(forward(items).detach().cpu().float())
        return answer

    settings = options.model_dump_json(exclude={"device", "batch"})
    return ModelEmbedder(
        name=name,
        kind=kind,
        metric=options.metric,
        fingerprint=fingerprint_of(
            f"{name.partition(':')[0]}-{name.rpartition('/')[2]}",
            [PREPROCESSING, kind, settings, repr(model), reading, _weights(model)],
        ),
        prepare=prepare,
        forward=run,
        batch_size=max(BATCH, options.batch),
        items_per_call=options.batch,
    )


def import_packages(packages: Sequence[str], extra: str, embedder: str) -> list[Any]:
    """The modules. Raises MissingExtraError with the install command if one is missing."""
    modules = []
    for package in packages:
        try:
            modules.append(import_module(package))
        except ModuleNotFoundError as error:
            if error.name and error.name.split(".")[0] != package:
                raise DataError(
                    f"{package} cannot be imported: {one_line(error)}. Install it again."
                ) from error
            raise missing_package(package, extra, embedder) from None
    return modules


def load_model(name: str, path: str, load: Callable[[], Any]) -> Any:
    """The result of `load`. Raises DataError for any error of it.

    A `path` that can only be local is not looked up on the hub.
    """
    if path.startswith((".", "/", "~")) and not Path(path).expanduser().exists():
        raise DataError(f"--embedder {name}: there is no {path}. Check the path.")
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it reports every retry
    try:
        return load()
    except CurateError:
        raise
    except Exception as error:  # each library has errors of its own
        raise DataError(
            f"--embedder {name} cannot be loaded: {one_line(error)}. Give the folder of a "
            "model, or the name of a model of the hub while you are online."
        ) from error


def _weights(model: Any) -> bytes:
    """The hash of all parameters and buffers of a torch module, in the order of their names."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(model.state_dict().items()):
        if hasattr(tensor, "detach"):
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
            digest.update(flat.view(import_module("torch").uint8).numpy().tobytes())
    return digest.digest()


# st:NAME


class SentenceOptions(HubOptions):
    """Settings of `st:NAME`."""

    prefix: str = ""
    """Put in front of every text, for models that expect it: 'query: '."""


def sentence_model(name: str, path: str, kind: Kind, options: SentenceOptions) -> ModelEmbedder:
    """The embedder by the model at `path`.

    Raises MissingExtraError, or DataError if the model cannot be loaded.
    """
    (package,) = import_packages(["sentence_transformers"], "st", name)
    model: Any = load_model(
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


# hf:NAME


class TransformerOptions(HubOptions):
    """Settings of `hf:NAME`."""

    pooling: Literal["auto", "mean", "cls", "pooler"] = "auto"
    """Mean of the last hidden states over the tokens, the first of them (cls), or the pooler's
    output. auto: mean for texts; for pictures the pooler's output if there is one, else cls."""
    prefix: str = ""
    """Put in front of every text, for models that expect it: 'query: '."""
    tokens: int = Field(default=512, ge=1)
    """Texts are cut to this number of tokens."""


def transformer_model(
    name: str, path: str, kind: Kind, options: TransformerOptions
) -> ModelEmbedder:
    """The embedder by the model at `path`.

    Raises MissingExtraError, or DataError if the model cannot be loaded.
    """
    package, _ = import_packages(["transformers", "torch"], "hf", name)
    package.utils.logging.set_verbosity_error()
    package.utils.logging.disable_progress_bar()
    model: Any = load_model(
        name, path, lambda: package.AutoModel.from_pretrained(path).to(options.device).eval()
    )
    if kind == "images":
        reader: Any = load_model(
            name, path, lambda: package.AutoImageProcessor.from_pretrained(path)
        )
        reading = reader.to_json_string()
    else:
        reader = load_model(name, path, lambda: package.AutoTokenizer.from_pretrained(path))
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
    """(b, d) from the output of a model; `mask` (b, tokens) is None for pictures."""
    pooler = getattr(answer, "pooler_output", None)
    if pooling == "auto":
        pooling = "mean" if mask is not None else "pooler" if pooler is not None else "cls"
    if pooling == "pooler":
        if pooler is None:
            raise RequestError(
                f"{name} has no pooler output: pass --embedder-options pooling=mean."
            )
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


# timm:NAME


class TimmOptions(HubOptions):
    """Settings of `timm:NAME`."""

    weights: str = ""
    """A checkpoint file; if empty, the pretrained weights of the hub."""


def timm_model(name: str, model_name: str, options: TimmOptions) -> ModelEmbedder:
    """The embedder of pictures.

    Raises MissingExtraError, or DataError if the model cannot be loaded.
    """
    package, data, torch = import_packages(["timm", "timm.data", "torch"], "timm", name)

    def load() -> Any:
        model = package.create_model(
            model_name,
            pretrained=not options.weights,
            checkpoint_path=options.weights,
            num_classes=0,
        )
        return model.to(options.device).eval()

    model = load_model(name, options.weights, load)
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


# openclip:ARCH/TAG


def openclip_model(name: str, path: str, kind: Kind, options: HubOptions) -> ModelEmbedder:
    """The embedder by ARCH/TAG, the `path`.

    Raises MissingExtraError, or DataError if the model cannot be loaded.
    """
    package, torch = import_packages(["open_clip", "torch"], "openclip", name)
    architecture, _, tag = path.partition("/")
    if not tag:
        raise RequestError(
            f"--embedder {name} names no weights: write openclip:ARCH/TAG, as in "
            "openclip:ViT-B-32/laion2b_s34b_b79k, or a checkpoint file as TAG."
        )
    model, transform = load_model(
        name, tag, lambda: package.create_model_from_pretrained(architecture, tag)
    )
    model = model.to(options.device).eval()
    if kind == "images":

        def forward(items: list[Any]) -> Any:
            return model.encode_image(torch.stack(items).to(options.device))

        def prepare(picture: Picture) -> Any:
            return transform(load_picture(picture))

        return torch_embedder(name, kind, options, model, prepare, forward, repr(transform))
    tokenizer = load_model(name, "", lambda: package.get_tokenizer(architecture))
    return torch_embedder(
        name,
        kind,
        options,
        model,
        prepare=lambda text: text,
        forward=lambda texts: model.encode_text(tokenizer(texts).to(options.device)),
    )
