"""`module:function`: a function of the user, imported from the current folder.

It gets a list of items and returns a row of d numbers for each. Texts are str, pictures upright
RGB `PIL.Image.Image` (reduced to `size` if that is given), vectors rows. One thread calls it at
a time. The fingerprint is the hash of the module's source and of the options. It does not cover
what the module imports: pass another `version` when that changes.
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
from curate.embed.embedder import ModelEmbedder, file_part, fingerprint_of
from curate.embed.options import EmbedderOptions
from curate.errors import DataError, RequestError, did_you_mean, one_line


class FunctionOptions(EmbedderOptions):
    """Settings of `module:function`."""

    metric: Metric = "cosine"
    size: int | None = Field(default=None, ge=1)
    """Largest side of pictures in pixels; by default they are not reduced."""
    batch: int = Field(default=16, ge=1)
    """Items a call."""
    version: str = ""
    """Change it to compute cached vectors again."""


def function_embedder(name: str, kind: Kind, options: FunctionOptions) -> ModelEmbedder:
    """The embedder that calls `module:function`.

    Raises RequestError if there is no such function, DataError if its module fails.
    """
    module_name, _, function_name = name.partition(":")
    module = _import(module_name, name)
    function = getattr(module, function_name, None)
    if not callable(function):
        known = [member for member in vars(module) if callable(getattr(module, member))]
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
        prepare=(lambda path: load_picture(path, options.size)) if kind == "images" else _unchanged,
        forward=_one_at_a_time(function),
        batch_size=options.batch,
        items_per_call=options.batch,
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
    except Exception as error:  # the user's code may raise anything
        raise DataError(
            f"--embedder {name}: importing {module} failed: {type(error).__name__}: "
            f"{one_line(error)}. Correct it."
        ) from error
    finally:
        sys.path.remove(here)


def _unchanged(item: Any) -> Any:
    return item


def _one_at_a_time(function: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """`function` called by one thread at a time, so that it need not be thread-safe."""
    lock = threading.Lock()

    def call(items: list[Any]) -> Any:
        with lock:
            return function(items)

    return call
