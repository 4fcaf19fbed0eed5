"""Synthetic reports for drawing: every number computed with numpy from made-up points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from made_up import Array, MadeUp, Wanted
from made_up_measures import worth_of
from scipy.spatial.distance import cdist
from summaries import baseline, describe, edges_for

from curate.schema import measures
from curate.schema import report as schema
from curate.schema.job import make_job

SAMPLES = Path(__file__).parents[2] / "samples"


def make_report(**wanted: Any) -> schema.Report:
    """A report as `curate select` would leave it behind."""
    return _Maker(Wanted(**wanted)).report()


class _Maker(MadeUp):
    """The parts of a report of these points."""

    def report(self) -> schema.Report:
        wanted = self.wanted
        labels = [self._label(row) for row in range(wanted.n)]
        worth, curve = worth_of(self.points, self.picks, self.ids, labels, wanted.texts)
        return schema.Report(
            **worth,
            job=make_job(
                {
                    "source": "samples/made-up",
                    "n": wanted.k,
                    "out": "somewhere",
                    "seed": wanted.seed,
                }
            ),
            provenance=self._provenance(),
            counts=schema.Counts(
                read=wanted.n + wanted.set_aside,
                set_aside=wanted.set_aside,
                input=wanted.n,
                distinct=wanted.n - wanted.duplicates,
                datapool=wanted.datapool,
                in_datapool=0,
                selected=wanted.k,
            ),
            selection=self._selection(),
            diversity=self._diversity(),
            coverage=self._coverage(),
            maps=self._maps(),
            budget=self._budget().model_copy(update={"curve": curve}),
            set_aside=self._set_aside(),
            duplicates=self._duplicates(),
            timings=schema.Timings(
                stages={"read": 0.1}, total=1.0, embedded=wanted.n, from_cache=0
            ),
        )

    def _provenance(self) -> schema.Provenance:
        return schema.Provenance(
            command=f"curate select samples/made-up --n {self.wanted.k}",
            data_name=self.wanted.name,
            kind=self.wanted.kind,
            input_fingerprint="b3b1" * 16,
            datapool_fingerprint="c0de" * 16 if self.wanted.datapool else None,
            embedder="none",
            seed=self.wanted.seed,
            versions={"curate": "0.1.0", "numpy": "2.4.6", "faiss": "1.15.1"},
            created="2025-01-02T03:04:05Z",
            host={"python": "3.11", "platform": "Linux", "processors": "2"},
        )

    def _selection(self) -> schema.SelectionPart:
        items = [
            schema.Item(
                rank=place + 1,
                row=row,
                id=self.ids[row],
                distance=None if np.isinf(distance) else distance,
                label=self._label(row),
                text=self._text(row),
            )
            for place, (row, distance) in enumerate(zip(self.picks, self.at_pick, strict=True))
        ]
        return schema.SelectionPart(
            strategy=self.wanted.strategy,
            metric="euclidean",
            dims=self.wanted.dims,
            items=items[:10_000],
            files={"txt": "selected.txt", "csv": "selected.csv", "jsonl": "selected.jsonl"},
            thumbnails="thumbnails.parquet" if self.wanted.kind == "images" else None,
            notes=[],
        )

    def _diversity(self) -> measures.DiversityMeasures:
        wanted = self.wanted
        if wanted.n < 2 or wanted.k < 2:
            whole = self._nearest_other(range(wanted.n)) if wanted.n > 1 else None
            only = None if whole is None else describe(whole, edges_for([whole]))
            return measures.DiversityMeasures(
                input=only, selected=None, random=None, datapool=None, union=None
            )
        sets = {
            "input": self._nearest_other(range(wanted.n)),
            "selected": self._nearest_other(self.picks),
        }
        if wanted.datapool > 1:
            sets |= self._pool_diversity()
        draws = [self._nearest_other(draw) for draw in self._draws()] if wanted.random else []
        edges = edges_for([*sets.values(), *draws])
        made = {name: describe(values, edges) for name, values in sets.items()}
        random = baseline(draws, sets["selected"], edges, larger=True) if draws else None
        return measures.DiversityMeasures(
            input=made["input"],
            selected=made["selected"],
            random=random,
            datapool=made.get("datapool"),
            union=made.get("union"),
        )

    def _pool_diversity(self) -> dict[str, Array]:
        pool = cdist(self.pool, self.pool)
        np.fill_diagonal(pool, np.inf)
        united = np.vstack([self.pool, self.points[self.picks]])
        union = cdist(united, united)
        np.fill_diagonal(union, np.inf)
        return {"datapool": pool.min(axis=1), "union": union.min(axis=1)}

    def _coverage(self) -> measures.CoverageMeasures:
        sets = {"selected": self.between[:, self.picks].min(axis=1)}
        if self.to_pool is not None:
            sets["datapool"] = self.to_pool.min(axis=1)
            sets["union"] = np.minimum(sets["datapool"], sets["selected"])
        draws = [self.between[:, draw].min(axis=1) for draw in self._draws()]
        edges = edges_for([*sets.values(), *draws])
        made = {name: describe(values, edges) for name, values in sets.items()}
        chosen = sets.get("union", sets["selected"])
        farthest = [int(row) for row in np.argsort(-chosen, kind="stable")[:12]]
        wanted = self.wanted.random and self.wanted.k < self.wanted.n
        return measures.CoverageMeasures(
            input=None,
            selected=made["selected"],
            random=baseline(draws, sets["selected"], edges, larger=False) if wanted else None,
            datapool=made.get("datapool"),
            union=made.get("union"),
            random_union=self._with_pool(draws, sets, edges) if wanted else None,
            radius=float(chosen.max()),
            worst=[self._worst(row, float(chosen[row])) for row in farthest if chosen[row] > 0],
        )

    def _with_pool(
        self, draws: list[Array], sets: dict[str, Array], edges: Array
    ) -> measures.RandomBaseline | None:
        if "union" not in sets:
            return None
        united = [np.minimum(draw, sets["datapool"]) for draw in draws]
        return baseline(united, sets["union"], edges, larger=False)

    def _worst(self, row: int, distance: float) -> measures.WorstCovered:
        nearest = self.picks[int(self.between[row, self.picks].argmin())]
        return measures.WorstCovered(
            id=self.ids[row],
            row=row,
            distance=distance,
            nearest=self.ids[nearest],
            nearest_in_datapool=False,
            text=self._text(row),
            nearest_text=self._text(nearest),
        )

    def _maps(self) -> measures.Maps:
        n, k = self.wanted.n, self.wanted.k
        rank = {row: place + 1 for place, row in enumerate(self.picks)}
        nearest = [self.picks[int(row.argmin())] for row in self.between[:, self.picks]]
        block = self.between[np.ix_(self.picks, self.picks)].copy()
        np.fill_diagonal(block, np.inf)
        mate = dict(
            zip(self.picks, (self.picks[int(j)] for j in block.argmin(axis=1)), strict=True)
        )
        drawn = self.wanted.maps
        rows = list(range(n)) if drawn else []
        return measures.Maps(
            rows=rows,
            rank=[rank.get(row) for row in rows],
            label=[self._label(row) for row in rows],
            nearest=[nearest[row] for row in rows],
            neighbour=[mate.get(row) if k > 1 else None for row in rows],
            n_sampled=n,
            pca=self._pca() if drawn and self.wanted.dims > 1 and n > 2 else None,
            pacmap=self._bent() if drawn and self.wanted.dims > 1 and n >= 30 else None,
        )

    def _pca(self) -> measures.Map:
        centred = self.points - self.points.mean(axis=0)
        _, singular, axes = np.linalg.svd(centred, full_matrices=False)
        x, y = axes[:2] @ centred.T
        share = singular**2 / (singular**2).sum()
        return measures.Map(
            x=x.tolist(), y=y.tolist(), note="principal components", explained=share[:2].tolist()
        )

    def _bent(self) -> measures.Map:
        axes = np.random.default_rng(5).normal(size=(self.wanted.dims, 2))
        flat = self.points @ axes + 0.8 * np.sin(self.points @ axes[:, ::-1])
        return measures.Map(
            x=flat[:, 0].tolist(),
            y=flat[:, 1].tolist(),
            note="PaCMAP",
            explained=None,
        )

    def _budget(self) -> measures.BudgetCurve:
        k = self.wanted.k
        base = None if self.to_pool is None else self.to_pool.min(axis=1)
        nearest = np.full(self.wanted.n, np.inf) if base is None else base
        radius = []
        for pick in self.picks:
            nearest = np.minimum(nearest, self.between[pick])
            radius.append(float(nearest.max()))
        places = range(k) if k <= 1000 else np.unique(np.geomspace(1, k, 1000).astype(int) - 1)
        return measures.BudgetCurve(
            n=[int(j) + 1 for j in places], radius=[radius[j] for j in places]
        )

    def _set_aside(self) -> schema.SetAsidePart:
        many = self.wanted.set_aside
        examples = [
            schema.Excluded(id=f"broken/{row}.png", reason=_reason(row), detail="file is truncated")
            for row in range(min(many, 100))
        ]
        reasons: dict[str, int] = {}
        for row in range(many):
            reasons[_reason(row)] = reasons.get(_reason(row), 0) + 1
        file = "set_aside.csv" if many else None
        return schema.SetAsidePart(count=many, reasons=reasons, examples=examples, file=file)

    def _duplicates(self) -> schema.Duplicates:
        many = self.wanted.duplicates
        groups = [[self.ids[row], self.ids[self.wanted.n - many + row]] for row in range(many)]
        return schema.Duplicates(
            groups=many,
            items=2 * many,
            redundant=many,
            examples=groups[:50],
            file="duplicates.csv" if many else None,
        )


def _reason(row: int) -> str:
    return "corrupt image" if row % 3 else "empty file"
