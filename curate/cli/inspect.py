"""`curate inspect`: what a source holds, in one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curate.cli.command import command
from curate.cli.terminal import Output
from curate.schema.job import READING, make_job

if TYPE_CHECKING:
    from curate.run.inspect import InspectedColumn, Inspection

MOST_COLUMNS = 24  # that fit on a screen


@command("inspect", settings=("source", *READING, "catalog"), job_file=True)
def inspect(*, settings: dict[str, Any], output: Output) -> None:
    """Show what a source holds, and what to run next.

    Prints kind, items, columns, sizes and problems. Nothing is embedded and nothing is written.

    Examples: `curate inspect photos`, `curate inspect table.csv --json`.
    """
    job = make_job(settings)
    from curate.run import inspect as inspection

    result = inspection.inspect(job)
    print(result.model_dump_json(indent=1) if output.json_output else "\n".join(_screen(result)))


def _screen(result: Inspection) -> list[str]:
    what = {"text": "texts", None: "rows"}.get(result.kind, result.kind)
    lines = [f"{result.name}: {result.items:,} {what}"]
    lines += [f"  {about:<12}{words}" for about, words in result.facts.items()]
    if result.label_column is not None:
        labels = ", ".join(f"{name} {times:,}" for name, times in result.labels.items())
        lines.append(f"  {'label':<12}{result.label_column}: {labels}")
    if result.set_aside:
        reasons = ", ".join(f"{times:,} {reason}" for reason, times in result.set_aside.items())
        lines.append(f"  {'set aside':<12}{sum(result.set_aside.values()):,}: {reasons}")
        for example in result.examples:
            detail = f", {example['detail']}" if example["detail"] else ""
            lines.append(f"  {'':<12}{_plain(example['id'])}: {example['reason']}{detail}")
    if result.columns:
        lines += ["", *_table(result.columns[:MOST_COLUMNS])]
        if len(result.columns) > MOST_COLUMNS:
            lines.append(f"  and {len(result.columns) - MOST_COLUMNS:,} more columns")
    if result.problem is not None:
        lines += ["", f"problem: {result.problem}"]
    return [*lines, "", f"next: {result.next}"]


def _table(columns: list[InspectedColumn]) -> list[str]:
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
