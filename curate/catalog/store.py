"""The catalogue: names for data sets, experiments and spaces, in one SQLite file.

One table maps each name to its entry as JSON. With write-ahead logging, and every change as one
immediate transaction, several processes can read and write at once; each waits for its turn at
most WAIT seconds.

A name of the catalogue can be used where a path is expected; an existing path has priority.
Not here: reading sources.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_dir
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from curate.errors import DataError, RequestError, did_you_mean

WAIT = 60.0  # seconds
VERSION = 1
TABLE = """CREATE TABLE IF NOT EXISTS entry (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, added TEXT NOT NULL, entry TEXT NOT NULL
) WITHOUT ROWID"""


# Entries.


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    added: str  # UTC, ISO 8601


class _Source(_Entry):
    """A source of items.

    source    absolute path
    settings  of a Job, as text, without which it would be read otherwise
    content   32 hex digits, of all items and their ids
    """

    source: str
    settings: dict[str, str] = Field(default_factory=dict)
    items: int
    content: str


class DataSetEntry(_Source):
    """Items without embeddings; `holds` is their kind."""

    kind: Literal["data-set"] = "data-set"
    holds: str


class ExperimentEntry(_Entry):
    """The origin of a space: a model, its parameters, and the name of its training data set."""

    kind: Literal["experiment"] = "experiment"
    model: str
    parameters: dict[str, str] = Field(default_factory=dict)
    trained_on: str | None = None


class SpaceEntry(_Source):
    """Vectors with a metric; `data_set` and `experiment` are names in this catalogue."""

    kind: Literal["space"] = "space"
    dims: int
    metric: str
    embedder: str
    data_set: str | None = None
    experiment: str | None = None


Entry = Annotated[DataSetEntry | ExperimentEntry | SpaceEntry, Field(discriminator="kind")]
ENTRY_TYPE: TypeAdapter[Entry] = TypeAdapter(Entry)
KINDS = ("data-set", "experiment", "space")


def references_of(entry: Entry) -> list[str]:
    """The names that `entry` refers to."""
    if isinstance(entry, SpaceEntry):
        names = [entry.data_set, entry.experiment]
    else:
        names = [entry.trained_on] if isinstance(entry, ExperimentEntry) else []
    return [name for name in names if name is not None]


# The file.


def catalog_file(given: str | Path | None = None) -> Path:
    """The file of the catalogue: the given one, or one in the data folder of the user."""
    return Path(given) if given else Path(user_data_dir("curate")) / "catalog.sqlite"


class CatalogFile:
    """Entries by name, in `file`, which is created with the first entry.

    Methods raise DataError if the file is not a catalogue or cannot be used.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def entries(self) -> list[Entry]:
        """All entries, sorted by kind and name."""
        if not self.file.exists():
            return []
        with self._opened() as connection:
            return _all(connection)

    def find(self, name: str) -> Entry | None:
        """The entry called `name`, or None."""
        return next((entry for entry in self.entries() if entry.name == name), None)

    def get(self, name: str) -> Entry:
        """The entry called `name`. Raises RequestError if there is none."""
        entries = self.entries()
        for entry in entries:
            if entry.name == name:
                return entry
        raise _unknown(name, entries)

    def add(self, new: Sequence[Entry], *, replace: bool = False) -> None:
        """Add all of these entries, or none.

        Raises RequestError for a name that exists already, unless `replace` is set and the old
        entry is of the same kind, and for a reference to an unknown name.
        """
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self.file, error.strerror or str(error)) from None
        with self._opened() as connection, _transaction(connection):
            connection.execute(TABLE)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            for entry in new:
                known = {old.name: old for old in _all(connection)}
                self._check(entry, known, replace=replace)
                connection.execute(
                    "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)",
                    (entry.name, entry.kind, entry.added, entry.model_dump_json()),
                )

    def remove(self, name: str) -> Entry:
        """Remove an entry. Raises RequestError if there is none or another one refers to it."""
        if not self.file.exists():
            raise _unknown(name, [])
        with self._opened() as connection, _transaction(connection):
            entries = _all(connection)
            users = [entry.name for entry in entries if name in references_of(entry)]
            if users:
                raise RequestError(
                    f"{name} cannot be removed, because {', '.join(users)} refer to it: "
                    "remove those first."
                )
            matching = [entry for entry in entries if entry.name == name]
            if not matching:
                raise _unknown(name, entries)
            connection.execute("DELETE FROM entry WHERE name = ?", (name,))
            return matching[0]

    def _check(self, entry: Entry, known: dict[str, Entry], *, replace: bool) -> None:
        old = known.get(entry.name)
        if old is not None and not (replace and old.kind == entry.kind):
            raise RequestError(
                f"the catalogue has a {old.kind} called {entry.name!r}, added {old.added}: pass "
                f"another name{', or --replace' if old.kind == entry.kind else ''}."
            )
        for name in references_of(entry):
            if name not in known:
                raise _unknown(name, list(known.values()))

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.file, WAIT, isolation_level=None)) as connection:
                _write_ahead(connection)
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version > VERSION:
                    raise DataError(
                        f"{self.file} is a catalogue of version {version}, this curate knows "
                        f"{VERSION}: use a newer curate, or another --catalog."
                    )
                yield connection
        except sqlite3.Error as error:
            raise _unusable(self.file, str(error)) from None


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set the mode, again if another process is setting that of a new file too: "locked"."""
    until = time.monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _all(connection: sqlite3.Connection) -> list[Entry]:
    table = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'entry'").fetchone()
    if table is None:
        return []
    rows = connection.execute("SELECT entry FROM entry ORDER BY kind, name").fetchall()
    try:
        return [ENTRY_TYPE.validate_json(text) for (text,) in rows]
    except ValidationError as error:
        raise sqlite3.DatabaseError(str(error.errors()[0]["msg"])) from None


def _unknown(name: str, entries: Sequence[Entry]) -> RequestError:
    names = [entry.name for entry in entries]
    return RequestError(f"the catalogue has no {name!r}: {did_you_mean(name, names)}")


def _unusable(file: Path, why: str) -> DataError:
    return DataError(f"cannot use the catalogue {file}: {why}. Pass another with --catalog.")


# Names where a path is expected.


def named_entry(word: object, catalog: str | None) -> DataSetEntry | SpaceEntry | None:
    """The data set or space called `word`; None if that is an existing path or not a name.

    catalog  the file of the catalogue, None for the default one
    Raises RequestError for the name of an experiment, which has no items.
    """
    store = CatalogFile(catalog_file(catalog))
    if not isinstance(word, str) or not store.file.exists() or Path(word).exists():
        return None
    entry = store.find(word)
    if isinstance(entry, ExperimentEntry):
        raise RequestError(
            f"{word} is an experiment, which has no items: name a space or a data set."
        )
    return entry
