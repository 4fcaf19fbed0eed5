from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import DataError, RequestError
from curate.report.sections import SECTIONS
from curate.report.template import load_template


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
        ('color_input = "grey"', RequestError, ["color_input", "grey"]),
        ("size_small = 3", RequestError, ["size_small", "3"]),
        ('margin_mm = "wide"', RequestError, ["margin_mm", "wide"]),
        ('logo = "none.png"', DataError, ["logo", "none.png"]),
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
    with pytest.raises(DataError, match=r"no template at .*gone\.toml"):
        load_template(str(tmp_path / "gone.toml"))


def test_a_logo_is_found_beside_its_template(tmp_path: Path) -> None:
    """A relative logo is relative to the template, not to the current folder."""
    (tmp_path / "logo.png").write_bytes(b"")
    file = tmp_path / "mine.toml"
    file.write_text('logo = "logo.png"')
    assert load_template(str(file)).logo == (tmp_path / "logo.png").as_posix()
