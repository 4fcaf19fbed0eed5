"""What each strategy of the job should reach, and what it reached: targets, draws, selection."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import KeepTogether, Paragraph

from curate.report.pages.figures.class_bars import ClassShares, bars_height, class_bars, gathered
from curate.report.pages.figures.distributions import distributions
from curate.report.pages.page import SelectionPage
from curate.report.render import fonts
from curate.report.render.numbers import count
from curate.report.render.printable_text import printable_markup
from curate.report.words import objectives
from curate.schema.objectives import BalanceResult, ObjectiveResult

CURVES_HEIGHT = 190.0  # of a figure of values
BELOW_BARS = 40.0  # points for what stands under a figure of classes
LEAST_ROOM = 200.0  # points for which such a figure still begins on a page with other content
MET = {True: ("met", "selected"), False: ("not met", "warning")}


def draw(page: SelectionPage) -> list[Any]:
    """How picks were made, then each strategy that has something to show."""
    report, style = page.report, page.style
    story: list[Any] = [style.paragraph(objectives.picking_rule(report))]
    used = style.height - page.free_height("objectives") + page.height(story)
    for objective in objectives.reported_objectives(report):
        head = _head(page, objective)
        whole = style.height - page.height(head) - BELOW_BARS  # for a figure at the top of a page
        room = whole - used
        block = [*head, *_figure(page, objective, room if room >= LEAST_ROOM else whole)]
        tall = page.height(block)
        used = used + tall if used + tall <= style.height else tall
        story.append(KeepTogether(block))
    if "factors" in report.selection.files:
        story.append(
            page.caption(
                f"{report.selection.files['factors']} has the factor of each strategy for each "
                "pick, between 0 and 1."
            )
        )
    return story


def _head(page: SelectionPage, objective: ObjectiveResult) -> list[Any]:
    """The strategy as it was written, its outcome, and its factor."""
    style = page.style
    head = [_heading(page, objective), style.paragraph(objectives.outcome_sentence(objective))]
    if objective.strength is not None:
        power = "" if objective.strength == 1 else f" Strength {objective.strength:g}."
        head.append(page.caption(f"Factor: {objective.formula}{power}"))
    return head


def _figure(page: SelectionPage, objective: ObjectiveResult, room: float) -> list[Any]:
    if objective.balance is not None:
        return [page.style.gap(4), *_balance(page, objective.balance, room)]
    return [] if objective.values is None else [page.style.gap(4), *_values(page, objective)]


def _heading(page: SelectionPage, objective: ObjectiveResult) -> Any:
    """The strategy as it was written, and whether it was met."""
    style = page.style
    markup = printable_markup(objective.written)
    if objective.met is not None and objective.threshold is None:
        word, ink = MET[objective.met]
        color = style.template.color(ink)
        markup += f' <font name="{fonts.BOLD}" color="{color}">· {word}</font>'
    return Paragraph(markup, style.paragraph_style("heading"))


def _balance(page: SelectionPage, balance: BalanceResult, room: float) -> list[Any]:
    style, classes = page.style, class_shares(page, balance)
    lines = gathered(classes, room)
    with_pool = any(share.union_share is not None for share in balance.classes)
    name = "selected ∪ datapool" if with_pool else "selected"
    notes = []
    if balance.n_classes > len(balance.classes):
        notes.append(
            f"{count(len(balance.classes))} of {count(balance.n_classes)} classes: those with the "
            "largest targets."
        )
    if len(lines) < len(classes):
        notes.append("The rarest classes are only counted; each is in report.json.")
    if with_pool:
        notes.append("The target is for the selection and the datapool together.")
    return [
        page.figure(class_bars(style, lines, name), bars_height(lines, room)),
        *([page.caption(*notes)] if notes else []),
    ]


def class_shares(page: SelectionPage, balance: BalanceResult) -> list[ClassShares]:
    """The classes as they are drawn, the most frequent of the input first."""
    of_pool = sum(share.datapool_count or 0.0 for share in balance.classes)
    total = page.report.counts.selected + of_pool
    ordered = sorted(
        balance.classes,
        key=lambda share: (share.name in objectives.NAMELESS, -share.input_count, share.name),
    )
    return [
        ClassShares(
            name=share.name,
            target=share.target,
            input=share.input_share,
            selected=share.selected_share if share.union_share is None else share.union_share,
            # Draws without the datapool cannot judge shares with it.
            random=share.random_share if share.union_share is None else None,
            interval=share.random_interval if share.union_share is None else None,
            items=share.selected_count + (share.datapool_count or 0.0),
            wanted=share.target * total,
        )
        for share in ordered
    ]


def _values(page: SelectionPage, objective: ObjectiveResult) -> list[Any]:
    values = objective.values
    assert values is not None
    name = objectives.quantity_name(objective)
    figure = distributions(
        page.style,
        {"input": values.input, "random": values.random, "selected": values.selected},
        name,
        "Share of items with at most this",
        title=f"Density of {name}",
        again="the same",
    )
    return [page.figure(figure, CURVES_HEIGHT)]
