"""`curate.Catalog`: data sets, experiments and spaces under names.

Adding reads the source once (and embeds it, if it is a space of something else than
vectors) to store how many items it has and a hash of its content. Vectors that are in memory,
as in a training loop, are kept in a file beside the catalogue, named by that hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curate.catalog.store import (
    KINDS,
    CatalogFile,
    DataSetEntry,
    Entry,
    ExperimentEntry,
    SpaceEntry,
    catalog_file,
)
from curate.core.values import Dataset, Embeddings
from curate.data import content_keys, fingerprint
from curate.errors import RequestError, did_you_mean
from curate.export.vectors import write_vectors
from curate.progress import Progress, silent
from curate.run.read_sources import read_source, resolve_names
from curate.run.spaces.open import Source, open_space, split_source
from curate.schema.job import IDS, make_job
from curate.schema.job_file import ONNX

PATHS = ("ids",)  # settings that are paths
NOT_STORED = ("catalog", "cache", "no_cache", "threads", "name")  # they do not change the items


class Catalog:
    """Names for data sets, experiments and spaces, in one file for several processes at once.

        catalog = curate.Catalog()
        catalog.add_space("epoch 3", vectors, experiment="run 7", model="ViT", ids=ids)
        curate.compare("epoch 2", "epoch 3")

    Raises DataError where the file cannot be used.
    """

    def __init__(self, file: str | Path | None = None) -> None:
        self._store = CatalogFile(catalog_file(file))

    @property
    def file(self) -> Path:
        return self._store.file

    def add_data_set(
        self, name: str, source: str | Path, *, replace: bool = False, **settings: Any
    ) -> DataSetEntry:
        """Add a source of items: it is read, not embedded.

        `settings` are those of `curate.select`.
        """
        path, given = self._path_and_settings(name, source, settings)
        dataset = read_source(resolve_names(make_job({**given, "source": path})))
        entry = DataSetEntry(
            name=name,
            added=_now(),
            source=_absolute(path),
            settings=_stored_settings(given),
            items=len(dataset),
            content=fingerprint(content_keys(dataset), dataset.ids),
            holds=dataset.kind,
        )
        self._store.add([entry], replace=replace)
        return entry

    def add_experiment(
        self,
        name: str,
        model: str,
        parameters: Mapping[str, Any] | None = None,
        trained_on: str | None = None,
        *,
        replace: bool = False,
    ) -> ExperimentEntry:
        """Add the experiment that makes a space; `trained_on` is a data set of the catalogue."""
        entry = _experiment(_checked(name), model, parameters, trained_on)
        self._store.add([entry], replace=replace)
        return entry

    def add_space(
        self,
        name: str,
        source: Source,
        *,
        data_set: str | None = None,
        experiment: str | None = None,
        model: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        trained_on: str | None = None,
        replace: bool = False,
        progress: Progress = silent,
        **settings: Any,
    ) -> SpaceEntry:
        """Add a space: a path that `curate select` takes, or an (n, d) array.

        With a `model`, the experiment is added too: both or neither. `settings` are those of
        `curate.select`, and `ids` and `labels` of an array.
        """
        if model is None and (parameters or trained_on):
            raise RequestError("parameters and a training set are of a model: name it.")
        if model is not None and experiment is None:
            raise RequestError(f"{model} made this space in which experiment? Name one.")
        new: list[Entry] = []
        if model is not None:
            new.append(_experiment(_checked(str(experiment)), model, parameters, trained_on))
        in_memory = not isinstance(source, str | Path)
        given = {**settings, "catalog": str(self.file)}
        if not in_memory:
            source, given = self._path_and_settings(name, source, settings)  # type: ignore[arg-type]
        dataset, embeddings = open_space(source, given, progress)
        content = _content(dataset, embeddings)
        where = self._keep(content, dataset, embeddings) if in_memory else _absolute(str(source))
        entry = SpaceEntry(
            name=_checked(name),
            added=_now(),
            source=where,
            settings={} if in_memory else _stored_settings(given),
            items=len(dataset),
            content=content,
            dims=embeddings.dims,
            metric=embeddings.metric,
            embedder=embeddings.embedder,
            data_set=data_set,
            experiment=experiment,
        )
        self._store.add([*new, entry], replace=replace)
        return entry

    def ls(self, kind: str | None = None) -> list[Entry]:
        """All entries, or those that are a data-set, an experiment or a space."""
        if kind is not None and kind not in KINDS:
            raise RequestError(f"there is no kind {kind!r}: {did_you_mean(kind, KINDS)}")
        return [entry for entry in self._store.entries() if kind in (None, entry.kind)]

    def show(self, name: str) -> Entry:
        """The entry of this name; RequestError where there is none."""
        return self._store.get(name)

    def changed(self, name: str, progress: Progress = silent) -> bool:
        """Whether the content of a data set or a space differs from when it was added."""
        entry = self.show(name)
        if isinstance(entry, ExperimentEntry):
            return False
        given = {**entry.settings, "catalog": str(self.file)}
        if isinstance(entry, SpaceEntry):
            return _content(*open_space(entry.source, given, progress)) != entry.content
        dataset = read_source(resolve_names(make_job({**given, "source": entry.source})))
        return fingerprint(content_keys(dataset), dataset.ids) != entry.content

    def rm(self, name: str) -> Entry:
        """Remove an entry. Its source stays, unless it is a file that the catalogue made."""
        removed = self._store.remove(name)
        source = getattr(removed, "source", None)
        in_use = {getattr(entry, "source", None) for entry in self._store.entries()}
        if source is not None and Path(source).parent == self._vectors and source not in in_use:
            Path(source).unlink(missing_ok=True)
        return removed

    @property
    def _vectors(self) -> Path:
        return Path(f"{self.file.resolve()}.vectors")

    def _keep(self, content: str, dataset: Dataset, embeddings: Embeddings) -> str:
        file = self._vectors / f"{content}.parquet"
        write_vectors(file, dataset, embeddings)
        return str(file)

    def _path_and_settings(
        self, name: str, source: str | Path, settings: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        path, own = split_source(str(source))
        _checked(name)
        given = {key: value for key, value in settings.items() if value is not None}
        return path, {**given, **own, "catalog": str(self.file)}


def _experiment(
    name: str, model: str, parameters: Mapping[str, Any] | None, trained_on: str | None
) -> ExperimentEntry:
    as_text = {str(key): str(value) for key, value in (parameters or {}).items()}
    return ExperimentEntry(
        name=name, added=_now(), model=model, parameters=as_text, trained_on=trained_on
    )


def _content(dataset: Dataset, embeddings: Embeddings) -> str:
    """Hash of the vectors and ids of a space, wherever its items came from."""
    keys = content_keys(replace(dataset, kind="vectors", items=embeddings.vectors))
    return fingerprint(keys, dataset.ids)


def _stored_settings(settings: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: _with_absolute_path(name, str(value))
        for name, value in settings.items()
        if name not in NOT_STORED and value is not False
    }


def _with_absolute_path(name: str, value: str) -> str:
    if name == "embedder" and value.startswith(ONNX):
        return ONNX + _absolute(value.removeprefix(ONNX))
    return _absolute(value) if name in PATHS else value


def _absolute(path: str) -> str:
    """The absolute path; the sign of a list (`@`) or of ids stays in front."""
    sign = next((sign for sign in ("@", IDS) if path.startswith(sign)), "")
    return sign + str(Path(path.removeprefix(sign)).absolute())


def _checked(name: str) -> str:
    """The name, if it can be one. A comma would start a setting, and a path hides a name."""
    if not name.strip() or "," in name or Path(name).exists():
        why = "holds a comma" if "," in name else "is empty" if not name.strip() else "is a path"
        raise RequestError(f"{name!r} cannot be a name, for it {why}: pass another.")
    return name


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def table_rows(entries: Sequence[Entry]) -> list[list[str]]:
    """A row for each entry: name, kind, items, dimensions, metric, what it is of, when added."""
    rows = []
    for entry in entries:
        of: list[str | None]
        if isinstance(entry, SpaceEntry):
            size, of = (
                [f"{entry.items}", f"{entry.dims}", entry.metric],
                [entry.data_set, entry.experiment],
            )
        elif isinstance(entry, DataSetEntry):
            size, of = [f"{entry.items}", "", ""], [entry.holds]
        else:
            size, of = ["", "", ""], [entry.model, entry.trained_on]
        about = ", ".join(word for word in of if word)
        rows.append([entry.name, entry.kind, *size, about, entry.added])
    return rows
