"""reports/README.md: every field of report.json in words, made from the models themselves.

What a field means is its docstring, its type that of the JSON Schema. Only units are said
here, for what is measured; a test holds that no measured field of report.json lacks one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curate.schema.report import schema

ROOTS = {
    "Report": "report.json of `curate select` and `curate measure`",
    "Comparison": "compare.json of `curate compare-selections`",
    "EvaluationReport": "report.json of `curate evaluate`",
    "ComparisonReport": "report.json of `curate compare`",
    "DriftReport": "report.json of `curate drift`",
}
DISTANCE, ITEMS, SHARE, SECONDS = "distance", "items", "fraction", "seconds"
PLAIN = "number"  # without a unit
OF_SET = "distance; in `values` the unit of the values"
# Unit of a field, by its name or, where that is not enough, by model and name.
UNITS = {
    **dict.fromkeys(("radius", "at_least", "distance", "min_distance", "edges"), DISTANCE),
    **dict.fromkeys(("mean", "min", "max", "std", "quantiles", "interval"), OF_SET),
    **dict.fromkeys(("counts", "band", "attainable", "input_count", "selected_count"), ITEMS),
    **dict.fromkeys(("datapool_count",), ITEMS),
    **dict.fromkeys(("largest_miss", "largest_miss_random", "fraction", "explained"), SHARE),
    **dict.fromkeys(("input_share", "selected_share", "union_share", "random_share"), SHARE),
    **dict.fromkeys(("random_interval", "explained_variance_fraction"), SHARE),
    **dict.fromkeys(("stages", "Timings.total"), SECONDS),
    **dict.fromkeys(("strength", "factors"), PLAIN),
    **dict.fromkeys(("recall_by_chance", "means", "positive", "negative", "shares"), SHARE),
    **dict.fromkeys(("recall_at_1", "r_precision"), SHARE),
    **dict.fromkeys(("nmi", "ami", "auc"), PLAIN),
    **dict.fromkeys(("jsd", "floor"), "bits"),
    **dict.fromkeys(("positive_mean", "negative_mean"), "cosine similarity"),
    **dict.fromkeys(("intra", "inter"), "cosine distance"),
    **dict.fromkeys(("ratio", "cosine", "euclidean", "effective_rank"), PLAIN),
    **dict.fromkeys(("decay", "decay_rest"), "nats"),
    "alignment": "distance of unit rows, squared",
    "Uniformity.value": PLAIN,
    "PairSimilarities.edges": "cosine similarity",
    "explained_variance": "distance, squared",
    "EnergyDistance.distance": "square root of a distance",
    "Likeness.width": "Euclidean distance; of cosine spaces, a chord",
    "OutlierShare.threshold": DISTANCE,
    "OutlierShare.input": SHARE,
    "OutlierShare.selected": SHARE,
    "OutlierShare.interval": SHARE,
    "ColumnClass.interval": SHARE,
    "VersusRandom.selected": "as the field that holds it says",
    "VersusRandom.random": "as the field that holds it says",
    "VersusRandom.interval": "as the field that holds it says",
    "input_entropy": SHARE,
    "trust": SHARE,
    "ClassShare.target": SHARE,
    "Balance.target": SHARE,
    "Map.x": "none: places on a picture",
    "Map.y": "none: places on a picture",
    "DataSettings.fps": "frames a second",
    "BudgetSpent.total": "as the column",
    "BudgetSpent.spent": "as the column",
    "Weights.budget": "as the column",
    "Threshold.value": "as the column",
}

HEAD = """\
# What stands in report.json

Made by `make schema` from the models in `curate/schema`; the same as a JSON Schema is in
[report.schema.json](report.schema.json). `schema_version` changes in the first number when a
reader has to change; later fields of the same first number may be passed over.

A *distance* is in the unit of the space: Euclidean, never squared, or cosine, 1 − similarity;
`selection.metric` says which. A *fraction* is in [0, 1]. A whole number without a unit counts
what its text says. Files are named relative to the folder of report.json.

## Three examples

How diverse is the selection, and how diverse are random ones?

```sh
jq '.diversity.selected.mean, .diversity.random.interval.mean' reports/clipart/report.json
```

Which covering radius would fewer picks have reached?

```python
import curate

report = curate.load_report("reports/clipart")
for n, radius in zip(report.budget.n, report.budget.radius):
    print(n, radius)
```

Which items does the selection leave farthest away, over all of the input?

```python
import pyarrow.parquet as pq

table = pq.read_table("reports/clipart/items.parquet")
for item in table.sort_by([("coverage", "descending")]).slice(0, 10).to_pylist():
    print(item["id"], item["coverage"], "from", item["nearest"])
```
"""


def page() -> str:
    """The whole page, as Markdown."""
    report = schema()
    models: dict[str, Any] = report["$defs"] | {"Report": report}
    parts = [HEAD]
    seen: set[str] = set()
    for root, where in ROOTS.items():
        order = [name for name in _reached(root, models) if name not in seen]
        seen.update(order)
        parts.append(f"## {where}\n")
        parts += [_section(name, models) for name in order]
    return "\n".join(parts)


def rows(name: str, models: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Field, type, unit and meaning of each field of a model."""
    for field, part in models[name].get("properties", {}).items():
        meaning = part.get("description") or models.get(_last(part), {}).get("description", "")
        if not meaning and "const" in part:
            meaning = "Always this: it tells which of several models stands here."
        yield field, _type(part), unit(name, field, part), _line(meaning.split("\n\n")[0])


def unit(name: str, field: str, part: Mapping[str, Any]) -> str:
    """The unit of a measured field, empty where nothing is measured or no unit is known."""
    if "number" not in _type(part).replace("whole number", ""):
        return ""
    return UNITS.get(f"{name}.{field}") or UNITS.get(field, "")


def _reached(root: str, models: Mapping[str, Any]) -> list[str]:
    """`root` and every model that it is made of, in the order of first mention."""
    order = [root]
    for name in order:  # which grows meanwhile
        own = {key: value for key, value in models[name].items() if key != "$defs"}
        order += [model for model in dict.fromkeys(_named(own)) if model not in order]
    return order


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield _last(part)
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from _named(inner)


def _last(part: Mapping[str, Any]) -> str:
    """The name of the model that a part refers to, empty if to none."""
    return str(part.get("$ref", "")).rpartition("/")[2]


def _section(name: str, models: Mapping[str, Any]) -> str:
    lines = [f"### {name}", ""]
    if meaning := _line(models[name].get("description", "").split("\n\n")[0]):
        lines += [meaning, ""]
    lines += ["| field | type | unit | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{field}` | {type_} | {of} | {meaning} |"
        for field, type_, of, meaning in rows(name, models)
    ]
    return "\n".join([*lines, ""])


def _type(part: Mapping[str, Any]) -> str:
    """The type of a field, in words."""
    if "$ref" in part:
        model = _last(part)
        return f"[{model}](#{model.lower()})"
    if choices := part.get("anyOf") or part.get("oneOf"):
        return " or ".join(dict.fromkeys(_type(choice) for choice in choices))
    if "enum" in part or "const" in part:
        return ", ".join(f"`{value}`" for value in part.get("enum", [part.get("const")]))
    if "prefixItems" in part:
        return f"pair: {' and '.join(dict.fromkeys(_type(item) for item in part['prefixItems']))}"
    if part.get("type") == "array":
        return f"list of {_type(part.get('items', {}))}"
    if part.get("type") == "object":
        inner = part.get("additionalProperties")
        return f"{_type(inner)} by name" if isinstance(inner, dict) else "any by name"
    return WORDS.get(part.get("type", ""), "any")


WORDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "null": "null",
}


def _line(text: str) -> str:
    """A docstring in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
