"""Shared ties of edges on small graphs, against dense matrices."""

import numpy as np
import pytest

from influence.kernels.holes import row_constraint, row_redundancy, shared_strength, shared_work


@pytest.mark.parametrize(("n", "density"), [(0, 0.0), (1, 1.0), (5, 0.0), (9, 0.5), (13, 1.0)])
def test_shared_ties(n, density):
    rng = np.random.default_rng(2)
    a = np.triu(np.where(rng.random((n, n)) < density, rng.uniform(0.5, 2.0, (n, n)), 0.0))
    a = a + a.T - np.diag(np.diag(a))
    scale = rng.uniform(0.5, 2.0, n)
    offsets = np.concatenate([[0], np.cumsum((a != 0).sum(1))]).astype(np.int64)
    source, target = np.nonzero(a)
    number = np.zeros((n, n), np.int64)
    number[source, target] = np.arange(source.size)
    targets, opposite, strength = target.astype(np.int32), number[target, source], a[source, target]

    work = np.empty(n, np.int64)
    shared_work(offsets, targets, work)
    assert (work >= 1).all()
    marks, shared = np.zeros((2, n)), np.full(source.size, np.nan)
    shared_strength(offsets, targets, opposite, strength, scale, np.array([0, n // 2, n], np.int64), marks, shared)
    wanted = (a @ np.diag(scale) @ a.T)[source, target]
    assert shared == pytest.approx(wanted, rel=1e-12)
    assert not marks.any()

    total, greatest = a.sum(1), a.max(1, initial=0.0)
    found = np.empty(n)
    row_constraint(offsets, strength, shared, total, found)
    parts = np.zeros((n, n))
    parts[source, target] = strength + shared
    assert found == pytest.approx([((parts[u] / total[u]) ** 2).sum() if total[u] else 0.0 for u in range(n)])
    row_redundancy(offsets, targets, strength, shared, total, greatest, found)
    parts[source, target] = shared / greatest[target]
    assert found == pytest.approx([parts[u].sum() / total[u] if total[u] else 0.0 for u in range(n)])
