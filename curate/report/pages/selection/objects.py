"""The level of objects: how many, how diverse, how well covered.

The figures and tables are those of images; a report with objects in the place of images is
what they are drawn from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from curate.report.pages.figures.distributions import distributions, present
from curate.report.pages.selection.diversity_coverage import statistics_table
from curate.report.pages.page import SelectionPage
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count, number
from curate.report.render.tables import facts_table
from curate.report.words import scores
from curate.report.words.scores import Measure, score
from curate.schema.measures import DiversityMeasures, SetMeasures
from curate.schema.report import ObjectsPart, Report

LABELS = 8  # named on the page; report.json has all
HEIGHT = 128.0
MEASURES: tuple[Measure, ...] = ("diversity", "coverage")


def finding(report: Report) -> str | None:
    """Both measures against random choice in one sentence; None without objects."""
    part = report.objects
    if part is None:
        return None
    lead = f"{count(part.counts.selected)} of {count(part.counts.input)} objects are selected"
    view = as_report(report, part)
    if view is None:
        return lead
    told = [
        f"{measure} {number(one.selected)} against {number(one.random)} by random choice"
        for measure in MEASURES
        if (one := score(view, measure, "mean")) is not None and one.random is not None
    ]
    return f"{lead}: mean {', '.join(told)}" if told else lead


def as_report(report: Report, part: ObjectsPart) -> Report | None:
    """The report as if its objects were its items; None if no object is selected."""
    if part.diversity is None or part.coverage is None:
        return None
    counts = {
        "read": part.counts.read,
        "set_aside": part.counts.set_aside,
        "input": part.counts.input,
        "distinct": part.counts.input,
        "datapool": 0,
        "in_datapool": 0,
        "selected": part.counts.selected,
    }
    return report.model_copy(
        update={
            "provenance": report.provenance.model_copy(update={"kind": "objects"}),
            "counts": report.counts.model_copy(update=counts),
            "diversity": part.diversity,
            "coverage": part.coverage,
        }
    )


def draw(page: SelectionPage) -> list[Any]:
    """Counts, then for diversity and for coverage a figure with its table."""
    report, style = page.report, page.style
    part = report.objects
    assert part is not None  # the section has a finding
    story: list[Any] = [facts_table(style, _facts(part))]
    view = as_report(report, part)
    if view is None:
        return story
    seen, unit = replace(page, report=view), scores.distance_unit(view)
    story += _measure(seen, view.diversity, f"distance to the nearest other of the set ({unit})")
    story += _measure(seen, view.coverage, f"distance to the nearest of the set ({unit})")
    draws = (
        f"Random: the objects in {count(len(part.counts.random))} random selections of "
        f"{scores.items_counted(report, report.counts.selected)} each."
    )
    exact = scores.sampling_note(view.coverage.selected, view, part.counts.input)
    return [*story, page.caption(exact, draws)]


def _measure(page: SelectionPage, measure: SetMeasures, unit: str) -> list[Any]:
    style = page.style
    name = "Diversity" if isinstance(measure, DiversityMeasures) else "Coverage distance"
    figure = distributions(style, present(measure), unit, "Share of objects at most this far")
    return [
        style.paragraph(f"{name} of objects", "heading"),
        FigureBox(style, figure, HEIGHT),
        style.gap(4),
        statistics_table(page, measure),
    ]


def _facts(part: ObjectsPart) -> list[tuple[str, str]]:
    counts = part.counts
    random = sum(counts.random) / len(counts.random) if counts.random else 0.0
    by = {"images": "images", "objects": "objects", "both": "images and objects"}
    facts = [
        ("Selected by", by[part.selected_by]),
        ("Objects", f"{count(counts.selected)} of {count(counts.input)}; random {number(random)}"),
        ("Images with any", f"{count(counts.images_selected)} of {count(counts.images)}"),
    ]
    if part.labels:
        shown = [
            f"{label} {count(one.selected)} of {count(one.input)}"
            for label, one in list(part.labels.items())[:LABELS]
        ]
        more = len(part.labels) - len(shown)
        facts.append(("Labels", "; ".join(shown) + (f"; {count(more)} more" if more else "")))
    if counts.set_aside:
        reasons = ", ".join(f"{count(n)} {why}" for why, n in part.set_aside.reasons.items())
        facts.append(("Boxes set aside", f"{count(counts.set_aside)}: {reasons}"))
    return facts
