"""`curate drift`: what changed from an old data set to a new one, in one space?"""

from __future__ import annotations

from typing import Any

import numpy as np

from curate.core.csv_files import csv_bytes
from curate.core.distance import k_nearest, k_nearest_in_blocks
from curate.errors import DataError, RequestError
from curate.measure.distances import distribution, sample_queries, shared_edges
from curate.measure.spaces.drift import FAR_QUANTILE, SharesByCluster, energy, shares
from curate.measure.spaces.labels import Labels, encode
from curate.measure.spaces.space import Space
from curate.report.build import thumbnails
from curate.report.build.side_files import THUMBNAILS_FILE
from curate.run.spaces.result import SpacePlan, SpaceResult
from curate.schema.space_reports import ClusterShare, DriftReport, FarItem, FarItems
from curate.schema.spaces import Neighbour
from curate.select.request import Request
from curate.select.strategies.farthest_first import farthest_first

WORST = 20  # items that are farthest from the other set, in the report
CLUSTERS = 20
COVER_THUMBNAILS = 100  # of the items that cover the drift, at most
NEW_FILE, GONE_FILE, COVER_FILE = "new.csv", "gone.csv", "cover.txt"


def drift_between(
    old: Space, new: Space, n: int, clusters: int, plan: SpacePlan
) -> SpaceResult[DriftReport]:
    """Compare two data sets in one space, and pick n new items that cover what is new.

    Raises DataError if the sets are not in one space, RequestError for an n out of range or
    different metrics.
    """
    _check_same_space(old, new)
    if not 0 <= n <= len(new.dataset):
        raise RequestError(
            f"cannot pick {n} of {len(new.dataset)} new items: "
            f"--n must be between 0 and {len(new.dataset)}."
        )
    seeds = np.random.SeedSequence(plan.seed).spawn(5)
    points = old.points(), new.points()
    with plan.watch("distances"):
        arrived, new_file = _far(new, old, NEW_FILE, plan, seeds[0])
        gone, gone_file = _far(old, new, GONE_FILE, plan, seeds[1])
    with plan.watch("energy"):
        energy_distance = energy(*points, seeds[2])
    with plan.watch("shares"):
        moved = shares(*points, clusters, seeds[3])
    with plan.watch("cover"):
        cover, radius = _cover(old, new, n, seeds[4], plan)
    files = new_file | gone_file
    if cover:
        files[COVER_FILE] = "".join(f"{item.id}\n" for item in cover).encode()
    report = DriftReport(
        name=f"{old.name} to {new.name}",
        old=old.description(len(old.dataset)),
        new=new.description(len(new.dataset)),
        shared=len(set(old.dataset.ids) & set(new.dataset.ids)),
        arrived=arrived,
        gone=gone,
        energy=energy_distance,
        shares=[] if moved is None else _cluster_shares(moved, old),
        moved=None if moved is None else moved.distance,
        cover=cover,
        cover_radius=radius,
        cover_file=COVER_FILE if cover else None,
        made=plan.provenance(),
    )
    pictures = _pictures(old, new, report)
    file = THUMBNAILS_FILE if pictures else None
    return SpaceResult(report.model_copy(update={"thumbnails": file}), files, pictures)


def _cluster_shares(moved: SharesByCluster, old: Space) -> list[ClusterShare]:
    """The clusters, the one whose share changed most first."""
    labels = _own_labels(old)
    return [
        ClusterShare(
            centre=old.item(int(moved.centre[i]), labels),
            old=float(moved.old[i]),
            new=float(moved.new[i]),
        )
        for i in np.argsort(-np.abs(moved.new - moved.old), kind="stable").tolist()
    ]


def _pictures(old: Space, new: Space, report: DriftReport) -> dict[str, bytes]:
    """Thumbnails of the items that the pages name, `old:` or `new:` before their ids."""
    arrived, gone = report.arrived.worst, report.gone.worst
    centres = [share.centre for share in report.shares]
    shown = {
        "old": (old, [*gone, *(item.nearest for item in arrived), *centres]),
        "new": (
            new,
            [*arrived, *(item.nearest for item in gone), *report.cover[:COVER_THUMBNAILS]],
        ),
    }
    pictures: dict[str, bytes] = {}
    for side, (space, items) in shown.items():
        place = {id_: row for row, id_ in enumerate(space.dataset.ids)}
        rows = dict.fromkeys(place[item.id] for item in items)
        jpegs = thumbnails.make_thumbnails(space.dataset, rows)
        pictures |= {f"{side}:{id_}": jpeg for id_, jpeg in jpegs.items()}
    return pictures


def _check_same_space(old: Space, new: Space) -> None:
    if old.embeddings.dims != new.embeddings.dims:
        raise DataError(
            f"{old.name} has {old.embeddings.dims} dimensions, {new.name} has "
            f"{new.embeddings.dims}: drift is measured in one space. Give two sets of it."
        )
    if old.embeddings.metric != new.embeddings.metric:
        raise RequestError(
            f"{old.name} is {old.embeddings.metric}, {new.name} {new.embeddings.metric}: "
            "pass --metric euclidean or --metric cosine for both."
        )
    if min(len(old.dataset), len(new.dataset)) < 2:
        raise DataError("drift needs two items on either side. Give larger sets.")


def _own_labels(space: Space) -> Labels | None:
    column = space.dataset.label_column
    return None if column is None else encode(space.dataset.metadata.column(column).to_pylist())


def _far(
    space: Space, other: Space, file: str, plan: SpacePlan, seed: np.random.SeedSequence
) -> tuple[FarItems, dict[str, bytes]]:
    """How far the items of `space` are from `other`, and those of `other` from each other."""
    metric = space.embeddings.metric
    seeds = seed.spawn(2)
    queries = sample_queries(len(space.dataset), plan.queries, seeds[0])
    other_queries = sample_queries(len(other.dataset), plan.queries, seeds[1])
    base = other.embeddings.vectors
    steps: dict[str, Any] = {"label": "distances", "progress": plan.effort.progress}
    to_other = k_nearest_in_blocks(space.embeddings.vectors, queries, base, 1, metric, **steps)
    within = k_nearest_in_blocks(base, other_queries, base, 1, metric, own=True, **steps)
    distances, usual = to_other.distances[:, 0], within.distances[:, 0]
    threshold = float(np.quantile(usual, FAR_QUANTILE))
    far = distances > threshold
    edges = shared_edges([distances, usual])
    labels = _own_labels(space), _own_labels(other)
    order = np.argsort(-distances, kind="stable")[:WORST]
    part = FarItems(
        distances=distribution(distances, edges, len(queries) == len(space.dataset)),
        usual=distribution(usual, edges, len(other_queries) == len(other.dataset)),
        threshold=threshold,
        far=int(far.sum()),
        fraction=float(far.mean()),
        expected=1 - FAR_QUANTILE,
        worst=[
            _far_item(
                space, other, int(queries[i]), int(to_other.rows[i, 0]), float(distances[i]), labels
            )
            for i in order.tolist()
        ],
        file=file,
    )
    ids = space.dataset.ids
    table = {
        "id": [ids[row] for row in queries.tolist()],
        "distance": distances.tolist(),
        "far": far.astype(int).tolist(),
    }
    return part, {file: csv_bytes(table)}


def _far_item(
    space: Space,
    other: Space,
    row: int,
    nearest: int,
    distance: float,
    labels: tuple[Labels | None, Labels | None],
) -> FarItem:
    return FarItem(
        **space.shown(row, labels[0]),
        distance=distance,
        nearest=Neighbour(**other.shown(nearest, labels[1]), distance=distance, common=False),
    )


def _cover(
    old: Space, new: Space, n: int, seed: np.random.SeedSequence, plan: SpacePlan
) -> tuple[list[FarItem], float | None]:
    """n new items by farthest-first traversal, where the old items count as selected; and the
    largest distance of a new item to the nearest of both. None for n = 0."""
    if n == 0:
        return [], None
    embeddings = new.embeddings
    request = Request(
        k=n,
        datapool=old.embeddings.vectors,
        seed=seed,
        threads=plan.effort.threads,
        progress=plan.effort.progress,
    )
    selection = farthest_first(embeddings, request)
    labels = _own_labels(new), _own_labels(old)
    near = k_nearest(
        embeddings.vectors[selection.picks], old.embeddings.vectors, 1, embeddings.metric
    )
    items = [
        FarItem(
            **new.shown(int(row), labels[0]),
            distance=float(selection.distances[i]),
            nearest=Neighbour(
                **old.shown(int(near.rows[i, 0]), labels[1]),
                distance=float(near.distances[i, 0]),
                common=False,
            ),
        )
        for i, row in enumerate(selection.picks.tolist())
    ]
    return items, float(selection.coverage.max())
