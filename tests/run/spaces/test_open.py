"""Spaces from paths and arrays, joined by id."""

from __future__ import annotations

import numpy as np
import pytest

from curate.errors import DataError, RequestError
from curate.measure.spaces.space import join, labels_of
from curate.run.spaces.open import open_all, open_space, split_source


def silent(steps, label, total):  # noqa: ARG001
    return iter(steps)


def test_settings_behind_a_path(tmp_path):
    """`path,setting=value` is split; a comma that belongs to an existing path is not."""
    assert split_source("v.npy,ids=i.txt,metric=cosine") == (
        "v.npy",
        {"ids": "i.txt", "metric": "cosine"},
    )
    odd = tmp_path / "a,metric=b.npy"
    odd.touch()
    assert split_source(str(odd)) == (str(odd), {})
    with pytest.raises(RequestError, match="metric"):
        split_source("v.npy,metrik=cosine")


def test_own_settings_win(tmp_path):
    """What stands behind a path goes above the settings of the request."""
    np.save(tmp_path / "v.npy", np.eye(3))
    (tmp_path / "ids.txt").write_text("a\nb\nc\n")
    source = f"{tmp_path / 'v.npy'},ids={tmp_path / 'ids.txt'},metric=cosine,name=mine"
    dataset, embeddings = open_space(source, {"metric": "euclidean"})
    assert (list(dataset.ids), dataset.name) == (["a", "b", "c"], "mine")
    assert embeddings.metric == "cosine"


def test_spaces_are_joined_by_id(tmp_path, rng):
    """Common ids in the order of the first space; what another lacks is counted."""
    for name, ids in (("one", "abcd"), ("two", "dxba")):
        np.save(tmp_path / f"{name}.npy", rng.normal(size=(4, 2)))
        (tmp_path / f"{name}.txt").write_text("\n".join(ids))
    spaces = open_all(
        [f"{tmp_path}/{name}.npy,ids={tmp_path}/{name}.txt" for name in ("one", "two")],
        {},
        silent,
    )
    joined = join(spaces)
    assert [rows.tolist() for rows in joined.rows] == [[0, 1, 3], [3, 2, 0]]
    assert [part.missing for part in joined.descriptions()] == [1, 1]


def test_nothing_in_common(tmp_path, rng):
    """Spaces without common ids are bad data, and the message shows ids of both."""
    for name in ("p", "q"):
        np.save(tmp_path / f"{name}.npy", rng.normal(size=(3, 2)))
        (tmp_path / f"{name}.txt").write_text("\n".join(f"{name}{i}" for i in range(3)))
    sources = [f"{tmp_path}/{name}.npy,ids={tmp_path}/{name}.txt" for name in "pq"]
    with pytest.raises(DataError, match=r"p0.*q0"):
        join(open_all(sources, {}, silent))


def test_names_differ(rng):
    """Two arrays get names that tell them apart."""
    spaces = open_all([rng.normal(size=(3, 2)), rng.normal(size=(3, 2))], {}, silent)
    assert [space.name for space in spaces] == ["array 1", "array 2"]


def test_labels_come_from_the_space_that_has_them(tmp_path, rng):
    """A column of a table labels the vectors beside it, by id; an unknown one is refused."""
    np.save(tmp_path / "v.npy", rng.normal(size=(3, 2)))
    (tmp_path / "t.csv").write_text("id,text,topic\n2,c,x\n1,b,y\n0,a,x\n")
    spaces = open_all(
        [f"{tmp_path}/v.npy", f"{tmp_path}/t.csv,id_column=id,text_column=text"], {}, silent
    )
    joined = join(spaces)
    labels, origin = labels_of(joined, "topic")
    assert (labels.codes.tolist(), labels.names, origin) == ([0, 1, 0], ["x", "y"], "topic")
    with pytest.raises(RequestError, match="did you mean 'topic'"):
        labels_of(joined, "topics")
