"""`curate spaces`: names for data sets, experiments and spaces, to use where a path is."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from curate.cli.command import command, command_group
from curate.cli.terminal import Output
from curate.errors import RequestError
from curate.schema.job import SPACE_SETTINGS

spaces = command_group("Name spaces and data sets; a name stands for its path.")
KINDS = ("space", "data-set", "experiment")

Name = Annotated[str, typer.Argument(help="Its name.")]


@command("add", settings=[name for name in SPACE_SETTINGS if name not in ("seed", "queries")])
def add(
    name: Name,
    source: Annotated[
        str | None, typer.Argument(help="A path that `curate select` takes. None: experiments.")
    ] = None,
    *,
    kind: Annotated[
        str | None, typer.Option("--as", help="space (default), data-set or experiment.")
    ] = None,
    data_set: Annotated[
        str | None, typer.Option(help="The data set that is embedded in this space, by name.")
    ] = None,
    experiment: Annotated[
        str | None, typer.Option(help="The experiment that made this space, by name.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model of the experiment, which is added too.")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option(help="name=value of the experiment; may be repeated.")
    ] = None,
    trained_on: Annotated[
        str | None, typer.Option(help="Training set of the experiment, a data set by name.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the entry of that name.")
    ] = False,
    settings: dict[str, Any],
) -> None:
    """Add a space, a data set or an experiment; print its name and the hash of its content.

    Example:  curate spaces add photos photos --as data-set

    Example:  curate spaces add clip clip.npy --ids ids.txt --data-set photos --experiment base
    --model ViT-B-32 --parameter lr=1e-4 --trained-on photos
    """
    from curate.run.spaces.catalog import Catalog

    if (kind or "space") not in KINDS:
        raise RequestError(f"--as is {kind!r}: it must be one of {', '.join(KINDS)}.")
    parameters = dict(_parameter(text) for text in parameter or ())
    catalog = Catalog(settings.pop("catalog", None))
    training: dict[str, Any] = {
        "model": model, "parameters": parameters or None, "trained_on": trained_on
    }  # fmt: skip
    if kind == "experiment":
        if model is None or source is not None:
            raise RequestError("an experiment has a --model, and no source.")
        catalog.add_experiment(name, **training, replace=replace)
        print(name)
        return
    if source is None:
        raise RequestError(f"{name} has no source: pass its path after the name.")
    entry: Any
    if kind == "data-set":
        if data_set or experiment or any(training.values()):
            raise RequestError("a data set has a source and settings only; see --as space.")
        entry = catalog.add_data_set(name, source, replace=replace, **settings)
    else:
        entry = catalog.add_space(
            name,
            source,
            data_set=data_set,
            experiment=experiment,
            **training,
            replace=replace,
            progress=Output().progress,
            **settings,
        )
    print(name, entry.content, sep="\t")


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise RequestError(f"--parameter is {text!r}: write name=value, as in lr=1e-4.")
    return name, value


@command("ls", settings=["catalog"])
def list_entries(
    *,
    kind: Annotated[
        str | None, typer.Option("--as", help="Only those that are a space, data-set, experiment.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settings: dict[str, Any],
) -> None:
    """List the entries: name, kind, items, dimensions, metric, what they are of, when added.

    Example:  curate spaces ls
    """
    from curate.run.spaces.catalog import Catalog, table_rows

    catalog = Catalog(settings.get("catalog"))
    entries = catalog.ls(kind)
    if as_json:
        print(json.dumps([entry.model_dump() for entry in entries]))
        return
    if not entries:
        missing = f"no {kind}" if kind else "nothing"
        print(f"curate: {missing} is in {catalog.file}: `curate spaces add` adds.", file=sys.stderr)
    for row in table_rows(entries):
        print(*row, sep="\t")


@command("show", settings=["catalog"])
def show(
    name: Name,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Read the source again: has its content changed?")
    ] = False,
    settings: dict[str, Any],
) -> None:
    """Print all that is known of an entry, as JSON.

    Example:  curate spaces show clip --check
    """
    from curate.run.spaces.catalog import Catalog

    catalog = Catalog(settings.get("catalog"))
    entry = catalog.show(name).model_dump()
    if check:
        entry["changed"] = catalog.changed(name, Output().progress)
    print(json.dumps(entry, indent=1))


@command("rm", settings=["catalog"])
def remove(name: Name, *, settings: dict[str, Any]) -> None:
    """Remove an entry; what it names stays where it is.

    Example:  curate spaces rm clip
    """
    from curate.run.spaces.catalog import Catalog

    print(Catalog(settings.get("catalog")).rm(name).name)


for _command in (add, list_entries, show, remove):
    _command.add_to(spaces)
