"""Numbers about embedding spaces: pure functions of points and labels, one file a theme.

Points are (n, d) float64 rows from `curate.core.distance.as_points`: the vectors themselves, or
unit rows under cosine. Labels are (n,) int64 codes from `labels.encode`, -1 where an item
has none. What is not defined is None, never 0; the caller says why.

Every function is exact on what it is given. Where that would be too much work, it takes a
uniform sample of queries, or of pairs, and says how many; queries are measured against
all points.
"""
