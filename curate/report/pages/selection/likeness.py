"""How many different items the selection holds, and how similar it is to the input."""

from __future__ import annotations

from typing import Any

from curate.report.pages.page import SelectionPage
from curate.report.pages.selection.summary import score_table, strip_legend
from curate.report.render.numbers import count, number
from curate.report.words import scores
from curate.report.words.scores import MORE, Score, versus_random_score
from curate.schema.report import Report


def title(report: Report) -> str | None:
    """The Vendi score, and which is more like the input; None without anything to compare."""
    if report.likeness is None:
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
    subject = "the selection" if vendi.standing == "worse" else "it"
    alike = {
        "better": "more like the input",
        "like": "as like the input as random choice",
        "worse": "less like the input",
    }[energy.standing]
    pair = f"{number(energy.selected)} against {number(energy.random)}"
    return f"{holds}; {subject} is {alike} (energy distance {pair})"


def draw(page: SelectionPage) -> list[Any]:
    """The table of scores, what they are measured from, and what they mean."""
    report, style = page.report, page.style
    likeness = report.likeness
    assert likeness is not None  # the section has a title
    rows = likeness_scores(report)
    return [
        score_table(style, rows),
        page.caption(
            strip_legend(rows[0].draws),
            *_sampling_notes(report),
            f"Width σ of the Vendi score's kernel: {number(likeness.width)}.",
        ),
        style.gap(10),
        *style.defined(page.template.explain_likeness),
    ]


def _sampling_notes(report: Report) -> list[str]:
    """What the scores are measured from."""
    likeness, neighbourhoods = report.likeness, report.neighbourhoods
    assert likeness is not None
    members = scores.items_text(report, report.counts.selected)
    whole = scores.items_text(report, report.counts.input)
    notes = [
        f"Vendi score and energy distance: from all {members} and all {whole}."
        if likeness.exact
        else f"Vendi score and energy distance: from uniform samples of "
        f"{count(likeness.n_members)} of {members} (and of each draw) and of "
        f"{count(likeness.n_input)} of {whole}."
    ]
    if neighbourhoods is not None:
        notes.append(
            f"Density and ball coverage: from all {whole}."
            if neighbourhoods.exact
            else f"Density and ball coverage: from a uniform sample of "
            f"{count(neighbourhoods.n_queries)} of {whole}, each measured against all of them."
        )
    return notes


def likeness_scores(report: Report) -> list[Score]:
    """The rows of the table: Vendi score, energy distance, density and ball coverage."""
    if report.likeness is None:
        return []
    return [_vendi(report), _energy(report), *_balls(report)]


def _vendi(report: Report) -> Score:
    assert report.likeness is not None
    vendi = report.likeness.vendi
    return versus_random_score(report, "vendi", "Vendi score", MORE, vendi, larger_wins=True)


def _energy(report: Report) -> Score:
    assert report.likeness is not None
    return versus_random_score(
        report,
        "energy",
        "Energy distance to the input",
        "less is more alike",
        report.likeness.energy,
        larger_wins=False,
        neutral=True,
    )


def _balls(report: Report) -> list[Score]:
    neighbourhoods = report.neighbourhoods
    if neighbourhoods is None:
        return []
    density = versus_random_score(
        report,
        "density",
        "Density",
        "more: in denser regions",
        neighbourhoods.density,
        larger_wins=True,
        neutral=True,
    )
    coverage = versus_random_score(
        report, "balls", "Ball coverage", MORE, neighbourhoods.coverage, larger_wins=True
    )
    return [density, coverage]
