"""`text-static`: the mean of one 256-d vector a WordPiece token, scaled to unit length.

The vectors are those of all-MiniLM-L6-v2 for each token by itself, reduced to 256 principal
directions. Cost: more than 10,000 texts a second, 8 MB of weights in the package. Word order
is deliberately ignored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from curate.core.values import Kind, Metric, Problem
from curate.embed.embedder import Encoded
from curate.embed.weights import weights_file, weights_fingerprint

TABLE = "text_static_256_int8.npz"
TOKENIZER = "text_static_tokenizer.json"
PREPROCESSING = "mean of known tokens, unit length"


class TextStatic:
    """Embedder of texts."""

    name = "text-static"
    kind: Kind = "text"
    metric: Metric = "cosine"
    dims = 256
    batch_size = 256

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        self.fingerprint = weights_fingerprint(self.name, PREPROCESSING, TABLE, TOKENIZER)
        self._tokenizer = Tokenizer.from_file(str(weights_file(TOKENIZER)))
        self._tokenizer.no_padding()  # the file sets both, to 128 tokens
        self._tokenizer.no_truncation()
        self._unknown = self._tokenizer.token_to_id("[UNK]")
        with np.load(weights_file(TABLE)) as stored:
            self._table = stored["table"].astype(np.float32) * stored["scale"][:, None]

    def encode(self, batch: Sequence[str]) -> Encoded:
        """Embed texts; (b', 256) float32 rows of unit length."""
        tokens = [
            [token for token in encoding.ids if token != self._unknown]
            for encoding in self._tokenizer.encode_batch(list(batch), add_special_tokens=False)
        ]
        counts = np.array([len(ids) for ids in tokens])
        bags = sparse.csr_matrix(
            (
                np.ones(counts.sum(), dtype=np.float32),
                np.concatenate([*map(np.asarray, tokens), np.empty(0)]).astype(np.int32),
                np.concatenate([[0], np.cumsum(counts)]),
            ),
            shape=(len(tokens), len(self._table)),
        )
        sums = bags @ self._table  # the mean has the same direction
        norms = np.linalg.norm(sums, axis=1)
        known = (counts > 0) & (norms > 0)
        unreadable = {
            position: Problem("no known token", batch[position][:60])
            for position in np.flatnonzero(~known).tolist()
        }
        return Encoded(sums[known] / norms[known, None], unreadable)
