"""Built-in columns in a run: a strategy names one, and it is there."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from typer.testing import CliRunner

import curate
from curate.cli.main import app
from curate.embed import computed_columns
from curate.errors import RequestError


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """24 pictures, every other one blurred."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(5)
    for place in range(24):
        noise = ndimage.gaussian_filter(rng.normal(size=(40, 48)), 4 if place % 2 else 0.6)
        scaled = (noise - noise.min()) / (noise.max() - noise.min())
        Image.fromarray((255 * scaled).astype(np.uint8)).save(folder / f"{place:02}.png")
    return folder


def test_a_threshold_on_sharpness_leaves_the_sharp_ones(pictures, tmp_path):
    """From the command line: what is picked is sharper than the bound, and says how sharp."""
    words = ["--strategy", "threshold:sharpness>500", "--strategy", "diversity"]
    done = CliRunner().invoke(
        app, ["select", str(pictures), "--n", "6", *words, "--no-report", "--out", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    with (tmp_path / "selected.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    for row in rows:
        luma = np.asarray(Image.open(pictures / row["id"]), dtype=float)
        sharpness = ndimage.laplace(luma, mode="nearest").var()
        assert float(row["sharpness"]) == pytest.approx(sharpness, rel=1e-10)
        assert sharpness > 500
        assert int(row["id"][:2]) % 2 == 0


def test_a_text_column_weighs(tmp_path):
    """Alone, weights on characters pick the longest texts, longest first."""
    texts = ["one", "one two three", "one two", "one two three four five", "o"]
    (tmp_path / "texts.txt").write_text("\n".join(texts))
    result = curate.select(
        tmp_path / "texts.txt", n=3, strategy="weights:characters", no_report=True
    )
    assert [texts[row] for row in result.indices] == [texts[3], texts[1], texts[2]]


def test_nothing_is_computed_that_nobody_asked_for(pictures, monkeypatch):
    """Without a strategy that names one, no column is made; an unknown name ends before any."""
    monkeypatch.setattr(computed_columns, "builtin_columns", None)  # would fail if it were called
    result = curate.select(pictures, n=3, no_report=True)
    assert result.dataset.metadata.num_columns == 0
    with pytest.raises(RequestError, match="did you mean 'sharpness'"):
        curate.select(pictures, n=3, strategy="threshold:sharpnes>2", no_report=True)


def test_the_list_of_strategies_ends_with_the_columns():
    """`curate strategies` names every built-in column and says what it is."""
    done = CliRunner().invoke(app, ["strategies"])
    assert done.exit_code == 0
    told = " ".join(done.output.split())
    for known in computed_columns.BUILTIN.values():
        for name, what in known.items():
            assert f"{name}: {what}." in told
