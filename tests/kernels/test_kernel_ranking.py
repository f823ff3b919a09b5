"""Top places and largest values against sorting."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.kernels.ranking import largest_in_rows, top_sums


def discount_sum(k):
    return np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(2, k + 2)))])


@st.composite
def orderings(draw):
    n = draw(st.integers(0, 8))
    order = draw(st.permutations(range(n)))
    copies = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    gain = draw(st.lists(st.floats(-5, 5), min_size=n, max_size=n))
    return order, copies, gain, draw(st.integers(1, 10))


@given(orderings())
def test_top_sums_with_copies(case):
    order, copies, gain, k = case
    found = top_sums(
        np.array(order, np.int64), np.array(copies, np.int64), np.array(gain, np.float64), discount_sum(k), k
    )
    assert found == pytest.approx(oracles.top_sums(order, copies, gain, k), abs=1e-12)


def test_top_sums_worked_by_hand():
    """Order 2, 0, 1 with 2 twice and 0 three times: the first four places are 2, 2, 0, 0."""
    found = top_sums(np.array([2, 0, 1]), np.array([3, 1, 2]), np.array([1.0, 100.0, 10.0]), discount_sum(4), 4)
    discounted = 10 * (1 + 1 / np.log2(3)) + 1 * (1 / 2 + 1 / np.log2(5))
    assert found == pytest.approx((22.0, discounted), abs=1e-12)


def test_top_sums_of_fewer_than_k():
    found = top_sums(np.array([1, 0]), np.array([0, 1]), np.array([5.0, 7.0]), discount_sum(3), 3)
    assert found == (7.0, 7.0)


@st.composite
def valued_rows(draw):
    rows = draw(st.lists(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, 3.5, np.nan]), max_size=7), max_size=5))
    return rows, draw(st.integers(1, 4))


@given(valued_rows())
def test_largest_in_rows(case):
    rows, width = case
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    value = np.array([x for row in rows for x in row], np.float64)
    wanted = []
    for start, row in zip(offsets, rows, strict=False):
        best = sorted((place for place, x in enumerate(row) if x > 0), key=lambda place: (-row[place], place))[:width]
        wanted.append([start + place for place in best] + [-1] * (width - len(best)))
    found = largest_in_rows(offsets, value, width)
    assert found.shape == (len(rows), width)
    assert found.tolist() == wanted


def test_ties_go_to_the_earlier_and_nothing_at_or_below_zero_is_listed():
    offsets = np.array([0, 5, 5, 8], np.int64)
    value = np.array([1.0, 2.0, 2.0, 1.0, 2.0, 0.0, -3.0, 4.0])
    assert largest_in_rows(offsets, value, 4).tolist() == [[1, 2, 4, 0], [-1, -1, -1, -1], [7, -1, -1, -1]]
