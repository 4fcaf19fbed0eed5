"""How to get the same numbers again, what was exact, and what the words mean."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import KeepTogether

from curate.export.formats import FORMATS
from curate.report.build import report as reduced
from curate.report.pages.page import SelectionPage
from curate.report.render.numbers import count
from curate.report.render.tables import facts_table
from curate.report.words import objectives, scores
from curate.schema.job import Job
from curate.schema.report import Report

# The place of the output may differ between two equal runs, so it is not on the page.
FILES = {
    "txt": "the ids of all picks",
    "csv": "all picks with rank, distance and metadata",
    "jsonl": "the same, a JSON object a line",
    "removed": "the ids of what was not selected",
    "factors": "what each strategy gave each pick",
    **{name: chosen.what for name, chosen in FORMATS.items()},
}


def draw(page: SelectionPage) -> list[Any]:
    """Facts, then the caveats, then the glossary, which is not torn apart."""
    style = page.style
    words = [
        *page.template.glossary,
        *(page.template.glossary_more if page.report.likeness else []),
        *_if_any(objectives.traversal_guarantee(page.report)),
    ]
    return [
        facts_table(style, _facts(page)),
        style.paragraph("Exact and sampled", "heading"),
        *style.defined(_exactness(page), "small"),
        style.paragraph("What these numbers do not tell", "heading"),
        *style.paragraph_list(
            [*page.template.caveats, *_if_any(objectives.outlier_warning(page.report))], "small"
        ),
        KeepTogether(
            [style.paragraph("What the words mean", "heading"), *style.defined(words, "small")]
        ),
    ]


def _if_any(told: str | None) -> list[str]:
    return [told] if told else []


def _facts(page: SelectionPage) -> list[tuple[str, str]]:
    report = page.report
    provenance, selection = report.provenance, report.selection
    facts = [
        ("Command", provenance.command),
        ("Settings", _settings(report.job)),
        ("Strategy", selection.strategy),
        ("Distance", f"{scores.distance_unit(report)} in {count(selection.dims)} dimensions"),
        ("Embedder", provenance.embedder),
        *([("Reduction", reduced.in_words(provenance.reduction))] if provenance.reduction else []),
        ("Input fingerprint", provenance.input_fingerprint),
    ]
    if provenance.datapool_fingerprint:
        facts.append(("Datapool fingerprint", provenance.datapool_fingerprint))
    versions = ", ".join(f"{name} {version}" for name, version in provenance.versions.items())
    facts += [("Seed", str(provenance.seed)), ("Versions", versions)]
    facts.append(("Time and memory", "in report.json (timings): they differ from run to run"))
    return [*facts, ("Beside this report", _files(report))]


def _files(report: Report) -> str:
    """The side files, each with what is in it."""
    selection = report.selection
    files = [("report.json", "every number on these pages")]
    files += [(name, FILES.get(kind, kind)) for kind, name in selection.files.items()]
    files += [
        (name, what)
        for name, what in (
            (selection.thumbnails, "the small pictures"),
            *((name, "a row for each input item") for name in report.items.values()),
            (report.set_aside.file, "items set aside, with reasons"),
            (report.duplicates.file, "groups of equal items"),
            (
                None if report.objects is None else report.objects.set_aside.file,
                "boxes set aside, with reasons",
            ),
        )
        if name
    ]
    return "; ".join(f"{name}: {what}" for name, what in files)


def _settings(job: Job) -> str:
    """What differs from the defaults."""
    changed = {
        name: ", ".join(value) if isinstance(value, list | tuple) else value
        for name, value in job.changed().items()
    }
    told = [f"{name} = {value}" for name, value in changed.items()]
    return ", ".join(told) or "all as by default"


def _exactness(page: SelectionPage) -> list[str]:
    report = page.report
    whole = report.counts.input
    told = [
        f"{what}: {scores.sampling_note(one, report, whole)}"
        for what, one in (
            ("Diversity of the input", report.diversity.input),
            ("Coverage", report.coverage.selected),
        )
        if one is not None
    ]
    told += [
        f"Radius and budget curve: exact, over all {scores.items_counted(report, whole)}.",
    ]
    note = scores.draws_note(report)
    return [*told, *([note] if note else [])]
