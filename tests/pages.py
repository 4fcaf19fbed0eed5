"""What a page of `curate explore` holds, read back from its bytes."""

from __future__ import annotations

import base64
import json
from html.parser import HTMLParser

import numpy as np

ARRAYS = {"u2": "<u2", "u4": "<u4", "i4": "<i4", "f4": "<f4", "f8": "<f8"}


class Reader(HTMLParser):
    """Elements of a page with their attributes, and the text of each script."""

    def __init__(self):
        super().__init__()
        self.elements, self.scripts = [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.elements and self.elements[-1][0] == "script":
            self.scripts.append(data)


def told(page) -> dict:
    reader = Reader()
    reader.feed(page.html.decode())
    return json.loads(reader.scripts[0])


def unpacked(held) -> np.ndarray:
    return np.frombuffer(base64.b64decode(held["data"]), ARRAYS[held["type"]])


def column(page, start):
    return next(one for one in told(page)["columns"] if one["name"].startswith(start))
