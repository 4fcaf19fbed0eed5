"""Pages with long, many or right-to-left names: nothing broken, cut to nothing, or confused."""

from __future__ import annotations

import numpy as np
import pytest

import curate
from curate.report.pages.pdf import render_spaces
from curate.report.pages.spaces.shorten_names import short_names
from curate.report.render.style import PageStyle
from curate.report.render.template import load_template
from curate.report.words.evaluation import classes_title, maps_title
from read_pdf import text_of

LONG = "resnet50 fine-tuned on everything that we have, epoch=12-step=40000-val_loss=0.1234.ckpt"


@pytest.fixture
def drawn():
    """The report's words on its pages."""

    def draw(spaces, labels=None):
        ask = curate.evaluate if labels is not None else curate.compare
        report = ask(spaces, labels=labels).report
        return report, text_of(render_spaces(report, load_template(None)))

    return draw


def letters(text):
    """Text without its line breaks and spaces."""
    return "".join(text.split())


@pytest.mark.parametrize("labelled", [True, False])
def test_long_names_leave_room_for_the_numbers(labelled, rng, drawn):
    """Pages print short, different names of spaces and classes; the report keeps them whole."""
    points = rng.normal(size=(40, 4))
    spaces = {f"{LONG} {end} of the second run": points for end in "ab"}
    sentence = "a class that is called by a whole sentence " * 3
    labels = [f"{sentence}{row % 2}" for row in range(40)] if labelled else None
    report, text = drawn(spaces, labels)
    assert "could not be drawn" not in text
    names = short_names(report, PageStyle(load_template(None)))
    assert names.keys() == {*spaces, *(labels or ())}
    assert len(set(names.values())) == len(names)
    assert all(len(names[space]) < 40 for space in spaces)
    pages = letters(text).partition("Howthiswasmade")[0]
    for name, short in names.items():
        assert letters(short) in pages
        assert letters(name) not in pages
    assert [getattr(space, "space", space).name for space in report.spaces] == list(spaces)


def test_short_names_are_left_alone(rng, drawn):
    """A name that has room is printed as it is."""
    report, _ = drawn({"a": rng.normal(size=(20, 3)), "b": rng.normal(size=(20, 3))})
    assert short_names(report, PageStyle(load_template(None))) == {"a": "a", "b": "b"}


def test_eight_spaces_stand_in_blocks(rng, drawn):
    """Measures of more than four spaces are not broken in the middle of a word."""
    points = rng.normal(size=(40, 9))
    spaces = {f"space {place}": points[:, : place + 2] for place in range(8)}
    _, text = drawn(spaces, [row % 2 for row in range(40)])
    assert text.count("Silhouette, Euclidean") == 2
    _, text = drawn(spaces)
    assert "could not be drawn" not in text
    assert "Every k is in report.json" in text


def test_equal_spaces_are_both_best(rng, drawn):
    """Of two equal spaces neither is marked as better: the mark stands at both."""
    points = rng.normal(size=(40, 4))
    _, text = drawn({"a": points, "b": points}, [row % 2 for row in range(40)])
    assert text.count("●") == 2 * 12 + 1


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["x"] * 30, "Class x has Recall@1 1.00"),
        (["x", "y"] * 15, "All 2 classes have the same Recall@1: 0"),
        (["x", "y", "z"] * 10, "Class x and 1 more have the lowest Recall@1: 0"),
    ],
)
def test_classes_with_equal_recall_are_not_ranked(labels, said):
    """The title names a worst class only if another has a higher recall."""
    spots = np.arange(30.0)[:, None] * [1, 0]
    if "z" in labels:  # those of z lie together, x and y alternate
        spots[2::3] = 1000 + np.arange(10)[:, None] * [0, 0.1]
    report = curate.evaluate(spots, labels=labels).report
    assert classes_title(report).startswith(said)
    assert maps_title(report)


def test_the_page_says_that_small_classes_do_not_make_its_title(rng, drawn):
    """Where a class of few items is worse than the one in the title, a footnote says why."""
    spots = np.concatenate([rng.normal(size=(20, 2)), 50 + rng.normal(size=(20, 2)), [[0, 0]] * 3])
    labels = ["a"] * 20 + ["b"] * 20 + ["few", "few", "other"]
    spots[-3:] += np.array([[0, 0], [50, 50], [25, 25]])
    report, text = drawn({"one": spots}, labels)
    assert "few" not in classes_title(report).split(":")[0].split()
    assert "The title names only classes with at least 10 queries" in text
    _, text = drawn({"one": spots[:40]}, labels[:40])
    assert "The title names only" not in text


def test_shares_that_stay_are_not_said_to_shrink(rng):
    """Without a change the title names no cluster."""
    points = rng.normal(size=(40, 4))
    report = curate.drift(points, points).report
    assert "No item changed cluster" in text_of(render_spaces(report, load_template(None)))
