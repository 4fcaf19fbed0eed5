"""Help that a person can read: groups, one line an option, and shell completion."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from curate.cli.main import COMMANDS, GROUPS, app
from curate.cli.options import COMMON, COMMON_SETTINGS, PANELS
from curate.schema.job import PARTS, SETTINGS


def help_of(*words: str) -> str:
    return CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "80"}).output


def test_settings_stand_in_the_groups_of_the_job():
    """`curate select --help` has the most used options first, then a group for each part."""
    heads = re.findall(r"^([A-Z].*):$", help_of("select"), re.MULTILINE)
    assert heads == ["Arguments", COMMON, *PANELS.values(), "Output"]
    assert list(PANELS) == list(PARTS)
    assert len(COMMON_SETTINGS) == 12


def test_every_option_of_select_takes_one_line():
    """No description of an option of `curate select` is wrapped on a terminal of 80 columns."""
    body = help_of("select").partition(f"{COMMON}:")[2].partition("Every option")[0]
    lines = [line for line in body.splitlines() if line.startswith("  ")]
    options = len(SETTINGS) - 3 + 6  # without source and the two of measure; output options
    assert len(lines) == options, "\n".join(lines)
    assert all(re.match(r"  -", line) for line in lines)


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_the_first_sentence_of_a_setting_is_short(name):
    """What help shows of a setting is a sentence of at most 50 characters."""
    from curate.cli.options import first_sentence

    assert len(first_sentence(name)) <= 51


def test_every_command_is_listed_under_a_heading_on_one_line():
    """`curate --help` lists each command once, with its whole short description."""
    text = help_of()
    names = [command.name for commands in COMMANDS.values() for command in commands]
    for name in [*names, *GROUPS]:
        assert len(re.findall(rf"^  {name}  ", text, re.MULTILINE)) == 1
    assert not re.search(r"\w\.\.\.$", text, re.MULTILINE)  # nothing is cut


def test_a_shell_completes_options():
    """The completion that `curate --install-completion` installs knows every option."""
    asked = {"COMP_WORDS": "curate select --lab", "COMP_CWORD": "2"}
    code = "import sys; sys.argv = ['curate']; from curate.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **asked, "_CURATE_COMPLETE": "complete_bash"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "--label-column", done.stderr
