from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.report.render import fonts
from curate.report.render.printable_text import (
    printable,
    printable_markup,
    shortened,
    wrapped_lines,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Ελληνικά, Кириллица, Österreich", "Ελληνικά, Кириллица, Österreich"),
        ("a\nb\tc", "a b c"),
        ("bell\x07", "bell\\u{7}"),
        ("漢字 かな 한글", "漢字 かな 한글"),
        ("שלום, مرحبا", "שלום, مرحبا"),
        ("e\u0301", "é"),
        ("हि", "\\u{939}\\u{93F}"),
        ("😀", "\\u{1F600}"),
        ("turn\u202eround", "turn\\u{202E}round"),
        ("\ud800", "\\u{D800}"),
    ],
)
def test_what_cannot_be_drawn_is_a_visible_escape(text: str, shown: str) -> None:
    """No empty boxes, no invisible or reordering characters."""
    assert printable(text) == shown


def test_markup_is_literal() -> None:
    """Markup in data is shown, not obeyed."""
    assert printable_markup("<b>&amp;</b>") == "&lt;b&gt;&amp;amp;&lt;/b&gt;"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.floats(20, 300))
def test_shortened_text_fits(text: str, width: float) -> None:
    """Whatever the text, `fit` and `lines` keep within the width they were given."""
    assert fonts.measure(shortened(text, width, 8), 8) <= width
    broken = wrapped_lines(text, width, 8, 3)
    assert len(broken) <= 3
    assert all(fonts.measure(line, 8) <= width for line in broken)


def test_long_names_are_shortened_in_the_middle() -> None:
    """Both ends of a path stay, for that is where paths differ."""
    short = shortened("animals/" + "x" * 200 + "/last_01.png", 120, 8)
    assert short.startswith("animals/")
    assert short.endswith("_01.png")
    assert "…" in short


@pytest.mark.parametrize("width", [40, 55, 70, 85, 100, 130])
def test_a_cut_leaves_no_half_of_an_escape(width: float) -> None:
    """Escapes are kept whole or left out, in the middle of names and at the end of lines."""
    name = "😀🎈" * 12
    for shown in (shortened(name, width, 8), *wrapped_lines(f"x {name}", width, 8, 1)):
        rest = shown.replace("\\u{1F600}", "").replace("\\u{1F388}", "").replace("x", "")
        assert set(rest) <= {"…", " "}
