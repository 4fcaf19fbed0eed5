"""Right-to-left lines and Arabic letters, against other people's implementations."""

from __future__ import annotations

import io
import unicodedata

import arabic_reshaper
import bidi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from curate.report.render import fonts
from curate.report.render.bidi import joined, reordered
from curate.report.render.printable_text import printable

SIGNS = "abZ אבג ابتل ١٢3 45 .,:;+-/%$#()[]<>«» \u0301\u05b4\u064e_*!"

UNMIRRORED = str.maketrans(")]>»", "([<«")


def everything(_: str) -> bool:
    return True


@settings(max_examples=400, deadline=None)
@given(st.text(st.sampled_from(SIGNS), max_size=24))
def test_lines_of_mixed_direction_are_ordered_as_unicode_says(text: str) -> None:
    """The order of drawing is that of another implementation of UAX #9 (Rust, unicode-bidi)."""
    first = next((one for one in text if unicodedata.bidirectional(one) in ("L", "R", "AL")), "a")
    base = "L" if unicodedata.bidirectional(first) == "L" else "R"
    ours, theirs = reordered(text), bidi.get_display(text, base_dir=base)
    assert ours.translate(UNMIRRORED) == theirs.translate(UNMIRRORED)  # theirs does not mirror


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        st.sampled_from("ابتثجحخدذرزسشصضطظعغفقكلمنهويىءآأإؤئةپچژگکی لا\u064e\u0651ـab1"),
        max_size=16,
    )
)
def test_arabic_letters_take_the_form_that_their_neighbours_give(text: str) -> None:
    """Forms, and lam with alef as one glyph, are those of arabic-reshaper."""
    reshaper = arabic_reshaper.ArabicReshaper(
        {
            "delete_harakat": False,
            "support_ligatures": True,
            "use_unshaped_instead_of_isolated": True,
        }
        | dict.fromkeys(("ARABIC LIGATURE ALLAH", "RIAL SIGN"), False)
    )
    assert joined(text, everything) == reshaper.reshape(text)


def test_brackets_are_mirrored_where_the_line_runs_to_the_left() -> None:
    """What opens before a Hebrew word is drawn at its right, as its own mirror image."""
    assert reordered("(אב) x") == "x (בא)"
    assert reordered("x (אב)") == "x (בא)"
    assert reordered("אב (ab) ]") == "[ (ab) בא"


def test_a_letter_without_its_form_stays_as_it_is() -> None:
    """Where the font lacks a presentation form, the letter itself is drawn, never a box."""
    assert joined("بب", lambda one: one == "ب") == "بب"


def test_letters_parted_by_a_sign_do_not_join() -> None:
    """Persian spelling: the zero-width non-joiner shows in the forms, and is itself not drawn."""
    word = "می\u200cخواهم"
    assert printable(word) == word
    assert printable("a\u200cb") == "a\\u{200C}b"
    shaped = joined(word, everything)
    assert "\u200c" not in shaped
    assert unicodedata.normalize("NFKC", shaped) == word.replace("\u200c", "")
    assert shaped != joined(word.replace("\u200c", ""), everything)


NAMES = {
    "Latin, marks": "e\u0301 Österreich",
    "Greek": "Ελληνικά",
    "Cyrillic": "Кириллица",
    "Chinese": "漢字图片",
    "Japanese": "かなカナ",
    "Korean": "한국어",
    "Hebrew": "שלום",
    "Arabic": "مرحبا",
}


@pytest.mark.parametrize("font", [fonts.REGULAR, fonts.BOLD])
@pytest.mark.parametrize("script", NAMES)
def test_every_script_has_glyphs_and_is_found_by_a_search(script: str, font: str) -> None:
    """No missing-glyph boxes, and another program reads the name back out of the PDF."""
    shown = printable(NAMES[script])
    assert shown == unicodedata.normalize("NFC", NAMES[script])
    family = fonts.register()[font == fonts.BOLD]
    assert all(family.font(family.place(one)).face.charToGlyph[ord(one)] > 0 for one in shown)
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.setFont(font, 12)
    canvas.drawString(50, 500, shown)
    canvas.save()
    read = PdfReader(stream).pages[0].extract_text()
    letters = sorted(unicodedata.normalize("NFKC", read).split())
    expected = shown[::-1] if script in ("Hebrew", "Arabic") else shown  # as drawn
    assert letters in (sorted(expected.split()), sorted(shown.split()))


def test_the_width_is_that_of_what_is_drawn() -> None:
    """`measure` adds up the advances of the shaped glyphs, whichever font they come from."""
    family = fonts.register()[0]
    for text in NAMES.values():
        drawn = family.splitString(text, doc := Canvas(io.BytesIO())._doc)
        advances = 0.0
        for subset, codes in drawn:
            font = family.font(subset // fonts.SUBSETS)
            held = font.state[doc].subsets[subset % fonts.SUBSETS]
            advances += sum(font.face.charWidths[held[code]] for code in codes)
        assert fonts.measure(text, 10) == pytest.approx(advances / 100)
