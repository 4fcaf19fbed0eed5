"""The file of a catalogue: one SQLite table, name -> entry as JSON.

Write-ahead logging, and every change is one immediate transaction: several processes read
and write at once, each waits for its turn at most WAIT seconds. Not here: reading sources.
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

# --------------------------------------------------------------------------------------
# What a catalogue knows: data sets, experiments and spaces. Text that goes in and comes out.


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    added: str  # UTC, ISO 8601


class _Source(_Entry):
    """Something that is read.

    source    its path, absolute
    settings  of a Job, as text, without which it would be read otherwise
    content   32 hex digits, of all items and their ids
    """

    source: str
    settings: dict[str, str] = Field(default_factory=dict)
    items: int
    content: str


class DataSetEntry(_Source):
    """Items, not embedded."""

    kind: Literal["data-set"] = "data-set"
    holds: str


class ExperimentEntry(_Entry):
    """What made a space: a model, its parameters, and the name of the data set it learned from."""

    kind: Literal["experiment"] = "experiment"
    model: str
    parameters: dict[str, str] = Field(default_factory=dict)
    trained_on: str | None = None


class SpaceEntry(_Source):
    """Vectors with a metric; `data_set` and `experiment` are names of this catalogue."""

    kind: Literal["space"] = "space"
    dims: int
    metric: str
    embedder: str
    data_set: str | None = None
    experiment: str | None = None


Entry = Annotated[DataSetEntry | ExperimentEntry | SpaceEntry, Field(discriminator="kind")]
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
KINDS = ("data-set", "experiment", "space")


def references_of(entry: Entry) -> list[str]:
    """The entries that `entry` refers to."""
    if isinstance(entry, SpaceEntry):
        names = [entry.data_set, entry.experiment]
    else:
        names = [entry.trained_on] if isinstance(entry, ExperimentEntry) else []
    return [name for name in names if name is not None]


# --------------------------------------------------------------------------------------


WAIT = 60.0  # seconds
VERSION = 1
TABLE = """CREATE TABLE IF NOT EXISTS entry (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, added TEXT NOT NULL, entry TEXT NOT NULL
) WITHOUT ROWID"""


def catalog_file(given: str | Path | None = None) -> Path:
    """Where the catalogue is: the file that is named, or one in the user's data folder."""
    return Path(given) if given else Path(user_data_dir("curate")) / "catalog.sqlite"


class CatalogFile:
    """Entries by name, in `file`, which is made when the first one is added.

    Raises DataError where the file is no catalogue or cannot be used.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def entries(self) -> list[Entry]:
        """All of them, by kind and name."""
        if not self.file.exists():
            return []
        with self._opened() as connection:
            return _all(connection)

    def find(self, name: str) -> Entry | None:
        """The entry called `name`."""
        return next((entry for entry in self.entries() if entry.name == name), None)

    def get(self, name: str) -> Entry:
        """The entry called `name`; RequestError where there is none."""
        entries = self.entries()
        for entry in entries:
            if entry.name == name:
                return entry
        raise _unknown(name, entries)

    def add(self, new: Sequence[Entry], *, replace: bool = False) -> None:
        """Add entries, all or none of them.

        Raises RequestError for a name that is taken, unless it is to be replaced by an entry of
        its kind, and for a reference to what is not there.
        """
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self.file, error.strerror or str(error)) from None
        with self._opened() as connection, _transaction(connection):
            connection.execute(TABLE)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            for entry in new:
                known = {one.name: one for one in _all(connection)}
                self._check(entry, known, replace=replace)
                connection.execute(
                    "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)",
                    (entry.name, entry.kind, entry.added, entry.model_dump_json()),
                )

    def remove(self, name: str) -> Entry:
        """Forget an entry. RequestError where there is none, or another one refers to it."""
        if not self.file.exists():
            raise _unknown(name, [])
        with self._opened() as connection, _transaction(connection):
            entries = _all(connection)
            users = [one.name for one in entries if name in references_of(one)]
            if users:
                raise RequestError(
                    f"{name} cannot be removed, for {', '.join(users)} refer to it: "
                    "remove those first."
                )
            found = [one for one in entries if one.name == name]
            if not found:
                raise _unknown(name, entries)
            connection.execute("DELETE FROM entry WHERE name = ?", (name,))
            return found[0]

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
    """Two processes that change the mode of a new file at once are told to try again."""
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
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'entry'").fetchone()
    if there is None:
        return []
    rows = connection.execute("SELECT entry FROM entry ORDER BY kind, name").fetchall()
    try:
        return [ENTRY.validate_json(text) for (text,) in rows]
    except ValidationError as error:
        raise sqlite3.DatabaseError(str(error.errors()[0]["msg"])) from None


def _unknown(name: str, entries: Sequence[Entry]) -> RequestError:
    names = [entry.name for entry in entries]
    return RequestError(f"the catalogue has no {name!r}: {did_you_mean(name, names)}")


def _unusable(file: Path, why: str) -> DataError:
    return DataError(f"cannot use the catalogue {file}: {why}. Pass another with --catalog.")


# --------------------------------------------------------------------------------------
# A name of the catalogue where a path is expected.


def named_entry(word: object, catalog: str | None) -> DataSetEntry | SpaceEntry | None:
    """The data set or space that `word` names; None if it is an existing path or no name.

    catalog  the file of the catalogue, None for the default one
    Raises RequestError for the name of an experiment, which holds no items.
    """
    store = CatalogFile(catalog_file(catalog))
    if not isinstance(word, str) or not store.file.exists() or Path(word).exists():
        return None
    entry = store.find(word)
    if isinstance(entry, ExperimentEntry):
        raise RequestError(
            f"{word} is an experiment, which holds no items: name a space or a data set."
        )
    return entry
