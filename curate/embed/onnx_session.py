"""Opening an ONNX file for calls from several threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def open_session(path: Path) -> Any:
    """An inference session on the CPU. Raises whatever onnxruntime does on a bad file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread a call: callers run several batches at once, which scales better, overlaps
    # decoding with the network, and leaves the order of sums alone.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
