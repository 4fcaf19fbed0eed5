"""The one CSV writer."""

from __future__ import annotations

import csv
import io

from curate.core.csv_files import csv_bytes, write_csv

ROWS = [["a,b", 1, 0.1], ['say "hi"', None, -2.5e-300], ["two\nlines", True, "ü"]]


def test_cells_come_back_as_they_were_written():
    """Commas, quotes and line ends inside a cell survive; None is an empty cell."""
    stream = io.BytesIO()
    write_csv(stream, ["id", "rank", "distance"], ROWS)
    assert not stream.closed
    text = stream.getvalue().decode()
    assert text.startswith('id,rank,distance\n"a,b",1,0.1\n')
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [
        ["a,b", "1", "0.1"],
        ['say "hi"', "", "-2.5e-300"],
        ["two\nlines", "True", "ü"],
    ]


def test_columns_give_the_bytes_of_their_rows():
    """A mapping of columns is written as the table whose rows they make."""
    stream = io.BytesIO()
    write_csv(stream, ["x", "y"], [[1, "a"], [2, "b"]])
    assert csv_bytes({"x": [1, 2], "y": ["a", "b"]}) == stream.getvalue() == b"x,y\n1,a\n2,b\n"
