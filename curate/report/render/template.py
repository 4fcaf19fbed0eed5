"""The layout of a report as a flat TOML file: sections, page, colours, fonts, texts.

The shipped `full.toml` has every setting. Any other template, shipped or from a user, replaces
some of them. This file has no defaults, so that they are defined only once.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from curate.errors import DataError, RequestError, did_you_mean
from curate.schema.job import SHIPPED_TEMPLATES

FULL = SHIPPED_TEMPLATES[0]
FILES = {"logo": "a PNG or JPEG", "font": "a TrueType font", "font_bold": "a TrueType font"}

Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Lines = list[str]
SectionName = Literal[
    "summary",
    "objectives",
    "maps",
    "space",
    "diversity",
    "coverage",
    "likeness",
    "objects",
    "worst",
    "budget",
    "labels",
    "near",
    "selection",
    "left_out",
    "made",
]


class Template(BaseModel):
    """Settings of a report. templates/full.toml explains each of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    page_size: Literal["A4", "Letter"]
    margin_mm: Annotated[float, Field(ge=5, le=40)]
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")]
    title: str
    footer: str
    logo: str
    font: str
    font_bold: str

    sections: Annotated[list[SectionName], Field(min_length=1)]
    first_picks: Annotated[int, Field(ge=1, le=24)]
    pages_of_picks: Annotated[int, Field(ge=1, le=20)]
    pairs_of_worst: Annotated[int, Field(ge=1, le=24)]

    size_title: Annotated[float, Field(ge=12, le=28)]
    size_text: Annotated[float, Field(ge=8, le=12)]
    size_small: Annotated[float, Field(ge=7, le=9)]

    color_input: Color
    color_selected: Color
    color_random: Color
    color_datapool: Color
    color_union: Color
    color_warning: Color
    color_text: Color
    color_quiet: Color
    color_rule: Color

    how_summary: str
    how_objectives: str
    how_maps: str
    how_space: str
    how_diversity: str
    how_coverage: str
    how_likeness: str
    how_objects: str
    how_worst: str
    how_budget: str
    how_labels: str
    how_near: str
    how_selection: str
    how_left_out: str
    how_made: str

    explain_diversity: Lines
    explain_coverage: Lines
    explain_likeness: Lines
    explain_worst: Lines
    explain_outliers: Lines
    glossary: Lines
    glossary_more: Lines
    caveats: Lines

    def how(self, section: str) -> str:
        """The how-to-read line of the page of `section`."""
        return str(getattr(self, f"how_{section}"))

    def color(self, name: str) -> str:
        """The colour of a set, or of `warning`, `text`, `quiet` or `rule`, as #RRGGBB."""
        return str(getattr(self, f"color_{name}"))


def load_template(chosen: str | None) -> Template:
    """The template `chosen`: the name of a shipped one, or a TOML file; None for `full`.

    Settings that it does not have are those of `full`. Raises DataError if there is no such
    file or it is not TOML, RequestError if a setting is unknown or has an invalid value.
    """
    settings = _shipped(FULL)
    if chosen in SHIPPED_TEMPLATES:
        settings |= _shipped(chosen)
    elif chosen is not None:
        settings |= _read(Path(chosen), settings)
    try:
        return Template.model_validate(settings)
    except ValidationError as error:
        raise RequestError(_explain(error, chosen or FULL, settings)) from None


def _shipped(name: str) -> dict[str, Any]:
    text = files("curate.templates").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _read(path: Path, known: dict[str, Any]) -> dict[str, Any]:
    """Settings of a user's file; paths in it become relative to the current folder."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"no template at {path}: pass {' or '.join(SHIPPED_TEMPLATES)}, or your own TOML file."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} is not a template: {error}. It must be TOML.") from None
    unknown = sorted(set(settings) - set(known))
    if unknown:
        raise RequestError(
            f"{path} sets {unknown[0]!r}, which is not a setting of a template: "
            + did_you_mean(unknown[0], known)
        )
    for key in FILES:
        named = settings.get(key)
        if isinstance(named, str) and named:
            settings[key] = _checked(path, key, path.parent / named)
    return settings


def _checked(template: Path, key: str, named: Path) -> str:
    """The path of a file that a template names. Raises DataError unless it can be used."""
    if not named.is_file():
        raise DataError(f"{template} sets {key} to {named}, which is not a file.")
    if why := _unusable(key, named):
        raise DataError(f"{template} sets {key} to {named}, which is not {FILES[key]}: {why}.")
    return named.as_posix()


def _unusable(key: str, named: Path) -> str:
    """Why a file cannot be used; empty if it can. Few templates need these imports."""
    try:
        if key == "logo":
            from PIL import Image

            with Image.open(named) as picture:
                picture.verify()
                return "" if picture.format in ("PNG", "JPEG") else f"it is {picture.format}"
        from curate.report.render import fonts

        fonts.face(named.as_posix())
    except Exception as error:  # readers raise any type of error on a file of another format
        return str(error).splitlines()[0][:160] if str(error) else type(error).__name__
    return ""


def _explain(error: ValidationError, chosen: str, settings: dict[str, Any]) -> str:
    first = error.errors()[0]
    key = str(first["loc"][0])
    got = settings.get(key)
    place = first["loc"][1] if len(first["loc"]) > 1 else None
    if isinstance(got, list) and isinstance(place, int):
        got = got[place]
    message = f"{chosen} sets {key} to {got!r}: {first['msg'].lower()}."
    if first["type"] == "string_pattern_mismatch":
        example = "en or pt-BR" if key == "language" else "#0072B2"
        message = f"{chosen} sets {key} to {got!r}: it must be written like {example}."
    if first["type"] == "literal_error" and isinstance(got, str):
        known = [
            name.strip(" '") for name in first["ctx"]["expected"].replace(" or ", ",").split(",")
        ]
        message = f"{chosen} sets {key} to {got!r}: {did_you_mean(got, known)}"
    return message
