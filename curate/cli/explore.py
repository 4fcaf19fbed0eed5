"""`curate explore`: a run, a space or two spaces as one web page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from curate.cli.command import command
from curate.cli.terminal import Output
from curate.schema.job import SPACE_SETTINGS


@command("explore", settings=SPACE_SETTINGS)
def explore(
    first: Annotated[
        str,
        typer.Argument(
            metavar="RUN|SPACE", help="The folder of a run, or what `curate evaluate` takes."
        ),
    ],
    second: Annotated[
        str | None, typer.Argument(metavar="SPACE2", help="Another space of the same ids.")
    ] = None,
    *,
    maps: Annotated[
        str | None,
        typer.Option(
            "--map",
            help="pca, pacmap, umap, pca-umap, tsne; several with commas. Default: pca,pacmap.",
        ),
    ] = None,
    k: Annotated[
        int | None, typer.Option("-k", help="Nearest neighbours of each item. Default: 10.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(help="Items shown at most, sampled if more. Default: 50000.")
    ] = None,
    thumbnails: Annotated[
        int | None, typer.Option(help="Pictures in the page, at most. Default: 5000.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="HTML file. Default: reports/ and the names of the spaces."
        ),
    ] = None,
    settings: dict[str, Any],
    output: Output,
) -> None:
    """Show a run, a space or two spaces as a web page.

    The page is one HTML file. Any browser opens it; it needs no server and no network.

    Example:  curate explore reports/clipart

    Example:  curate explore minilm.npy,ids=ids.txt texts.csv --map pacmap,umap
    """
    from curate.run.explore import explore as make_page
    from curate.run.output_folder import page_file

    page = make_page(
        first,
        second,
        maps=maps,
        k=k,
        points=points,
        thumbnails=thumbnails,
        progress=output.progress,
        **settings,
    )
    path = page.save(out or page_file(page.name))
    output.files({"page": str(path), "bytes": len(page.html)}, path)
