"""Strategies in text, in tables and in Python are the same strategies."""

from __future__ import annotations

import pytest

from curate.errors import RequestError
from curate.schema.job import make_job
from curate.schema.job_file import commented_job, read_job_file, reproduce
from curate.schema.strategies import SPECS, Balance, Threshold, Weights
from curate.schema.strategy_syntax import describe_strategies, read_specs, spec_text
from curate.select.registry import STRATEGIES

SAME = [
    ("diversity", {"name": "diversity"}),
    ("diversity:strength=0.5", {"name": "diversity", "strength": 0.5}),
    ("typicality:neighbours=30,strength=-1", {"neighbours": 30, "strength": -1}),
    ("similarity:a/b.npy", {"query": "a/b.npy"}),
    ("weights:score,strength=2", {"column": "score", "strength": 2}),
    ("weights:price,strength=0,budget=9.5", {"column": "price", "strength": 0, "budget": 9.5}),
    ("balance:weather", {"column": "weather"}),
    ("balance:weather=input,strength=2", {"column": "weather", "target": "input", "strength": 2}),
    ("balance:w=day:0.5/night:0.25", {"column": "w", "target": {"day": 0.5, "night": 0.25}}),
    ("threshold:sharpness>20", {"column": "sharpness", "op": ">", "value": 20}),
    ("threshold:x<=-1.5", {"column": "x", "op": "<=", "value": -1.5}),
    ("threshold:code==007", {"column": "code", "op": "==", "value": "007"}),
    ("threshold:w in day/night", {"column": "w", "op": "in", "value": ["day", "night"]}),
    ("threshold:ok!=true", {"column": "ok", "op": "!=", "value": True}),
]


@pytest.mark.parametrize(("text", "table"), SAME, ids=[text for text, _ in SAME])
def test_text_and_tables_are_the_same(text, table, tmp_path):
    """The command line and a [[select.strategy]] table make the same model, and text comes back."""
    (spec,) = read_specs(text)
    assert read_specs({"name": text.partition(":")[0], **table}) == (spec,)
    assert read_specs(spec_text(spec)) == (spec,)
    lines = ["[[select.strategy]]", f'name = "{spec.name}"']
    for name, value in table.items():
        shown = (
            "{" + ", ".join(f"{k} = {v}" for k, v in value.items()) + "}"
            if isinstance(value, dict)
            else str(value).lower()
            if isinstance(value, bool)
            else repr(value)
        )
        lines += [f"{name} = {shown}"] if name != "name" else []
    (tmp_path / "job.toml").write_text("\n".join(lines))
    expected = make_job({"strategy": [text]}).select.strategy
    found = make_job(read_job_file(tmp_path / "job.toml")).select.strategy
    if spec.name != "similarity":  # whose path is seen from the job file
        assert found == expected


def test_signs_that_text_needs_are_written_as_json():
    """Names with , / : = survive the round trip, as JSON."""
    for spec in (
        Balance(column="a,b=c", target={"x/y": 0.5, "u:v": 0.1}),
        Threshold(column="a>b", op="in", value=("x/y", "z")),
        Weights(column="strength"),
    ):
        assert read_specs(spec_text(spec)) == (spec,)
        assert spec_text(spec).startswith("{")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("balanse:w", "did you mean 'balance'"),
        ("weights:x,budgt=3", "weights has no setting 'budgt': did you mean 'budget'"),
        ("weights:x,strength=much", "strength of weights is 'much'"),
        ("weights:x,strength=0", "with strength 0 it has no effect"),
        ("weights:x,budget=-1", "budget of weights is '-1'"),
        ("balance", "column of balance is ''"),
        ("balance:w=day:0.9/night:0.3", "the shares sum to 1.2, more than 1"),
        ("balance:w=unifrom", "'uniform' or 'input'"),
        ("balance:w=day:-0.1", "a share of 0 or more"),
        ("threshold:x", "write it as COLUMN OP VALUE"),
        ("threshold:x>abc", "> needs a number, got 'abc'"),
        ("diversity:3", "write KEY=VALUE"),
        ("{no json", "is no JSON object"),
        ({"column": "w"}, "[[select.strategy]] 1: has no name"),
        (
            [{"name": "diversity"}, {"name": "weights"}],
            "[[select.strategy]] 2: weights needs column",
        ),
        (
            {"name": "threshold", "column": "x", "op": ">", "value": 2, "strength": 2},
            "threshold has no setting 'strength'",
        ),
        ({"name": "threshold", "column": "x", "op": "=", "value": 2}, "op of threshold is '='"),
        ({"name": "threshold", "column": "x", "op": "==", "value": ["a"]}, "goes with"),
        ([], "no strategy is named"),
        (3, "strategy 1 is 3"),
    ],
)
def test_mistakes_name_the_table_and_the_field(given, says):
    """Every mistake is one line that names the strategy, the field and what was got."""
    with pytest.raises(RequestError) as caught:
        read_specs(given)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_command_repeats_the_job():
    """reproduce() writes strategies as they are typed, and typing them makes the same job."""
    strategies = ["diversity", "balance:label=a:0.5,strength=2", "threshold:w in day/night"]
    job = make_job({"source": "x", "n": 5, "strategy": strategies})
    assert reproduce(job) == (
        "curate select x --n 5 --strategy diversity --strategy balance:label=a:0.5,strength=2 "
        "--strategy 'threshold:w in day/night'"
    )
    assert make_job({"source": "x", "n": 5, "strategy": job.changed()["strategy"]}) == job
    again = job.model_validate_json(job.model_dump_json())
    assert again == job


def test_paths_of_queries_are_relative_to_the_job_file(tmp_path):
    """A query set is named from where the job file lies; ids stay ids."""
    folder = tmp_path / "jobs"
    folder.mkdir()
    (folder / "ids.txt").write_text("a\n")
    (folder / "job.toml").write_text(
        "[select]\n"
        'strategy = ["similarity:q.npy", "similarity:ids:ids.txt", "similarity:ids:a|b"]\n'
        'datapool = "ids:ids.txt"\n'
    )
    job = make_job(read_job_file(folder / "job.toml"))
    here = folder.as_posix()
    queries = [spec.query for spec in job.select.strategy]
    assert queries == [f"{here}/q.npy", f"ids:{here}/ids.txt", "ids:a|b"]
    assert job.select.datapool == f"ids:{here}/ids.txt"


def test_the_list_is_of_the_table():
    """`curate strategies` has each strategy with each of its settings and an example that reads."""
    text = describe_strategies()
    assert set(SPECS) == set(STRATEGIES)
    for name, spec in SPECS.items():
        assert f"\n{name}\n" in f"\n{text}"
        for setting in spec.model_fields:
            assert setting == "name" or f"    {setting}: " in text
        assert read_specs(spec.example)[0].name == name
    assert "[[select.strategy]]" in commented_job()


def test_counts_are_needed_unless_the_strategy_stops():
    """Only thresholds alone, budgets and what counts for itself need no n."""
    assert make_job({"strategy": "threshold:x>1"}).select.counts_itself
    assert make_job({"strategy": ["weights:x,budget=3", "diversity"]}).select.counts_itself
    assert not make_job({"strategy": ["threshold:x>1", "diversity"]}).select.counts_itself
