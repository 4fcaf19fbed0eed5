"""Reports of other schema versions: read where they can be, refused with the way out elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from drawn import Drawn
from factory import make_report

import curate
from curate.errors import DataError
from curate.report.build.comparison import compare_reports
from curate.report.build.load import load_report
from curate.report.build.write import redraw
from curate.report.pages.pdf import render
from curate.report.render.template import load_template
from curate.report.words import selection
from curate.schema.job import SETTINGS
from curate.schema.report import SCHEMA_VERSION

GOLDEN = Path(__file__).parents[2] / "golden"
# Made by version 1.0 with `curate select terms.csv --n 6 --text-column text --id-column id
# --label-column topic` on 29 definitions, two of them twice, one empty. Not to be made again.
OLD = GOLDEN / "report-1.0.json"
# Made by version 1.1, with `curate select points.csv --columns a,b,c,d --id-column id
# --label-column label --n 8 --strategy diversity --strategy balance:label=uniform,strength=2
# --datapool ids:before.txt --seed 3 --threads 1 --out out` on
# points.csv, 40 points. Not to be made again.
OLD_WITH_DATAPOOL = GOLDEN / "report-1.1.json"


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
    drawn = Drawn(report, redraw(OLD, tmp_path / "old.pdf", None).read_bytes())
    assert drawn.pages[0].startswith(selection.summary_title(report))
    assert not any("could not be drawn" in page for page in drawn.pages)


@pytest.mark.parametrize("file", [OLD, OLD_WITH_DATAPOOL], ids=lambda file: file.stem)
def test_the_flat_job_of_version_1_is_sorted_into_its_parts(file: Path) -> None:
    """Each setting of a stored flat job is found in its part, and as the same flat setting."""
    stored = json.loads(file.read_text(encoding="utf-8"))["job"]
    read = json.loads(load_report(file).job.model_dump_json())
    assert {name: read[SETTINGS[name].part][name] for name in stored} == stored
    assert set(read) == {"data", "embed", "select", "measure", "report"}


def test_a_report_of_version_1_1_is_read_and_drawn(tmp_path: Path) -> None:
    """A datapool, two strategies and the label shares of a stored file are read and drawn."""
    report = load_report(OLD_WITH_DATAPOOL)
    assert (report.counts.input, report.counts.selected, report.counts.datapool) == (40, 8, 3)
    assert [spec.name for spec in report.job.select.strategy] == ["diversity", "balance"]
    assert (report.job.select.seed, report.job.embed.threads) == (3, 1)
    assert report.job.select.datapool == "ids:before.txt"
    drawn = Drawn(report, redraw(OLD_WITH_DATAPOOL, tmp_path / "old.pdf", None).read_bytes())
    assert not any("could not be drawn" in page for page in drawn.pages)


def test_an_old_report_is_compared_with_one_of_today(tmp_path: Path) -> None:
    """compare-selections takes a report of version 1.1 beside one that this version writes."""
    curate.select(
        GOLDEN / "points.csv",
        n=8,
        columns="a,b,c,d",
        id_column="id",
        label_column="label",
        out=tmp_path / "new",
    )
    old, new = compare_reports([OLD_WITH_DATAPOOL, tmp_path / "new"]).selections
    assert (old.selected, new.selected, old.datapool, new.datapool) == (8, 8, 3, 0)
    stored = load_report(OLD_WITH_DATAPOOL)
    assert old.statistics["coverage_max"].value == stored.coverage.radius
    assert old.command == stored.provenance.command


def test_what_a_later_minor_version_adds_is_passed_over(tmp_path: Path) -> None:
    """New fields anywhere, and new settings of the job, do not keep a report from being read."""
    stored = json.loads(make_report(n=60, k=9).model_dump_json())
    (tmp_path / "now.json").write_text(json.dumps(stored), encoding="utf-8")
    stored |= {"schema_version": "2.99", "new_part": {"a": 1}}
    stored["job"]["select"]["new_setting"] = True
    stored["job"]["new_part"] = {"a": 1}
    stored["coverage"]["new_number"] = 0.5
    file = tmp_path / "report.json"
    file.write_text(json.dumps(stored), encoding="utf-8")
    assert load_report(file).coverage == load_report(tmp_path / "now.json").coverage
    assert load_report(file).job == load_report(tmp_path / "now.json").job


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("0.9", ["0.9", "1.x and 2.x", "run its command again"]),
        ("3.0", ["3.0", "1.x and 2.x", "install a newer curate"]),
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
