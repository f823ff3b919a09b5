"""Components, condensed, and what they reach."""

import numpy as np

from influence.kernels.reaching import condense, descendants


def test_what_components_reach():
    """Components 2 = {0, 3}, 0 = {1}, 1 = {2, 4}: 2 → 0 → 1 and 2 → 1, some arcs twice, some inside."""
    arcs = sorted([(0, 3), (3, 0), (0, 1), (3, 1), (1, 2), (2, 4), (4, 2), (0, 4), (3, 2)])
    offsets = np.array([sum(u < row for u, _ in arcs) for row in range(6)], np.int64)
    targets = np.array([v for _, v in arcs], np.int32)
    component, members = np.array([2, 0, 1, 2, 1], np.int32), np.array([1, 2, 4, 0, 3])
    starts = np.array([0, 1, 3, 5])
    rows, heads = condense(offsets, targets, component, members, starts, np.empty(3, np.int32), np.empty(9, np.int32))
    assert [sorted(heads[rows[g] : rows[g + 1]].tolist()) for g in range(3)] == [[1], [], [0, 1]]
    order = np.array([1, 0, 2])  # sinks first
    # blocks of components of one node, and of two
    lanes, sizes, blocks = np.array([0, 1, 2], np.int32), np.array([1, 2]), np.array([0, 1, 3])
    for threads in (1, 2):
        counts = np.zeros((threads, 3), np.int64)
        reached = np.ones((threads, 3, 8), np.uint64)
        descendants(rows, heads, order, lanes, sizes, blocks, 0, 2, reached, counts)
        assert counts.sum(axis=0).tolist() == [3, 2, 5]
