"""`curate evaluate`: is an embedding space any good, and which of several is best?

Options that `evaluate`, `compare` and `drift` share stand here. Their settings are those that
say how a space is read; a space may carry its own after its path, as in
`vectors.npy,ids=ids.txt,metric=cosine`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.command import command
from curate.cli.terminal import Output
from curate.schema.job import SPACE_SETTINGS

if TYPE_CHECKING:
    from curate.run.spaces.result import SpaceResult

SPACES = Annotated[
    list[str],
    typer.Argument(
        metavar="SPACE",
        help="A path that `curate select` takes; settings may follow, as in "
        "vectors.npy,ids=ids.txt,metric=cosine,name=mine.",
    ),
]
OUT = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", help="Folder for the report. Default: reports/ and the names of the spaces."
    ),
]
LABELS = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column with the label of each item, in any space."),
]


@command("evaluate", settings=SPACE_SETTINGS)
def evaluate(
    spaces: SPACES,
    *,
    labels: LABELS = None,
    out: OUT = None,
    settings: dict[str, Any],
    output: Output,
) -> None:
    """Judge embedding spaces: is it good, which is best?

    Writes report.pdf and report.json.

    Example:  curate evaluate samples/clipart

    Example:  curate evaluate minilm.npy,ids=ids.txt texts.csv --labels topic
    """
    from curate.report.build.headline import evaluation_headline
    from curate.run.spaces.api import evaluate as evaluate_spaces

    result = evaluate_spaces(spaces, labels, output.progress, **settings)
    save_space_report(result, out, "evaluation", evaluation_headline(result.report), output)


def save_space_report(
    result: SpaceResult[Any],
    out: Path | None,
    kind: str,
    headline: Mapping[str, Any],
    output: Output,
) -> None:
    """Save a report about spaces; print where it is, or its headline numbers as JSON."""
    from curate.run.output_folder import space_folder

    path = result.save(out or space_folder(f"{result.report.name} {kind}"))
    output.files({"report": str(path), **headline}, path.parent / "report.pdf", path)
