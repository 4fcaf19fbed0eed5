"""`tfidf`: weighted words and word pairs of a text, reduced to a few directions.

Term frequencies (1 + log) times inverse document frequencies, reduced to the strongest
directions of the whole data set by a truncated singular value decomposition with a fixed seed.
The words are those of this data set and no others, in any language. Fitting uses every text, so
a vector depends on the data set as well as on the text, and the fingerprint covers all texts.
Cost: some 10,000 texts a second, minutes for a million.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field
from threadpoolctl import threadpool_limits

from curate.core.values import Kind, Metric, Problem
from curate.embed.embedder import Embedder, Encoded, fingerprint_of
from curate.embed.options import EmbedderOptions
from curate.errors import DataError

PREPROCESSING = "1: words and pairs, sublinear, svd of 5 rounds"
BATCH = 1024


class TfidfOptions(EmbedderOptions):
    """Settings of `tfidf`."""

    dims: int = Field(default=256, ge=1)
    """Directions to keep, or all if the data have fewer."""
    terms: int = Field(default=50_000, ge=1)
    """Number of most frequent terms that are used."""


class Tfidf:
    """See `UnfittedEmbedder`."""

    kind: Kind = "text"

    def __init__(self, options: TfidfOptions) -> None:
        self._options = options

    def fit(self, items: Sequence[str]) -> Embedder:
        """The embedder for the words of these texts. Raises DataError if they have none."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(
            ngram_range=(1, 2),
            token_pattern=r"(?u)\w+",  # also single letters, which are words in some scripts
            sublinear_tf=True,
            max_features=self._options.terms,
            dtype=np.float32,
        )
        try:
            terms = vectorizer.fit_transform(items)  # (n, terms) sparse
        except ValueError:
            raise DataError(
                "the texts have no words, so tfidf has nothing to count: pass another --embedder."
            ) from None
        dims = min(self._options.dims, *terms.shape)
        # One thread, because more would change the order of sums and so the last bits.
        with threadpool_limits(1):
            directions = TruncatedSVD(dims, n_iter=5, random_state=0).fit(terms).components_
        seen = hashlib.blake2b(digest_size=16)
        for text in items:
            content = text.encode("utf-8", "surrogatepass")
            seen.update(len(content).to_bytes(8, "little") + content)
        fingerprint = fingerprint_of(
            "tfidf", [PREPROCESSING, self._options.model_dump_json(), seen.digest()]
        )
        return _FittedTfidf(vectorizer, np.ascontiguousarray(directions.T), fingerprint)


class _FittedTfidf:
    """The embedder of texts by the words of a data set."""

    name = "tfidf"
    kind: Kind = "text"
    metric: Metric = "cosine"
    batch_size = BATCH

    def __init__(self, vectorizer: Any, directions: Any, fingerprint: str) -> None:
        self._vectorizer, self._directions = vectorizer, directions  # (terms, d)
        self.dims = int(directions.shape[1])
        self.fingerprint = fingerprint

    def encode(self, batch: Sequence[str]) -> Encoded:
        """(b', d) float32 rows of unit length."""
        vectors = self._vectorizer.transform(batch) @ self._directions
        lengths = np.sqrt((vectors * vectors).sum(axis=1))
        known = lengths > 0
        unreadable = {
            place: Problem("no known word", batch[place][:60])
            for place in np.flatnonzero(~known).tolist()
        }
        return Encoded((vectors[known] / lengths[known, None]).astype(np.float32), unreadable)
