"""`curate.Catalog`: data sets, experiments and spaces under names.

Adding reads the source once (and embeds it, if it is a space of something else than
vectors) to say how many items it has and what its content is. Vectors that are in memory, as
in a training loop, are kept in a file beside the catalogue, named by its content.
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
from curate.run.spaces.open import Source, open_space, spelled
from curate.schema.job import IDS, make_job
from curate.schema.job_file import ONNX

PATHS = ("ids",)  # settings that are paths
NO_PART = ("catalog", "cache", "no_cache", "threads", "name")  # of how a source is read


class Catalog:
    """Names for what is worked with, in one file that several processes may use at once.

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
        """Add a source of items; it is read, not embedded. `settings` are those of a Job."""
        path, asked = self._spelled(name, source, settings)
        dataset = read_source(resolve_names(make_job({**asked, "source": path})))
        entry = DataSetEntry(
            name=name,
            added=_now(),
            source=_absolute(path),
            settings=_kept(asked),
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
        """Add what made, or will make, a space; `trained_on` is a data set of the catalogue."""
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

        With a `model`, the experiment is added in the same stroke. `settings` are those of a
        Job, and `ids` and `labels` of an array.
        """
        if model is None and (parameters or trained_on):
            raise RequestError("parameters and a training set are of a model: name it.")
        if model is not None and experiment is None:
            raise RequestError(f"{model} made this space in which experiment? Name one.")
        new: list[Entry] = []
        if model is not None:
            new.append(_experiment(_checked(str(experiment)), model, parameters, trained_on))
        in_memory = not isinstance(source, str | Path)
        asked = {**settings, "catalog": str(self.file)}
        if not in_memory:
            source, asked = self._spelled(name, source, settings)  # type: ignore[arg-type]
        dataset, embeddings = open_space(source, asked, progress)
        content = _content(dataset, embeddings)
        where = self._keep(content, dataset, embeddings) if in_memory else _absolute(str(source))
        entry = SpaceEntry(
            name=_checked(name),
            added=_now(),
            source=where,
            settings={} if in_memory else _kept(asked),
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
        return [one for one in self._store.entries() if kind in (None, one.kind)]

    def show(self, name: str) -> Entry:
        """The entry of this name; RequestError where there is none."""
        return self._store.get(name)

    def changed(self, name: str, progress: Progress = silent) -> bool:
        """Whether the content of a data set or a space is another than when it was added."""
        entry = self.show(name)
        if isinstance(entry, ExperimentEntry):
            return False
        asked = {**entry.settings, "catalog": str(self.file)}
        if isinstance(entry, SpaceEntry):
            return _content(*open_space(entry.source, asked, progress)) != entry.content
        dataset = read_source(resolve_names(make_job({**asked, "source": entry.source})))
        return fingerprint(content_keys(dataset), dataset.ids) != entry.content

    def rm(self, name: str) -> Entry:
        """Forget an entry. The source stays, unless it is a file that the catalogue made."""
        gone = self._store.remove(name)
        source = getattr(gone, "source", None)
        left = {getattr(one, "source", None) for one in self._store.entries()}
        if source is not None and Path(source).parent == self._vectors and source not in left:
            Path(source).unlink(missing_ok=True)
        return gone

    @property
    def _vectors(self) -> Path:
        return Path(f"{self.file.resolve()}.vectors")

    def _keep(self, content: str, dataset: Dataset, embeddings: Embeddings) -> str:
        file = self._vectors / f"{content}.parquet"
        write_vectors(file, dataset, embeddings)
        return str(file)

    def _spelled(
        self, name: str, source: str | Path, settings: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        path, own = spelled(str(source))
        _checked(name)
        given = {key: value for key, value in settings.items() if value is not None}
        return path, {**given, **own, "catalog": str(self.file)}


def _experiment(
    name: str, model: str, parameters: Mapping[str, Any] | None, trained_on: str | None
) -> ExperimentEntry:
    told = {str(key): str(value) for key, value in (parameters or {}).items()}
    return ExperimentEntry(
        name=name, added=_now(), model=model, parameters=told, trained_on=trained_on
    )


def _content(dataset: Dataset, embeddings: Embeddings) -> str:
    """Of vectors and ids: what a space is, wherever its items came from."""
    keys = content_keys(replace(dataset, kind="vectors", items=embeddings.vectors))
    return fingerprint(keys, dataset.ids)


def _kept(settings: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: _wherever(name, str(value))
        for name, value in settings.items()
        if name not in NO_PART and value is not False
    }


def _wherever(name: str, value: str) -> str:
    if name == "embedder" and value.startswith(ONNX):
        return ONNX + _absolute(value.removeprefix(ONNX))
    return _absolute(value) if name in PATHS else value


def _absolute(path: str) -> str:
    """The path wherever the reader stands; patterns, lists and sources by `@` likewise."""
    sign = next((sign for sign in ("@", IDS) if path.startswith(sign)), "")
    return sign + str(Path(path.removeprefix(sign)).absolute())


def _checked(name: str) -> str:
    """Commas set settings apart, and a path of that name would hide the entry."""
    if not name.strip() or "," in name or Path(name).exists():
        why = "holds a comma" if "," in name else "is empty" if not name.strip() else "is a path"
        raise RequestError(f"{name!r} cannot be a name, for it {why}: pass another.")
    return name


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def shown(entries: Sequence[Entry]) -> list[list[str]]:
    """A row for each entry, for a table: name, kind, items, dimensions, metric, of, added."""
    rows = []
    for one in entries:
        of: list[str | None]
        if isinstance(one, SpaceEntry):
            size, of = [f"{one.items}", f"{one.dims}", one.metric], [one.data_set, one.experiment]
        elif isinstance(one, DataSetEntry):
            size, of = [f"{one.items}", "", ""], [one.holds]
        else:
            size, of = ["", "", ""], [one.model, one.trained_on]
        told = ", ".join(word for word in of if word)
        rows.append([one.name, one.kind, *size, told, one.added])
    return rows
