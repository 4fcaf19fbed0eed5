"""The decorator that makes every command, and the help that groups its options.

A command is a function in the file of its name. Its parameters become arguments and options;
a parameter called `settings` stands for all settings of the job that the command takes, one
called `output` for the options that say what is printed.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from curate.cli.options import (
    COMMON,
    COMMON_SETTINGS,
    CONFIG,
    ENVIRONMENT,
    PANELS,
    given_settings,
    setting_option,
)
from curate.cli.terminal import OUTPUT, OUTPUT_OPTIONS, Output
from curate.schema.job import SETTINGS

ARGUMENTS, OWN = "Arguments", "Options"
HELP_WIDTH = 100
GROUP_ORDER = (ARGUMENTS, OWN, COMMON, *PANELS.values(), OUTPUT)
ENVIRONMENT_NOTE = (
    f"Every option has an environment variable, as in {ENVIRONMENT}LABEL_COLUMN for "
    "--label-column. The docs describe each setting in full."
)
HELP: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": HELP_WIDTH,
}


class GroupedCommand(TyperCommand):
    """A command whose help lists its options in groups."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in sorted(self.get_params(ctx), key=_order):
            record = parameter.get_help_record(ctx)
            if record is not None:
                group = _group_of(parameter)
                name = parameter.metavar or parameter.name if group == ARGUMENTS else record[0]
                groups.setdefault(group, []).append((name, record[1]))
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records, col_max=32)
        if any(group in PANELS.values() for group in groups):
            formatter.write_paragraph()
            formatter.write_text(ENVIRONMENT_NOTE)


def _order(parameter: Any) -> tuple[int, int]:
    """By group, and within the most used options as COMMON_SETTINGS lists them."""
    group, common = _group_of(parameter), COMMON_SETTINGS
    place = GROUP_ORDER.index(group) if group in GROUP_ORDER else 0
    return place, common.index(parameter.name) if group == COMMON else 0


def _group_of(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return ARGUMENTS
    if parameter.name == "help":
        return OUTPUT
    return getattr(parameter, "rich_help_panel", None) or OWN


class GroupedCommands(TyperGroup):
    """A group of commands whose help lists them under headings."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                group = getattr(command, "rich_help_panel", None) or "Commands"
                text = command.get_short_help_str(HELP_WIDTH - 24)
                groups.setdefault(group, []).append((name, text))
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records)


@dataclass(frozen=True)
class Command:
    """A command that `curate.cli.main` can add to the command line.

    name  as it is typed
    run   what typer calls; its signature has every option
    """

    name: str
    run: Callable[..., None]

    def add_to(self, app: typer.Typer, panel: str | None = None) -> None:
        """Make it a command of `app`, listed under the heading `panel`."""
        decorate = app.command(
            self.name, cls=GroupedCommand, context_settings=HELP, rich_help_panel=panel
        )
        decorate(self.run)


def command(
    name: str,
    *,
    settings: Collection[str] = (),
    job_file: bool = False,
    ignored: Collection[str] | None = None,
) -> Callable[[Callable[..., None]], Command]:
    """Make a function a command.

    settings  of the job, in place of the function's parameter `settings`, which receives those
              that were given as a dict
    job_file  whether settings may also come from a job file, which adds --config
    ignored   settings of a job file that mean nothing here; by default all but `settings`
    """
    dropped = set(SETTINGS) - set(settings) if ignored is None else set(ignored)

    def decorate(function: Callable[..., None]) -> Command:
        own = inspect.signature(function, eval_str=True).parameters
        parameters = _parameters(own, settings, job_file=job_file)

        @functools.wraps(function)
        def run(**given: Any) -> None:
            context = given.pop("context")
            arguments = {key: given[key] for key in own if key in given}
            if "output" in own:
                output = Output(**{key: given[key] for key in OUTPUT_OPTIONS})
                output.set_up_logging()
                arguments["output"] = output
            if "settings" in own:
                flags = {key: given[key] for key in settings}
                arguments["settings"] = given_settings(
                    flags, context, given.get("config"), job_file=job_file, ignored=dropped
                )
            function(**arguments)

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return Command(name, run)

    return decorate


def _parameters(own: Any, settings: Collection[str], *, job_file: bool) -> list[inspect.Parameter]:
    """What typer is to see: `settings` and `output` replaced by their options."""
    annotations: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    for parameter in own.values():
        if parameter.name == "settings":
            annotations |= {name: setting_option(name) for name in settings}
        elif parameter.name == "output":
            annotations |= OUTPUT_OPTIONS
            defaults |= dict.fromkeys(("json_output", "quiet", "verbose"), False)
        else:
            annotations[parameter.name] = parameter.annotation
            defaults[parameter.name] = parameter.default
    if job_file:
        annotations["config"] = CONFIG
    annotations["context"] = typer.Context
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if name == "context" else defaults.get(name),
            annotation=annotation,
        )
        for name, annotation in annotations.items()
    ]


def command_group(words: str) -> typer.Typer:
    """A group of commands, such as `curate cache`, with `words` as its help."""
    return typer.Typer(
        help=words,
        cls=GroupedCommands,
        context_settings=HELP,
        rich_markup_mode=None,  # drawing boxes would double the time of --help
        add_completion=False,
    )
