"""Float64 textbook versions of the measures of spaces: loops over items, no tricks."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

NEEDS_TORCH = 'needs torch: pip install -e ".[test-all]"'  # why a test is skipped


def unit_rows(vectors):
    vectors = np.asarray(vectors, dtype=np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def textbook_retrieval(points, codes):
    """Per-metric means; for points without ties."""
    found = {"recall@1": [], "recall@2": [], "recall@4": [], "recall@8": []}
    found |= {"r_precision": [], "map@r": []}
    distances = cdist(points, points)
    for i, code in enumerate(codes):
        others = [j for j in np.argsort(distances[i], kind="stable") if j != i]
        hits = np.array([codes[j] == code for j in others])
        r = int(hits.sum())
        if r == 0:
            continue
        for k in (1, 2, 4, 8):
            found[f"recall@{k}"].append(hits[:k].any())
        found["r_precision"].append(hits[:r].mean())
        precision = np.cumsum(hits[:r]) / np.arange(1, r + 1)
        found["map@r"].append((precision * hits[:r]).sum() / r)
    return {name: float(np.mean(values)) for name, values in found.items()}


def textbook_density(unit, codes):
    intra, means, align = [], [], []
    for code in np.unique(codes):
        rows = unit[codes == code]
        if len(rows) < 2:
            continue
        pairs = [(i, j) for i in range(len(rows)) for j in range(i + 1, len(rows))]
        intra.append(np.mean([1 - rows[i] @ rows[j] for i, j in pairs]))
        align += [((rows[i] - rows[j]) ** 2).sum() for i, j in pairs]
        means.append(rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0)))
    between = [
        1 - means[a] @ means[b] for a in range(len(means)) for b in range(len(means)) if a != b
    ]
    return np.mean(intra), np.mean(between), np.mean(align)


def textbook_hsic(x, y):
    """Song et al. (2012), with the n × n matrices written out."""
    n = len(x)
    k, m = x @ x.T, y @ y.T
    np.fill_diagonal(k, 0)
    np.fill_diagonal(m, 0)
    one = np.ones(n)
    return (
        np.trace(k @ m)
        + (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
        - 2 / (n - 2) * (one @ k @ m @ one)
    ) / (n * (n - 3))
