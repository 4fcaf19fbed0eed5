"""Strategies as text and as tables: `balance:weather=uniform,strength=2` and back.

A strategy is a text NAME or NAME:SETTINGS, a JSON object in text, a table with `name`, or a
Spec; all become the same Spec. Mistakes are one line that names the strategy and the field.
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
    """The strategies that were given, one or several, in any spelling.

    Raises RequestError for what is none.
    """
    several = isinstance(given, Sequence) and not isinstance(given, str)
    entries = list(given) if several else [given]
    if not entries:
        raise RequestError(f"no strategy is named: {did_you_mean('', SPECS)}")
    return tuple(_read(entry, place) for place, entry in enumerate(entries, 1))


def spelled(spec: Spec) -> str:
    """The text that means `spec`; a JSON object where names hold signs that text needs."""
    words = spec.words()
    text = f"{spec.name}:{words}" if words else spec.name
    try:
        if read_specs(text) == (spec,):
            return text
    except RequestError:
        pass
    return json.dumps(spec.model_dump(exclude_defaults=True) | {"name": spec.name})


def listed() -> str:
    """Every strategy with what it does, when to use it, its cost and its settings."""
    return "\n\n".join([*map(_described, SPECS.values()), INTRODUCTION])


INTRODUCTION = """\
Several strategies are combined: each pick is the candidate with the largest product of their
factors, each in (0, 1] and raised to its strength. On the command line repeat --strategy; in a
job file write a [[select.strategy]] table for each, with name and settings as keys. A setting
that holds one of the signs , / : = may be given as JSON:
  --strategy '{"name": "balance", "column": "a/b", "target": {"x,y": 0.5}}'"""


def _described(spec: type[Spec]) -> str:
    told = [
        f"{spec.model_fields['name'].default}",
        *_wrapped(" ".join((spec.__doc__ or "").split())),
        *_wrapped(f"When {spec.when}."),
        *_wrapped(f"Cost: {spec.cost}."),
    ]
    for name, field in spec.model_fields.items():
        if name != "name":
            default = "" if field.is_required() else f" Default: {_shown(field.default)}."
            about = " ".join((field.description or "").split())
            told += _wrapped(f"{name}: {about}{default}", "    ")
    return "\n".join([*told, f"  Example: --strategy '{spec.example}'"])


def _shown(default: object) -> str:
    return (
        "none"
        if default is None
        else f"{default:g}"
        if isinstance(default, float)
        else str(default)
    )


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, 96, initial_indent=indent, subsequent_indent=indent + "  ")


def _read(entry: Any, place: int) -> Spec:
    if isinstance(entry, Spec):
        return entry
    if isinstance(entry, str):
        where = f"--strategy {entry!r}"
        settings = _settings(entry.strip(), where)
    elif isinstance(entry, Mapping):
        where = f"[[select.strategy]] {place}"
        settings = dict(entry)
    else:
        raise RequestError(f"strategy {place} is {entry!r}: give a name, or a table with a name.")
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
        raise RequestError(f"{where}: {_what(error, spec, settings)}") from None


def _settings(text: str, where: str) -> dict[str, Any]:
    """Settings from text."""
    if text.startswith("{"):
        try:
            return dict(json.loads(text))
        except ValueError as error:
            raise RequestError(f"{where} is no JSON object: {error}.") from None
    name, _, words = text.partition(":")
    name = name.strip()
    if name not in SPECS:
        return {"name": name}
    try:
        return {"name": name} | SPECS[name].parse(words.strip())
    except ValueError as error:
        raise RequestError(f"{where}: {error}, as in {SPECS[name].example}.") from None


def _what(error: ValidationError, spec: type[Spec], settings: dict[str, Any]) -> str:
    """The first thing that is wrong with settings, with the field it is in."""
    first = error.errors()[0]
    says = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{settings['name']}: {says}."
    field = str(first["loc"][0])
    means = " ".join((spec.model_fields[field].description or "").split())
    if first["type"] == "missing":
        return f"{settings['name']} needs {field}: {means} As in {spec.example}"
    return f"{field} of {settings['name']} is {settings[field]!r}: {says}. It means: {means}"
