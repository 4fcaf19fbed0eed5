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
from typing import Any

import numpy as np
from pydantic import Field

from curate.core import FloatArray, Kind, Metric
from curate.embed.model import ModelEmbedder, fingerprint_of, missing, one_line
from curate.embed.options import Options
from curate.errors import CurateError, DataError

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
