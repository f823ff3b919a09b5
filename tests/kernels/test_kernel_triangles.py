"""Triangles by falling degree on small graphs, against dense matrices."""

import numpy as np
import pytest

from influence.kernels.triangles import (
    count_triangles,
    degree_order,
    lower_rows,
    lower_sizes,
    triangle_work,
    weigh_triangles,
)


def rows_of(a):
    offsets = np.concatenate([[0], np.cumsum((a != 0).sum(1))]).astype(np.int64)
    return offsets, np.nonzero(a)[1].astype(np.int32), a[a != 0]


def symmetric(seed, n, density):
    rng = np.random.default_rng(seed)
    a = np.triu(np.where(rng.random((n, n)) < density, rng.uniform(0.5, 2.0, (n, n)), 0.0))
    return a + a.T - np.diag(np.diag(a))


def starts(sizes):
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


@pytest.mark.parametrize(("n", "density"), [(0, 0.0), (1, 1.0), (5, 0.0), (9, 0.5), (12, 1.0)])
def test_triangles(n, density):
    a = symmetric(1, n, density)
    offsets, targets, weight = rows_of(a)
    order, label = degree_order(offsets)
    degree = np.diff(offsets)
    assert order.tolist() == sorted(range(n), key=lambda v: (-degree[v], v))
    assert (label[order] == np.arange(n)).all()
    sizes = np.empty(n, np.int64), np.empty(n, np.int64)
    lower_sizes(offsets, targets, order, label, *sizes)
    lower_start, upper_start = starts(sizes[0]), starts(sizes[1])
    m = int(lower_start[-1])
    assert m == upper_start[-1] == np.count_nonzero(np.triu(a, 1))
    lower, upper, place, lower_weight = (np.empty(m, kind) for kind in (np.int32, np.int32, np.int32, np.float64))
    filled = np.zeros(n, np.int32)
    for start, stop in ((0, n // 2), (n // 2, n)):
        lower_rows(offsets, targets, weight, order, label, start, stop, filled, lower_start, lower, lower_weight,
                   upper_start, upper, place)  # fmt: skip
    for v in range(n):
        row = lower[lower_start[v] : lower_start[v + 1]]
        assert row.tolist() == [w for w in range(v) if a[order[v], order[w]]]
        assert lower_weight[lower_start[v] : lower_start[v + 1]].tolist() == a[order[v], order[row]].tolist()
        for k in range(upper_start[v], upper_start[v + 1]):
            assert lower[lower_start[upper[k]] + place[k]] == v
    work = np.empty(n, np.int64)
    triangle_work(lower_start, upper_start, place, work)
    assert (work >= 1).all()

    proper = a - np.diag(np.diag(a))
    marks, counts = np.zeros((2, n), np.uint8), np.zeros((2, n), np.int64)
    bounds = np.array([0, n // 3, n], np.int64)
    count_triangles(lower_start, lower, upper_start, upper, place, bounds, marks, counts)
    wanted = np.diag(np.linalg.matrix_power((proper != 0).astype(int), 3)) // 2
    assert counts.sum(0).tolist() == wanted[order].tolist()
    assert not marks.any()

    values, sums = np.zeros((3, n)), np.zeros((3, n))
    for start, stop in ((0, n // 2), (n // 2, n)):
        weigh_triangles(lower_start, lower, lower_weight, upper_start, upper, place, start, stop, values, sums)
    wanted = np.diag(np.linalg.matrix_power(proper, 3)) / 2
    assert sums.sum(0) == pytest.approx(wanted[order], rel=1e-12)
    assert not values.any()
