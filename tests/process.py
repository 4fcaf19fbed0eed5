"""curate as a real process."""

from __future__ import annotations

import os
import subprocess
import sys


def run(*words, cwd, env=None):
    return subprocess.run(
        [sys.executable, "-m", "curate", *map(str, words)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )
