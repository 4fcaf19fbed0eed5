"""`onnx:FILE`: an image model of the user, run by onnxruntime on the CPU.

Settings that the file does not contain (size, mean, std, pooling) come from a TOML file of the
same name beside it, and from --embedder-options, which have priority. The model must take one
float32 input of four dimensions, with three channels in front (as in torch) or behind (as in
TensorFlow); this is checked before the first picture. Values are pixels / 255 − mean, over std.

All code imports onnxruntime through `onnxruntime_without_telemetry`: onnxruntime (1.31, 1.32)
reports its use over the network by default. When it is imported it writes a database and a
machine id into the cache folder of the user, and some seconds later it looks up its collector.
`ORT_DISABLE_TELEMETRY` prevents all of that if it is set before the import;
`disable_telemetry_events()` alone runs after the files are written.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from curate.core.pictures import Fit, square
from curate.core.values import Metric, Picture
from curate.embed.embedder import ModelEmbedder, file_part, fingerprint_of
from curate.embed.options import Colours, EmbedderOptions, Scales, checked_options
from curate.errors import DataError, RequestError, one_line

TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY"
PREPROCESSING = "1: square, bicubic, RGB / 255"
CHANNELS = 3

Pooling = Literal["none", "mean", "max", "cls"]


class OnnxOptions(EmbedderOptions):
    """Settings of `onnx:FILE`."""

    size: int | None = Field(default=None, ge=1)
    """Pixels a side; by default those of the model."""
    mean: Colours = (0.485, 0.456, 0.406)  # of ImageNet, which most models expect
    std: Scales = (0.229, 0.224, 0.225)
    fit: Fit = "letterbox"
    pooling: Pooling = "none"
    """Of an output that is not a vector: mean or max over positions, or cls: the first token."""
    output: str | None = None
    """Name of the output; by default the first."""
    metric: Metric = "cosine"
    batch: int = Field(default=1, ge=1)
    """Pictures a call; more are faster, and may change the last bits."""


def onnx_file(path: Path, given: Mapping[str, Any]) -> ModelEmbedder:
    """The embedder of picture files by the model at `path`.

    Raises DataError for a file that is not a model of pictures, RequestError for settings that
    do not fit it.
    """
    name = f"onnx:{path}"
    if not path.is_file():
        raise DataError(f"no ONNX file at {path}: check the path.")
    options = checked_options(OnnxOptions, {**_beside(path), **given}, name)
    try:
        session = open_session(path)
    except Exception as error:  # onnxruntime raises classes of its own
        raise DataError(
            f"{path} is not an ONNX model: {one_line(error)}. Export it again."
        ) from None
    shape = _input_shape(session, path)
    in_front = _channels_in_front(shape, path)
    side = _side(shape[2:] if in_front else shape[1:3], options, name)
    items_per_call = shape[0] if isinstance(shape[0], int) else options.batch
    if items_per_call != 1 and isinstance(shape[0], int):
        raise DataError(
            f"{path} takes batches of exactly {items_per_call}: export it with a batch of 1 or any "
            "size."
        )
    outputs = [output.name for output in session.get_outputs()]
    output = options.output or outputs[0]
    if output not in outputs:
        raise RequestError(f"{path} has no output {output!r}. There are: {', '.join(outputs)}.")
    entry = session.get_inputs()[0].name
    mean, std = np.array(options.mean, np.float32), np.array(options.std, np.float32)

    def prepare(item: Picture) -> NDArray[np.float32]:
        pixels = square(item, side, options.fit).astype(np.float32) / np.float32(255)
        pixels = (pixels - mean) / std
        return np.ascontiguousarray(pixels.transpose(2, 0, 1)) if in_front else pixels

    def forward(pictures: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        (answer,) = session.run([output], {entry: np.stack(pictures)})
        return pooled(answer, options.pooling, name)

    return ModelEmbedder(
        name=name,
        kind="images",
        metric=options.metric,
        fingerprint=fingerprint_of(
            f"onnx-{path.stem}",
            [PREPROCESSING, options.model_dump_json(), str(side), file_part(path)],
        ),
        prepare=prepare,
        forward=forward,
        items_per_call=items_per_call,
        batch_size=max(16, items_per_call),
    )


def pooled(answer: NDArray[Any], pooling: Pooling, name: str) -> NDArray[Any]:
    """(b, d) from (b, d), (b, tokens, d) or (b, d, rows, columns).

    Raises RequestError if the shape needs another pooling.
    """
    if answer.ndim == 4 and answer.shape[2:] == (1, 1):
        answer = answer[:, :, 0, 0]
    if answer.ndim == 2:
        return answer
    if pooling in ("mean", "max") and answer.ndim in (3, 4):
        reduce = np.mean if pooling == "mean" else np.max
        axes = 1 if answer.ndim == 3 else (2, 3)
        vectors: NDArray[Any] = reduce(answer, axis=axes)
        return vectors
    if pooling == "cls" and answer.ndim == 3:
        return answer[:, 0]
    poolings = {3: "cls or pooling=mean", 4: "mean or pooling=max"}.get(answer.ndim)
    raise RequestError(
        f"{name} gives an output of shape {answer.shape}, not one vector an item: "
        + (
            f"pass --embedder-options pooling={poolings}."
            if poolings
            else "name another with --embedder-options output=NAME."
        )
    )


def _beside(path: Path) -> dict[str, Any]:
    """The settings in the TOML file beside the model; empty if there is none."""
    beside = path.with_suffix(".toml")
    if not beside.is_file():
        return {}
    try:
        return tomllib.loads(beside.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{beside} is not TOML: {error}. Correct it, or remove it.") from None


def _input_shape(session: Any, path: Path) -> list[Any]:
    """The shape of the input: four entries, numbers where the model fixes them."""
    inputs = session.get_inputs()
    shape = list(inputs[0].shape)
    if len(inputs) != 1 or len(shape) != 4 or inputs[0].type != "tensor(float)":
        signature = "; ".join(f"{entry.name} {entry.type} {entry.shape}" for entry in inputs)
        raise DataError(
            f"{path} takes {signature}: it must take one tensor(float) of a batch of pictures, "
            "[batch, 3, size, size] or [batch, size, size, 3]."
        )
    return shape


def _channels_in_front(shape: list[Any], path: Path) -> bool:
    if shape[1] == CHANNELS:
        return True
    if shape[3] == CHANNELS:
        return False
    fixed = [part for part in (shape[1], shape[3]) if isinstance(part, int)]
    if len(fixed) == 2:
        raise DataError(
            f"{path} takes pictures of shape {shape}: neither in front nor behind are there "
            "three channels."
        )
    return not isinstance(shape[3], int) or isinstance(shape[1], int)


def _side(sides: list[Any], options: OnnxOptions, name: str) -> int:
    fixed = {side for side in sides if isinstance(side, int)}
    if len(fixed) > 1:
        raise RequestError(
            f"{name} takes pictures of {sides[0]} × {sides[1]}: they must be square."
        )
    if not fixed and options.size is None:
        raise RequestError(
            f"{name} takes pictures of any size: pass the one it was trained with, as in "
            "--embedder-options size=224."
        )
    side = fixed.pop() if fixed else options.size
    if options.size not in (None, side):
        raise RequestError(f"{name} takes pictures of {side} pixels, not size={options.size}.")
    assert side is not None
    return int(side)


# onnxruntime


def onnxruntime_without_telemetry() -> Any:
    """The module onnxruntime, with its telemetry off."""
    os.environ[TELEMETRY_OFF] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # if the caller's program imported it before
    return onnxruntime


def open_session(path: Path) -> Any:
    """An inference session on the CPU. Raises errors of onnxruntime for a bad file."""
    onnxruntime = onnxruntime_without_telemetry()
    options = onnxruntime.SessionOptions()
    # One thread a call, because callers run several batches at once: that scales better,
    # overlaps decoding with the network, and does not change the order of sums.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
