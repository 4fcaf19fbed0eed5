"""What tests of embedders share: a server of embeddings, and a tiny model of transformers."""

from __future__ import annotations

import importlib.util
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "red", "blue", "car", "tree", "query"]


class Server(ThreadingHTTPServer):
    """Answers each text with its length and its first letter.

    script  what to do with the first requests instead, one entry each
    seen    requests as (path, key, body)
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list = []
        self.seen: list = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1/embeddings"

    def handle_error(self, *_):
        """Quiet: a client that hangs up is what some tests want."""


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, self.headers.get("Authorization"), body))
        action = self.server.script.pop(0) if self.server.script else None
        if action == "hang up":
            self.close_connection = True
            return
        if isinstance(action, tuple):
            status, headers, content = action
        else:
            rows = [
                {"index": place, "embedding": [len(text), ord(text[0])]}
                for place, text in enumerate(body["input"])
            ]
            answer = action(rows) if action else {"data": rows[::-1], "model": "m"}
            status, headers, content = 200, {}, json.dumps(answer)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content.encode())))
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *words):
        """Quiet."""


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def torchvision_beside_a_cpu_torch():
    """Let torchvision be imported beside a CPU build of torch.

    torchvision's wheels are compiled for CUDA builds of torch, and beside a CPU build their
    extension does not load. Importing the Python part, which is all that these packages use
    here, then fails only because two operators (for boxes) are not declared.
    """
    place = importlib.util.find_spec("torchvision")
    if place is None or importlib.util.find_spec("torch") is None:
        yield
        return
    import torch

    library = None
    try:
        torch.ops.load_library(Path(place.origin).parent / "_C.so")
    except OSError:
        library = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float threshold) -> Tensor")
    yield
    del library


@pytest.fixture(scope="session")
def bert(request, tmp_path_factory):
    """A folder with a BERT of two tiny layers, and its tokenizer."""
    request.getfixturevalue("torchvision_beside_a_cpu_torch")
    torch = pytest.importorskip("torch", reason="torch is not installed")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    folder = tmp_path_factory.mktemp("bert")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    transformers.BertModel(config).save_pretrained(folder)
    vocabulary = {word: place for place, word in enumerate(WORDS)}
    transformers.BertTokenizer(vocab=vocabulary, model_max_length=32).save_pretrained(folder)
    return folder
