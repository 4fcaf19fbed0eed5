"""What each strategy of the job wanted, and what it got: targets, random draws, the selection."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import KeepTogether, Paragraph

from curate.report.pages.figures.class_bars import ClassShares, bars_height, class_bars, gathered
from curate.report.pages.figures.distributions import distributions
from curate.report.pages.page import SelectionPage
from curate.report.render import fonts
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count
from curate.report.render.printable_text import printable_markup
from curate.report.words import objectives
from curate.schema.objectives import BalanceResult, ObjectiveResult

CURVES = 190.0  # height of a figure of values
BELOW = 40.0  # points for what stands under a figure of classes
ENOUGH = 200.0  # room in which such a figure is begun on a page_ that has been begun
MET = {True: ("met", "selected"), False: ("not met", "warning")}


def draw(page: SelectionPage) -> list[Any]:
    """How picks were made, then each strategy that has something to show."""
    report, style = page.report, page.style
    story: list[Any] = [style.paragraph(objectives.picking_rule(report))]
    page_ = style.height
    used = page_ - page.room(page.findings["objectives"], page.template.how("objectives"))
    used += page.height(story)
    for one in objectives.reported_objectives(report):
        head = _head(page, one)
        alone = page_ - page.height(head) - BELOW  # room for a figure at the top of a page_
        room = alone - used
        block = [*head, *_figure(page, one, room if room >= ENOUGH else alone)]
        tall = page.height(block)
        used = used + tall if used + tall <= page_ else tall
        story.append(KeepTogether(block))
    if "factors" in report.selection.files:
        story.append(
            page.caption(
                "What each strategy gave each pick, between 0 and 1, is in "
                f"{report.selection.files['factors']}."
            )
        )
    return story


def _head(page: SelectionPage, one: ObjectiveResult) -> list[Any]:
    """How it is written, what came of it, and what its factor is."""
    style = page.style
    head = [_heading(page, one), style.paragraph(objectives.outcome_sentence(one))]
    if one.strength is not None:
        power = "" if one.strength == 1 else f" Strength {one.strength:g}."
        head.append(style.paragraph(f"Factor: {one.formula}{power}", "foot"))
    return head


def _figure(page: SelectionPage, one: ObjectiveResult, room: float) -> list[Any]:
    if one.balance is not None:
        return [page.style.gap(4), *_balance(page, one.balance, room)]
    return [] if one.values is None else [page.style.gap(4), *_values(page, one)]


def _heading(page: SelectionPage, one: ObjectiveResult) -> Any:
    """How it is written, and whether it was met."""
    style = page.style
    words = printable_markup(one.written)
    if one.met is not None and one.threshold is None:
        word, ink = MET[one.met]
        color = style.template.color(ink)
        words += f' <font name="{fonts.BOLD}" color="{color}">· {word}</font>'
    return Paragraph(words, style.paragraph_style("heading"))


def _balance(page: SelectionPage, balance: BalanceResult, room: float) -> list[Any]:
    style, classes = page.style, shares_of(page, balance)
    shown = gathered(classes, room)
    with_pool = any(one.union_share is not None for one in balance.classes)
    name = "selected ∪ datapool" if with_pool else "selected"
    notes = []
    if balance.n_classes > len(balance.classes):
        notes.append(
            f"{count(len(balance.classes))} of {count(balance.n_classes)} classes: those with the "
            "largest targets."
        )
    if len(shown) < len(classes):
        notes.append("The rarest classes are only counted; each is in report.json.")
    if with_pool:
        notes.append("The target is for the selection and the datapool together.")
    return [
        FigureBox(style, class_bars(style, shown, name), bars_height(shown, room)),
        *([page.caption(*notes)] if notes else []),
    ]


def shares_of(page: SelectionPage, balance: BalanceResult) -> list[ClassShares]:
    """The classes as they are drawn, the most frequent of the input first."""
    of_pool = sum(one.datapool_count or 0.0 for one in balance.classes)
    total = page.report.counts.selected + of_pool
    ordered = sorted(
        balance.classes,
        key=lambda one: (one.name in objectives.NAMELESS, -one.input_count, one.name),
    )
    return [
        ClassShares(
            name=one.name,
            target=one.target,
            input=one.input_share,
            selected=one.selected_share if one.union_share is None else one.union_share,
            # Draws without the datapool are no yardstick for shares with it.
            random=one.random_share if one.union_share is None else None,
            interval=one.random_interval if one.union_share is None else None,
            items=one.selected_count + (one.datapool_count or 0.0),
            wanted=one.target * total,
        )
        for one in ordered
    ]


def _values(page: SelectionPage, one: ObjectiveResult) -> list[Any]:
    assert one.values is not None
    what = objectives.quantity_name(one)
    sets = {
        "input": one.values.input,
        "random": one.values.random,
        "selected": one.values.selected,
    }
    figure = distributions(
        page.style,
        sets,
        what,
        "Share of items with at most this",
        title=f"Density of {what}",
        again="the same",
    )
    return [FigureBox(page.style, figure, CURVES)]
