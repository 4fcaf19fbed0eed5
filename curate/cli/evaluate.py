"""`curate evaluate`, `compare`, `neighbors` and `drift`: spaces in, a report or a table out.

Their options are those settings of a Job that say how a space is read; a space may carry
its own behind its path, as in `vectors.npy,ids=ids.txt,metric=cosine`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.options import SHOWING, job_option, keywords
from curate.cli.terminal import set_up_logging, silent_or_bar
from curate.schema.job import SPACE_SETTINGS

if TYPE_CHECKING:
    from curate.run.spaces.neighbors import Hits
    from curate.run.spaces.result import SpaceResult

TEXT_SHOWN = 60
SPACES = Annotated[
    list[str],
    typer.Argument(
        metavar="SPACE",
        help="A path that `curate select` takes; settings of its own may follow, as in "
        "vectors.npy,ids=ids.txt,metric=cosine,name=mine.",
    ),
]
OUT = Annotated[
    Path | None,
    typer.Option(help="Folder for the report. Default: reports/ and the names of the spaces."),
]
LABELS = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="Column with the label of each item, in any of the spaces."
    ),
]


def evaluate(
    *,
    spaces: list[str],
    labels: str | None,
    out: Path | None,
    json_output: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    **flags: Any,
) -> None:
    """Is a space any good, and which of several is best? Writes report.pdf and report.json.

    Example:  curate evaluate samples/clipart

    Example:  curate evaluate minilm.npy,ids=ids.txt texts.csv --labels topic
    """
    set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    from curate.report.build.headline import evaluation_headline
    from curate.run.spaces.api import evaluate as measure

    result = measure(spaces, labels, silent_or_bar(quiet=quiet), **flags)
    _finish(result, out, "evaluation", evaluation_headline(result.report), json_output, quiet)


def compare(
    *,
    spaces: list[str],
    labels: str | None,
    out: Path | None,
    json_output: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    **flags: Any,
) -> None:
    """Where do two or more spaces over the same ids agree? Writes report.pdf and report.json.

    Example:  curate compare minilm.npy,ids=ids.txt texts.csv --labels topic
    """
    set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    from curate.report.build.headline import comparison_headline
    from curate.run.spaces.api import compare as measure

    result = measure(*spaces, labels=labels, progress=silent_or_bar(quiet=quiet), **flags)
    _finish(result, out, "comparison", comparison_headline(result.report), json_output, quiet)


def drift(
    *,
    old: str,
    new: str,
    n: int | None,
    clusters: int | None,
    out: Path | None,
    json_output: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    **flags: Any,
) -> None:
    """What of NEW did OLD not have, what has gone, and which n new items cover the change?

    Example:  curate drift march april --n 50
    """
    set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    from curate.report.build.headline import drift_headline
    from curate.run.spaces.api import drift as measure

    asked = {"n": n, "clusters": clusters} | flags
    given = {name: value for name, value in asked.items() if value is not None}
    result = measure(old, new, progress=silent_or_bar(quiet=quiet), **given)
    _finish(result, out, "drift", drift_headline(result.report), json_output, quiet)


def neighbors(
    *,
    spaces: list[str],
    item: str | None,
    text: str | None,
    image: str | None,
    vector: str | None,
    k: int | None,
    index: str | None,
    json_output: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    **flags: Any,
) -> None:
    """What is nearest to an item, a text, an image or a vector, in one space or several?

    Example:  curate neighbors samples/clipart --item animals/cat.png -k 5
    """
    set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    from curate.run.spaces.api import neighbors as ask

    found = ask(
        spaces,
        item=item,
        text=text,
        image=image,
        vector=vector,
        k=10 if k is None else k,
        index=index,
        progress=silent_or_bar(quiet=quiet),
        **flags,
    )
    if json_output:
        from dataclasses import asdict

        print(json.dumps([asdict(one) for one in found], default=str))
        return
    for one in found:
        _print_hits(one, 10 if k is None else k, several=len(found) > 1)


def _finish(
    result: SpaceResult[Any],
    out: Path | None,
    kind: str,
    headline: Mapping[str, Any],
    json_output: bool,
    quiet: bool,
) -> None:
    """Save, then say where, or as JSON also what."""
    from curate.run.output_folder import space_folder

    path = result.save(out or space_folder(f"{result.report.name} {kind}"))
    if json_output:
        print(json.dumps({"report": str(path), **headline}))
    elif not quiet:
        print(path.parent / "report.pdf")
        print(path)


def _print_hits(found: Hits, k: int, *, several: bool) -> None:
    """A table of neighbours, as wide as the terminal, or as the data where there is none."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    how = ""
    if found.index is not None:
        how = (
            f"; index {found.index}, recall {found.recall:.3f} "
            f"over {found.asked} queries of the space"
        )
    if len(found.hits) < k:
        there = "found" if found.index else "there are no more"
        how += f"; {len(found.hits)} of the {k} asked, {there}"
    table = Table()
    known = list(dict.fromkeys(name for hit in found.hits for name in hit.metadata))
    head = ["rank", "distance", *(["common"] if several else []), "id"]
    with_text = any(hit.text for hit in found.hits)
    for name in (*head, *(["text"] if with_text else []), *known):
        table.add_column(name, justify="right" if name in ("rank", "distance") else "left")
    for hit in found.hits:
        cells: Sequence[Any] = [
            hit.rank,
            f"{hit.distance:.4g}",
            *(["●" if hit.common else ""] if several else []),
            hit.id,
            *([_cut(hit.text or "")] if with_text else []),
            *(_cut(str(hit.metadata.get(name, ""))) for name in known),
        ]
        table.add_row(*(Text(str(cell)) for cell in cells))
    console = Console()
    if not console.is_terminal:
        console = Console(width=1000)
    console.print(Text(f"{found.space} ({found.metric} distance{how})"), soft_wrap=True)
    console.print(table)


def _cut(words: str) -> str:
    return words if len(words) <= TEXT_SHOWN else words[: TEXT_SHOWN - 1] + "…"


def with_settings(command: Callable[..., None], own: Mapping[str, Any]) -> Callable[..., None]:
    """The command with its own parameters, then the settings of a space, then what it shows."""
    settings = {name: job_option(name) for name in SPACE_SETTINGS}
    signature = keywords({**own, **settings, **SHOWING})
    command.__signature__ = signature  # type: ignore[attr-defined]
    command.__annotations__ = {
        name: parameter.annotation for name, parameter in signature.parameters.items()
    }
    return command


def _text_option(words: str) -> Any:
    return Annotated[str | None, typer.Option(help=words)]


_NUMBER = Annotated[int | None, typer.Option("--n", help="New items to pick that cover the drift.")]
_CLUSTERS = Annotated[
    int | None, typer.Option(min=2, help="Clusters whose shares are compared. Default: 20.")
]
SPACE_COMMANDS: dict[str, Callable[..., None]] = {
    "evaluate": with_settings(evaluate, {"spaces": SPACES, "labels": LABELS, "out": OUT}),
    "compare": with_settings(compare, {"spaces": SPACES, "labels": LABELS, "out": OUT}),
    "neighbors": with_settings(
        neighbors,
        {
            "spaces": SPACES,
            "item": _text_option("Id of an item; it is not among its own neighbours."),
            "text": _text_option("A text, embedded as the space was."),
            "image": _text_option("An image file, embedded as the space was."),
            "vector": _text_option("A file with one vector."),
            "k": Annotated[int | None, typer.Option("-k", help="How many. Default: 10.")],
            "index": _text_option(
                "hnsw, ivf, pq or lsh: approximate, with measured recall. Default: exact."
            ),
        },
    ),
    "drift": with_settings(
        drift,
        {
            "old": Annotated[str, typer.Argument(metavar="OLD", help="The earlier data.")],
            "new": Annotated[str, typer.Argument(metavar="NEW", help="The later data.")],
            "n": _NUMBER,
            "clusters": _CLUSTERS,
            "out": OUT,
        },
    ),
}
