"""What a report looks like, as flat TOML: sections, page, palette, type sizes, texts.

The shipped `report.toml` has every setting; a user's file replaces some of them. So
there are no defaults here to fall out of step with it. Not here: what a section draws.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from curate.errors import DataError, RequestError, did_you_mean

SHIPPED = "report.toml"

Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Lines = list[str]
SectionName = Literal[
    "summary",
    "objectives",
    "maps",
    "diversity",
    "coverage",
    "objects",
    "worst",
    "budget",
    "selection",
    "left_out",
    "made",
]


class Template(BaseModel):
    """Settings of a report. What each one means is said in templates/report.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    page_size: Literal["A4", "Letter"]
    margin_mm: Annotated[float, Field(ge=5, le=40)]
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")]
    title: str
    footer: str
    logo: str

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
    how_diversity: str
    how_coverage: str
    how_objects: str
    how_worst: str
    how_budget: str
    how_selection: str
    how_left_out: str
    how_made: str

    explain_diversity: Lines
    explain_coverage: Lines
    explain_worst: Lines
    glossary: Lines
    caveats: Lines

    def how(self, section: str) -> str:
        """How to read the page of `section`."""
        return str(getattr(self, f"how_{section}"))

    def color(self, name: str) -> str:
        """Colour of a set, or of `warning`, `text`, `quiet` or `rule`."""
        return str(getattr(self, f"color_{name}"))


def load_template(path: str | None) -> Template:
    """The shipped template, with the settings of the TOML file `path` in place of its own.

    Raises DataError where there is no such file or it is not TOML, RequestError where a
    setting is unknown or cannot be so.
    """
    settings = _shipped()
    if path is not None:
        settings |= _read(Path(path), settings)
    try:
        return Template.model_validate(settings)
    except ValidationError as error:
        raise RequestError(_explain(error, path, settings)) from None


def _shipped() -> dict[str, Any]:
    text = files("curate.templates").joinpath(SHIPPED).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _read(path: Path, known: dict[str, Any]) -> dict[str, Any]:
    """Settings of the user's file, its logo made relative to the current folder."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"no template at {path}: pass a TOML file, or leave --template out."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} is not a template: {error}. It must be TOML.") from None
    unknown = sorted(set(settings) - set(known))
    if unknown:
        raise RequestError(
            f"{path} sets {unknown[0]!r}, which is no setting of a template: "
            + did_you_mean(unknown[0], known)
        )
    logo = settings.get("logo")
    if isinstance(logo, str) and logo:
        settings["logo"] = _checked_logo(path, path.parent / logo)
    return settings


def _checked_logo(template: Path, logo: Path) -> str:
    if not logo.is_file():
        raise DataError(f"{template} sets logo to {logo}, which is not a file.")
    return logo.as_posix()


def _explain(error: ValidationError, path: str | None, settings: dict[str, Any]) -> str:
    first = error.errors()[0]
    key = str(first["loc"][0])
    got = settings.get(key)
    place = first["loc"][1] if len(first["loc"]) > 1 else None
    if isinstance(got, list) and isinstance(place, int):
        got = got[place]
    message = f"{path or SHIPPED} sets {key} to {got!r}: {first['msg'].lower()}."
    if first["type"] == "literal_error" and isinstance(got, str):
        known = [
            name.strip(" '") for name in first["ctx"]["expected"].replace(" or ", ",").split(",")
        ]
        message = f"{path or SHIPPED} sets {key} to {got!r}: {did_you_mean(got, known)}"
    return message
