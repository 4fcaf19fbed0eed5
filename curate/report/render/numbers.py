"""How a number looks: one rule, so that sentence, figure and table agree.

A measured value has three significant digits; a count has all of them. Not here: units,
which stand in the sentence or the head of the column.
"""

from __future__ import annotations

import math

DIGITS = 3
MISSING = "–"
NO_SHARE = 1e-6
PLAIN_FROM, PLAIN_BELOW = -4, 5  # powers of ten written out; beyond them 1.23e-7


def number(value: float | None) -> str:
    """`value` to three significant digits: 0.0123, 1.20, 45.6, 1,230, 1.23e-7."""
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{DIGITS - 1}e}".split("e")
    power = int(exponent)
    if not PLAIN_FROM <= power < PLAIN_BELOW:
        return f"{mantissa}e{power}".replace("-", "−", 1 if value < 0 else 0)
    text = f"{float(f'{mantissa}e{power}'):,.{max(0, DIGITS - 1 - power)}f}"
    return text.replace("-", "−")


def count(value: int) -> str:
    """`value` with all its digits: 12,345."""
    return f"{value:,}"


def percent(fraction: float) -> str:
    """`fraction` of 1 in hundredths: 0.1234 is 12.3%; what only rounding left over is 0%."""
    return f"{number(100 * fraction) if abs(fraction) >= NO_SHARE else 0}%"


def interval(ends: tuple[float, float]) -> str:
    """Both ends of an interval: 1.20 to 1.45."""
    return f"{number(ends[0])} to {number(ends[1])}"


def ratio(value: float, reference: float) -> float | None:
    """`value` / `reference`, None where that says nothing."""
    return value / reference if reference > 0 and math.isfinite(value / reference) else None
