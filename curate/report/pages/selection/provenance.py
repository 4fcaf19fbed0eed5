"""Where the numbers come from: what was left out of the input, and how the report was made."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import KeepTogether

from curate.export.registry import FORMATS
from curate.report.build import assemble_report as reduction
from curate.report.pages.page import SelectionPage, reproduction_table
from curate.report.render.numbers import count
from curate.report.render.printable_text import shortened
from curate.report.render.tables import number_table
from curate.report.words import objectives, scores
from curate.schema.job import Job
from curate.schema.report import Report

REASONS_MOST, EXAMPLES_MOST, GROUPS_MOST = 15, 12, 12
# The folder of the output may differ between two equal runs, so it is not on the page.
FILES = {
    "txt": "the ids of all picks",
    "csv": "all picks with rank, distance and metadata",
    "jsonl": "the same, a JSON object a line",
    "removed": "the ids of what was not selected",
    "factors": "the factor of each strategy for each pick",
    **{name: export.what for name, export in FORMATS.items()},
}

# --------------------------------------------------------------------------------------
# Items that could not be used, with reasons, and items that are there more than once.


def draw_left_out(page: SelectionPage) -> list[Any]:
    """Items set aside and duplicates, as far as there are any."""
    story: list[Any] = []
    if page.report.set_aside.count:
        story += _set_aside(page)
    if page.report.duplicates.groups:
        story += _duplicates(page)
    return story


def _set_aside(page: SelectionPage) -> list[Any]:
    style, set_aside = page.style, page.report.set_aside
    by_count = sorted(set_aside.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    room = style.width - 80
    reasons = [
        [shortened(reason, room - 8, style.small), count(many)]
        for reason, many in by_count[:REASONS_MOST]
    ]
    widths = (style.width * 0.42, style.width * 0.2, style.width * 0.38)
    examples = [
        [
            shortened(text, width - 8, style.small)
            for text, width in zip(
                (excluded.id, excluded.reason, excluded.detail), widths, strict=True
            )
        ]
        for excluded in set_aside.examples[:EXAMPLES_MOST]
    ]
    file = f" All are in {set_aside.file}." if set_aside.file else ""
    return [
        style.paragraph("Set aside, by reason", "heading"),
        number_table(style, ["Reason", "Items"], reasons, [room, 80], [1]),
        style.gap(10),
        number_table(style, ["Item", "Reason", "Found"], examples, widths, []),
        page.caption(f"{count(len(examples))} of {count(set_aside.count)} are shown.{file}"),
        style.gap(10),
    ]


def _duplicates(page: SelectionPage) -> list[Any]:
    style, duplicates = page.style, page.report.duplicates
    groups = duplicates.examples[:GROUPS_MOST]
    room = style.width - 40
    sizes = duplicates.sizes or [len(ids) for ids in duplicates.examples]
    rows = [
        [count(size), shortened(", ".join(ids), room - 8, style.small)]
        for size, ids in zip(sizes, groups, strict=False)
    ]
    file = f" All are in {duplicates.file}." if duplicates.file else ""
    return [
        style.paragraph("Exactly the same content", "heading"),
        style.paragraph(
            f"{count(duplicates.redundant)} of these {count(duplicates.items)} items could be left "
            "out without losing content."
        ),
        number_table(style, ["Items", "Group"], rows, [40, room], [0]),
        page.caption(f"{count(len(groups))} of {count(duplicates.groups)} groups are shown.{file}"),
    ]


# --------------------------------------------------------------------------------------
# How to get the same numbers again, what was exact, and what the words mean.


def draw(page: SelectionPage) -> list[Any]:
    """Facts, then the caveats, then the glossary on one page."""
    style, report = page.style, page.report
    glossary = [
        *page.template.glossary,
        *(page.template.glossary_more if report.likeness else []),
        *filter(None, [objectives.traversal_guarantee(report)]),
    ]
    caveats = [*page.template.caveats, *filter(None, [objectives.outlier_warning(report)])]
    return [
        reproduction_table(
            page,
            report.provenance.command,
            _settings(report),
            report.provenance.seed,
            report.provenance.versions,
            [
                ("Time and memory", "in report.json (timings): they differ from run to run"),
                ("Beside this report", _side_files(report)),
            ],
        ),
        style.paragraph("Exact and sampled", "heading"),
        *style.defined(_sampling_notes(report), "small"),
        style.paragraph("What these numbers do not tell", "heading"),
        *style.paragraph_list(caveats, "small"),
        KeepTogether(
            [style.paragraph("What the words mean", "heading"), *style.defined(glossary, "small")]
        ),
    ]


def _settings(report: Report) -> list[tuple[str, str]]:
    provenance, selection = report.provenance, report.selection
    settings = [
        ("Settings", _changed_settings(report.job)),
        ("Strategy", selection.strategy),
        ("Distance", f"{scores.distance_unit(report)} in {count(selection.dims)} dimensions"),
        ("Embedder", provenance.embedder),
    ]
    if provenance.reduction:
        settings.append(("Reduction", reduction.in_words(provenance.reduction)))
    settings.append(("Input fingerprint", provenance.input_fingerprint))
    if provenance.datapool_fingerprint:
        settings.append(("Datapool fingerprint", provenance.datapool_fingerprint))
    return settings


def _changed_settings(job: Job) -> str:
    """The settings of the job that differ from the defaults."""
    changed = [
        f"{name} = {', '.join(value) if isinstance(value, list | tuple) else value}"
        for name, value in job.changed().items()
    ]
    return ", ".join(changed) or "all as by default"


def _side_files(report: Report) -> str:
    """The files beside the report, each with what is in it."""
    selection, objects = report.selection, report.objects
    files = [
        ("report.json", "every number on these pages"),
        *((name, FILES.get(kind, kind)) for kind, name in selection.files.items()),
        (selection.thumbnails, "the small pictures"),
        *((name, "a row for each input item") for name in report.items.values()),
        (report.set_aside.file, "items set aside, with reasons"),
        (report.duplicates.file, "groups of equal items"),
        (None if objects is None else objects.set_aside.file, "boxes set aside, with reasons"),
    ]
    return "; ".join(f"{name}: {what}" for name, what in files if name)


def _sampling_notes(report: Report) -> list[str]:
    """What was exact, what was sampled, and how many."""
    whole = report.counts.input
    notes = [
        f"{what}: {scores.sampling_note(distances, report, whole)}"
        for what, distances in (
            ("Diversity of the input", report.diversity.input),
            ("Coverage", report.coverage.selected),
        )
        if distances is not None
    ]
    notes.append(f"Radius and budget curve: exact, over all {scores.items_text(report, whole)}.")
    return [*notes, *filter(None, [scores.draws_note(report)])]
