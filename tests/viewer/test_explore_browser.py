"""The page in a browser without a network: clicks, lassos, colours and downloads."""

from __future__ import annotations

import time

import numpy as np
import pytest

import curate
from browser import browser, moved, needs_chromium
from curate.data.selected_ids import read_selected_ids

pytestmark = [pytest.mark.slow, needs_chromium]

N = 400
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def vectors():
    rng = np.random.default_rng(11)
    first = np.repeat(np.eye(4, 8) * 6, N // 4, axis=0) + rng.normal(size=(N, 8))
    return first, first[:, :5] + rng.normal(size=(N, 5))


@pytest.fixture(scope="module")
def opened(vectors, tmp_path_factory):
    """A browser on a page of two spaces with hostile names."""
    folder = tmp_path_factory.mktemp("browser")
    first, second = vectors
    ids = [f"{HOSTILE} {row}" for row in range(N)]
    labels = [f"{HOSTILE}{row // (N // 4)}" for row in range(N)]
    page = curate.explore(first, second, ids=ids, labels=labels, maps="pca,pacmap")
    with browser(folder) as window:
        window.open(page.save(folder / "page.html"))
        yield window


@pytest.fixture(autouse=True)
def _no_errors(opened):
    """Whatever a test does, the console has no error and no dialog opened."""
    yield
    assert [one for one in opened.console() if one["level"] == "SEVERE"] == []


def where(opened, pane, item):
    return opened.run("return curateExplore.where(...arguments)", pane, item)


def settle(opened):
    opened.run(
        "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def pixels(opened, pane):
    """A number that another picture in the pane would change."""
    settle(opened)
    return opened.run(
        "const canvas = document.querySelectorAll('.stage canvas')[2 * arguments[0]];"
        "const held = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
        "const words = new Uint32Array(held.buffer);"
        "return words.reduce((sum, one) => (sum * 31 + one) % 1e9, 7);",
        pane,
    )


def test_it_loads_by_itself(opened):
    """The page asks for nothing besides itself, and names are text on it."""
    assert opened.run("return performance.getEntriesByType('resource').length") == 0
    assert opened.run("return document.querySelectorAll('img').length") == 0
    assert HOSTILE in opened.run("return document.getElementById('legend').textContent")
    assert "Trustworthiness 0." in opened.run("return document.querySelector('.kept').textContent")


def test_a_click_shows_ten_neighbours_in_both(opened, vectors):
    """Two tables of ten, the nearest of each space in order, common ones marked on the maps."""
    # The middle of a cluster may be hidden by its neighbours: the outermost item is not.
    item = int(np.argmax(vectors[0] @ np.ones(8)))
    opened.run("document.getElementById('all').click()")
    settle(opened)
    opened.click_at(*where(opened, 0, item))
    shown = opened.run("return document.querySelector('.asked b').textContent")
    asked = int(shown.rsplit(" ", 1)[1])
    tables = opened.run(
        "return [...document.querySelectorAll('table.nearest')].map((table) =>"
        " [...table.querySelectorAll('tbody tr')].map((row) => Number(row.dataset.item)))"
    )
    expected = []
    for one in vectors:
        distances = np.linalg.norm(one - one[asked], axis=1)
        distances[asked] = np.inf
        expected.append(np.argsort(distances)[:10].tolist())
    assert tables == expected
    common = set(expected[0]) & set(expected[1])
    marked = dict(map(tuple, opened.run("return curateExplore.near()")))
    assert {row for row, kind in marked.items() if kind == "common"} == common
    assert set(marked) == set(expected[0]) | set(expected[1])
    bullets = opened.run(
        "return [...document.querySelectorAll('td.common')].filter((one) => one.textContent).length"
    )
    assert bullets == 2 * len(common)


def test_a_row_of_a_table_is_the_next_question(opened):
    """A click on a neighbour asks for its neighbours."""
    opened.run("document.querySelector('table.nearest tbody tr').click()")
    first = opened.run("return document.querySelector('.asked b').textContent")
    opened.run("document.querySelector('table.nearest tbody tr:nth-child(2)').click()")
    assert opened.run("return document.querySelector('.asked b').textContent") != first


def test_a_lasso_chooses_in_both_and_downloads(opened, vectors):
    """What is drawn around in one pane stands out in the other; its file is a selection."""
    before = pixels(opened, 1)
    opened.run("document.getElementById('all').click(); document.getElementById('lasso').click()")
    settle(opened)
    left, top, width, height = opened.run(
        "const box = document.querySelectorAll('.stage')[0].getBoundingClientRect();"
        "return [box.left, box.top, box.width, box.height]"
    )
    corners = [(0.02, 0.02), (0.55, 0.02), (0.55, 0.98), (0.02, 0.98)]
    loop = [(left + width * x, top + height * y) for x, y in corners]
    opened.drag(loop)
    inside = []
    for row in range(N):
        x, y = where(opened, 0, row)
        if left + width * 0.02 < x < left + width * 0.55 and top < y < top + height:
            inside.append(f"{HOSTILE} {row}")
    chosen = opened.run("return curateExplore.chosen()")
    assert 0 < len(chosen) < N
    assert set(chosen) ^ set(inside) == set()
    assert pixels(opened, 1) != before
    assert str(len(chosen)) in opened.run("return document.getElementById('count').textContent")
    opened.run("document.getElementById('download').click()")
    file = opened.downloads / "chosen.txt"
    for _ in range(100):
        if file.exists():
            break
        time.sleep(0.1)
    assert read_selected_ids(file) == chosen
    ids = [f"{HOSTILE} {row}" for row in range(N)]
    assert curate.measure(vectors[0], file, ids=ids).ids == chosen
    more = curate.select(vectors[0], n=5, ids=ids, datapool=f"ids:{file}", no_report=True)
    assert not set(more.ids) & set(chosen)


def test_colours_switch(opened):
    """Another column draws other colours, and its legend."""
    seen = set()
    many = opened.run("return document.getElementById('colour').options.length")
    for at in range(many):
        opened.run(
            "const colour = document.getElementById('colour'); colour.value = arguments[0];"
            "colour.dispatchEvent(new Event('change'))",
            str(at),
        )
        seen.add(pixels(opened, 0))
        assert opened.run("return document.getElementById('legend').children.length") >= 3
    assert many >= 3
    assert len(seen) == many


def test_hovering_tells_the_item(opened):
    """The card shows the name under the pointer as text, and its columns."""
    x, y = where(opened, 1, 0)
    opened.pointer(moved(x, y))
    card = opened.run("return document.getElementById('card').innerText")
    assert HOSTILE in card
    assert "neighbourhood agreement" in card


def test_a_run_stands_beside_its_input(tmp_path):
    """Of a run the second pane shows what is selected, and fifty thousand points stay fluid."""
    rng = np.random.default_rng(1)
    np.save(tmp_path / "v.npy", rng.normal(size=(50_000, 4)).astype(np.float32))
    curate.select(tmp_path / "v.npy", n=200, out=tmp_path / "run", random_draws=20)
    page = curate.explore(tmp_path / "run", maps="pca").save(tmp_path / "page.html")
    with browser(tmp_path) as window:
        window.open(page)
        assert "200 selected" in window.run("return document.getElementById('facts').textContent")
        assert window.run("return document.querySelectorAll('.show')[1].value") == "selected"
        window.run("curateExplore.redrawn()")
        took = min(window.run("return curateExplore.redrawn()") for _ in range(5))
        assert took < 200  # milliseconds for both panes, without a graphics card
        assert [one for one in window.console() if one["level"] == "SEVERE"] == []
