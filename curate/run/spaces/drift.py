"""What of a new data set did the old one not have? Two sets in one space -> DriftReport."""

from __future__ import annotations

from typing import Any

import numpy as np

from curate.core.distance import k_nearest, k_nearest_in_blocks
from curate.core.tables import csv_bytes
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

WORST = 20
CLUSTERS = 20
PICTURES = 100  # of the items that cover the drift
NEW_FILE, GONE_FILE, COVER_FILE = "new.csv", "gone.csv", "cover.txt"


def drift_between(
    old: Space, new: Space, n: int, clusters: int, plan: SpacePlan
) -> SpaceResult[DriftReport]:
    """Compare two data sets in one space, and pick n new items that cover what is new.

    Raises DataError where the spaces are not one, RequestError for an n that cannot be had.
    """
    _same_space(old, new)
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
        apart = energy(*points, seeds[2])
    with plan.watch("shares"):
        moved = shares(*points, clusters, seeds[3])
    with plan.watch("cover"):
        cover, radius = _cover(old, new, n, seeds[4], plan)
    files = new_file | gone_file
    if cover:
        files[COVER_FILE] = "".join(f"{one.id}\n" for one in cover).encode()
    report = DriftReport(
        name=f"{old.name} to {new.name}",
        old=old.description(len(old.dataset)),
        new=new.description(len(new.dataset)),
        shared=len(set(old.dataset.ids) & set(new.dataset.ids)),
        arrived=arrived,
        gone=gone,
        energy=apart,
        shares=[] if moved is None else _share_parts(moved, old),
        moved=None if moved is None else moved.distance,
        cover=cover,
        cover_radius=radius,
        cover_file=COVER_FILE if cover else None,
        made=plan.provenance(),
    )
    pictures = _pictures(old, new, report)
    named = THUMBNAILS_FILE if pictures else None
    return SpaceResult(report.model_copy(update={"thumbnails": named}), files, pictures)


def _share_parts(moved: SharesByCluster, old: Space) -> list[ClusterShare]:
    """The clusters, those first whose share changed most."""
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
    named = {
        "old": (old, [*gone, *(one.nearest for one in arrived), *centres]),
        "new": (new, [*arrived, *(one.nearest for one in gone), *report.cover[:PICTURES]]),
    }
    made: dict[str, bytes] = {}
    for which, (space, items) in named.items():
        place = {id_: row for row, id_ in enumerate(space.dataset.ids)}
        rows = dict.fromkeys(place[one.id] for one in items)
        small = thumbnails.make_thumbnails(space.dataset, rows)
        made |= {f"{which}:{id_}": jpeg for id_, jpeg in small.items()}
    return made


def _same_space(old: Space, new: Space) -> None:
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
    one: Space, other: Space, file: str, plan: SpacePlan, seed: np.random.SeedSequence
) -> tuple[FarItems, dict[str, bytes]]:
    """How far the items of `one` are from `other`, and those of `other` from each other."""
    metric = one.embeddings.metric
    seeds = seed.spawn(2)
    asked = sample_queries(len(one.dataset), plan.queries, seeds[0])
    inner = sample_queries(len(other.dataset), plan.queries, seeds[1])
    base = other.embeddings.vectors
    steps: dict[str, Any] = {"label": "distances", "progress": plan.effort.progress}
    to_other = k_nearest_in_blocks(one.embeddings.vectors, asked, base, 1, metric, **steps)
    within = k_nearest_in_blocks(base, inner, base, 1, metric, own=True, **steps)
    distances, usual = to_other.distances[:, 0], within.distances[:, 0]
    threshold = float(np.quantile(usual, FAR_QUANTILE))
    far = distances > threshold
    edges = shared_edges([distances, usual])
    labels = _own_labels(one), _own_labels(other)
    order = np.argsort(-distances, kind="stable")[:WORST]
    part = FarItems(
        distances=distribution(distances, edges, len(asked) == len(one.dataset)),
        usual=distribution(usual, edges, len(inner) == len(other.dataset)),
        threshold=threshold,
        far=int(far.sum()),
        fraction=float(far.mean()),
        expected=1 - FAR_QUANTILE,
        worst=[
            _far_item(
                one, other, int(asked[i]), int(to_other.rows[i, 0]), float(distances[i]), labels
            )
            for i in order.tolist()
        ],
        file=file,
    )
    ids = one.dataset.ids
    table = {
        "id": [ids[row] for row in asked.tolist()],
        "distance": distances.tolist(),
        "far": far.astype(int).tolist(),
    }
    return part, {file: csv_bytes(table)}


def _far_item(
    one: Space,
    other: Space,
    row: int,
    nearest: int,
    distance: float,
    labels: tuple[Labels | None, Labels | None],
) -> FarItem:
    return FarItem(
        **one.shown(row, labels[0]),
        distance=distance,
        nearest=Neighbour(**other.shown(nearest, labels[1]), distance=distance, common=False),
    )


def _cover(
    old: Space, new: Space, n: int, seed: np.random.SeedSequence, plan: SpacePlan
) -> tuple[list[FarItem], float | None]:
    """n new items by farthest-first traversal beyond the old ones, which count as selected."""
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
    picked = farthest_first(embeddings, request)
    labels = _own_labels(new), _own_labels(old)
    near = k_nearest(embeddings.vectors[picked.picks], old.embeddings.vectors, 1, embeddings.metric)
    items = [
        FarItem(
            **new.shown(int(row), labels[0]),
            distance=float(picked.distances[i]),
            nearest=Neighbour(
                **old.shown(int(near.rows[i, 0]), labels[1]),
                distance=float(near.distances[i, 0]),
                common=False,
            ),
        )
        for i, row in enumerate(picked.picks.tolist())
    ]
    return items, float(picked.coverage.max())
