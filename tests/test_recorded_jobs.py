"""Twelve jobs give what they gave before the tree was restructured.

recorded/jobs.py has the jobs and says what is recorded of each. Integers, texts and ids must be
equal, floats agree to RELATIVE. What differs on purpose is in three tables: RENAMED, CHANGED and
PDF_CHANGED. A path or a printed number that comes or goes without a line there is a failure.

With RECORDED_AS_IS=1 in the environment the tables are not applied: for the code that the
recordings were made from, c2f779d.
"""

from __future__ import annotations

import copy
import functools
import math
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recorded.jobs import JOBS, Record, load, make_workspace, recording, run_job

RELATIVE, ABSOLUTE = 1e-6, 1e-9
AS_IS = os.environ.get("RECORDED_AS_IS") == "1"
GONE = object()  # in place of the value of a path that only one side has

Values = dict[str, Any]  # path -> value, of one file

# Old beginning of a path -> new one, by the name of the file. `[*]` stands for any one position.
RENAMED: dict[str, dict[str, str]] = {
    "report.json": {"around": "neighbourhoods"},  # with schema version 2.0
    "compare.json": {},
    "items.parquet": {},
    "page.html": {},
}

# Numbers on the pages of a job's PDF that went (-) or came (+) with a rewording: job, or job/file
# where a job writes several -> what, why.
# Numbers that are the printed form of a value listed in CHANGED need no line here.
ROOT_SIGN = ("-2", "the glossary's formula of the energy distance is √(2 E‖X − Y‖ …)")
NO_ROOM = "the curve's label at half of the picks has no room; title and table have the number"
PDF_CHANGED: dict[str, list[tuple[str, str]]] = {
    **{job: [ROOT_SIGN] for job in ("images", "combined", "texts", "datapool", "objects")},
    **{job: [ROOT_SIGN] for job in ("frames", "explore", "comparison/diverse/report.pdf")},
    "words": [ROOT_SIGN, ("-250", NO_ROOM), ("-0.445", NO_ROOM)],
}


@dataclass(frozen=True)
class Change:
    """Paths whose value changed on purpose, and what the new value must be.

    `holds` is given the path, the old value, the new one and all old values of the file; GONE
    stands for a value that is not there.
    """

    file: str
    paths: str  # a regular expression for the whole path
    reason: str
    holds: Callable[[str, Any, Any, Values], bool]


def _is_root(_path: str, old: Any, new: Any, _values: Values) -> bool:
    return alike(math.sqrt(old), new)


def _is_mean_of_roots(path: str, old: Any, new: Any, values: Values) -> bool:
    """By concavity at most the root of the mean, and at least the chord between the draws' ends.

    The ends are those of the middle 95% of the draws: 0.1% is for the draws beyond.
    """
    low, high = values[path.removesuffix("random") + "interval"]
    chord = math.sqrt(low) + (old - low) / (math.sqrt(high) + math.sqrt(low))
    return new is not GONE and 0.999 * chord <= new <= math.sqrt(old) * (1 + RELATIVE)


def _are_quantiles_of_roots(_path: str, old: Any, new: Any, _values: Values) -> bool:
    """Roots of the quantiles, or less (2.3% at most of the jobs) where these lie between draws."""
    return new is not GONE and all(
        0.97 * math.sqrt(a) <= b <= math.sqrt(a) * (1 + RELATIVE)
        for a, b in zip(old, new, strict=True)
    )


def _unlabelled(values: Values, where: str) -> int:
    return int(values[f"{where}.items"]) - sum(_counts(values, where))


def _counts(values: Values, where: str) -> list[int]:
    return [count for path, count in values.items() if path.startswith(f"{where}.counts.")]


def _is_balance_with_unlabelled(path: str, _old: Any, new: Any, values: Values) -> bool:
    """Entropy over its largest value, where items without a label are one more class."""
    where = path.removesuffix(".balance")
    counts = [count for count in (*_counts(values, where), _unlabelled(values, where)) if count]
    shares = [count / sum(counts) for count in counts]
    classes = len(_counts(values, "labels")) + (_unlabelled(values, "labels") > 0)
    return alike(-math.fsum(p * math.log(p) for p in shares) / math.log(classes), new)


def _is_old_or_counts_unlabelled(path: str, old: Any, new: Any, values: Values) -> bool:
    """What was there is as it was; what came is the number of items without a label."""
    where = re.sub(r"labels\..*", "labels", path)
    return new == _unlabelled(values, where) if old is GONE else alike(old, new)


def _is_near(_path: str, old: Any, new: Any, _values: Values) -> bool:
    return new is not GONE and math.isclose(old, new, abs_tol=1e-5)


TIES = "points at equal distance have the same rank, on a map as in its space"
ENERGY = "energy distance has one definition, that with the root"
BALANCE = "items without a label are a class of their own in label balance, over all items"
CHANGED = [
    Change("report.json", r"likeness\.energy\.selected", ENERGY, _is_root),
    Change("report.json", r"likeness\.energy\.random", ENERGY, _is_mean_of_roots),
    Change("report.json", r"likeness\.energy\.interval", ENERGY, _are_quantiles_of_roots),
    Change(
        "compare.json",
        r"(selections\[\d+\]\.)?labels\.balance",
        BALANCE,
        _is_balance_with_unlabelled,
    ),
    Change(
        "compare.json",
        r"(selections\[\d+\]\.)?labels\..+",
        BALANCE,
        _is_old_or_counts_unlabelled,
    ),
    Change("report.json", r"maps\[\d+\]\.continuity", TIES, _is_near),
]


# --- comparing ------------------------------------------------------------------------------


def alike(old: Any, new: Any) -> bool:
    """Equal, or floats that agree; lists and summaries of arrays by element."""
    if isinstance(old, float) and isinstance(new, int | float) and not isinstance(new, bool):
        return math.isclose(old, new, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(alike, old, new))
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        # A sum may be near 0 where its terms are not: their size is what rounding goes by.
        scale = math.sqrt(old["length"] * old["sum_of_squares"])
        return all(
            math.isclose(old[key], new[key], rel_tol=RELATIVE, abs_tol=RELATIVE * scale)
            if key == "sum"
            else alike(old[key], new[key])
            for key in old
        )
    return type(old) is type(new) and old == new


def renamed(file: str, path: str) -> str:
    """What a recorded path is called now."""
    for old, new in RENAMED.get(Path(file).name, {}).items():
        pattern = re.escape(old).replace(r"\[\*\]", r"\[(\d+)\]")
        found = re.match(rf"{pattern}(?=[.\[]|$)", path)
        if found:
            beginning = new.replace("[*]", "[{}]").format(*found.groups())
            return beginning + path[found.end() :]
    return path


@functools.cache
def change_at(file: str, path: str) -> Change | None:
    """The line of CHANGED for a path, by its old name or by that of one that came."""
    for change in CHANGED:
        if change.file == Path(file).name and re.fullmatch(change.paths, path):
            return change
    return None


def value_differences(file: str, before: Values, after: Values) -> Iterator[str]:
    """A line for each path of one file that is not as recorded, nor as CHANGED says."""
    now = {path: path if AS_IS else renamed(file, path) for path in before}
    pairs = [(path, old, after.get(now[path], GONE)) for path, old in before.items()]
    pairs += [(path, GONE, after[path]) for path in sorted(after.keys() - set(now.values()))]
    for path, old, new in pairs:
        change = None if AS_IS else change_at(file, path)
        good = alike(old, new) if change is None else change.holds(path, old, new, before)
        if not good:
            rule = "" if change is None else f" (changed: {change.reason})"
            yield f"{file}: {path}: {_told(old)} became {_told(new)}{rule}"


def _told(value: Any) -> str:
    return "nothing" if value is GONE else repr(value)[:200]


def pdf_differences(name: str, file: str, before: Record, after: Record) -> Iterator[str]:
    """A line for each number that came or went on the pages, and that no table explains."""
    old, new = (Counter(record["pdf_numbers"][file]) for record in (before, after))
    if not AS_IS:
        for signed, _reason in PDF_CHANGED.get(name, PDF_CHANGED.get(f"{name}/{file}", [])):
            number = signed[1:]
            if signed[0] == "+":
                old[number] += 1
            else:
                new[number] += 1
    changed = [] if AS_IS else _changed_numbers(before, after)
    for side, what, numbers in ((0, "went", old - new), (1, "came", new - old)):
        for number, times in sorted(numbers.items()):
            if not any(_prints(number, pair[side]) for pair in changed):
                yield f"{file}: {number} {what} ({times} times)"


def _changed_numbers(before: Record, after: Record) -> list[tuple[float, float]]:
    """Old and new of each number in CHANGED that is another one, and the ratios of any two."""
    found: list[tuple[float, float]] = []
    for file, values in before["values"].items():
        for path, old in values.items():
            new = after["values"].get(file, {}).get(renamed(file, path))
            if change_at(file, path) and new is not None and not alike(old, new):
                lists = (one if isinstance(one, list) else [one] for one in (old, new))
                found += zip(*lists, strict=True)
    ratios = [(a / c, b / d) for a, b in found for c, d in found if c and d]
    return found + ratios


def _prints(number: str, value: float) -> bool:
    """Whether a printed number with decimals is the value, rounded."""
    bare = number.replace(",", "")
    if "." not in bare:
        return False
    decimals = len(bare.rstrip("%").partition(".")[2])
    shown = float(bare.rstrip("%"))
    value = 100 * value if bare.endswith("%") else value
    return abs(shown - value) <= 0.5 * 10**-decimals * (1 + RELATIVE)


def differences(name: str, before: Record, after: Record) -> list[str]:
    """Everything in which two records of a job differ beyond the tables."""
    found = [
        f"{file} ({part}) is in one record only"
        for part in ("ids", "values", "pdf_numbers")
        for file in sorted(before[part].keys() ^ after[part].keys())
    ]
    found += [
        f"{file}: the ids differ"
        for file in before["ids"].keys() & after["ids"].keys()
        if before["ids"][file] != after["ids"][file]
    ]
    for file in before["values"].keys() & after["values"].keys():
        found += value_differences(file, before["values"][file], after["values"][file])
    for file in before["pdf_numbers"].keys() & after["pdf_numbers"].keys():
        found += pdf_differences(name, file, before, after)
    return found


# --- tests ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("recorded"))


@pytest.mark.slow
@pytest.mark.parametrize("name", JOBS)
def test_a_job_gives_what_was_recorded(name: str, workspace: Path) -> None:
    """Each job picks the same items and gives the same numbers, in its files and on its pages."""
    found = differences(name, load(recording(name)), run_job(name, workspace))
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:60])


@pytest.mark.parametrize("name", JOBS)
def test_every_part_of_a_record_is_compared(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record differs from itself once any id, value, path or printed number is another one."""
    monkeypatch.setattr(sys.modules[__name__], "PDF_CHANGED", {})  # nothing is reworded here
    before = load(recording(name))
    assert before["values"]
    same = copy.deepcopy(before)
    for file, values in same["values"].items():
        same["values"][file] = {renamed(file, path): value for path, value in values.items()}
    assert unexplained(name, before, same) == 0

    def differs(change: Callable[[Record], None]) -> bool:
        after = copy.deepcopy(same)
        change(after)
        return unexplained(name, before, after) > 0

    for file, values in before["values"].items():
        path, changed = next(
            (renamed(file, path), moved)
            for path, value in values.items()
            if not change_at(file, path) and (moved := _moved(value)) is not None
        )
        assert differs(lambda after, f=file, p=path, v=changed: after["values"][f].update({p: v}))
        assert differs(lambda after, f=file, p=path: after["values"][f].pop(p))
        assert differs(lambda after, f=file: after["values"][f].update(new=1))
    for file in before["ids"]:
        assert differs(lambda after, f=file: after["ids"][f].reverse())
    for file in before["pdf_numbers"]:
        assert differs(lambda after, f=file: after["pdf_numbers"][f].append("12345"))


def _moved(value: Any) -> Any:
    """The value with a float of it moved by a little; None where it has none."""
    if isinstance(value, dict):
        return value | {"sum_of_squares": value["sum_of_squares"] * (1 + 1e-5)}
    if isinstance(value, list):
        at = next((at for at, one in enumerate(value) if _moved(one) is not None), None)
        return None if at is None else [*value[:at], _moved(value[at]), *value[at + 1 :]]
    return value + 1e-4 if isinstance(value, float) else None


def test_a_renamed_path_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What RENAMED names is compared under its new name, and nowhere else."""
    monkeypatch.setattr(sys.modules[__name__], "AS_IS", False)
    monkeypatch.setitem(RENAMED, "report.json", {"old[*].deep": "new.list[*]"})
    before = {"old[3].deep.mean": 0.5, "old[3].deeper": 1}
    good = {"new.list[3].mean": 0.5, "old[3].deeper": 1}
    assert list(value_differences("a/report.json", before, good)) == []
    assert len(list(value_differences("a/report.json", before, before))) == 2
    assert len(list(value_differences("a/report.json", before, good | {"more": 1}))) == 1


def unexplained(name: str, before: Record, after: Record) -> int:
    """Differences but those at paths in CHANGED, whose new values a recording does not have."""
    return sum("(changed: " not in line for line in differences(name, before, after))
