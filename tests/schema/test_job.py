"""The job: five parts, flat names, and files with a table for each part."""

from __future__ import annotations

import builtins
import os
import tomllib
from pathlib import Path

import pytest

from curate.errors import RequestError
from curate.schema.job import PARTS, SETTINGS, Job, describe, describe_part, make_job
from curate.schema.job_file import commented_job, read_job_file, reproduce


def test_every_setting_is_in_one_part_and_described() -> None:
    """Names are unique across parts, and each setting and each part has its description."""
    names = [name for part in PARTS.values() for name in part.model_fields]
    assert len(names) == len(set(names)) == len(SETTINGS)
    assert list(PARTS) == list(Job.model_fields) == ["data", "embed", "select", "measure", "report"]
    assert not set(SETTINGS) & set(PARTS)
    assert all(describe(name) for name in SETTINGS)
    assert all(describe_part(part) for part in PARTS)


def test_flat_settings_come_back() -> None:
    """flat() has every setting, given() and changed() those that were set."""
    job = make_job({"source": "x", "n": 5, "seed": 0, "threads": "2", "export": "hf,coco"})
    assert list(job.flat()) == list(SETTINGS)
    assert (job.select.n, job.embed.threads, job.report.export) == (5, 2, ("hf", "coco"))
    assert job.given() == {
        "source": "x",
        "threads": 2,
        "n": 5,
        "seed": 0,
        "export": ("hf", "coco"),
    }
    assert job.changed() == {"source": "x", "n": 5, "export": ("hf", "coco")}
    assert make_job(job.flat()) == make_job(job.given()) == job


def test_an_update_is_checked_like_a_new_job() -> None:
    """updated() sets flat names, keeps the rest, and refuses what make_job refuses."""
    job = make_job({"source": "x", "n": 5})
    assert job.updated(n=7, metric="cosine") == make_job(
        {"source": "x", "n": 7, "metric": "cosine"}
    )
    with pytest.raises(RequestError, match="seed is -1"):
        job.updated(seed=-1)


def test_validation_reads_no_file_and_no_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job of names, paths and strategies is made without a look at the disk."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("validation looked at the disk")

    settings = {
        "source": ["a name", "a/path"],
        "datapool": "ids:some/file",
        "selection": "chosen.txt",
        "strategy": ["similarity:queries.npy", "balance:label=uniform"],
        "embedder": "onnx:model.onnx",
        "objects": "boxes.json",
        "template": "mine.toml",
        "catalog": "names.sqlite",
        "out": "reports/here",
    }
    for module, names in ((builtins, ["open"]), (os, ["stat", "scandir", "listdir", "open"])):
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    job = make_job(settings)
    monkeypatch.undo()
    assert job.data.source == ["a name", "a/path"]
    assert job.select.datapool == "ids:some/file"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n = 5", "n belongs in the table [select]."),
        ('[[strategy]]\nname = "random"', "strategy belongs in the table [select]."),
        ("[data]\nn = 5", "n belongs in the table [select], not in [data]."),
        ("[select]\nnn = 5", "a job has no setting 'nn': did you mean 'n'?"),
        ("[selekt]\nn = 5", "a job has no table 'selekt': did you mean 'select'?"),
        ("select = 5", "select is a table: write [select] above its settings."),
    ],
)
def test_a_setting_in_the_wrong_place_is_one_line(text: str, message: str, tmp_path: Path) -> None:
    """The message names the file, the setting and the table where it belongs."""
    file = tmp_path / "job.toml"
    file.write_text(text)
    with pytest.raises(RequestError) as caught:
        read_job_file(file)
    assert str(caught.value).startswith(f"{file}: {message}")
    assert "\n" not in str(caught.value)


def test_the_commented_file_has_every_setting_in_its_table(tmp_path: Path) -> None:
    """`curate init`: the file reads as it is, and with every setting switched on."""
    text = commented_job()
    (tmp_path / "job.toml").write_text(text)
    settings = read_job_file(tmp_path / "job.toml")
    assert settings == {"source": tmp_path.as_posix(), "n": 100}
    lines = text[: text.index("# Several strategies")].splitlines()
    settings_on = [
        line.removeprefix("# ") for line in lines if line.startswith("[") or " = " in line
    ]
    tables = tomllib.loads("\n".join(line for line in settings_on if _is_toml(line)))
    assert list(tables) == list(PARTS)
    for part, model in PARTS.items():
        assert list(tables[part]) == list(model.model_fields)


def _is_toml(line: str) -> bool:
    """Whether a line of the commented file is a table or a setting, and not a description."""
    return line.startswith("[") or line.partition(" = ")[0] in SETTINGS


def test_a_file_a_command_and_keywords_make_one_job(tmp_path: Path) -> None:
    """Five tables and flat settings are the same job, which prints one command."""
    (tmp_path / "job.toml").write_text(
        '[data]\nsource = "v.npy"\nid_column = "id"\n[embed]\nmetric = "cosine"\n'
        "[measure]\nqueries = 500\n[report]\nno_report = true\n"
        '[select]\nn = 5\n[[select.strategy]]\nname = "diversity"\n'
        '[[select.strategy]]\nname = "weights"\ncolumn = "score"\n'
    )
    job = make_job(read_job_file(tmp_path / "job.toml"))
    assert job == make_job(
        {
            "source": f"{tmp_path.as_posix()}/v.npy",
            "id_column": "id",
            "metric": "cosine",
            "queries": 500,
            "no_report": True,
            "n": 5,
            "strategy": ["diversity", "weights:score"],
        }
    )
    assert reproduce(job) == (
        f"curate select {tmp_path.as_posix()}/v.npy --id-column id --metric cosine --n 5 "
        "--strategy diversity --strategy weights:score --queries 500 --no-report"
    )
