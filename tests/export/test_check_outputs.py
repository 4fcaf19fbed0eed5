"""Exports are asked for alike by flag, environment, job file and Python."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from curate.errors import RequestError
from curate.schema.job import make_job
from curate.schema.job_file import commented_job, read_job_file, reproduce


def test_exports_of_the_command_line(tmp_path):
    """The flag may be repeated and hold commas; it wins over a job file, which wins over none."""
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(20, 3)))
    (tmp_path / "job.toml").write_text(
        '[data]\nsource = "v.npy"\n[select]\nn = 3\n[report]\nno_report = true\nexport = ["hf"]\n'
        'out = "out"\n'
    )
    command = [sys.executable, "-m", "curate", "select", "--config", "job.toml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "hf.parquet").is_file()
    done = subprocess.run(
        [*command, "--export", "hf,coco", "--export", "lightly"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "curate: --export coco takes images, the data are vectors: for vectors there is hf.\n"
    )


@pytest.mark.parametrize("given", ["coco, hf,coco", ["coco,hf"], ("coco", "hf"), ["coco", " hf "]])
def test_one_meaning_however_it_is_written(given):
    """Commas, lists and repetitions give the same job and the same command."""
    job = make_job({"source": "x", "n": 3, "export": given})
    assert job.report.export == ("coco", "hf")
    assert reproduce(job) == "curate select x --n 3 --export coco,hf"


def test_a_wrong_type_is_one_line():
    """What is no name gets the message of the setting."""
    with pytest.raises(RequestError, match="It means: Also write the selection"):
        make_job({"export": 3})


def test_places_are_relative_to_the_job_file_and_change_no_report(tmp_path):
    """copy_to and link_to are paths of the job file; the command that repeats a run has neither."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "job.toml").write_text(
        '[select]\nn = 2\n[report]\ncopy_to = "a"\nlink_to = "b"\n'
    )
    job = make_job(read_job_file(tmp_path / "sub" / "job.toml"))
    assert job.report.copy_to == (tmp_path / "sub" / "a").as_posix()
    assert job.report.link_to == (tmp_path / "sub" / "b").as_posix()
    assert reproduce(job) == "curate select . --n 2"
    assert "# export = []" in commented_job()
