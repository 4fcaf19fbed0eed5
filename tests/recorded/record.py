"""Record again what the twelve jobs give. Run by hand, from the root of the repository:

    PYTHONPATH=tests:CHECKOUT python -m recorded.record [FOLDER] [JOB ...]

CHECKOUT is a checkout of the commit to record, best with an environment of its own: an editable
install of another checkout lends it the templates of that one. FOLDER is where the
recordings go, by default beside this file. To see that a recording repeats itself, record twice
and compare the bytes.

This is allowed in three cases only:
- A job, or what is recorded of a job, changes. Record with the code of the commit that the
  other recordings were made from, c2f779d, never with the code that is to be tested.
- A library changes its numbers. Then c2f779d gives the new numbers too: record with it.
- A release is out, and CHANGED and RENAMED of tests/test_recorded_jobs.py are to begin anew:
  record the commit of the release, empty both tables, and name the commit here.
Never record to make a test pass: a number that changed on purpose gets a line in CHANGED, with
its reason.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from recorded.jobs import FOLDER, JOBS, make_workspace, run_job, save


def main(words: list[str]) -> None:
    """Record the jobs that are named, or all."""
    folder = Path(words[0]) if words else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        workspace = make_workspace(Path(scratch))
        for name in words[1:] or JOBS:
            started = time.monotonic()
            file = folder / f"{name}.json.gz"
            save(run_job(name, workspace), file)
            seconds, size = time.monotonic() - started, file.stat().st_size
            sys.stderr.write(f"{name:12} {seconds:5.1f} s {size / 1000:7.1f} kB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
