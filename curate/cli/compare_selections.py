"""`curate compare-selections`: several selections of the same data side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.command import command

if TYPE_CHECKING:
    from curate.schema.selection_comparison import Comparison

PIPE_WIDTH = 400  # of the table if stdout is no terminal: no line is cut


@command("compare-selections", settings=["template"])
def compare_selections(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN…", help="Folders of runs on the same data, or report.json."),
    ],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for compare.json and compare.pdf.")
    ] = Path("reports/comparison"),
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the comparison as one JSON object.")
    ] = False,
    settings: dict[str, Any],
) -> None:
    """Compare selections of the same data side by side.

    Prints a table; writes one page, with the band of random selections, and compare.json.

    Example:  curate compare-selections reports/clipart reports/clipart-random
    """
    from curate.report.build.comparison import compare_reports
    from curate.report.build.write import write_comparison

    comparison = compare_reports(runs)
    path = write_comparison(out, comparison, settings.get("template"))
    if json_output:
        print(comparison.model_dump_json())
        return
    _print_table(comparison)
    print(path.with_suffix(".pdf"))
    print(path)


def _print_table(comparison: Comparison) -> None:
    """On the terminal, the best of each column in bold; a plain table elsewhere."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from curate.report.pages import selection_comparison as words

    best = {
        place: words.best_names(comparison, statistic)
        for place, statistic in enumerate(words.known_statistics(comparison), 2)
    }
    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(words.heads(comparison)):
        table.add_column(head, justify="right" if place else "left", no_wrap=True)
    names = [run.name for run in comparison.selections]
    for place, row in enumerate(words.rows(comparison)):
        drawn = place >= len(names)
        table.add_row(
            *(
                Text(cell, style="dim" if drawn else "bold" if row[0] in best.get(at, []) else "")
                for at, cell in enumerate(row)
            )
        )
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    console.print(words.title(comparison), soft_wrap=True, markup=False)
    console.print(table)
    console.print(words.notes(comparison), soft_wrap=True, markup=False, style="dim")
