"""A few pictures, each of coloured patches, and boxes around the patches."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

COLOURS = [(220, 30, 30), (30, 200, 30), (30, 30, 220), (220, 200, 30), (20, 20, 20)]


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """Twelve pictures with 0 to 3 patches, and where each patch is."""
    folder = tmp_path_factory.mktemp("scenes") / "pictures"
    rng = np.random.default_rng(5)
    boxes = []
    for number in range(12):
        pixels = np.full((60, 80, 3), 255 - 5 * number, dtype=np.uint8)
        name = f"day{number % 2}/scene{number}.png"
        for place in range(number % 4):
            x, y = 2 + 26 * place, int(rng.integers(0, 30))
            width, height = int(rng.integers(8, 24)), int(rng.integers(8, 28))
            colour = int(rng.integers(0, len(COLOURS)))
            pixels[y : y + height, x : x + width] = COLOURS[colour]
            boxes.append((name, x, y, width, height, f"colour {colour}"))
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder, boxes
