"""`curate inspect`: what a source holds, in one screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.cli.options import settings
from curate.cli.terminal import set_up_logging
from curate.schema.job import READING, SETTINGS, make_job

if TYPE_CHECKING:
    import typer

    from curate.run.inspect import Column, Inspection

MOST_COLUMNS = 24  # that fit on a screen
# What `inspect` has no option for: all that is not about reading.
WITHOUT = tuple(name for name in SETTINGS if name not in (*READING, "source", "catalog"))


def inspect(
    *,
    config: Path | None,
    json_output: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    context: typer.Context,  # noqa: ARG001 (dictated by the signature that commands share)
    **flags: Any,
) -> None:
    """Say what a source holds: kind, items, columns, sizes, problems, and what to run next.

    Nothing is embedded and nothing is written.

    Examples: `curate inspect photos`, `curate inspect table.csv --json`.
    """
    set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    job = make_job(settings(config, flags, without=WITHOUT))
    from curate.run import inspect as inspection

    found = inspection.inspect(job)
    print(found.model_dump_json(indent=1) if json_output else "\n".join(_screen(found)))


def _screen(found: Inspection) -> list[str]:
    what = {"text": "texts", None: "rows"}.get(found.kind, found.kind)
    lines = [f"{found.name}: {found.items:,} {what}"]
    lines += [f"  {about:<12}{words}" for about, words in found.facts.items()]
    if found.label_column is not None:
        labels = ", ".join(f"{name} {times:,}" for name, times in found.labels.items())
        lines.append(f"  {'label':<12}{found.label_column}: {labels}")
    if found.set_aside:
        reasons = ", ".join(f"{times:,} {reason}" for reason, times in found.set_aside.items())
        lines.append(f"  {'set aside':<12}{sum(found.set_aside.values()):,}: {reasons}")
        for one in found.examples:
            detail = f", {one['detail']}" if one["detail"] else ""
            lines.append(f"  {'':<12}{_plain(one['id'])}: {one['reason']}{detail}")
    if found.columns:
        lines += ["", *_table(found.columns[:MOST_COLUMNS])]
        if len(found.columns) > MOST_COLUMNS:
            lines.append(f"  and {len(found.columns) - MOST_COLUMNS:,} more columns")
    if found.problem is not None:
        lines += ["", f"problem: {found.problem}"]
    return [*lines, "", f"next: {found.next}"]


def _table(columns: list[Column]) -> list[str]:
    rows = [("column", "type", "distinct", "nulls", "example")]
    for column in columns:
        distinct = "" if column.distinct is None else f"{column.distinct:,}"
        nulls = f"{column.nulls:,}"
        rows.append((_plain(column.name), column.type, distinct, nulls, column.example))
    widths = [min(30, max(len(row[at]) for row in rows)) for at in range(4)]
    return [
        f"  {row[0][:30]:<{widths[0]}}  {row[1][:30]:<{widths[1]}}  {row[2]:>{widths[2]}}  "
        f"{row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    ]


def _plain(name: str) -> str:
    """A name on one line."""
    return " ".join(name.split())
