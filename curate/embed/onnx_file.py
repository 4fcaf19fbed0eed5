"""`onnx:FILE`: an image model of the user's own, run by onnxruntime on the CPU.

What the file does not say (size, mean, std, pooling) comes from a TOML file of the same
name beside it, and from --embedder-options, which win. What it does say is checked before
the first picture: one float32 input of four dimensions, three of them channels in front
(as torch has it) or behind (as TensorFlow has it). Values are pixels / 255 − mean, over std.
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
from curate.embed.embedder import ModelEmbedder, file_part, fingerprint_of, one_line
from curate.embed.options import Colours, Options, Scales, checked_options
from curate.errors import DataError, RequestError

# --------------------------------------------------------------------------------------
# The only door to onnxruntime: opening an ONNX file for calls from several threads.
#
# onnxruntime (1.31, 1.32) reports its use over the network unless told not to: it writes a
# database and an id of the machine into the user's cache folder as soon as it is imported, and
# looks up its collector some seconds later. `ORT_DISABLE_TELEMETRY` prevents all of that, if
# it is set before the import; disable_telemetry_events() alone comes after the files are written.


TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY"


def onnxruntime_without_telemetry() -> Any:
    """The module onnxruntime; import it through here only."""
    os.environ[TELEMETRY_OFF] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # if the caller's program imported it before
    return onnxruntime


def open_session(path: Path) -> Any:
    """An inference session on the CPU. Raises whatever onnxruntime does on a bad file."""
    onnxruntime = onnxruntime_without_telemetry()
    options = onnxruntime.SessionOptions()
    # One thread a call: callers run several batches at once, which scales better, overlaps
    # decoding with the network, and leaves the order of sums alone.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


# --------------------------------------------------------------------------------------


PREPROCESSING = "1: square, bicubic, RGB / 255"
CHANNELS = 3

Pooling = Literal["none", "mean", "max", "cls"]


class OnnxOptions(Options):
    """Settings of `onnx:FILE`."""

    size: int | None = Field(default=None, ge=1)
    """Pixels a side; by default what the model asks for."""
    mean: Colours = (0.485, 0.456, 0.406)  # of ImageNet, as most models want it
    std: Scales = (0.229, 0.224, 0.225)
    fit: Fit = "letterbox"
    pooling: Pooling = "none"
    """Of an output that is no vector: mean or max over places, or cls, the first token."""
    output: str | None = None
    """Name of the output; by default the first."""
    metric: Metric = "cosine"
    batch: int = Field(default=1, ge=1)
    """Pictures a call; more is faster, and may change the last bits."""


def onnx_file(path: Path, given: Mapping[str, Any]) -> ModelEmbedder:
    """The embedder of picture files by the model at `path`.

    Raises DataError for a file that is no model or takes no pictures, RequestError for
    settings that do not fit it.
    """
    name = f"onnx:{path}"
    if not path.is_file():
        raise DataError(f"no ONNX file at {path}: check the path.")
    options = checked_options(OnnxOptions, {**_beside(path), **given}, name)
    try:
        session = open_session(path)
    except Exception as error:  # onnxruntime raises classes of its own
        raise DataError(f"{path} is no ONNX model: {one_line(error)}.") from None
    shape = _input_shape(session, path)
    in_front = _channels_in_front(shape, path)
    side = _side(shape[2:] if in_front else shape[1:3], options, name)
    together = shape[0] if isinstance(shape[0], int) else options.batch
    if together != 1 and isinstance(shape[0], int):
        raise DataError(
            f"{path} takes batches of exactly {together}: export it with a batch of 1 or of any "
            "size."
        )
    outputs = [one.name for one in session.get_outputs()]
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
        together=together,
        batch_size=max(16, together),
    )


def pooled(answer: NDArray[Any], pooling: Pooling, name: str) -> NDArray[Any]:
    """(b, d) from (b, d), (b, tokens, d) or (b, d, rows, columns).

    Raises RequestError where the shape needs another pooling.
    """
    if answer.ndim == 4 and answer.shape[2:] == (1, 1):
        answer = answer[:, :, 0, 0]
    if answer.ndim == 2:
        return answer
    if pooling in ("mean", "max") and answer.ndim in (3, 4):
        reduce = np.mean if pooling == "mean" else np.max
        axes = 1 if answer.ndim == 3 else (2, 3)
        found: NDArray[Any] = reduce(answer, axis=axes)
        return found
    if pooling == "cls" and answer.ndim == 3:
        return answer[:, 0]
    ways = {3: "cls or pooling=mean", 4: "mean or pooling=max"}.get(answer.ndim)
    raise RequestError(
        f"{name} gives an output of shape {answer.shape}, not one vector an item: "
        + (
            f"pass --embedder-options pooling={ways}."
            if ways
            else "name another with --embedder-options output=NAME."
        )
    )


def _beside(path: Path) -> dict[str, Any]:
    """The settings in the TOML file beside the model, if there is one."""
    beside = path.with_suffix(".toml")
    if not beside.is_file():
        return {}
    try:
        return tomllib.loads(beside.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{beside} is no TOML: {error}. Correct it, or remove it.") from None


def _input_shape(session: Any, path: Path) -> list[Any]:
    """Four entries: numbers where the model fixes them."""
    inputs = session.get_inputs()
    shape = list(inputs[0].shape)
    if len(inputs) != 1 or len(shape) != 4 or inputs[0].type != "tensor(float)":
        found = "; ".join(f"{one.name} {one.type} {one.shape}" for one in inputs)
        raise DataError(
            f"{path} takes {found}: it must take one tensor(float) of a batch of pictures, "
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
