"""A name of the catalogue where a path is expected: what it stands for.

A path that exists wins over a name. What an entry says of how it is read is below what the
user says, so that a flag still overrides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curate.catalog.entries import ExperimentEntry
from curate.catalog.store import Store, catalog_file
from curate.errors import RequestError


def with_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a Job, with `source` and `datapool` looked up in the catalogue.

    Raises RequestError for the name of an experiment, which holds no items.
    """
    found = dict(settings)
    store = Store(catalog_file(settings.get("catalog")))
    source = settings.get("source")
    one = source[0] if isinstance(source, list | tuple) and len(source) == 1 else source
    entry = _entry(store, one)
    if entry is not None:
        found = {"name": entry[0], **entry[2], **found, "source": entry[1]}
    pool = _entry(store, settings.get("datapool"))
    if pool is not None:
        found["datapool"] = pool[1]
    return found


def _entry(store: Store, word: Any) -> tuple[str, str, dict[str, str]] | None:
    """Name, path and settings of what `word` names, if it is no path."""
    if not isinstance(word, str) or not store.file.exists() or Path(word).exists():
        return None
    entry = store.find(word)
    if isinstance(entry, ExperimentEntry):
        raise RequestError(
            f"{word} is an experiment, which holds no items: name a space or a data set."
        )
    return None if entry is None else (entry.name, entry.source, entry.settings)
