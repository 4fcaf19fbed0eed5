"""What the page of `curate explore` tells in a browser: legends, finding, keys, exact downloads."""

from __future__ import annotations

import time

import numpy as np
import pytest

import curate
from browser import browser, moved, needs_chromium
from curate.data.selected_ids import read_selected_ids

pytestmark = [pytest.mark.slow, needs_chromium]

N = 300
ODD_IDS = [
    "\ufeffmark",
    " lead",
    "trail ",
    "#hash",
    "a\u2028b",
    "a\x85b",
    "=1+1",
    "007",
    "bad\udce9.png",
]


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        opened.folder = opened.downloads.parent
        yield opened


@pytest.fixture(scope="module")
def page(window):
    """A CSV file of texts with many labels, prices of which one is far off, and gaps."""
    file = window.folder / "t.csv"
    lines = ["id,text,label,price,day"]
    for row in range(N):
        price = "" if row % 10 == 9 else 1e6 if row == 0 else f"{row / 4 + 0.105}"
        text = f"the text {'of a ship' if row % 100 == 7 else row}"
        lines.append(
            f"doc {row},{text},class {row % 30} with a long name,{price},2026-01-{1 + row % 30:02d}"
        )
    file.write_text("\n".join(lines))
    words = {"id_column": "id", "text_column": "text", "label_column": "label"}
    made = curate.explore(file, embedder="tfidf", maps="pca,tsne", **words)
    return made.save(window.folder / "page.html")


@pytest.fixture
def opened(window, page):
    window.open(page)
    yield window
    assert [one for one in window.console() if one["level"] == "SEVERE"] == []


def text(opened, selector):
    return opened.run("return document.querySelector(arguments[0]).textContent", selector)


def colour(opened, name):
    opened.run(
        "const colour = document.getElementById('colour');"
        "colour.value = DATA.columns.findIndex((one) => one.name === arguments[0]);"
        "colour.dispatchEvent(new Event('change'))",
        name,
    )


def key(opened, selector, name):
    """A key pressed where `selector` is."""
    opened.run(
        "const there = document.querySelector(arguments[0]); there.focus();"
        "there.dispatchEvent(new KeyboardEvent('keydown', {key: arguments[1], bubbles: true}))",
        selector,
        name,
    )


def view(opened):
    return opened.run("return page.panes[0].view")


def test_a_label_without_a_colour_can_be_chosen(opened):
    """Of thirty labels twenty have a colour; the others are chosen by name, counts are seen."""
    assert text(opened, "#legend button:nth-child(21)") == "10 more (100)"
    assert text(opened, "#legend button").endswith(" (10)")
    clipped = opened.run(
        "const box = document.querySelector('#legend button');"
        "return box.scrollWidth > box.clientWidth"
    )
    assert not clipped
    chosen = opened.run(
        "const more = document.querySelector('#legend select'); more.value = more.options[3].value;"
        "more.dispatchEvent(new Event('change')); return [more.selectedOptions[0].textContent,"
        " curateExplore.chosen().map((id) => DATA.ids.indexOf(id) % 30)]"
    )
    assert set(chosen[1]) == {int(chosen[0].split()[1])}
    assert len(chosen[1]) == 10


def test_a_scale_has_a_name_and_ends(opened):
    """A ramp says what it is of; a value far off does not make all others one colour."""
    colour(opened, "price")
    legend = text(opened, "#legend")
    assert legend.startswith("price")
    assert "≥ " in legend
    assert "no value (30)" in legend
    many = opened.run(
        "return new Set(Array.from({length: N}, (_, i) => page.colours.rgb[3 * i])).size"
    )
    assert many > 50
    colour(opened, "day")
    assert text(opened, "#legend") == "day2026-01-012026-01-30"
    colour(opened, "distance to neighbour 10 in t")
    assert text(opened, "#legend").startswith("distance to neighbour 10 in t (cosine)")


def test_the_card_tells_values_in_full(opened):
    """Under the pointer and on a row of a table stand the values, unrounded and not squeezed."""
    item = 41
    x, y = opened.run("return curateExplore.where(0, arguments[0])", item)
    opened.pointer(moved(x, y))
    opened.run("page.hover(arguments[0], {clientX: 9, clientY: 9})", item)
    values = opened.run(
        "return [...document.querySelectorAll('#card dd')].map((one) => one.textContent)"
    )
    assert values[:3] == ["class 11 with a long name", "10.355", "2026-01-12"]
    heights = opened.run(
        "return [...document.querySelectorAll('#card dd')].slice(1, 4)"
        ".map((one) => one.offsetHeight)"
    )
    assert max(heights) < 25
    opened.run("page.click(arguments[0])", item)
    head = text(opened, "table.nearest thead")
    assert head == "rankdistanceid · labelpriceday"


def test_the_view_stays_when_something_is_asked(opened):
    """Tables that appear below, or a narrower window, do not undo a zoom."""
    opened.run("page.panes[0].zoom(5, 100, 100)")
    before = view(opened)
    opened.run(
        "document.body.style.paddingRight = '60px'; page.click(page.panes[0].nearestTo(100, 100))"
    )
    time.sleep(0.3)
    after = view(opened)
    assert after["scale"] == before["scale"]
    opened.run("document.getElementById('reset').click()")
    assert view(opened)["scale"] < before["scale"]


def test_what_is_found_is_brought_into_view(opened):
    """Enter goes from match to match and moves the map there; nothing found is said."""
    opened.run("page.panes[0].zoom(40, 0, 0); document.getElementById('find').value = 'SHIP'")
    seen = []
    for _ in range(4):
        key(opened, "#find", "Enter")
        seen.append(text(opened, ".asked b"))
        x, y = opened.run("return page.panes[0].screen(page.clicked)")
        width, height = opened.run(
            "const at = page.panes[0].stage; return [at.clientWidth, at.clientHeight]"
        )
        assert 0 <= x <= width
        assert 0 <= y <= height
    assert seen == ["doc 7", "doc 107", "doc 207", "doc 7"]
    assert text(opened, "#found").startswith("1 of 3")
    opened.run("document.getElementById('find').value = 'whale'")
    key(opened, "#find", "Enter")
    assert text(opened, "#found") == "nothing found"


def test_keys_do_what_the_mouse_does(opened):
    """A map moves, zooms and asks by keys, rows of a table too; Esc in a field keeps the lasso."""
    before = view(opened)
    key(opened, ".stage", "ArrowLeft")
    assert view(opened)["x"] == pytest.approx(before["x"] + 60)
    key(opened, ".stage", "+")
    assert view(opened)["scale"] > before["scale"]
    key(opened, ".stage", "0")
    assert view(opened)["scale"] == pytest.approx(before["scale"])
    key(opened, ".stage", "Enter")
    first = text(opened, ".asked b")
    second = text(opened, "#near tbody tr b, #near tbody tr bdi")
    key(opened, "#near tbody tr", "Enter")
    assert text(opened, ".asked b") == second != first
    assert opened.run("return document.activeElement.tagName") == "TR"
    opened.run("page.choose([1, 2])")
    key(opened, "#find", "Escape")
    assert len(opened.run("return curateExplore.chosen()")) == 2
    key(opened, ".stage", "Escape")
    assert opened.run("return curateExplore.chosen()") == []


def test_an_empty_lasso_says_so(opened):
    """Nothing in the lasso chooses nothing, and a click on the empty plane asks for nothing."""
    opened.run("page.choose([1, 2]); page.click(3); document.getElementById('lasso').click()")
    left, top = opened.run(
        "const box = page.panes[0].stage.getBoundingClientRect(); return [box.left, box.top]"
    )
    opened.drag([(left + x, top + y) for x, y in ((1, 1), (8, 1), (8, 8), (1, 8))])
    assert "No item was in the lasso" in text(opened, "#chosen")
    opened.click_at(left + 3, top + 3)
    assert opened.run("return [page.clicked, page.near.size]") == [-1, 0]


def test_one_map_has_one_pane(window):
    """Two panes of one map would say the same twice."""
    vectors = np.random.default_rng(0).normal(size=(50, 4))
    window.open(curate.explore(vectors, maps="pca").save(window.folder / "one.html"))
    shown = "return [...document.querySelectorAll('.pane')].filter((one) => one.offsetWidth).length"
    assert window.run(shown) == 1
    assert text(window, "#notes") == ""


def test_odd_ids_come_back_as_they_are(window):
    """Whatever signs ids have, the file that is downloaded names the same items."""
    ids = [*ODD_IDS, *map(str, range(30))]
    vectors = np.random.default_rng(0).normal(size=(len(ids), 4))
    page = curate.explore(vectors, ids=ids, maps="pca").save(window.folder / "odd.html")
    for rows, name in ((list(range(9)), "chosen.json"), (list(range(1, 8)), "chosen.txt")):
        window.open(page)  # again: scripts may download once
        window.run("page.choose(arguments[0])", rows)
        window.run("document.getElementById('download').click()")
        file = window.downloads / name
        for _ in range(100):
            if file.exists():
                break
            time.sleep(0.1)
        wanted = [ids[row] for row in rows]
        assert read_selected_ids(file) == wanted
        assert curate.measure(vectors, file, ids=ids).ids == wanted
        more = curate.select(vectors, n=5, ids=ids, datapool=f"ids:{file}", no_report=True)
        assert not set(more.ids) & set(wanted)
