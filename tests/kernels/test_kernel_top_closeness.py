"""Searches that may stop early, and balls of two hops, against plain ones."""

import numpy as np
import pytest
from test_kernel_bfs import GRAPHS, depths, rows_of

from influence.kernels.top_closeness import cut_searches, hub_bits, sum_over, two_hops


@pytest.mark.parametrize("name", ["path", "asymmetric", "complete", "dense"])
def test_two_hops(name):
    n, arcs = GRAPHS[name]
    offsets, nodes = rows_of(n, arcs)[:2]
    hubs = np.arange(0, n, 3, dtype=np.int32)
    bits, words = np.zeros((hubs.size, 2), np.uint64), 2
    hub_bits(offsets, nodes, hubs, bits)
    hub = np.full(n, -1, np.int32)
    hub[hubs] = np.arange(hubs.size)
    asked, found = np.arange(n, dtype=np.int32), np.zeros(n, np.int64)
    two_hops(offsets, nodes, hub, bits, asked, 0, n, True, np.ones((2, words), np.uint64), found)
    assert found.tolist() == [sum(d <= 2 for d in depths(n, arcs, v).values()) for v in range(n)]
    two_hops(offsets, nodes, hub, bits, asked, 0, n, False, np.ones((2, words), np.uint64), found)
    for v in range(n):
        one = {b for a, b in arcs if a == v} | {v}
        assert found[v] == len(one | {b for a, b in arcs if a in one and a % 3 == 0 and (v, a) in arcs})


def test_sum_over():
    sums = np.full(3, 9)
    sum_over(np.array([0, 2, 2, 3]), np.array([1, 2, 0], np.int32), np.array([1, 10, 100]), sums)
    assert sums.tolist() == [110, 0, 1]


@pytest.mark.parametrize("harmonic", [True, False])
@pytest.mark.parametrize("name", ["path", "asymmetric", "complete", "dense"])
def test_cut_searches(name, harmonic):
    n, arcs = GRAPHS[name]
    away = [depths(n, arcs, v) for v in range(n)]
    whole = np.array([len(found) for found in away])
    wanted = np.zeros(n)
    for v in range(n):
        far = [d for d in away[v].values() if d]
        if far:
            wanted[v] = sum(1 / d for d in far) if harmonic else len(far) / sum(far) * (len(far) / (n - 1))
    work = [np.empty((n, n), np.int32) for _ in range(2)]
    sources, values = np.arange(n, dtype=np.int32), np.empty(n)
    for least in (-np.inf, float(np.median(wanted)) * (1 - 1e-9)):
        cut_searches(*rows_of(n, arcs), sources, whole, harmonic, True, least, *work, np.empty(1, np.int32), values)
        searched = values >= 0
        assert values[searched] == pytest.approx(wanted[searched])
        assert (wanted[~searched] < least).all()
        if least == -np.inf:
            assert searched.all()
