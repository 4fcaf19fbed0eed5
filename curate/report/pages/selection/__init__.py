"""The pages of a report, one file each, in one table.

A section has a name for bookmarks, a finding (its title; None means it has nothing to
show and there is no page) and a function that draws what stands below the title. The
template chooses which sections, and their order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from curate.report.pages.selection import (
    budget,
    diversity_coverage,
    labels,
    left_out,
    likeness,
    made,
    maps,
    objectives,
    objects,
    outliers_pairs,
    selection,
    space,
    summary,
    worst,
)
from curate.report.pages.page import SelectionPage
from curate.report.words import objectives as objective_words
from curate.report.words import selection as words
from curate.schema.report import Report


class Section(NamedTuple):
    """One kind of page; where it is `short` it stands below the section before, given room."""

    bookmark: str
    finding: Callable[[Report], str | None]
    draw: Callable[[Sheet], list[Any]]
    short: Callable[[Report], bool] = lambda _: False


SECTIONS: dict[str, Section] = {
    "summary": Section("Summary", words.summary_title, summary.draw),
    "objectives": Section("Objectives", objective_words.objectives_title, objectives.draw),
    "maps": Section("Maps", words.maps_title, maps.draw),
    "space": Section("The space", space.finding, space.draw),
    "diversity": Section("Diversity", words.diversity_title, diversity_coverage.draw_diversity),
    "coverage": Section("Coverage", words.coverage_title, diversity_coverage.draw_coverage),
    "likeness": Section("Variety and likeness", likeness.finding, likeness.draw),
    "objects": Section("Objects", objects.finding, objects.draw),
    "worst": Section("Covered worst", words.worst_title, worst.draw),
    "budget": Section("How many are enough?", words.budget_title, budget.draw),
    "labels": Section("Labels and metadata", labels.finding, labels.draw),
    "near": Section("Outliers and pairs", outliers_pairs.finding, outliers_pairs.draw),
    "selection": Section("The selection", words.selection_title, selection.draw, selection.few),
    "left_out": Section(
        "Set aside and duplicates", words.left_out_title, left_out.draw, short=lambda _: True
    ),
    "made": Section("How this was made", words.made_title, made.draw),
}
