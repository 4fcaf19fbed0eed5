"""`image-lite`: EfficientNet-Lite0 without its classifier, 1280 features a picture.

Cost: about 60 pictures a second and thread on one CPU, 7 MB of weights that ship with
the package. Not here: any other ONNX model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from curate.core import Kind, Metric, Picture
from curate.embed.embedder import Encoded, Reason
from curate.embed.pictures import UnreadablePictureError, load_picture
from curate.embed.weights_file import weights_file, weights_fingerprint

SIDE = 224
WEIGHTS = "image_lite0_features.onnx"
PREPROCESSING = "letterbox 224 on white, bicubic, RGB, (x - 127) / 128"


class ImageLite:
    """Embedder of pictures."""

    name = "image-lite"
    kind: Kind = "images"
    metric: Metric = "cosine"
    dims = 1280
    batch_size = 16

    def __init__(self) -> None:
        import onnxruntime

        self.fingerprint = weights_fingerprint(self.name, PREPROCESSING, WEIGHTS)
        options = onnxruntime.SessionOptions()
        # One thread a call: callers run several batches at once, which scales better and
        # overlaps decoding with the network.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(weights_file(WEIGHTS)), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, batch: Sequence[Picture]) -> Encoded:
        """Embed pictures; (b', 1280) float32."""
        pictures: list[NDArray[np.float32]] = []
        unreadable: dict[int, Reason] = {}
        for position, picture in enumerate(batch):
            try:
                pictures.append(_letterboxed(picture))
            except UnreadablePictureError as error:
                unreadable[position] = error.reason
        if not pictures:
            return Encoded(np.empty((0, self.dims), dtype=np.float32), unreadable)
        (vectors,) = self._session.run(None, {"image": np.stack(pictures)})
        return Encoded(vectors, unreadable)


def _letterboxed(picture: Picture) -> NDArray[np.float32]:
    """(3, 224, 224) float32: the picture in the middle of a white square, normalised."""
    pixels = np.asarray(load_picture(picture, SIDE))  # (h, w, 3) uint8
    height, width, _ = pixels.shape
    square = np.full((SIDE, SIDE, 3), 255, dtype=np.uint8)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    square[top : top + height, left : left + width] = pixels
    return (square.transpose(2, 0, 1).astype(np.float32) - np.float32(127)) / np.float32(128)
