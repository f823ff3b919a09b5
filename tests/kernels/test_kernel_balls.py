"""Balls and their surfaces on small graphs, against powers of a matrix."""

import numpy as np
import pytest

from influence.kernels.balls import reach_and_remove, surface_influence, update_keys
from influence.kernels.voting import heap_build


@pytest.mark.parametrize("radius", [0, 1, 2, 3])
@pytest.mark.parametrize(("n", "density"), [(0, 0.0), (1, 1.0), (4, 0.0), (12, 0.15), (8, 1.0)])
def test_balls(n, density, radius):
    a = np.triu(np.random.default_rng(4).random((n, n)) < density)
    a = (a | a.T).astype(int)
    offsets = np.concatenate([[0], np.cumsum(a.sum(1))]).astype(np.int64)
    targets = np.nonzero(a)[1].astype(np.int32)
    a -= np.diag(np.diag(a))
    degree = a.sum(1)
    for removed in range(-1, n):
        marks = np.zeros(n, np.bool_)
        if removed >= 0:
            near = np.linalg.matrix_power(a + np.eye(n, dtype=int), radius + 1)[removed] > 0
            near[removed] = False
            reach_and_remove(offsets, targets, degree, radius + 1, removed, marks, np.empty(n, np.int32))
            assert marks.tolist() == near.tolist()
            a[removed] = a[:, removed] = 0
        left = degree >= 0
        assert (degree[left] == a.sum(1)[left]).all()
        assert (~left).sum() == removed + 1
        values, seen = np.full(n, -5), np.zeros((2, n), np.bool_)
        bounds = np.array([0, n // 2, n], np.int64)
        todo, queue = np.arange(n, dtype=np.int32), np.empty((2, n), np.int32)
        surface_influence(offsets, targets, degree, radius, todo, bounds, seen, queue, values)
        ball = [np.linalg.matrix_power(a + np.eye(n, dtype=int), r) > 0 for r in range(radius + 1)]
        surface = ball[radius] & ~ball[radius - 1] if radius else ball[0]
        wanted = [(d - 1) * (surface[v] * (degree - 1)).sum() if d > 1 else 0 for v, d in enumerate(degree)]
        assert values.tolist() == wanted
        assert not seen.any()


def test_keys():
    heap, where, key, size = np.empty(3, np.int32), np.empty(3, np.int32), np.array([5, 4, 3]), np.zeros(1, np.int64)
    heap_build(heap, where, key, size)
    update_keys(heap, where, key, size, np.array([0, 2], np.int32), np.array([1, 9, 8]))
    assert (key.tolist(), heap[0]) == ([1, 4, 8], 2)
