"""`http(s)://…`: a server with the `/v1/embeddings` interface of OpenAI, for texts.

A batch of texts is sent as `{"input": […], "model": …}`; the server answers with a vector for
each. Busy servers (429, 5xx), broken connections and timeouts are tried again, each time after
twice the wait, or after the time in `Retry-After`. The key is read from CURATE_API_KEY and goes
into one header and nowhere else: not into logs, the cache, the report or an error. Redirects
are not followed, because they would send the key to another address. The fingerprint is of the
address, the model and the dimensions: a change of the model behind the name is not noticed.

`urllib` sends the requests: one POST with a timeout needs no package, and no package may log
or redirect the key.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import re
import time
import urllib.error
import urllib.request
from email.message import Message
from typing import IO, Any
from urllib.parse import urlsplit

from pydantic import Field

from curate.core.values import Metric
from curate.embed.embedder import ModelEmbedder, fingerprint_of
from curate.embed.options import EmbedderOptions
from curate.errors import DataError, RequestError, one_line

KEY = "CURATE_API_KEY"
AGAIN = (408, 429, 500, 502, 503, 504)
LONGEST_WAIT = 60.0  # seconds
log = logging.getLogger("curate")


class HttpOptions(EmbedderOptions):
    """Settings of a server of embeddings."""

    model: str = ""
    """Name of the model on the server; not sent if empty."""
    dimensions: int | None = Field(default=None, ge=1)
    """Dimensions that the server is asked for."""
    metric: Metric = "cosine"
    batch: int = Field(default=64, ge=1)
    """Texts a request."""
    timeout: float = Field(default=60.0, gt=0)
    """Seconds to wait for an answer."""
    retries: int = Field(default=5, ge=0)
    """Further attempts of a failed request."""
    backoff: float = Field(default=1.0, ge=0)
    """Seconds before the first further attempt; doubled each time."""


def http_server(url: str, options: HttpOptions) -> ModelEmbedder:
    """The embedder of texts by the server at `url`.

    Raises RequestError for a `url` with a password or query, or an invalid key.
    """
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
        raise RequestError(
            "--embedder takes the plain address of a server, such as "
            f"https://host/v1/embeddings: a key goes into the variable {KEY}."
        )
    key = os.environ.get(KEY, "")
    if not re.fullmatch(r"[\x21-\x7e]*", key):
        raise RequestError(f"{KEY} has spaces or other characters that no key has: set it again.")
    server = _Server(url, options, key)
    model = options.model_dump_json(include={"model", "dimensions"})
    return ModelEmbedder(
        name=url,
        kind="text",
        metric=options.metric,
        fingerprint=fingerprint_of(f"http-{parts.hostname}", [url, model]),
        prepare=lambda text: text,
        forward=server.embed,
        dims=options.dimensions,
        batch_size=options.batch,
        items_per_call=options.batch,
    )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """None: the redirect becomes an HTTPError."""


class _Server:
    def __init__(self, url: str, options: HttpOptions, key: str) -> None:
        self._url, self._options, self._key = url, options, key
        self._opener = urllib.request.build_opener(_NoRedirect)

    def embed(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text. Raises RequestError or DataError after the last attempt."""
        body: dict[str, Any] = {"input": texts}
        if self._options.model:
            body["model"] = self._options.model
        if self._options.dimensions:
            body["dimensions"] = self._options.dimensions
        payload = json.dumps(body).encode()
        wait = self._options.backoff
        for attempt in range(self._options.retries + 1):
            try:
                return self._vectors(self._post(payload), len(texts))
            except _TryAgainError as error:
                if attempt == self._options.retries:
                    raise DataError(
                        f"{self._url} did not answer: {error}; tried {attempt + 1} times. Try "
                        "later: what was embedded is cached."
                    ) from None
                pause = min(LONGEST_WAIT, max(wait, error.wait))
                log.info("%s: %s; trying again in %.1f s", self._url, error, pause)
                time.sleep(pause)
                wait *= 2
        raise AssertionError("the last attempt returns or raises")

    def _post(self, payload: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self._url, payload, headers, method="POST")
        try:
            with self._opener.open(request, timeout=self._options.timeout) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error.code, error.headers, error.read(2000)) from None
        except urllib.error.URLError as error:
            raise _TryAgainError(self._safe(str(error.reason))) from None
        except (OSError, http.client.HTTPException) as error:  # while reading
            raise _TryAgainError(self._safe(one_line(error))) from None

    def _refusal(self, code: int, headers: Message, content: bytes) -> Exception:
        answer = self._safe(" ".join(content.decode("utf-8", "replace").split())[:200])
        if code in AGAIN:
            return _TryAgainError(f"status {code}", _seconds(headers.get("Retry-After")))
        if code in (401, 403):
            which = "wants a key" if not self._key else "refuses the key"
            return RequestError(f"{self._url} {which}: status {code}. Set the variable {KEY}.")
        if 300 <= code < 400:
            place = self._safe(headers.get("Location") or "elsewhere")
            return RequestError(f"{self._url} has moved to {place}: pass that address.")
        return DataError(
            f"{self._url} refuses the texts: status {code}, {answer or 'no reason'}. "
            "Check the options and the texts."
        )

    def _safe(self, text: str) -> str:
        """`text` without the key, because servers repeat what they receive."""
        return text.replace(self._key, "…") if self._key else text

    def _vectors(self, content: bytes, count: int) -> list[list[float]]:
        """The vectors in the order of the texts."""
        try:
            rows = json.loads(content)["data"]
            ordered = sorted(rows, key=lambda row: row["index"])
            vectors = [row["embedding"] for row in ordered]
            places = [row["index"] for row in ordered]
        except (ValueError, KeyError, TypeError):
            vectors, places = [], None
        if places != list(range(count)) or not all(map(_is_vector, vectors)):
            raise DataError(
                f"{self._url} did not answer with {count} embeddings: pass the "
                "address of a server with the /v1/embeddings interface of OpenAI."
            )
        return vectors


class _TryAgainError(Exception):
    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


def _is_vector(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, int | float) for value in values)


def _seconds(retry_after: str | None) -> float:
    try:
        return max(0.0, float(retry_after or 0))
    except ValueError:  # a date
        return 0.0
