"""What the embedders that run on torch share: options, loading, fingerprints, one thread a call.

`NAME` is a folder or file of this machine, or else a model of the Hugging Face hub, which
is the one case in which something is downloaded: because the user named it. The
fingerprint is of the weights themselves, wherever they came from. torch computes a call
on one thread, several calls run at once: that scales as well, and leaves the order of
sums alone.
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
from curate.embed.embedder import ModelEmbedder, fingerprint_of, missing, one_line
from curate.embed.options import Options
from curate.errors import CurateError, DataError, RequestError

PREPROCESSING = "1"
BATCH = 16


class HubOptions(Options):
    """Settings of a model that runs on torch."""

    device: str = "cpu"
    """Where torch computes, such as cuda."""
    batch: int = Field(default=1, ge=1)
    """Items a call; more is faster on a GPU, and may change the last bits."""
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
    """The embedder by `forward`, which gives a (b, d) tensor for prepared items.

    reading  says how items are prepared, as far as that is not in the model
    """
    torch = import_module("torch")

    def run(items: list[Any]) -> FloatArray:
        torch.set_num_threads(1)  # of this thread
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
        together=options.batch,
    )


def imported(packages: Sequence[str], extra: str, embedder: str) -> list[Any]:
    """The packages; MissingExtraError with the exact command where one is not installed."""
    found = []
    for package in packages:
        try:
            found.append(import_module(package))
        except ModuleNotFoundError as error:
            if error.name and error.name.split(".")[0] != package:
                raise DataError(f"{package} cannot be imported: {one_line(error)}.") from error
            raise missing(package, extra, embedder) from None
    return found


def loaded(name: str, path: str, load: Callable[[], Any]) -> Any:
    """What `load` returns; DataError in one line for whatever it raises.

    A `path` that can only be a place on this machine is not looked up elsewhere.
    """
    if path.startswith((".", "/", "~")) and not Path(path).expanduser().exists():
        raise DataError(f"--embedder {name}: there is no {path}. Check the path.")
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it tells every retry
    try:
        return load()
    except CurateError:
        raise
    except Exception as error:  # each library has its own
        raise DataError(
            f"--embedder {name} cannot be loaded: {one_line(error)}. Give a folder that holds the "
            "model, or the name of a model of the hub while there is a network."
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


# --------------------------------------------------------------------------------------
# `st:NAME`: a model of the sentence-transformers package, for texts, or pictures if it is CLIP.
#
# Pooling, prompts and maximal length are what the model says.


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


# --------------------------------------------------------------------------------------
# `timm:NAME`: an image model of the timm package without its classifier.
#
# Size, crop, mean and std are what the model says. `weights=FILE` reads a checkpoint of this
# machine instead of the pretrained weights of the hub.


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


# --------------------------------------------------------------------------------------
# `openclip:ARCH/TAG`: a CLIP model of the open_clip package, for pictures or texts.
#
# TAG is a name of pretrained weights, or a checkpoint file of this machine. Vectors of
# pictures and texts of one model share a space.


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


# --------------------------------------------------------------------------------------
# `hf:NAME`: a model of the transformers package, for texts or pictures, without its head.
#
# Texts: the mean of the last hidden states over the tokens, or the first of them (cls), or
# the pooler's output. Pictures: the pooler's output where there is one, else the first token.


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
