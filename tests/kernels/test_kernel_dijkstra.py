"""Dijkstra's algorithm against relaxing until nothing changes."""

import numpy as np
import pytest

from influence.kernels.dijkstra import dijkstra


def case(seed, n=14, m=40):
    rng = np.random.default_rng(seed)
    arcs = sorted({(int(u), int(v)) for u, v in rng.integers(0, n, (m, 2))})
    lengths = rng.integers(0 if seed % 2 else 1, 6, len(arcs)).astype(float)
    offsets = np.array([sum(u < row for u, _ in arcs) for row in range(n + 1)], np.int64)
    return n, arcs, offsets, np.array([v for _, v in arcs], np.int32), lengths


@pytest.mark.parametrize("cutoff", [np.inf, 4.0])
@pytest.mark.parametrize("seed", range(6))
def test_distances_and_sums(seed, cutoff):
    n, arcs, offsets, nodes, lengths = case(seed)
    sources = np.array([0, 5, n - 1], np.int32)
    chosen = np.array([v % 4 != 2 for v in range(n)], np.uint8)
    strength = np.arange(1.0, lengths.size + 1)
    k = sources.size
    dist, path = np.empty((k, n)), np.empty((k, n))
    heap, place, turn, parent, hops = (np.empty((k, n), np.int32) for _ in range(5))
    reach, (far, near, mean) = np.zeros(k, np.int64), np.zeros((3, k))
    dijkstra(offsets, nodes, lengths, sources, cutoff, chosen, strength, True, dist, heap, place, turn, parent, path,
             hops, reach, far, near, mean)  # fmt: skip
    for row, source in enumerate(sources.tolist()):
        wanted = np.full(n, np.inf)
        wanted[source] = 0.0
        for _ in range(n):
            for (u, v), length in zip(arcs, lengths, strict=True):
                wanted[v] = min(wanted[v], wanted[u] + length)
        wanted[wanted > cutoff] = np.inf
        assert dist[row].tolist() == wanted.tolist()
        others = [v for v in range(n) if chosen[v] and v != source and np.isfinite(wanted[v])]
        assert reach[row] == len(others)
        assert far[row] == pytest.approx(sum(wanted[v] for v in others))
        assert near[row] == pytest.approx(sum(1 / wanted[v] for v in others if wanted[v] > 0))
        means = 0.0
        for v in range(n):
            walk, on = [], v
            while on != source and np.isfinite(wanted[v]):
                arc = arcs.index((parent[row, on], on))
                walk.append(strength[arc])
                assert wanted[on] == wanted[parent[row, on]] + lengths[arc]
                on = parent[row, on]
            means += sum(walk) / len(walk) if walk and v in others else 0.0
        assert mean[row] == pytest.approx(means)
        assert parent[row, source] == -1


def test_first_found_stays():
    """0 → 1 → 3 and 0 → 2 → 3 are as long as each other."""
    offsets, nodes = np.array([0, 2, 3, 4, 4]), np.array([1, 2, 3, 3], np.int32)
    dist, path = np.empty((1, 4)), np.empty((1, 4))
    heap, place, turn, parent, hops = (np.empty((1, 4), np.int32) for _ in range(5))
    dijkstra(offsets, nodes, np.ones(4), np.zeros(1, np.int32), np.inf, np.ones(4, np.uint8), np.ones(4), True, dist,
             heap, place, turn, parent, path, hops, np.zeros(1, np.int64), *np.zeros((3, 1)))  # fmt: skip
    assert parent[0].tolist() == [-1, 0, 0, 1]
