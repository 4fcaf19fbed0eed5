"""Archives of images: read where they lie, damaged ones in one line."""

from __future__ import annotations

import io
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.data import archives as archives_module
from curate.data import content_keys, read
from curate.errors import DataError, RequestError

JUNK = ("__MACOSX/cat/._1.png", ".DS_Store", "cat/.hidden.png", "readme.txt", "cat/")


def picture(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (20, 10), shade).save(stream, "PNG")
    return stream.getvalue()


PICTURES = {f"{folder}/{at}.png": picture(60 * at + 7 * len(folder))
            for folder in ("cat", "horse") for at in (1, 2, 3)}  # fmt: skip


def make_zip(path: Path, members: dict[str, bytes], compression: int = 8) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, members: dict[str, bytes]) -> Path:
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def make(path: Path, members: dict[str, bytes]) -> Path:
    return (make_zip if path.suffix == ".zip" else make_tar)(path, members)


NAMES = ["a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz"]


@pytest.mark.parametrize("name", NAMES)
def test_an_archive_is_what_the_folder_of_its_files_is(tmp_path: Path, name: str) -> None:
    """Ids, labels, content keys and bytes are those of the unpacked folder."""
    for member, content in PICTURES.items():
        (tmp_path / "a" / member).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / member).write_bytes(content)
    folder = read(tmp_path / "a")
    data = read(make(tmp_path / name, dict.fromkeys(JUNK, b"x") | PICTURES))
    assert data.name == "a"
    assert data.ids == folder.ids
    assert data.metadata.equals(folder.metadata)
    assert content_keys(data) == content_keys(folder)
    assert (data.items[0].name, data.items[0].suffix) == ("1.png", ".png")


def test_members_are_read_by_many_threads_at_once(tmp_path: Path) -> None:
    """Each thread gets the bytes it asked for."""
    members = {f"{at:02}.png": picture(at) for at in range(60)}
    for name in ("a.zip", "a.tar"):
        data = read(make(tmp_path / name, members))
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda item: item.open("rb").read(), data.items * 5))
        assert found == list(members.values()) * 5


def test_the_folder_that_all_members_share_is_no_label(tmp_path: Path) -> None:
    """A wrapping folder stays in the ids, and the folder below it is the label."""
    members = {f"photos/{name}": content for name, content in PICTURES.items()}
    data = read(make_zip(tmp_path / "a.zip", members))
    assert data.ids[0] == "photos/cat/1.png"
    assert set(data.metadata.column("label").to_pylist()) == {"cat", "horse"}


def test_names_with_line_ends_and_other_scripts_are_kept(tmp_path: Path) -> None:
    """Ids are the names, whatever is in them."""
    names = ["قطة.png", "two\nlines.png", "Ω b.png"]
    for archive in ("a.zip", "a.tar"):
        data = read(make(tmp_path / archive, dict.fromkeys(names, picture(9))))
        assert data.ids == sorted(names)


def test_links_and_unsafe_names_are_no_items(tmp_path: Path) -> None:
    """A link in a tar is passed over; a name that leads out of the archive is set aside."""
    path = make_tar(tmp_path / "a.tar", {"a.png": picture(1), "../b.png": picture(2)})
    with tarfile.open(path, "a") as archive:
        link = tarfile.TarInfo("c.png")
        link.type, link.linkname = tarfile.SYMTYPE, "a.png"
        archive.addfile(link)
    data = read(path)
    assert data.ids == ["a.png"]
    assert [(one.id, one.reason) for one in data.set_aside] == [("../b.png", "unsafe path")]


def test_members_that_are_too_large_are_not_read(tmp_path: Path, monkeypatch) -> None:
    """What claims to be larger than memory should hold is set aside by its header."""
    monkeypatch.setattr(archives_module, "LARGEST", 500)
    data = read(make_zip(tmp_path / "a.zip", {"a.png": b"1", "b.png": bytes(501)}))
    assert [(one.id, one.reason) for one in data.set_aside] == [("b.png", "file too large")]


def test_a_damaged_member_fails_alone(tmp_path: Path) -> None:
    """Where the checksum is wrong, opening raises OSError and the others can be read."""
    path = make_zip(tmp_path / "a.zip", {"a.png": picture(1), "b.png": picture(2)}, 0)
    raw = bytearray(path.read_bytes())
    raw[raw.index(picture(1)) + 40] ^= 255
    path.write_bytes(raw)
    data = read(path)
    with pytest.raises(OSError, match="damaged in the archive"):
        data.items[0].open("rb")
    assert data.items[1].open("rb").read() == picture(2)


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_of_a_truncated_tar_the_whole_members_are_read(tmp_path: Path, name: str) -> None:
    """What is before the end is used, and the loss is listed."""
    noise = np.random.default_rng(0).bytes
    members = {f"{at}.png": noise(150_000) for at in range(9)}
    path = make_tar(tmp_path / name, members)
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) * 6 // 10])
    data = read(path)
    assert 1 <= len(data) < 9
    assert "truncated archive" in {one.reason for one in data.set_aside}
    assert [item.open("rb").read() for item in data.items] == list(members.values())[: len(data)]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_archive_is_refused(tmp_path: Path, refused, name: str) -> None:
    """Empty files, foreign bytes and archives without images are one line each."""
    path = tmp_path / name
    path.write_bytes(b"")
    refused(DataError, path, name)
    path.write_bytes(b"this is no archive" * 99)
    refused(DataError, path, name)
    make(path, {"a.txt": b"x", "b.csv": b"y"})
    refused(DataError, path, "no image", "2 other files", "unpack")
    make(path, {"__MACOSX/a.png": b"x"})
    refused(DataError, path, "no image", "Give an archive of images")


def test_options_that_mean_nothing_for_archives_are_refused(tmp_path: Path, refused) -> None:
    """No option is ignored in silence."""
    path = make_zip(tmp_path / "a.zip", PICTURES)
    refused(RequestError, path, "--text-column", text_column="x")
    refused(RequestError, path, "did you mean 'label'", label_column="lable")
