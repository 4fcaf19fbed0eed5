"""`curate neighbors`: what is nearest to an item, a text, an image or a vector?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.command import command
from curate.cli.evaluate import SPACES
from curate.cli.terminal import Output
from curate.schema.job import SPACE_SETTINGS

if TYPE_CHECKING:
    from curate.run.spaces.neighbors import Hits

DEFAULT_K = 10
CELL_CHARACTERS = 60  # of a text or a column in the table
PIPE_WIDTH = 1000  # of the table if stdout is no terminal: no line is cut


@command("neighbors", settings=SPACE_SETTINGS)
def neighbors(
    spaces: SPACES,
    *,
    item: Annotated[
        str | None, typer.Option(help="Id of an item; it is not among its own neighbours.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="A text, embedded as the space was.")] = None,
    image: Annotated[
        str | None, typer.Option(help="An image file, embedded as the space was.")
    ] = None,
    vector: Annotated[str | None, typer.Option(help="A file with one vector.")] = None,
    k: Annotated[int, typer.Option("-k", help="How many neighbours.")] = DEFAULT_K,
    index: Annotated[
        str | None,
        typer.Option(help="hnsw, ivf, pq or lsh: approximate, with measured recall."),
    ] = None,
    settings: dict[str, Any],
    output: Output,
) -> None:
    """Find what is nearest to an item, text, image or vector.

    Prints a table for each space.

    Example:  curate neighbors samples/clipart --item animals/cat.png -k 5
    """
    from curate.run.spaces.api import neighbors as nearest_neighbors

    answers = nearest_neighbors(
        spaces,
        item=item,
        text=text,
        image=image,
        vector=vector,
        k=k,
        index=index,
        progress=output.progress,
        **settings,
    )
    if output.json_output:
        from dataclasses import asdict

        print(json.dumps([asdict(hits) for hits in answers], default=str))
        return
    for hits in answers:
        _print_table(hits, k, several=len(answers) > 1)


def _print_table(hits: Hits, k: int, *, several: bool) -> None:
    """A table of neighbours, as wide as the terminal; whole lines if stdout is no terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    columns = list(dict.fromkeys(name for hit in hits.hits for name in hit.metadata))
    head = ["rank", "distance", *(["common"] if several else []), "id"]
    with_text = any(hit.text for hit in hits.hits)
    for name in (*head, *(["text"] if with_text else []), *columns):
        table.add_column(name, justify="right" if name in ("rank", "distance") else "left")
    for hit in hits.hits:
        cells: Sequence[Any] = [
            hit.rank,
            f"{hit.distance:.4g}",
            *(["●" if hit.common else ""] if several else []),
            hit.id,
            *([_shortened(hit.text or "")] if with_text else []),
            *(_shortened(str(hit.metadata.get(name, ""))) for name in columns),
        ]
        table.add_row(*(Text(str(cell)) for cell in cells))
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPE_WIDTH)
    title = f"{hits.space} ({hits.metric} distance{_how_found(hits, k)})"
    console.print(Text(title), soft_wrap=True)
    console.print(table)


def _how_found(hits: Hits, k: int) -> str:
    how = ""
    if hits.index is not None:
        how = (
            f"; index {hits.index}, recall {hits.recall:.3f} over {hits.asked} queries of the space"
        )
    if len(hits.hits) < k:
        why = "found" if hits.index else "there are no more"
        how += f"; {len(hits.hits)} of the {k} asked, {why}"
    return how


def _shortened(text: str) -> str:
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"
