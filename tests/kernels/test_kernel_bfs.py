"""Searches against a plain one."""

import numpy as np
import pytest

from influence.kernels.bfs import bfs, clear_rows, lane_totals, search_sums, spread

GRAPHS = {
    "one node": (1, []),
    "path": (4, [(0, 1), (1, 2), (2, 3)]),
    "asymmetric": (7, [(0, 1), (0, 2), (0, 3), (1, 2), (2, 0), (2, 4), (3, 4), (5, 6), (6, 5), (1, 1)]),
    "complete": (30, [(u, v) for u in range(30) for v in range(30) if u != v]),
    "dense": (60, [(u, v) for u in range(60) for v in range(60) if (u * v + u) % 5 == 1]),
}


def rows_of(n, arcs):
    """Return the out-rows and the in-rows."""
    rows = []
    for a, b in ((0, 1), (1, 0)):
        ordered = sorted((arc[a], arc[b]) for arc in arcs)
        rows.append(np.array([sum(u < row for u, _ in ordered) for row in range(n + 1)], np.int64))
        rows.append(np.array([v for _, v in ordered], np.int32))
    return rows


def depths(n, arcs, source):
    found, line = {source: 0}, [source]
    for u in line:
        for a, b in sorted(arcs):
            if a == u and b not in found:
                found[b] = found[u] + 1
                line.append(b)
    return found


@pytest.mark.parametrize("cutoff", [0, 1, 99])
@pytest.mark.parametrize("name", GRAPHS)
def test_bfs(name, cutoff):
    n, arcs = GRAPHS[name]
    depth, order, parent = (np.full(n, 77, np.int32) for _ in range(3))
    for source in {0, n - 1}:
        found, last = bfs(*rows_of(n, arcs), source, cutoff, depth, order, parent)
        wanted = {v: d for v, d in depths(n, arcs, source).items() if d <= cutoff}
        assert depth.tolist() == [wanted.get(v, -1) for v in range(n)]
        assert (found, last) == (len(wanted), max(wanted.values()))
        assert sorted(order[:found].tolist()) == sorted(wanted)
        assert np.all(np.diff(depth[order[:found]]) >= 0)
        for v in range(n):
            if v == source or v not in wanted:
                assert parent[v] == -1
            else:
                assert (parent[v], v) in arcs
                assert depth[parent[v]] == depth[v] - 1


@pytest.mark.parametrize("name", GRAPHS)
def test_search_sums(name):
    n, arcs = GRAPHS[name]
    sources = np.array([0, n - 1, n // 2], np.int32)
    chosen = np.array([v % 3 != 1 for v in range(n)], np.uint8)
    work = [np.empty((3, n), np.int32) for _ in range(2)]
    reach, far, near, last = np.zeros(3, np.int64), np.zeros(3), np.zeros(3), np.zeros(3, np.int64)
    search_sums(*rows_of(n, arcs), sources, chosen, *work, np.empty(1, np.int32), reach, far, near, last)
    for k, source in enumerate(sources.tolist()):
        away = depths(n, arcs, source)
        counted = [d for v, d in away.items() if chosen[v] and v != source]
        assert (reach[k], far[k], last[k]) == (len(counted), sum(counted), max(away.values()))
        assert near[k] == pytest.approx(sum(1 / d for d in counted))


@pytest.mark.parametrize("rooted", [False, True])
def test_spread(rooted):
    """Two levels from the nodes that point to 0, with or without the depths from it."""
    n, arcs = GRAPHS["asymmetric"]
    arcs = [*arcs, (3, 0), (4, 0)]
    sources = [2, 3, 4]
    everyone = np.zeros(8, np.uint64)
    everyone[1] = 7
    before, seen, after = (np.zeros((n, 8), np.uint64) for _ in range(3))
    seen[:] = 5
    clear_rows(seen)
    assert not seen.any()
    marks, counts = np.zeros((2, n), np.uint8), np.zeros((6, n), np.int32)
    for lane, source in enumerate(sources):
        before[source, 1] = seen[source, 1] = 1 << lane
        marks[0, source] = 1
    _, _, in_offsets, in_sources = rows_of(n, arcs)
    away = depths(n, arcs, 0)
    depth = np.array([away.get(v, -1) for v in range(n)], np.int32)
    order = np.arange(n, dtype=np.int32)
    wanted = np.zeros((6, n), int)
    for source in sources:
        for v, d in depths(n, arcs, source).items():
            wanted[d, v] += d > 0
    level, reached = 0, 1
    while level < 4 and (reached or rooted):
        level += 1
        # who is deeper than the last level still has to wait for those that are one hop farther than the root
        rows = order[depth >= level] if rooted else order
        reached = spread(in_offsets, in_sources, rows, 0, rows.size, depth, level if rooted else -2, level, everyone, 3,
                         before, seen, after, marks[(level - 1) % 2], np.uint8(level), marks[level % 2],
                         np.uint8(level + 1), counts)  # fmt: skip
        before, after = after, before
    if rooted:
        counts[1, 0] = 3  # the root has no level of its own
    assert counts.tolist() == wanted.tolist()


@pytest.mark.parametrize("parts", [1, 3])
def test_lane_totals(parts):
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 2**63, (40, 8), dtype=np.uint64)
    marks = rng.integers(0, 3, 40).astype(np.uint8)
    order = rng.permutation(40).astype(np.int32)
    planes, totals = np.zeros((parts, 8, 32), np.uint64), np.full(512, 5)
    lane_totals(order, 3, 38, rows, marks, np.uint8(1), planes, totals)
    held = [int(i) for i in order[3:38] if marks[i] == 1]
    wanted = [5 + sum(int(rows[i, lane // 64]) >> (lane % 64) & 1 for i in held) for lane in range(512)]
    assert totals.tolist() == wanted
    assert not planes.any()
