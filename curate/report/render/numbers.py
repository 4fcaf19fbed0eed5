"""Numbers as text, by one rule for sentences, figures and tables.

A measured value has three significant digits, a count has all its digits. Not here: units,
which are in the sentence or in the column head.
"""

from __future__ import annotations

import math

DIGITS = 3
MISSING = "–"
NO_SHARE = 1e-6  # a fraction below this is a rounding error of 0
PLAIN_FROM, PLAIN_BELOW = -4, 5  # powers of ten that are written out; others as 1.23e-7


def number(value: float | None) -> str:
    """`value` as text with three significant digits: 0.0123, 1.20, 45.6, 1,230, 1.23e-7."""
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
    """`value` as text with all its digits: 12,345."""
    return f"{value:,}"


def percent(fraction: float) -> str:
    """`fraction` in percent: 0.1234 gives 12.3%. Rounding errors give 0%."""
    return f"{number(100 * fraction) if abs(fraction) >= NO_SHARE else 0}%"


def interval(ends: tuple[float, float]) -> str:
    """Both ends of an interval as text: 1.20 to 1.45."""
    return f"{number(ends[0])} to {number(ends[1])}"


def ratio(value: float, reference: float) -> float | None:
    """`value` / `reference`; None if the reference is 0 or the ratio is infinite."""
    return value / reference if reference > 0 and math.isfinite(value / reference) else None
