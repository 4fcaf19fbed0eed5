"""Folders: images with labels, or the one data file; and paths that are no source."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from curate.data import ReadOptions, read
from curate.data import images as images_module
from curate.errors import DataError, RequestError
from tree import fill


def test_images_are_found_below_and_sorted_by_relative_posix_path(tmp_path: Path) -> None:
    """Ids are relative POSIX paths in sorted order, items the paths they lead to."""
    fill(tmp_path / "pets", "dog/b.PNG", "dog/a.jpeg", "cat/deep/er/z.webp", "top.gif", "dog.jpg")
    data = read(tmp_path / "pets")
    assert data.kind == "images"
    assert data.name == "pets"
    assert data.ids == ["cat/deep/er/z.webp", "dog.jpg", "dog/a.jpeg", "dog/b.PNG", "top.gif"]
    assert data.items == [tmp_path / "pets" / id_ for id_ in data.ids]
    assert data.set_aside == ()


def test_the_first_folder_level_is_the_label(tmp_path: Path) -> None:
    """Column `label` is the first folder level, null for an image directly in the root."""
    data = read(fill(tmp_path, "cat/deep/z.bmp", "dog/a.tif", "top.tiff"))
    assert data.label_column == "label"
    assert data.metadata.column("label").to_pylist() == ["cat", "dog", None]
    named = read(tmp_path, ReadOptions(label_column="label"))
    assert named.label_column == "label"


def test_without_subfolders_there_is_no_label_column(tmp_path: Path) -> None:
    """A flat folder has a metadata table of n rows and no columns."""
    data = read(fill(tmp_path, "a.jpg", "b.jpg"))
    assert data.label_column is None
    assert data.metadata.column_names == []
    assert data.metadata.num_rows == 2


def test_hidden_names_and_other_files_are_passed_over(tmp_path: Path) -> None:
    """Nothing hidden and nothing of another format is an item, nor is it set aside."""
    data = read(fill(tmp_path, "a.jpg", ".b.jpg", ".git/c.jpg", "notes.txt", "d.csv", "e.svg"))
    assert data.ids == ["a.jpg"]
    assert data.set_aside == ()


def test_an_empty_image_file_is_left_to_the_embedder(tmp_path: Path) -> None:
    """A file of 0 bytes is listed, as nothing is opened here."""
    (tmp_path / "empty.png").touch()
    assert read(tmp_path).ids == ["empty.png"]


def linked(tmp_path: Path) -> Path:
    """A folder with every kind of link: loops, into the tree, out of it, to itself."""
    root = fill(tmp_path / "root", "a/1.png", "b/2.png")
    outside = fill(tmp_path / "outside", "3.png")
    (root / "a" / "up").symlink_to(root)
    (root / "aa").symlink_to(root / "b")
    (root / "c").symlink_to(outside)
    (root / "d.png").symlink_to(outside / "3.png")
    (root / "again.png").symlink_to(root / "a" / "1.png")
    (outside / "back").symlink_to(root / "c")
    (root / "self").symlink_to(root / "self")
    return root


def test_links_are_counted_once_and_stay_in_the_folder(tmp_path: Path) -> None:
    """A link into the tree adds nothing, and one that leads out of it is set aside."""
    data = read(linked(tmp_path))
    assert data.ids == ["a/1.png", "b/2.png"]
    assert [one.id for one in data.set_aside] == ["c", "d.png"]
    assert {one.reason for one in data.set_aside} == {"link outside the folder"}
    assert "--follow-links" in data.set_aside[0].detail


def test_links_out_of_the_folder_are_followed_if_asked(tmp_path: Path) -> None:
    """Then each real file is read once as well, and loops end."""
    data = read(linked(tmp_path), ReadOptions(follow_links=True))
    assert data.ids == ["a/1.png", "b/2.png", "c/3.png"]
    assert data.metadata.column("label").to_pylist() == ["a", "b", "c"]
    assert data.set_aside == ()


def test_a_folder_named_like_an_image_is_set_aside(tmp_path: Path) -> None:
    """Unless there are images in it: then it is a folder like any other."""
    fill(tmp_path, "a.png", "frames.gif/1.png")
    (tmp_path / "b.jpg").mkdir()
    data = read(tmp_path)
    assert data.ids == ["a.png", "frames.gif/1.png"]
    assert [(one.id, one.reason) for one in data.set_aside] == [("b.jpg", "a folder")]


def test_a_closed_folder_below_is_set_aside(tmp_path: Path, monkeypatch) -> None:
    """What is in the rest of the tree is read (simulated: root may read everything)."""
    fill(tmp_path, "a.png", "closed/b.png")
    scandir = os.scandir

    def deny(path: Path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(images_module.os, "scandir", deny)
    data = read(tmp_path)
    assert data.ids == ["a.png"]
    assert [(one.id, one.reason) for one in data.set_aside] == [("closed", "permission denied")]


def test_a_dangling_image_link_is_listed(tmp_path: Path) -> None:
    """A link to nothing that is named like an image is an item, so that it gets reported."""
    fill(tmp_path, "a.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "self.png").symlink_to(tmp_path / "self.png")
    assert read(tmp_path).ids == ["a.png", "gone.png", "self.png"]


def test_a_pipe_named_like_an_image_is_passed_over(tmp_path: Path) -> None:
    """What could block a reader forever is no item."""
    fill(tmp_path, "a.png")
    os.mkfifo(tmp_path / "b.png")
    assert read(tmp_path).ids == ["a.png"]


def test_a_file_name_that_is_not_utf8_has_a_printable_id(tmp_path: Path) -> None:
    """The id can be written as UTF-8, and the item still leads to the file."""
    raw = os.fsencode(tmp_path) + b"/\xff.png"
    try:
        with open(raw, "wb"):  # noqa: PTH123 (a name of bytes)
            pass
    except OSError:
        pytest.skip("this file system has no such names")
    data = read(tmp_path)
    assert data.ids == ["\\xff.png"]
    assert data.items[0].exists()


def test_the_only_data_file_of_a_folder_is_read(tmp_path: Path) -> None:
    """A folder without images is read as its one data file, other files aside."""
    (tmp_path / "lines.txt").write_text("one\ntwo\n")
    (tmp_path / "readme.md").write_text("# no data")
    (tmp_path / ".hidden.csv").write_text("a\n1\n")
    data = read(tmp_path)
    assert data.items == ["one", "two"]
    assert data.name == "lines"


def test_several_data_files_are_refused_by_name(tmp_path: Path, refused) -> None:
    """Of several data files none is guessed: the message has their names."""
    np.save(tmp_path / "v.npy", np.ones((2, 2)))
    (tmp_path / "w.txt").write_text("x")
    refused(DataError, tmp_path, str(tmp_path), "2 data files", "v.npy, w.txt", "Name the one")


def test_an_empty_folder_is_refused(tmp_path: Path, refused) -> None:
    """A folder with nothing to read says what it would take."""
    refused(DataError, tmp_path, str(tmp_path), "no image", ".parquet", "Give a folder")


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path, refused) -> None:
    """No such path is bad data, not a traceback."""
    refused(DataError, tmp_path / "nope", "no such file", "nope", "Check the path")


def test_unknown_formats_are_refused_with_the_known_ones(tmp_path: Path, refused) -> None:
    """The message has the suffix that was got and the formats there are."""
    fill(tmp_path, "a.xyz", "bare", "one.jpg")
    refused(DataError, tmp_path / "a.xyz", "'.xyz'", ".csv", ".npy", ".jsonl")
    refused(DataError, tmp_path / "bare", "without suffix")
    refused(DataError, tmp_path / "one.jpg", "one image", "Give the folder")


def test_a_device_is_refused(tmp_path: Path, refused) -> None:
    """What is neither file nor folder is not opened."""
    os.mkfifo(tmp_path / "pipe.csv")
    refused(DataError, tmp_path / "pipe.csv", "neither a file nor a folder")


def test_a_folder_that_may_not_be_listed_is_refused(
    tmp_path: Path, refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing permission ends with one line (simulated: root may read everything)."""

    def deny(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(images_module.os, "scandir", deny)
    refused(DataError, tmp_path, "permission denied", str(tmp_path))


@pytest.mark.parametrize("option", ["text_column", "vector_column", "id_column", "ids"])
def test_options_that_mean_nothing_for_images_are_refused(tmp_path, refused, option) -> None:
    """No option is ignored in silence."""
    fill(tmp_path, "a.png")
    refused(RequestError, tmp_path, "--" + option.replace("_", "-"), "'x'", **{option: "x"})


def test_images_have_no_label_column_but_label(tmp_path: Path, refused) -> None:
    """Another label column is unknown, and the one there is gets named."""
    fill(tmp_path, "a/a.png")
    refused(RequestError, tmp_path, "'lable'", "did you mean 'label'", label_column="lable")
    fill(tmp_path / "flat", "a.png")
    refused(RequestError, tmp_path / "flat", "There are: none", label_column="label")
