"""`image-lite`: EfficientNet-Lite0 without its classifier, 1280 features a picture.

Cost: about 60 pictures a second and thread on one CPU, 7 MB of weights that ship with
the package. Other ONNX models: `onnx:FILE`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from curate.core.pictures import square
from curate.core.values import Picture
from curate.embed.embedder import ModelEmbedder
from curate.embed.onnx_file import open_session
from curate.embed.weights import weights_file, weights_fingerprint

SIDE = 224
WEIGHTS = "image_lite0_features.onnx"
PREPROCESSING = "letterbox 224 on white, palettes averaged, bicubic, RGB, (x - 127) / 128"
BATCH = 16


def image_lite() -> ModelEmbedder:
    """Embedder of pictures; (b', 1280) float32."""
    session = open_session(weights_file(WEIGHTS))

    def forward(pictures: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        (vectors,) = session.run(None, {"image": np.stack(pictures)})
        features: NDArray[np.float32] = vectors
        return features

    return ModelEmbedder(
        name="image-lite",
        kind="images",
        metric="cosine",
        fingerprint=weights_fingerprint("image-lite", PREPROCESSING, WEIGHTS),
        prepare=_letterboxed,
        forward=forward,
        dims=1280,
        batch_size=BATCH,
        items_per_call=BATCH,  # tested: an item has the same bits in any batch
    )


def _letterboxed(picture: Picture) -> NDArray[np.float32]:
    """(3, 224, 224) float32: the picture centred in a white square, normalised."""
    channels = square(picture, SIDE).transpose(2, 0, 1)
    return (channels.astype(np.float32) - np.float32(127)) / np.float32(128)
