"""Settings of an embedder: `name=value` separated by spaces, checked by a model of its own."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from curate.errors import RequestError, did_you_mean


class EmbedderOptions(BaseModel):
    """Base of the settings of one embedder."""

    model_config = ConfigDict(extra="forbid", frozen=True)


M = TypeVar("M", bound=EmbedderOptions)


def _three(value: Any) -> Any:
    """Three values, one a colour, from `0.5`, `0.4,0.5,0.6` or a list in a TOML file."""
    values = value.split(",") if isinstance(value, str) else value
    values = values if isinstance(values, list | tuple) else [values]
    return tuple(values) * (3 if len(values) == 1 else 1)


Positive = Annotated[float, Field(gt=0)]
Colours = Annotated[tuple[float, float, float], BeforeValidator(_three)]
Scales = Annotated[tuple[Positive, Positive, Positive], BeforeValidator(_three)]


def split_options(text: str | None) -> dict[str, str]:
    """`size=224 std="0.2,0.2,0.2"` as a dict. Raises RequestError for a word without a name."""
    try:
        words = shlex.split(text or "")
    except ValueError as error:
        raise RequestError(f"--embedder-options {text!r}: {error}. Close the quote.") from None
    for word in words:
        if "=" not in word:
            raise RequestError(
                f"--embedder-options has {word!r}: write name=value, separated by spaces, as in "
                "--embedder-options 'size=224 pooling=mean'."
            )
    return dict(word.split("=", 1) for word in words)


def checked_options(model: type[M], given: Mapping[str, Any], embedder: str) -> M:
    """The checked settings of an embedder. Raises RequestError with the first wrong one."""
    known = list(model.model_fields)
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known) if known else "It has none."
            raise RequestError(f"--embedder {embedder} has no option {name!r}: {hint}")
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise RequestError(
            f"option {name} of --embedder {embedder} is {given.get(name)!r}: "
            f"{first['msg'].lower()}."
        ) from None
