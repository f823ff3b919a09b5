"""The skeleton of delimited text, against Python's own csv module and by hand."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.io import layout


def scan(text, n_fields=2, separator=","):
    return layout.scan(np.frombuffer(text.encode(), dtype=np.uint8), separator, n_fields)


CELL = st.text(alphabet='ab,"\n;é', max_size=4)


@pytest.mark.parametrize("chunk", [1, 3, 1 << 20])
@given(
    rows=st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=8), end=st.sampled_from(["\n", "\r\n"])
)
def test_agrees_with_a_csv_reader(chunk, rows, end):
    # A lone empty cell is written as "", so that no row is blank.
    stream = io.StringIO()
    csv.writer(stream, lineterminator=end).writerows(rows)
    text = stream.getvalue()
    before, layout._CHUNK = layout._CHUNK, chunk
    try:
        found = scan(text, 3)
    finally:
        layout._CHUNK = before
    wrong = [i for i, row in enumerate(rows) if len(row) != 3]
    starts = [1 + sum(row.count("\n") + 1 for row in _texts(rows[:i])) for i in range(len(rows))]
    assert found.n_records == len(rows)
    assert found.ragged.tolist() == wrong
    assert found.fields.tolist() == [len(rows[i]) for i in wrong]
    assert found.lines(np.arange(len(rows))).tolist() == starts
    assert not found.blank.size
    assert not found.open_quote


def _texts(rows):
    return ["".join(row) for row in rows]


@pytest.mark.parametrize("text", ["a,b\n1,2", "a,b\r\n1,2\r\n", "a,b\n1,2\n"])
def test_the_last_line_need_not_end(text):
    found = scan(text)
    assert (found.n_records, found.ragged.size, found.blank.size) == (2, 0, 0)


def test_blank_lines_are_no_short_rows():
    found = scan("\na,b\n\n1,2\r\n\r\n3\n\r")
    assert found.blank.tolist() == [0, 2, 4, 6]
    assert found.ragged.tolist() == [5]
    assert found.fields.tolist() == [1]


def test_a_cut_last_line_is_short():
    assert scan("a,b,c\n1,2,3\n4,5", 3).ragged.tolist() == [2]


def test_an_open_quote_is_seen():
    assert scan('a,b\n1,"x\n2,y\n').open_quote
    assert not scan('a,b\n1,"x""y"\n').open_quote
