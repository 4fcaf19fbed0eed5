"""How many different items the selection holds, and how like the input it is."""

from __future__ import annotations

from typing import Any

from curate.report.pages.selection.summary import bars, score_table
from curate.report.pages.page import SelectionPage
from curate.report.render.numbers import count, number
from curate.report.words import scores
from curate.report.words.scores import MORE, Score, versus_random_score
from curate.schema.report import Report


def finding(report: Report) -> str | None:
    """The Vendi score, and who is more like the input; None without anything to compare."""
    part = report.likeness
    if part is None:
        return None
    vendi, energy = _vendi(report), _energy(report)
    if vendi.standing is None or energy.standing is None:
        return None
    ours, theirs = number(vendi.selected), number(vendi.random)
    holds = {
        "better": f"The selection holds {ours} effectively different items, random choice {theirs}",
        "like": f"The selection holds {ours} effectively different items, like random choice "
        f"({theirs})",
        "worse": f"Random choice holds {theirs} effectively different items, the selection {ours}",
    }[vendi.standing]
    pair = f"{number(energy.selected)} against {number(energy.random)}"
    alike = {
        "better": f"it is more like the input (energy distance {pair})",
        "like": f"it is as like the input as random choice (energy distance {pair})",
        "worse": f"it is less like the input (energy distance {pair})",
    }[energy.standing]
    if vendi.standing == "worse":
        alike = alike.replace("it is", "the selection is", 1)
    return f"{holds}; {alike}"


def draw(page: SelectionPage) -> list[Any]:
    """The table, what it is measured from, and what the words mean."""
    report, style = page.report, page.style
    part, around = report.likeness, report.neighbourhoods
    assert part is not None
    found = rows(report)
    members = scores.items_counted(report, report.counts.selected)
    whole = scores.items_counted(report, report.counts.input)
    from_ = (
        f"Vendi score and energy distance: from all {members} and all {whole}."
        if part.exact
        else f"Vendi score and energy distance: from uniform samples of {count(part.n_members)} of "
        f"{members} (and of each draw) and of {count(part.n_input)} of {whole}."
    )
    balls = ""
    if around is not None:
        balls = (
            f"Density and ball coverage: from all {whole}."
            if around.exact
            else f"Density and ball coverage: from a uniform sample of {count(around.n_queries)} "
            f"of {whole}, each beside all of them."
        )
    return [
        score_table(style, found),
        page.caption(
            bars(found[0].draws),
            from_,
            balls,
            f"Width σ of the Vendi score's kernel: {number(part.width)}.",
        ),
        style.gap(10),
        *style.defined(page.template.explain_likeness),
    ]


def rows(report: Report) -> list[Score]:
    """What the table has: Vendi score, energy distance, density and ball coverage."""
    if report.likeness is None:
        return []
    return [_vendi(report), _energy(report), *_balls(report)]


def _vendi(report: Report) -> Score:
    assert report.likeness is not None
    one = report.likeness.vendi
    return versus_random_score(report, "vendi", "Vendi score", MORE, one, larger_wins=True)


def _energy(report: Report) -> Score:
    assert report.likeness is not None
    one = report.likeness.energy
    return versus_random_score(
        report,
        "energy",
        "Energy distance to the input",
        "less is more alike",
        one,
        larger_wins=False,
        neutral=True,
    )


def _balls(report: Report) -> list[Score]:
    around = report.neighbourhoods
    if around is None:
        return []
    density = versus_random_score(
        report,
        "density",
        "Density",
        "more: in denser regions",
        around.density,
        larger_wins=True,
        neutral=True,
    )
    coverage = versus_random_score(
        report, "balls", "Ball coverage", MORE, around.coverage, larger_wins=True
    )
    return [density, coverage]
