"""`curate compare`: where do spaces over the same items agree, and where not?

Neighbours are exact: those of every item, or of a uniform sample, among all items.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from curate.core.csv_files import csv_bytes
from curate.core.distance import Neighbours, k_nearest_in_blocks
from curate.core.values import IntArray
from curate.measure.distances import sample_queries
from curate.measure.spaces.agreement import QueryAgreement, agreement, by_label, changed_most
from curate.measure.spaces.labels import Labels
from curate.measure.spaces.similarity import (
    RSA_ITEMS,
    PreparedSpace,
    SpaceSimilarity,
    prepared,
    similarity,
)
from curate.measure.spaces.space import Joined, Space, join, labels_of
from curate.report.build import thumbnails
from curate.report.build.side_files import THUMBNAILS_FILE
from curate.run.spaces.measure_space import MAP_ITEMS, space_map
from curate.run.spaces.result import SpacePlan, SpaceResult
from curate.schema.space_reports import Changed, ComparisonReport, LabelAgreement, SpacePair
from curate.schema.spaces import Neighbour

KS = (5, 10, 50)  # neighbours that are compared
SHOWN_K = 10  # neighbours on the pages
CHANGED_ITEMS = 12  # on the pages
AGREEMENT_FILE = "agreement.csv"


def compare_spaces(
    spaces: list[Space], column: str | None, given: list[Any] | None, plan: SpacePlan
) -> SpaceResult[ComparisonReport]:
    """Compare every two spaces over the ids that all have.

    column  of the labels, in any of the spaces; None for the label column
    given   a label for each item of the first space, instead of a column
    """
    joined = join(spaces)
    n = len(joined)
    labels, origin = labels_of(joined, column, given)
    seeds = np.random.SeedSequence(plan.seed).spawn(4)
    queries = sample_queries(n, plan.queries, seeds[0])
    rsa_rows = sample_queries(n, RSA_ITEMS, seeds[1])
    with plan.watch("neighbours"):
        near = [_nearest(joined, place, queries, plan) for place in range(len(spaces))]
    ks = [k for k in KS if k < n] or [n - 1]
    shown = SHOWN_K if SHOWN_K in ks else ks[-1]
    pairs, common_counts = [], {}
    prepared_spaces: dict[int, PreparedSpace] = {}
    with plan.watch("likeness"):
        for a, b in plan.effort.progress(
            list(combinations(range(len(spaces)), 2)),
            "comparing",
            len(spaces) * (len(spaces) - 1) // 2,
        ):
            for place in (a, b):
                if place not in prepared_spaces:
                    points = spaces[place].points(joined.rows[place])
                    prepared_spaces[place] = prepared(points, rsa_rows)
            agreements = [agreement(near[a].rows, near[b].rows, k, n) for k in ks]
            common = next(each for each in agreements if each.summary.k == shown).common
            common_counts[f"{spaces[a].name} and {spaces[b].name}"] = common
            pairs.append(
                _pair(
                    (spaces[a].name, spaces[b].name),
                    agreements,
                    similarity(prepared_spaces[a], prepared_spaces[b]),
                    _labels(common, queries, labels, shown),
                    _changed(joined, (a, b), (near[a], near[b]), common, queries, labels, shown),
                )
            )
    with plan.watch("maps"):
        drawn = sample_queries(len(queries), MAP_ITEMS, seeds[2])
        maps = [
            drawn_map
            for place in (0, 1)
            if (drawn_map := space_map(joined, place, queries[drawn], seeds[3])) is not None
        ]
    pictures = _pictures(joined, pairs[0].changed)
    ids, rows = joined.spaces[0].dataset.ids, joined.rows[0][queries]
    table = {"id": [ids[row] for row in rows.tolist()]}
    report = ComparisonReport(
        name=" and ".join(space.name for space in spaces),
        items=n,
        n_queries=len(queries),
        exact=len(queries) == n,
        shown_k=shown,
        labels=origin,
        spaces=joined.descriptions(),
        pairs=pairs,
        maps=maps if len(maps) == 2 else [],
        map_common=next(iter(common_counts.values()))[drawn].tolist() if len(maps) == 2 else [],
        agreement_file=AGREEMENT_FILE,
        thumbnails=THUMBNAILS_FILE if pictures else None,
        made=plan.provenance(),
    )
    table |= {name: common.tolist() for name, common in common_counts.items()}
    return SpaceResult(report, {AGREEMENT_FILE: csv_bytes(table)}, pictures)


def _pair(
    names: tuple[str, str],
    agreements: list[QueryAgreement],
    measured: SpaceSimilarity,
    labels: list[LabelAgreement],
    changed: list[Changed],
) -> SpacePair:
    return SpacePair(
        first=names[0],
        second=names[1],
        agreement=[each.summary for each in agreements],
        cka=measured.cka,
        rsa=measured.rsa,
        rsa_items=measured.rsa_items,
        procrustes=measured.procrustes,
        labels=labels,
        changed=changed,
        undefined={
            name: "fewer than four items, or all points of a space are equal"
            for name in ("cka", "rsa", "procrustes")
            if getattr(measured, name) is None
        },
    )


def _nearest(joined: Joined, place: int, queries: IntArray, plan: SpacePlan) -> Neighbours:
    """(q, k) neighbours of the queries in one space, k the largest of KS."""
    space, n = joined.spaces[place], len(joined)
    vectors = space.embeddings.vectors[joined.rows[place]]
    k = min(max(KS), n - 1)
    return k_nearest_in_blocks(
        vectors,
        queries,
        vectors,
        k,
        space.embeddings.metric,
        own=True,
        once=True,
        label=f"neighbours, {space.name}",
        progress=plan.effort.progress,
    )


def _labels(
    common: IntArray, queries: IntArray, labels: Labels | None, k: int
) -> list[LabelAgreement]:
    """How well the spaces agree for each label, the least first."""
    if labels is None:
        return []
    own = labels.codes[queries]
    means = by_label(common, own, k, len(labels.names))
    many = np.bincount(own[own >= 0], minlength=len(labels.names))
    agreements = [
        LabelAgreement(label=name, items=int(many[code]), overlap=float(means[code]))
        for code, name in enumerate(labels.names)
        if many[code]
    ]
    return sorted(agreements, key=lambda label: (label.overlap, label.label))


def _changed(
    joined: Joined,
    which: tuple[int, int],
    near: tuple[Neighbours, Neighbours],
    common: IntArray,
    queries: IntArray,
    labels: Labels | None,
    k: int,
) -> list[Changed]:
    """The items with the fewest common neighbours, each with its neighbours in both spaces."""
    reach = [
        space.distances[:, k - 1] / max(space.distances[:, k - 1].mean(), 1e-300) for space in near
    ]
    items = []
    for place in changed_most(common, reach[0], reach[1])[:CHANGED_ITEMS].tolist():
        rows = [space.rows[place, :k].tolist() for space in near]
        both = set(rows[0]) & set(rows[1])
        lists = [
            [
                Neighbour(
                    **_shown(joined, number, row, labels),
                    distance=float(distance),
                    common=row in both,
                )
                for row, distance in zip(own, space.distances[place, :k], strict=True)
            ]
            for number, own, space in zip(which, rows, near, strict=True)
        ]
        items.append(
            Changed(
                **_shown(joined, which[0], int(queries[place]), labels),
                common=int(common[place]),
                first=lists[0],
                second=lists[1],
            )
        )
    return items


def _pictures(joined: Joined, changed: list[Changed]) -> dict[str, bytes]:
    """Thumbnails of these items and their neighbours, from the first space that has images."""
    ids = dict.fromkeys(near.id for item in changed for near in (item, *item.first, *item.second))
    for space in joined.spaces:
        if space.dataset.kind == "images":
            place = {id_: row for row, id_ in enumerate(space.dataset.ids)}
            return thumbnails.make_thumbnails(space.dataset, [place[id_] for id_ in ids])
    return {}


def _shown(joined: Joined, place: int, row: int, labels: Labels | None) -> dict[str, Any]:
    """What the report shows of a joined item; its text is from the first space that has texts."""
    shown = joined.spaces[place].shown(int(joined.rows[place][row]))
    for space, rows in zip(joined.spaces, joined.rows, strict=True):
        shown["text"] = shown["text"] or space.shown(int(rows[row]))["text"]
    code = -1 if labels is None else int(labels.codes[row])
    shown["label"] = labels.names[code] if labels is not None and code >= 0 else None
    return shown
