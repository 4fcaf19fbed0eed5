"""The only door to onnxruntime: opening an ONNX file for calls from several threads.

onnxruntime (1.31, 1.32) reports its use over the network unless told not to: it writes a
database and an id of the machine into the user's cache folder as soon as it is imported, and
looks up its collector some seconds later. `ORT_DISABLE_TELEMETRY` prevents all of that, if
it is set before the import; disable_telemetry_events() alone comes after the files are written.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

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
