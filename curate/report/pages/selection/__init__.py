"""The pages of the report of a selection: one file each, and one line each in this table.

The template decides which sections a report has, and in which order; it also has the line under
each title. A new page is a file here, a line in `SECTIONS`, and its name in the template.
"""

from __future__ import annotations

from curate.report.pages.page import Section
from curate.report.pages.selection import (
    budget,
    diversity_coverage,
    labels,
    likeness,
    maps,
    objectives,
    objects,
    outliers_pairs,
    picks,
    provenance,
    space_quality,
    summary,
    worst_covered,
)
from curate.report.words import objectives as objective_words
from curate.report.words import selection as words

SECTIONS: dict[str, Section] = {
    "summary": Section("Summary", words.summary_title, summary.draw),
    "objectives": Section("Objectives", objective_words.objectives_title, objectives.draw),
    "maps": Section("Maps", words.maps_title, maps.draw),
    "space": Section("The space", space_quality.title, space_quality.draw),
    "diversity": Section("Diversity", words.diversity_title, diversity_coverage.draw_diversity),
    "coverage": Section("Coverage", words.coverage_title, diversity_coverage.draw_coverage),
    "likeness": Section("Variety and likeness", likeness.title, likeness.draw),
    "objects": Section("Objects", objects.title, objects.draw),
    "worst": Section("Covered worst", words.worst_title, worst_covered.draw),
    "budget": Section("How many are enough?", words.budget_title, budget.draw),
    "labels": Section("Labels and metadata", labels.title, labels.draw),
    "near": Section("Outliers and pairs", outliers_pairs.title, outliers_pairs.draw),
    "selection": Section(
        "The selection", words.selection_title, picks.draw, below_last=picks.fit_below
    ),
    "left_out": Section(
        "Set aside and duplicates",
        words.left_out_title,
        provenance.draw_left_out,
        below_last=lambda _: True,
    ),
    "made": Section("How this was made", words.made_title, provenance.draw),
}
