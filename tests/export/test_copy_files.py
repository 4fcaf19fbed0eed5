"""Copies and links are the picked files, under names that lose nothing, and overwrite nothing."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import curate
from curate.core.values import Dataset, Selection, no_metadata
from curate.errors import DataError, RequestError
from curate.export.copy_files import check_target_folder, copy_picks, link_picks, safe_names


@pytest.fixture
def few(tmp_path):
    """Five files, three of them picked."""
    folder = tmp_path / "data"
    ids = ["a/x.jpg", "a/y.jpg", "b/x.jpg", "z.jpg", "a/deep/er/x.jpg"]
    for id_ in ids:
        (folder / id_).parent.mkdir(parents=True, exist_ok=True)
        (folder / id_).write_bytes(id_.encode())
    dataset = Dataset("images", ids, [folder / id_ for id_ in ids], no_metadata(5), "data")
    return dataset, picked([4, 0, 2])


def picked(rows):
    rows = np.array(rows)
    many = np.zeros(len(rows))
    return Selection(rows, many, many, many, rows, "diversity")


def tree(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}


def test_copies_keep_their_subfolders(few, tmp_path):
    """Exactly the picks are there, byte for byte, and they are files of their own."""
    dataset, selection = few
    copy_picks(tmp_path / "new" / "copies", dataset, selection)
    assert tree(tmp_path / "new" / "copies") == {"a/x.jpg", "b/x.jpg", "a/deep/er/x.jpg"}
    for name in tree(tmp_path / "new" / "copies"):
        path = tmp_path / "new" / "copies" / name
        assert path.read_bytes() == name.encode()
        assert not path.is_symlink()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["copies"]


def test_links_lead_to_the_picks_from_anywhere(few, tmp_path, monkeypatch):
    """Links are absolute even where the data were named by a relative path."""
    dataset, selection = few
    monkeypatch.chdir(tmp_path)
    near = Dataset(
        "images", dataset.ids, [Path("data") / i for i in dataset.ids], dataset.metadata, "data"
    )
    link_picks(Path("links"), near, selection)
    monkeypatch.chdir("/")
    assert tree(tmp_path / "links") == {"a/x.jpg", "b/x.jpg", "a/deep/er/x.jpg"}
    for name in tree(tmp_path / "links"):
        assert (tmp_path / "links" / name).is_symlink()
        assert (tmp_path / "links" / name).read_bytes() == name.encode()


def test_nothing_is_overwritten(few, tmp_path):
    """A folder that holds anything, or a file, is refused before the work; an empty one is not."""
    dataset, selection = few
    target = tmp_path / "there"
    target.mkdir()
    check_target_folder("--copy-to", target, dataset, links=False)
    (target / "mine.txt").write_text("mine")
    with pytest.raises(RequestError, match="is not empty, and nothing is overwritten"):
        check_target_folder("--copy-to", target, dataset, links=False)
    with pytest.raises(RequestError, match="is a file"):
        check_target_folder("--link-to", target / "mine.txt", dataset, links=True)
    with pytest.raises(DataError, match="cannot place"):  # filled while the run went on
        copy_picks(target, dataset, selection)
    assert tree(target) == {"mine.txt"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "there"]


def test_a_vanished_file_leaves_no_half_a_folder(few, tmp_path):
    """Where one file cannot be copied there is no folder at all, and one line that says why."""
    dataset, selection = few
    dataset.items[2].unlink()
    with pytest.raises(DataError, match="No such file"):
        copy_picks(tmp_path / "copies", dataset, selection)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@dataclass(frozen=True)
class Member:
    """A picture inside an archive."""

    name: str = "m.jpg"
    suffix: str = ".jpg"

    def open(self, _mode):
        return BytesIO(b"inside")


def test_pictures_inside_archives_are_copied_but_not_linked(tmp_path):
    """What is no file has bytes to copy and nothing to link to."""
    dataset = Dataset("images", ["m.jpg"], [Member()], no_metadata(1), "archive")
    copy_picks(tmp_path / "copies", dataset, picked([0]))
    assert (tmp_path / "copies" / "m.jpg").read_bytes() == b"inside"
    with pytest.raises(RequestError, match="pass --copy-to"):
        check_target_folder("--link-to", tmp_path / "links", dataset, links=True)


NAMES = st.lists(
    st.lists(st.sampled_from(["a", "A", "b.jpg", "B.JPG", "..", ".", "", "c"]), max_size=4).map(
        "/".join
    ),
    max_size=12,
)


@given(NAMES)
def test_names_never_clash(ids):
    """Whatever the ids, paths stay inside, differ without case, and none is a folder of another."""
    names = safe_names(ids)
    assert len(names) == len(ids)
    folded = [name.as_posix().casefold() for name in names]
    assert len(set(folded)) == len(folded)
    for name in names:
        assert not name.is_absolute()
        assert ".." not in name.parts
        assert not {up.as_posix().casefold() for up in name.parents} & set(folded)


def test_names_are_kept_where_they_can_be():
    """An id that is a fine path is the name; the later one of two that clash gets a number."""
    assert [str(name) for name in safe_names(["x/a.png", "/x/b.png", "../x/A.png", "x"])] == [
        "x/a.png",
        "x/b.png",
        "x/A-2.png",
        "x-2",
    ]


def test_copies_and_links_by_a_whole_run(samples, tmp_path):
    """Through the front door both folders hold the selection, and report.json says neither."""
    result = curate.select(
        samples / "clipart" / "geography",
        n=4,
        out=tmp_path / "out",
        copy_to=str(tmp_path / "copies"),
        link_to=str(tmp_path / "links"),
        no_report=True,
    )
    assert tree(tmp_path / "copies") == tree(tmp_path / "links") == set(result.ids)
    assert all((tmp_path / "links" / id_).is_symlink() for id_ in result.ids)
    with pytest.raises(RequestError, match="files of images, the data are vectors"):
        curate.select(np.eye(5), n=2, copy_to=str(tmp_path / "none"))
