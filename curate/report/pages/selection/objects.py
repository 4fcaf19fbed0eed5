"""The level of objects: how many are selected, how diverse they are, how well covered.

Figures and tables are those of images, drawn from the report with objects in place of images.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from curate.report.pages.figures.distributions import distributions, present
from curate.report.pages.page import SelectionPage
from curate.report.pages.selection.diversity_coverage import statistics_table
from curate.report.render.numbers import count, number
from curate.report.render.tables import facts_table
from curate.report.words import scores
from curate.report.words.scores import Measure, score
from curate.schema.measures import DiversityMeasures, SetMeasures
from curate.schema.report import ObjectsPart, Report

LABELS_MOST = 8  # on the page; report.json has all
FIGURE_HEIGHT = 128.0
MEASURES: tuple[Measure, ...] = ("diversity", "coverage")
SELECTED_BY = {"images": "images", "objects": "objects", "both": "images and objects"}


def title(report: Report) -> str | None:
    """Both measures against random choice in one sentence; None without objects."""
    objects = report.objects
    if objects is None:
        return None
    counts = objects.counts
    lead = f"{count(counts.selected)} of {count(counts.input)} objects are selected"
    view = as_report(report, objects)
    if view is None:
        return lead
    clauses = [
        f"{measure} {number(mean.selected)} against {number(mean.random)} by random choice"
        for measure in MEASURES
        if (mean := score(view, measure, "mean")) is not None and mean.random is not None
    ]
    return f"{lead}: mean {', '.join(clauses)}" if clauses else lead


def as_report(report: Report, objects: ObjectsPart) -> Report | None:
    """The report as if its objects were its items; None if no object is selected."""
    if objects.diversity is None or objects.coverage is None:
        return None
    counts = {
        "read": objects.counts.read,
        "set_aside": objects.counts.set_aside,
        "input": objects.counts.input,
        "distinct": objects.counts.input,
        "datapool": 0,
        "in_datapool": 0,
        "selected": objects.counts.selected,
    }
    return report.model_copy(
        update={
            "provenance": report.provenance.model_copy(update={"kind": "objects"}),
            "counts": report.counts.model_copy(update=counts),
            "diversity": objects.diversity,
            "coverage": objects.coverage,
        }
    )


def draw(page: SelectionPage) -> list[Any]:
    """Counts, then for diversity and for coverage a figure with its table."""
    report = page.report
    objects = report.objects
    assert objects is not None  # the section has a title
    story: list[Any] = [facts_table(page.style, _facts(objects))]
    view = as_report(report, objects)
    if view is None:
        return story
    of_objects, unit = replace(page, report=view), scores.distance_unit(view)
    story += _measure(
        of_objects, view.diversity, f"distance to the nearest other of the set ({unit})"
    )
    story += _measure(of_objects, view.coverage, f"distance to the nearest of the set ({unit})")
    draws = (
        f"Random: the objects in {count(len(objects.counts.random))} random selections of "
        f"{scores.items_text(report, report.counts.selected)} each."
    )
    exact = scores.sampling_note(view.coverage.selected, view, objects.counts.input)
    return [*story, page.caption(exact, draws)]


def _measure(page: SelectionPage, measure: SetMeasures, measured: str) -> list[Any]:
    style = page.style
    name = "Diversity" if isinstance(measure, DiversityMeasures) else "Coverage distance"
    figure = distributions(style, present(measure), measured, "Share of objects at most this far")
    return [
        style.paragraph(f"{name} of objects", "heading"),
        page.figure(figure, FIGURE_HEIGHT),
        style.gap(4),
        statistics_table(page, measure),
    ]


def _facts(objects: ObjectsPart) -> list[tuple[str, str]]:
    counts = objects.counts
    random = sum(counts.random) / len(counts.random) if counts.random else 0.0
    facts = [
        ("Selected by", SELECTED_BY[objects.selected_by]),
        ("Objects", f"{count(counts.selected)} of {count(counts.input)}; random {number(random)}"),
        ("Images with any", f"{count(counts.images_selected)} of {count(counts.images)}"),
    ]
    if objects.labels:
        labels = [
            f"{label} {count(objects_of.selected)} of {count(objects_of.input)}"
            for label, objects_of in list(objects.labels.items())[:LABELS_MOST]
        ]
        more = len(objects.labels) - len(labels)
        facts.append(("Labels", "; ".join(labels) + (f"; {count(more)} more" if more else "")))
    if counts.set_aside:
        reasons = ", ".join(
            f"{count(many)} {reason}" for reason, many in objects.set_aside.reasons.items()
        )
        facts.append(("Boxes set aside", f"{count(counts.set_aside)}: {reasons}"))
    return facts
