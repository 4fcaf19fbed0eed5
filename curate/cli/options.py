"""Options made from the settings of a job, and their values above those of a job file.

A setting is described once, in `curate.schema.job`: its option, its help and its environment
variable follow from that. Values stay text here; pydantic parses them as it parses those of a
job file. Precedence: flag > environment > job file > default.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, get_origin

import typer

from curate.cli.terminal import OUTPUT
from curate.schema.job import JOB_FILE, SETTINGS, describe
from curate.schema.job_file import read_job_file

ENVIRONMENT = "CURATE_"
COUNTS = ("n", "fraction")  # one of them says how many items to select
SHORT = {"n": "-n", "out": "-o"}

# The settings that most runs need; help lists them before the others.
COMMON_SETTINGS = (
    *("n", "fraction", "out", "strategy", "metric", "embedder"),
    *("id_column", "label_column", "text_column", "vector_column", "datapool", "template"),
)
COMMON = "Most used"
PANELS = {
    "data": "Data: what is read, and how",
    "embed": "Embed: how items become vectors",
    "select": "Select: which items are picked",
    "measure": "Measure: how much is measured",
    "report": "Report: what is written, and where",
}

CONFIG = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=f"Job file. Default: {JOB_FILE}, if there is no SOURCE.",
        envvar=ENVIRONMENT + "CONFIG",
        show_envvar=False,
        rich_help_panel=OUTPUT,
    ),
]


def first_sentence(name: str) -> str:
    """The first sentence of a setting's description; help shows it, the docs show all."""
    return describe(name).partition(". ")[0].rstrip(".") + "."


def setting_option(name: str, panel: str | None = None) -> Any:
    """The typer option of a setting, as an annotation. `source` is an argument."""
    if name == "source":
        argument = typer.Argument(
            help=first_sentence(name),
            envvar=ENVIRONMENT + "SOURCE",
            show_envvar=False,
            metavar="SOURCE",
            readable=False,  # the readers' errors say more
        )
        # Paths, because the environment variable of texts is split at spaces.
        return Annotated[list[Path] | None, argument]
    setting = SETTINGS[name]
    annotation = setting.field.annotation
    repeated = get_origin(annotation) is tuple
    number = annotation in (int, int | None, float, float | None)
    option = typer.Option(
        f"--{name.replace('_', '-')}",
        *([SHORT[name]] if name in SHORT else []),
        help=first_sentence(name),
        envvar=ENVIRONMENT + name.upper(),
        show_envvar=False,
        metavar=None if annotation is bool else "NUMBER" if number else "TEXT",
        rich_help_panel=panel or (COMMON if name in COMMON_SETTINGS else PANELS[setting.part]),
    )
    kind: Any = bool if annotation is bool else list[str] if repeated else str
    return Annotated[kind | None, option]


def given_settings(
    flags: Mapping[str, Any],
    context: typer.Context,
    config: Path | None = None,
    *,
    job_file: bool = False,
    ignored: Collection[str] = (),
) -> dict[str, Any]:
    """The settings that were given: flags and environment (`flags`), then the job file.

    job_file  whether there may be one: `config`, or the one in the current folder if there
              is no source
    ignored   settings of the job file that this command does not use
    """
    # An option that may be repeated is an empty list if it is not given.
    given = {name: value for name, value in flags.items() if value not in (None, [])}
    if "source" in given:
        given["source"] = [str(path) for path in given["source"]]
    _keep_one_count(given, context)
    if not job_file:
        return given
    if config is None and "source" not in given and Path(JOB_FILE).is_file():
        config = Path(JOB_FILE)
    if config is None:
        return given
    stored = {name: value for name, value in read_job_file(config).items() if name not in ignored}
    if given.keys() & set(COUNTS):  # a count that is given replaces either count of the file
        stored = {name: value for name, value in stored.items() if name not in COUNTS}
    return stored | given


def _keep_one_count(given: dict[str, Any], context: typer.Context) -> None:
    """A count given as a flag replaces the other one, if that is from the environment."""
    typed = [
        name
        for name in COUNTS
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    ]
    for name in COUNTS:
        if typed and name not in typed:
            given.pop(name, None)
