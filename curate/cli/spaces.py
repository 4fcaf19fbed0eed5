"""`curate spaces`: names for data sets, experiments and spaces, to use where a path is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from curate.cli.options import ENVIRONMENT, job_option, keywords
from curate.cli.terminal import silent_or_bar
from curate.errors import RequestError
from curate.schema.job import SPACE_SETTINGS, describe

catalog = typer.Typer(
    help="Name data sets, experiments and spaces: the names stand for paths in every command.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)
AS = ("space", "data-set", "experiment")

File = Annotated[
    Path | None,
    typer.Option("--catalog", help=describe("catalog"), envvar=ENVIRONMENT + "CATALOG"),
]
Name = Annotated[str, typer.Argument(help="Its name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add(
    *,
    name: str,
    source: str | None,
    kind: str | None,
    data_set: str | None,
    experiment: str | None,
    model: str | None,
    parameter: list[str] | None,
    trained_on: str | None,
    replace: bool | None,
    catalog: str | None,
    **flags: Any,
) -> None:
    """Add a space, a data set or an experiment; prints its name and the hash of its content.

    Example:  curate spaces add photos photos --as data-set

    Example:  curate spaces add clip clip.npy --ids ids.txt --data-set photos --experiment base
    --model ViT-B-32 --parameter lr=1e-4 --trained-on photos
    """
    from curate.run.spaces.catalog import Catalog

    if (kind or "space") not in AS:
        raise RequestError(f"--as is {kind!r}: it must be one of {', '.join(AS)}.")
    parameters = dict(_pair(one) for one in parameter or ())
    known = Catalog(catalog)
    given = {key: value for key, value in flags.items() if value not in (None, False)}
    made: dict[str, Any] = {
        "model": model, "parameters": parameters or None, "trained_on": trained_on
    }  # fmt: skip
    if kind == "experiment":
        if model is None or source is not None:
            raise RequestError("an experiment has a --model, and no source.")
        known.add_experiment(name, **made, replace=bool(replace))
        print(name)
        return
    if source is None:
        raise RequestError(f"{name} is which source? Pass its path after the name.")
    entry: Any
    if kind == "data-set":
        if data_set or experiment or any(made.values()):
            raise RequestError("a data set has a source and settings only; see --as space.")
        entry = known.add_data_set(name, source, replace=bool(replace), **given)
    else:
        entry = known.add_space(
            name,
            source,
            data_set=data_set,
            experiment=experiment,
            **made,
            replace=bool(replace),
            progress=silent_or_bar(quiet=False),
            **given,
        )
    print(name, entry.content, sep="\t")


def _pair(words: str) -> tuple[str, str]:
    name, equals, value = words.partition("=")
    if not equals or not name:
        raise RequestError(f"--parameter is {words!r}: write name=value, as in lr=1e-4.")
    return name, value


def _words(text: str, *names: str) -> Any:
    return Annotated[str | None, typer.Option(*names, help=text)]


_signature = keywords(
    {
        "name": Name,
        "source": Annotated[
            str | None, typer.Argument(help="A path that `curate select` takes. None: experiments.")
        ],
        "kind": _words("space (default), data-set or experiment.", "--as"),
        "data_set": _words("The data set that is embedded in this space, by name."),
        "experiment": _words("The experiment that made this space, by name."),
        "model": _words("Model of the experiment, which is added too."),
        "parameter": Annotated[
            list[str] | None, typer.Option(help="name=value of the experiment; may be repeated.")
        ],
        "trained_on": _words("Training set of the experiment, a data set by name."),
        "replace": Annotated[
            bool | None, typer.Option("--replace", help="Replace the entry of that name.")
        ],
        **{name: job_option(name) for name in SPACE_SETTINGS if name not in ("seed", "queries")},
    }
)
add.__signature__ = _signature  # type: ignore[attr-defined]
add.__annotations__ = {name: one.annotation for name, one in _signature.parameters.items()}
catalog.command("add")(add)


@catalog.command("ls")
def list_entries(
    kind: Annotated[
        str | None, typer.Option("--as", help="Only those that are a space, data-set, experiment.")
    ] = None,
    file: File = None,
    as_json: Json = False,
) -> None:
    """List the entries: name, kind, items, dimensions, metric, what they are of, when added.

    Example:  curate spaces ls
    """
    from curate.run.spaces.catalog import Catalog, shown

    opened = Catalog(file)
    entries = opened.ls(kind)
    if as_json:
        print(json.dumps([entry.model_dump() for entry in entries]))
        return
    if not entries:
        asked = f"no {kind}" if kind else "nothing"
        print(f"curate: {asked} is in {opened.file}: `curate spaces add` adds.", file=sys.stderr)
    for row in shown(entries):
        print(*row, sep="\t")


@catalog.command("show")
def show(
    name: Name,
    check: Annotated[
        bool, typer.Option("--check", help="Read the source again: has its content changed?")
    ] = False,
    file: File = None,
) -> None:
    """Print all that is known of an entry, as JSON.

    Example:  curate spaces show clip --check
    """
    from curate.run.spaces.catalog import Catalog

    known = Catalog(file)
    told = known.show(name).model_dump()
    if check:
        told["changed"] = known.changed(name, silent_or_bar(quiet=False))
    print(json.dumps(told, indent=1))


@catalog.command("rm")
def remove(name: Name, file: File = None) -> None:
    """Forget an entry; what it names stays where it is.

    Example:  curate spaces rm clip
    """
    from curate.run.spaces.catalog import Catalog

    print(Catalog(file).rm(name).name)
