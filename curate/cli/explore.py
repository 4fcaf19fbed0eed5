"""`curate explore`: a run, a space or two spaces as one web page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from curate.cli.evaluate import with_settings
from curate.cli.terminal import set_up_logging, silent_or_bar


def explore(
    *,
    first: str,
    second: str | None,
    maps: str | None,
    k: int | None,
    points: int | None,
    thumbnails: int | None,
    out: Path | None,
    json_output: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    **flags: Any,
) -> None:
    """See a run, a space, or two spaces side by side: one HTML file, to open in any browser.

    Example:  curate explore reports/clipart

    Example:  curate explore minilm.npy,ids=ids.txt texts.csv --map pacmap,umap
    """
    set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    from curate.run.explore import explore as made
    from curate.run.output_folder import page_file

    page = made(
        first,
        second,
        maps=maps,
        k=k,
        points=points,
        thumbnails=thumbnails,
        progress=silent_or_bar(quiet=quiet),
        **flags,
    )
    path = page.save(out or page_file(page.name))
    if json_output:
        print(json.dumps({"page": str(path), "bytes": len(page.html)}))
    elif not quiet:
        print(path)


def _number(words: str, *names: str) -> Any:
    return Annotated[int | None, typer.Option(*names, help=words)]


with_settings(
    explore,
    {
        "first": Annotated[
            str,
            typer.Argument(
                metavar="RUN|SPACE", help="The folder of a run, or what `curate evaluate` takes."
            ),
        ],
        "second": Annotated[
            str | None, typer.Argument(metavar="SPACE2", help="Another space of the same ids.")
        ],
        "maps": Annotated[
            str | None,
            typer.Option(
                "--map",
                help="pca, pacmap, umap, pca-umap or tsne; several with commas. "
                "Default: pca,pacmap.",
            ),
        ],
        "k": _number("Nearest neighbours of each item. Default: 10.", "-k"),
        "points": _number(
            "Items shown, at most; a uniform sample if there are more. Default: 50000."
        ),
        "thumbnails": _number("Pictures in the page, at most. Default: 5000."),
        "out": Annotated[
            Path | None,
            typer.Option(help="The HTML file. Default: reports/ and the names of the spaces."),
        ],
    },
)
