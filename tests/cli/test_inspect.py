"""`curate inspect`: what it says is what a run finds, and what it proposes runs."""

from __future__ import annotations

import json
import shlex
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as papq
import pytest
from PIL import Image
from typer.testing import CliRunner

from curate.cli.main import app


def screen(*words: object) -> str:
    done = CliRunner().invoke(app, ["inspect", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def seen(*words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(screen(*words, "--json"))
    return found


def run_next(found: dict[str, Any]) -> None:
    """The proposed command ends well."""
    words = shlex.split(found["next"])
    assert words[:2] == ["curate", "select"]
    out = ["--no-report", "--embedder", "auto", "--out", "proposed"]
    done = CliRunner().invoke(app, [*words[1:], *out], catch_exceptions=False)
    assert done.exit_code == 0


@pytest.fixture
def photos(tmp_path: Path, monkeypatch) -> Path:
    for at in range(6):
        folder = tmp_path / "photos" / ("cat" if at % 3 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (10 + at, 8), (40 * at, 0, 0)).save(folder / f"{at}.png")
    (tmp_path / "photos" / "bad.jpg").write_text("no picture")
    (tmp_path / "photos" / "b.gif").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "photos"


def test_a_folder_of_images(photos: Path) -> None:
    """Counts, formats, sizes, labels and problems, and a command that runs."""
    found = seen(photos.name)
    assert (found["kind"], found["items"], found["name"]) == ("images", 7, "photos")
    assert found["facts"]["formats"] == "6 .png, 1 .jpg"
    assert found["facts"]["pixels"] == "from 10×8 to 15×8 (7 of 7 opened)"
    assert found["facts"]["unreadable"].startswith("1 of 7 opened, such as bad.jpg")
    assert found["labels"] == {"cat": 4, "dog": 2, "None": 1}
    assert found["set_aside"] == {"a folder": 1}
    run_next(found)
    text = screen("photos")
    assert len(text.splitlines()) < 24
    assert "b.gif: a folder" in text
    assert text.splitlines()[-1] == "next: curate select photos --n 1"


def test_several_sources_and_archives(photos: Path) -> None:
    """What can be selected from can be inspected, also as one."""
    with zipfile.ZipFile("more.zip", "w") as archive:
        archive.write(photos / "dog" / "0.png", "x.png")
    found = seen("photos", "more.zip")
    assert found["items"] == 8
    assert found["name"] == "photos + more"
    run_next(found)


def test_a_table_that_does_not_say_its_items(tmp_path: Path, monkeypatch) -> None:
    """Its columns are shown all the same, the problem said, and an option proposed."""
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("id,age,income,city\n1,20,,Rome\n2,30,1.5,Oslo\n3,40,2.5,Rome\n")
    found = seen("people.csv")
    assert found["kind"] is None
    assert "cannot tell which column" in found["problem"]
    columns = {one["name"]: one for one in found["columns"]}
    assert columns["income"] == {
        "name": "income",
        "type": "double",
        "distinct": 2,
        "nulls": 1,
        "example": "1.5",
    }
    assert columns["city"]["distinct"] == 2
    assert "--columns age,income --scale standard" in found["next"]
    run_next(found)
    assert "problem: cannot tell" in screen("people.csv")


def test_texts_and_paths_are_proposed(photos: Path) -> None:
    """A column of paths, or else the longest texts; a list of files gets its sign."""
    Path("t.csv").write_text("file,caption\nphotos/dog/0.png,a\nphotos/cat/1.png,b\n")
    found = seen("t.csv")
    assert "--image-column file" in found["next"]
    run_next(found)
    Path("u.csv").write_text("name,words\nx,some long words that say something\ny,and more words\n")
    assert "--text-column words" in seen("u.csv")["next"]
    Path("l.txt").write_text("photos/dog/0.png\nphotos/cat/1.png\n")
    found = seen("l.txt")
    assert found["next"] == "curate select @l.txt --n 1"
    run_next(found)
    assert photos.is_dir()


def test_vectors_and_texts(tmp_path: Path, monkeypatch) -> None:
    """Dimensions, bytes and lengths of vectors; characters of texts; options are kept."""
    monkeypatch.chdir(tmp_path)
    np.save("v.npy", np.full((50, 4), 0.5, np.float16))
    facts = seen("v.npy")["facts"]
    assert facts["dimensions"] == "4 of float16"
    assert facts["bytes"] == "400 bytes, stay in the file"
    assert facts["lengths"] == "1 to 1 (50 measured)"
    Path("t.txt").write_text("one\nthree\n\none\n")
    found = seen("t.txt")
    assert found["facts"]["characters"] == "3 to 5, median 3"
    assert found["facts"]["distinct"] == "2"
    assert found["set_aside"] == {"empty text": 1}
    papq.write_table(pa.table({"a": ["x"] * 9, "b": ["y"] * 9}), "t.parquet")
    found = seen("t.parquet", "--text-column", "a")
    assert found["next"] == "curate select t.parquet --text-column a --n 1"


def test_many_columns_fit_on_a_screen(tmp_path: Path) -> None:
    """Of hundreds of columns the first are shown, and the rest counted."""
    table = pa.table({"text": ["x"], **{f"c{at}": [at] for at in range(300)}})
    papq.write_table(table, tmp_path / "t.parquet")
    text = screen(tmp_path / "t.parquet")
    assert "and 276 more columns" in text
    assert len(text.splitlines()) < 40


def test_what_is_not_there_is_one_line(tmp_path: Path) -> None:
    """Errors are those of `select`."""
    done = CliRunner().invoke(app, ["inspect", str(tmp_path / "nope")])
    assert "no such file or folder" in str(done.exception)
