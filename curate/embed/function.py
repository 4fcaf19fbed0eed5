"""`module:function`: a callable of the user's own, imported from the current folder.

It gets a list of items and returns a row of d numbers for each: texts as str, pictures as
upright RGB `PIL.Image.Image` (reduced to `size` if that is given), vectors as rows. It is
called by one thread at a time. The fingerprint is the hash of the module's source and of
the options; what that module imports is not seen, so pass another `version` when it changes.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import Field

from curate.core.pictures import load_picture
from curate.core.values import Kind, Metric
from curate.embed.embedder import ModelEmbedder, file_part, fingerprint_of, one_line
from curate.embed.options import Options
from curate.errors import DataError, RequestError, did_you_mean


class FunctionOptions(Options):
    """Settings of `module:function`."""

    metric: Metric = "cosine"
    size: int | None = Field(default=None, ge=1)
    """Pictures are reduced to at most so many pixels a side; as they are without."""
    batch: int = Field(default=16, ge=1)
    """Items a call."""
    version: str = ""
    """Another version is another embedder to the cache."""


def function_embedder(name: str, kind: Kind, options: FunctionOptions) -> ModelEmbedder:
    """The embedder that calls `module:function`.

    Raises RequestError if there is no such function, DataError if its module fails.
    """
    module_name, _, function_name = name.partition(":")
    module = _import(module_name, name)
    function = getattr(module, function_name, None)
    if not callable(function):
        known = [one for one in vars(module) if callable(getattr(module, one))]
        raise RequestError(
            f"--embedder {name}: {module_name} has no function {function_name!r}: "
            f"{did_you_mean(function_name, known)}"
        )
    source = inspect.getsourcefile(module)
    parts = [name, kind, options.model_dump_json(exclude={"batch"})]
    return ModelEmbedder(
        name=name,
        kind=kind,
        metric=options.metric,
        fingerprint=fingerprint_of(name, [*parts, file_part(Path(source)) if source else b""]),
        prepare=(lambda path: load_picture(path, options.size)) if kind == "images" else _as_it_is,
        forward=_one_at_a_time(function),
        batch_size=options.batch,
        together=options.batch,
    )


def _import(module: str, name: str) -> Any:
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split(".")[0] and error.name != module:
            raise DataError(
                f"--embedder {name}: {module} needs {error.name}: install it."
            ) from None
        raise RequestError(
            f"no embedder is called {name!r}, and there is no module {module} in {here}: "
            "write module:function, where module.py is in the current folder."
        ) from None
    except Exception as error:  # whatever the user's code raises
        raise DataError(
            f"--embedder {name}: importing {module} failed: {type(error).__name__}: "
            f"{one_line(error)}. Correct it."
        ) from error
    finally:
        sys.path.remove(here)


def _as_it_is(item: Any) -> Any:
    return item


def _one_at_a_time(function: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """The user need not think of threads."""
    turn = threading.Lock()

    def call(items: list[Any]) -> Any:
        with turn:
            return function(items)

    return call
