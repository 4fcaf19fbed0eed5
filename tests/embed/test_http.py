"""A real server on this machine that speaks /v1/embeddings, and misbehaves when told to."""

from __future__ import annotations

import logging
import threading

import pytest

import curate
from curate.embed.registry import find_embedder
from curate.errors import DataError, RequestError

SECRET = "sk-very-secret-1234"


def ask(server, texts=("a", "bb"), **options):
    options = {"backoff": "0", **{name: str(value) for name, value in options.items()}}
    return find_embedder(server.url, "text", options).encode(list(texts)).vectors.tolist()


def test_texts_go_out_in_batches_and_vectors_come_back_in_order(server, tmp_path):
    """Each request has at most `batch` texts and the model; rows are put in order by index."""
    (tmp_path / "texts.txt").write_text("\n".join("abcde"))
    result = curate.select(
        tmp_path / "texts.txt",
        n=2,
        embedder=server.url,
        embedder_options="batch=2 model=m dimensions=2 metric=euclidean",
        no_cache=True,
    )
    assert result.report.selection.dims == 2
    assert sorted(len(body["input"]) for _, _, body in server.seen) == [1, 2, 2]
    assert {(path, body["model"], body["dimensions"]) for path, _, body in server.seen} == {
        ("/v1/embeddings", "m", 2)
    }
    assert ask(server) == [[1, 97], [2, 98]]


@pytest.mark.parametrize(
    "trouble", [(429, {"Retry-After": "0"}, ""), (500, {}, "oh"), (503, {}, "busy"), "hang up"]
)
def test_a_busy_server_is_asked_again(trouble, server):
    """429, 5xx and a broken connection are tried again, and the answer is then taken."""
    server.script = [trouble, trouble]
    assert ask(server) == [[1, 97], [2, 98]]
    assert len(server.seen) == 3


def test_the_wait_doubles_and_heeds_the_server(server, monkeypatch):
    """Waits are backoff, twice that, …, or longer where Retry-After says so; never too long."""
    waits = []
    monkeypatch.setattr("curate.embed.http.time.sleep", waits.append)
    server.script = [(500, {}, ""), (429, {"Retry-After": "7"}, ""), (500, {}, "")]
    server.script += [(429, {"Retry-After": "100000"}, "")]
    ask(server, backoff=0.5)
    assert waits == [0.5, 7.0, 2.0, 60.0]


def test_a_server_that_stays_busy_ends_the_run(server):
    """After the last try there is one line: what was got, how often, and what is kept."""
    server.script = [(503, {}, "")] * 9
    with pytest.raises(DataError, match=r"status 503; tried 3 times\. Try later.*cached"):
        ask(server, retries=2)
    assert len(server.seen) == 3


def test_a_slow_server_is_not_waited_for(server):
    """A timeout is a reason to try again, and then to give up."""
    stop = threading.Event()

    def slow(rows):
        stop.wait(5)
        return {"data": rows}

    server.script = [slow, slow]
    try:
        with pytest.raises(DataError, match="timed out; tried 2 times"):
            ask(server, timeout=0.1, retries=1)
    finally:
        stop.set()


@pytest.mark.parametrize(
    "answer",
    [
        lambda rows: {"data": rows[:1]},
        lambda rows: {"data": [rows[0], rows[0]]},
        lambda rows: {"embeddings": rows},
        lambda rows: {"data": [{**row, "embedding": "text"} for row in rows]},
        lambda rows: {"data": [{**row, "embedding": [None]} for row in rows]},
        lambda rows: rows,
        (200, {}, "<html>hello</html>"),
    ],
)
def test_an_answer_of_another_shape_is_refused(answer, server):
    """Too few rows, a row twice, other fields or no JSON: one line that says what was expected."""
    server.script = [answer]
    with pytest.raises(DataError, match="did not answer with 2 embeddings"):
        ask(server)


def test_vectors_of_different_lengths_are_refused(server):
    """A ragged answer is no array."""
    server.script = [
        lambda rows: {"data": [{**row, "embedding": [1] * (row["index"] + 1)} for row in rows]}
    ]
    with pytest.raises(DataError, match="did not return an array of numbers"):
        ask(server)


def test_what_cannot_be_right_is_not_tried_again(server):
    """400, 401 and redirects end at once; each says what to do."""
    for status, headers, error, says in (
        (400, {}, DataError, "status 400, too long"),
        (401, {}, RequestError, "wants a key: status 401. Set the variable CURATE_API_KEY"),
        (307, {"Location": "http://elsewhere/"}, RequestError, "moved to http://elsewhere/"),
    ):
        server.script = [(status, headers, "too long")]
        server.seen.clear()
        with pytest.raises(error, match=says):
            ask(server)
        assert len(server.seen) == 1


def test_the_key_goes_to_the_server_and_nowhere_else(server, tmp_path, monkeypatch, caplog):
    """The key is in one header: not in errors, logs, cache, report or any output."""
    monkeypatch.setenv("CURATE_API_KEY", SECRET)
    server.script = [(401, {}, f"wrong key {SECRET}"), (400, {}, f"no {SECRET}")]
    for error in (RequestError, DataError):
        with pytest.raises(error) as caught:
            ask(server)
        assert SECRET not in str(caught.value)
    (tmp_path / "texts.txt").write_text("\n".join("abcde"))
    server.script = [(500, {}, SECRET)]
    with caplog.at_level(logging.DEBUG):
        curate.select(
            tmp_path / "texts.txt",
            n=2,
            embedder=server.url,
            embedder_options="backoff=0",
            cache=str(tmp_path / "cache"),
            out=tmp_path / "out",
        )
    assert {key for _, key, _ in server.seen} == {f"Bearer {SECRET}"}
    assert SECRET not in caplog.text
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 6
    for path in written:
        assert SECRET.encode() not in path.read_bytes(), path
        assert SECRET not in str(path)
    fingerprint = find_embedder(server.url, "text").fingerprint
    monkeypatch.delenv("CURATE_API_KEY")
    assert find_embedder(server.url, "text").fingerprint == fingerprint


@pytest.mark.parametrize(
    "url", ["https://user:pass@host/v1/embeddings", "https://host/v1?api_key=x", "https:///v1"]
)
def test_an_address_with_a_secret_is_refused(url):
    """What would go into the report with the address is refused, unrepeated."""
    with pytest.raises(RequestError, match="a key goes into the variable CURATE_API_KEY") as caught:
        find_embedder(url, "text")
    assert url not in str(caught.value)
