"""Colours of the sets, as people with other eyes and printers without ink see them.

Dichromacy is simulated by the matrices of Machado, Oliveira and Fernandes (2009), severity 1,
in linear RGB; differences are CIE 1976 ΔE*ab, computed here from the definitions.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from curate.report.render.style import SETS, PageStyle
from curate.report.render.template import load_template

Color = NDArray[np.float64]

SEEN = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "grey print": [[0.2126, 0.7152, 0.0722]] * 3,
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
APART = 20.0  # several times what two patches side by side need to be told apart


def linear(color: str) -> Color:
    """sRGB hex -> linear RGB."""
    value = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: Color) -> Color:
    """Linear RGB -> CIE L*a*b*, white D65."""
    ratio = TO_XYZ @ np.clip(rgb, 0, 1) / (TO_XYZ @ np.ones(3))
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def apart(one: str, other: str, seen: str) -> float:
    """ΔE*ab of two colours as `seen`."""
    matrix = np.asarray(SEEN[seen], dtype=np.float64)
    return float(np.linalg.norm(lab(matrix @ linear(one)) - lab(matrix @ linear(other))))


def test_the_arithmetic_is_that_of_the_standard() -> None:
    """Red is L*a*b* (53.24, 80.09, 67.20), as every table of sRGB has it; grey stays grey."""
    np.testing.assert_allclose(lab(linear("#FF0000")), [53.24, 80.09, 67.20], atol=0.02)
    for seen in SEEN:
        assert apart("#808080", "#808080", seen) == 0
        assert apart("#000000", "#FFFFFF", seen) == pytest.approx(100, abs=0.5)


# What two sets share a figure always: the others appear only with a datapool.
MAIN = ("input", "selected", "random")


@pytest.mark.parametrize("seen", [seen for seen in SEEN if seen != "grey print"])
@pytest.mark.parametrize("pair", list(combinations(MAIN, 2)))
def test_the_main_sets_stay_apart_to_every_eye(seen: str, pair: tuple[str, str]) -> None:
    """Input, selection and random differ clearly under each kind of colour blindness."""
    template = load_template(None)
    assert apart(*(template.color(name) for name in pair), seen) >= APART


@pytest.mark.parametrize("pair", list(combinations(SETS, 2)))
def test_a_second_sign_doubles_every_colour(pair: tuple[str, str]) -> None:
    """Where some eye or a printer leaves little of the difference, the line style tells it."""
    one, other = (SETS[name] for name in pair)
    assert one.dashes != other.dashes


@pytest.mark.parametrize("name", [*SETS, "warning", "text", "quiet"])
def test_names_are_readable_on_white(name: str) -> None:
    """Type has a contrast of 3 to 1 or more (WCAG for large or bold type, which names are)."""
    style = PageStyle(load_template(None))
    color = style.label_color(name) if name in SETS else style.template.color(name)
    luminance = float(np.array([0.2126, 0.7152, 0.0722]) @ linear(color))
    assert 1.05 / (luminance + 0.05) >= 3
