"""What chance gives is what scipy's hypergeometric distribution says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from curate.measure.distances import chances


@pytest.mark.parametrize(
    ("n", "marked", "drawn"),
    [(10, 4, 3), (10, 9, 8), (7, 7, 3), (7, 0, 3), (5, 3, 5), (599, 50, 50), (10**6, 5_000, 2_000)],
)
def test_chances_are_scipys(n, marked, drawn):
    """Every probability agrees, and so do the quantiles; also where few numbers are possible."""
    found = chances(n, marked, drawn)
    expected = hypergeom.pmf(np.arange(drawn + 1), n, marked, drawn)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    at = [0.025, 0.975]
    quantiles = np.searchsorted(np.cumsum(found), at)
    assert quantiles.tolist() == hypergeom.ppf(at, n, marked, drawn).tolist()
