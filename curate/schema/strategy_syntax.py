"""Strategies as text and as tables: `balance:weather=uniform,strength=2` and back.

A strategy is written as text NAME or NAME:SETTINGS, as a JSON object in text, as a table with
`name`, or as a Spec; all become the same Spec. An error is one line that names the strategy and
the field.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from curate.errors import RequestError, did_you_mean
from curate.schema.strategies import SPECS, Spec


def read_specs(given: Any) -> tuple[Spec, ...]:
    """The specs of one strategy or a sequence of them, each as text, table or Spec.

    Raises RequestError for a mistake in any of them.
    """
    several = isinstance(given, Sequence) and not isinstance(given, str)
    entries = list(given) if several else [given]
    if not entries:
        raise RequestError(f"no strategy is named: {did_you_mean('', SPECS)}")
    return tuple(_read(entry, position) for position, entry in enumerate(entries, 1))


def spec_text(spec: Spec) -> str:
    """The text for `spec`, which `read_specs` reads back.

    It is a JSON object if a name contains a character that separates settings.
    """
    settings = spec.settings_text()
    text = f"{spec.name}:{settings}" if settings else spec.name
    try:
        if read_specs(text) == (spec,):
            return text
    except RequestError:
        pass
    return json.dumps(spec.model_dump(exclude_defaults=True) | {"name": spec.name})


def describe_strategies() -> str:
    """What `curate strategies` prints: each strategy with its use, its cost and its settings."""
    return "\n\n".join([*map(_describe, SPECS.values()), HOW_TO_COMBINE])


HOW_TO_COMBINE = """\
Strategies can be combined: each pick is the candidate with the largest product of their factors,
each in (0, 1] and raised to its strength. On the command line repeat --strategy; in a job file
write a [[select.strategy]] table for each, with name and settings as keys. A setting that
contains one of the characters , / : = may be given as JSON:
  --strategy '{"name": "balance", "column": "a/b", "target": {"x,y": 0.5}}'"""


def _describe(spec: type[Spec]) -> str:
    lines = [
        f"{spec.model_fields['name'].default}",
        *_wrapped(" ".join((spec.__doc__ or "").split())),
        *_wrapped(f"Use it when {spec.when}."),
        *_wrapped(f"Cost: {spec.cost}."),
    ]
    for name, field in spec.model_fields.items():
        if name != "name":
            default = "" if field.is_required() else f" Default: {_default_text(field.default)}."
            about = " ".join((field.description or "").split())
            lines += _wrapped(f"{name}: {about}{default}", "    ")
    return "\n".join([*lines, f"  Example: --strategy '{spec.example}'"])


def _default_text(default: object) -> str:
    return (
        "none"
        if default is None
        else f"{default:g}"
        if isinstance(default, float)
        else str(default)
    )


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, 96, initial_indent=indent, subsequent_indent=indent + "  ")


def _read(entry: Any, position: int) -> Spec:
    if isinstance(entry, Spec):
        return entry
    if isinstance(entry, str):
        where = f"--strategy {entry!r}"
        settings = _settings(entry.strip(), where)
    elif isinstance(entry, Mapping):
        where = f"[[select.strategy]] {position}"
        settings = dict(entry)
    else:
        raise RequestError(
            f"strategy {position} is {entry!r}: give a name, or a table with a name."
        )
    name = settings.get("name")
    if name not in SPECS:
        called = "has no name" if name is None else f"no strategy is called {name!r}"
        raise RequestError(f"{where}: {called}: {did_you_mean(str(name or ''), SPECS)}")
    spec = SPECS[name]
    unknown = sorted(set(settings) - set(spec.model_fields))
    if unknown:
        fields = [field for field in spec.model_fields if field != "name"]
        raise RequestError(
            f"{where}: {name} has no setting {unknown[0]!r}: {did_you_mean(unknown[0], fields)}"
        )
    try:
        return spec.model_validate(settings)
    except ValidationError as error:
        raise RequestError(f"{where}: {_first_mistake(error, spec, settings)}") from None


def _settings(text: str, where: str) -> dict[str, Any]:
    """Settings from the text of a strategy; `where` names the option in errors."""
    if text.startswith("{"):
        try:
            return dict(json.loads(text))
        except ValueError as error:
            raise RequestError(f"{where} is no JSON object: {error}.") from None
    name, _, rest = text.partition(":")
    name = name.strip()
    if name not in SPECS:
        return {"name": name}
    try:
        return {"name": name} | SPECS[name].parse_settings(rest.strip())
    except ValueError as error:
        raise RequestError(f"{where}: {error}, as in {SPECS[name].example}.") from None


def _first_mistake(error: ValidationError, spec: type[Spec], settings: dict[str, Any]) -> str:
    """What is wrong with the first invalid setting, and what that setting means."""
    first = error.errors()[0]
    says = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{settings['name']}: {says}."
    field = str(first["loc"][0])
    means = " ".join((spec.model_fields[field].description or "").split())
    if first["type"] == "missing":
        return f"{settings['name']} needs {field}: {means} As in {spec.example}"
    return f"{field} of {settings['name']} is {settings[field]!r}: {says}. It means: {means}"
