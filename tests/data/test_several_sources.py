"""Sources that name files one by one, and several sources as one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from curate.data import ReadOptions, read
from curate.errors import DataError, RequestError
from tree import fill


def test_a_list_names_images_beside_it(tmp_path: Path) -> None:
    """Lines are ids as they are written, relative to the list; missing files are items too."""
    fill(tmp_path, "pets/cat/1.png", "pets/dog/2.jpg")
    listing = tmp_path / "some.lst"
    listing.write_text("\ufeffpets/dog/2.jpg\r\n\npets/cat/1.png\npets/cat/gone.png\n")
    data = read(f"@{listing}")
    assert data.ids == ["pets/dog/2.jpg", "pets/cat/1.png", "pets/cat/gone.png"]
    assert data.items[0] == tmp_path / "pets/dog/2.jpg"
    assert data.metadata.column("label").to_pylist() == ["dog", "cat", "cat"]
    assert data.name == "some"


def test_a_list_with_zero_bytes_holds_any_name(tmp_path: Path) -> None:
    """As `find -print0` writes it."""
    fill(tmp_path, "a\nb.png", "قطة.png")
    (tmp_path / "l").write_bytes("a\nb.png\0قطة.png\0".encode())
    assert read(f"@{tmp_path / 'l'}").ids == ["a\nb.png", "قطة.png"]


def test_lists_that_lead_nowhere_are_refused(tmp_path: Path, refused) -> None:
    """No list, an empty one, and one of files that are not there: one line each."""
    refused(DataError, f"@{tmp_path / 'none'}", "no such file")
    refused(DataError, f"@{tmp_path}", "is a folder, not a list")
    (tmp_path / "l").write_text("\n")
    refused(DataError, f"@{tmp_path / 'l'}", "names no file")
    (tmp_path / "l").write_text("a.png\nb.png\n")
    refused(DataError, f"@{tmp_path / 'l'}", "names 2 files and none of them exists", "relative to")


def test_a_pattern_gives_the_ids_of_its_folder(tmp_path: Path) -> None:
    """Matching images have the ids that reading the folder would give them."""
    fill(tmp_path, "p/cat/1.png", "p/cat/x.txt", "p/dog/2.png", "p/dog/3.gif", "p/.h/4.png")
    assert read(f"{tmp_path}/p/**/*.png").ids == ["cat/1.png", "dog/2.png"]
    assert read(f"{tmp_path}/p/**").ids == read(tmp_path / "p").ids
    data = read(f"{tmp_path}/p/*/[23].*")
    assert data.ids == ["dog/2.png", "dog/3.gif"]
    assert data.metadata.column("label").to_pylist() == ["dog", "dog"]


def test_a_pattern_follows_no_link_out_of_its_folder(tmp_path: Path) -> None:
    """Links count once, and what is outside is set aside."""
    root = fill(tmp_path / "in", "1.png")
    fill(tmp_path / "out", "2.png")
    (root / "2.png").symlink_to(tmp_path / "out" / "2.png")
    (root / "3.png").symlink_to(root / "1.png")
    (root / "up").symlink_to(root)
    data = read(f"{root}/**/*.png")
    assert data.ids == ["1.png"]
    assert [(one.id, one.reason) for one in data.set_aside] == [
        ("2.png", "link outside the folder")
    ]
    assert read(f"{root}/*.png", ReadOptions(follow_links=True)).ids == ["1.png", "2.png"]


def test_a_pattern_of_data_files_or_folders_is_several_sources(tmp_path: Path) -> None:
    """Each match is read as if it had been named."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"text of {name}\n")
    assert read(f"{tmp_path}/?.txt").items == ["text of a.txt", "text of b.txt"]
    fill(tmp_path, "2023-1/x.png", "2023-2/y.png", "2024-1/z.png")
    assert read(f"{tmp_path}/2023-*").ids == ["x.png", "y.png"]


def test_patterns_that_match_nothing_are_refused(tmp_path: Path, refused) -> None:
    """Nothing, and nothing that can be read: one line each."""
    fill(tmp_path, "a.xyz")
    refused(DataError, f"{tmp_path}/*.png", "nothing matches", "*.png")
    refused(DataError, f"{tmp_path}/*", "1 files match", "none is an image")
    refused(RequestError, f"{tmp_path}/**a", "is not a pattern")


def test_a_file_with_pattern_signs_in_its_name_is_a_file(tmp_path: Path) -> None:
    """What exists is taken by its name."""
    fill(tmp_path, "a[1]/x.png")
    assert read(tmp_path / "a[1]").ids == ["x.png"]


def test_ids_stay_if_they_are_unique(tmp_path: Path) -> None:
    """Items of several sources, in the order given, say where they are from."""
    fill(tmp_path, "a/cat/1.png", "b/2.png")
    data = read([tmp_path / "b", tmp_path / "a"])
    assert data.ids == ["2.png", "cat/1.png"]
    assert data.name == "b + a"
    assert data.metadata.to_pydict() == {"source": ["b", "a"], "label": [None, "cat"]}
    assert data.label_column == "label"


def test_ids_that_come_twice_are_prefixed(tmp_path: Path, monkeypatch) -> None:
    """All ids then begin with the name of their source, or its path where names are equal."""
    np.save(tmp_path / "a.npy", np.eye(2))
    np.save(tmp_path / "b.npy", np.array([[np.nan, 1], [2, 3]], np.float32))
    data = read([tmp_path / "a.npy", tmp_path / "b.npy"])
    assert data.ids == ["a/0", "a/1", "b/1"]
    assert [one.id for one in data.set_aside] == ["b/0"]
    assert data.source_positions().tolist() == [0, 1, 3]
    assert np.array_equal(data.items, [[1, 0], [0, 1], [2, 3]])
    fill(tmp_path, "x/p/1.png", "y/p/1.png")
    monkeypatch.chdir(tmp_path)
    assert read(["x/p", "y/p"]).ids == ["x/p/1.png", "y/p/1.png"]


def test_image_files_on_the_command_line_are_one_source(tmp_path: Path) -> None:
    """As a shell makes them of an unquoted pattern; each real file once."""
    fill(tmp_path, "p/cat/1.png", "p/dog/2.png", "q/3.png")
    files = [tmp_path / "p/cat/1.png", tmp_path / "p/dog/2.png"]
    assert read([*files, files[0]]).ids == ["cat/1.png", "dog/2.png"]
    assert read([*files, tmp_path / "q"]).ids == ["cat/1.png", "dog/2.png", "3.png"]


def test_metadata_of_other_types_become_text(tmp_path: Path) -> None:
    """Columns of all sources are kept; where types do not go together as text."""
    (tmp_path / "a.jsonl").write_text('{"text": "x", "n": 1, "only": 2}\n')
    (tmp_path / "b.jsonl").write_text('{"text": "y", "n": "one"}\n')
    data = read([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    assert data.metadata.to_pydict() == {
        "n": ["1", "one"],
        "only": [2, None],
        "source": ["a", "b"],
    }


def test_sources_that_do_not_go_together_are_refused(tmp_path: Path, refused) -> None:
    """Another kind or another dimension is said with both names."""
    np.save(tmp_path / "a.npy", np.eye(2))
    np.save(tmp_path / "b.npy", np.eye(3))
    (tmp_path / "c.txt").write_text("x\n")
    refused(DataError, [tmp_path / "a.npy", tmp_path / "b.npy"], "b.npy has 3", "a.npy has 2")
    refused(DataError, [tmp_path / "a.npy", tmp_path / "c.txt"], "c.txt holds text", "vectors")
    refused(RequestError, [tmp_path / "a.npy"] * 2, "2 sources", ids=tmp_path / "c.txt")
    with pytest.raises(RequestError, match="no source"):
        read([])
