from __future__ import annotations

from pathlib import Path

import pytest
from drawn import Drawn
from factory import make_report
from PIL import Image

from curate.errors import DataError, RequestError
from curate.report.pages.pdf import render
from curate.report.pages.selection import SECTIONS
from curate.report.render.template import load_template
from curate.schema import job_file
from curate.schema.job import SHIPPED_TEMPLATES


def test_the_shipped_template_names_every_section() -> None:
    """A new section has its place in the shipped template and its how-to-read line."""
    template = load_template(None)
    assert list(template.sections) == list(SECTIONS)
    assert all(template.how(name) for name in SECTIONS)


def test_a_users_file_replaces_single_settings(tmp_path: Path) -> None:
    """What a user's file does not name stays as shipped."""
    file = tmp_path / "mine.toml"
    file.write_text('page_size = "Letter"\ncolor_selected = "#112233"\n')
    template = load_template(str(file))
    assert template.page_size == "Letter"
    assert template.color("selected") == "#112233"
    assert template.color("input") == load_template(None).color("input")


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ('page_siez = "A4"', RequestError, ["page_siez", "page_size"]),
        ('page_size = "A5"', RequestError, ["page_size", "A5", "Letter"]),
        ('sections = ["summary", "divercity"]', RequestError, ["divercity", "'diversity'"]),
        ("sections = []", RequestError, ["sections"]),
        ('color_input = "grey"', RequestError, ["color_input", "grey", "#0072B2"]),
        ('language = "English (US)"', RequestError, ["language", "English (US)", "pt-BR"]),
        ("size_small = 3", RequestError, ["size_small", "3"]),
        ('margin_mm = "wide"', RequestError, ["margin_mm", "wide"]),
        ('logo = "none.png"', DataError, ["logo", "none.png"]),
        ('logo = "mine.toml"', DataError, ["logo", "mine.toml", "PNG"]),
        ('font = "none.ttf"', DataError, ["font", "none.ttf"]),
        ('font_bold = "mine.toml"', DataError, ["font_bold", "mine.toml", "TrueType"]),
        ("page_size = A4", DataError, ["TOML"]),
    ],
)
def test_a_wrong_setting_is_named(
    tmp_path: Path, text: str, error: type[Exception], told: list[str]
) -> None:
    """One line that names the key, what was got and, where there is one, the nearest name."""
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(error) as caught:
        load_template(str(file))
    message = str(caught.value)
    assert "\n" not in message
    for part in told:
        assert part in message


def test_a_missing_template_is_missing_data(tmp_path: Path) -> None:
    """No such file: DataError with its path."""
    with pytest.raises(DataError, match=r"no template at .*gone\.toml: pass full or brief"):
        load_template(str(tmp_path / "gone.toml"))


def test_a_logo_is_found_beside_its_template(tmp_path: Path) -> None:
    """A relative logo is relative to the template, not to the current folder."""
    Image.new("RGB", (4, 4)).save(tmp_path / "logo.png")
    file = tmp_path / "mine.toml"
    file.write_text('logo = "logo.png"')
    assert load_template(str(file)).logo == (tmp_path / "logo.png").as_posix()


def test_shipped_templates_go_by_their_names(tmp_path: Path) -> None:
    """`full` is what is drawn without a template; `brief` sets some of it; in a job file, too."""
    assert load_template("full") == load_template(None)
    brief = load_template("brief")
    assert brief.sections == ["summary", "maps"]
    assert brief.color("input") == load_template(None).color("input")
    job = tmp_path / "curate.toml"
    for name in SHIPPED_TEMPLATES:
        job.write_text(f'[report]\ntemplate = "{name}"')
        assert job_file.read_job_file(job)["template"] == name


@pytest.mark.parametrize(
    "wanted",
    [
        {"n": 300, "k": 30, "datapool": 40, "set_aside": 5, "duplicates": 4},
        {"n": 40, "k": 40, "ids": [f"{'<漢 שלום>' * 40}{row}" for row in range(40)]},
        {"n": 60, "k": 9, "kind": "text", "texts": ["long words " * 40] * 60},
    ],
)
def test_the_brief_report_has_two_pages(wanted: dict[str, object]) -> None:
    """Whatever the data, `brief` is two pages, on the lower of the two paper sizes, too."""
    template = load_template("brief").model_copy(update={"page_size": "Letter"})
    report = make_report(**wanted)
    drawn = Drawn(report, render(report, {}, template))
    assert len(drawn.pages) == 2
    assert not any("could not be drawn" in page for page in drawn.pages)


def test_a_font_of_the_template_comes_first(tmp_path: Path) -> None:
    """Text is set in it, what it lacks in the shipped ones; the next report is not."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    (tmp_path / "own.ttf").write_bytes((folder / "DejaVuSerif.ttf").read_bytes())
    file = tmp_path / "mine.toml"
    file.write_text('font = "own.ttf"')
    report = make_report(n=40, k=5, name="שם 名")
    drawn = Drawn(report, render(report, {}, load_template(str(file))))
    assert b"DejaVuSerif" in drawn.pdf
    assert "名" in drawn.pages[0]
    again = render(report, {}, load_template(None))
    assert b"DejaVuSerif" not in again
