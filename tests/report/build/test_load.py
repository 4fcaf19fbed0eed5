"""Reports of other schema versions: read where they can be, refused with the way out elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from drawn import Drawn
from factory import make_report

from curate.errors import DataError
from curate.report.build.load import load_report
from curate.report.build.write import redraw
from curate.report.pages.pdf import render, render_file
from curate.report.render.template import load_template
from curate.report.words import selection
from curate.schema.report import SCHEMA_VERSION

GOLDEN = Path(__file__).parents[2] / "golden"
# Made by version 1.0 with `curate select terms.csv --n 6 --text-column text --id-column id
# --label-column topic` on 29 definitions, two of them twice, one empty. Not to be made again.
OLD = GOLDEN / "report-1.0.json"


def test_a_report_of_version_1_0_is_read_and_drawn(tmp_path: Path) -> None:
    """A stored file of the first version: its numbers are kept, and every page is drawn."""
    report = load_report(OLD)
    stored = json.loads(OLD.read_text(encoding="utf-8"))
    assert report.schema_version == stored["schema_version"] == "1.0"
    assert report.items == {}
    assert report.coverage.radius == stored["coverage"]["radius"]
    assert [item.id for item in report.selection.items] == [
        item["id"] for item in stored["selection"]["items"]
    ]
    drawn = Drawn(report, render_file(OLD, load_template(None)))
    assert drawn.pages[0].startswith(selection.summary(report))
    assert not any("could not be drawn" in page for page in drawn.pages)
    assert redraw(OLD, tmp_path / "old.pdf", None).read_bytes() == drawn.pdf


def test_what_a_later_minor_version_adds_is_passed_over(tmp_path: Path) -> None:
    """New fields anywhere, and new settings of the job, do not keep a report from being read."""
    stored = json.loads(OLD.read_text(encoding="utf-8"))
    stored |= {"schema_version": "1.99", "new_part": {"a": 1}}
    stored["job"]["new_setting"] = True
    stored["coverage"]["new_number"] = 0.5
    file = tmp_path / "report.json"
    file.write_text(json.dumps(stored), encoding="utf-8")
    assert load_report(file).coverage == load_report(OLD).coverage


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("0.9", ["0.9", "1.x", "run the command in it again"]),
        ("2.0", ["2.0", "1.x", "install a newer curate"]),
        (None, ["None", "is it a report of curate?"]),
        ("one", ["'one'", "is it a report of curate?"]),
    ],
)
def test_other_versions_are_refused_in_one_line(
    tmp_path: Path, version: object, told: list[str]
) -> None:
    """What was got and what to do, in one line."""
    stored = json.loads(OLD.read_text(encoding="utf-8")) | {"schema_version": version}
    (tmp_path / "report.json").write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_report(tmp_path)
    assert "\n" not in str(caught.value)
    assert all(part in str(caught.value) for part in told)


def test_a_report_read_back_is_the_report(tmp_path: Path) -> None:
    """Written and read, every value is the same, and so are the pages."""
    report = make_report(n=60, k=9, datapool=9)
    assert report.schema_version == SCHEMA_VERSION
    (tmp_path / "report.json").write_text(report.model_dump_json(indent=1), encoding="utf-8")
    again = load_report(tmp_path)
    assert again == report
    template = load_template(None)
    assert render(again, {}, template) == render(report, {}, template)
