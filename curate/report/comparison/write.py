"""Comparison -> compare.json and compare.pdf, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

from curate.report.comparison.model import Comparison
from curate.report.comparison.page import render_comparison
from curate.report.template import load_template
from curate.report.write import write_file

COMPARE_JSON, COMPARE_PDF = "compare.json", "compare.pdf"


def write_comparison(folder: Path, comparison: Comparison, template: str | None) -> Path:
    """Write both to `folder`; returns compare.json, which is written last.

    Raises DataError if it cannot be written there.
    """
    write_file(folder / COMPARE_PDF, render_comparison(comparison, load_template(template)))
    text = comparison.model_dump_json(indent=1) + "\n"
    write_file(folder / COMPARE_JSON, text.encode())
    return folder / COMPARE_JSON
