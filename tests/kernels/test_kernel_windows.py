"""The busiest window of each group, and edges that are answered, against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.graph import Graph
from influence.kernels.reverse import answered
from influence.kernels.windows import busiest_windows


def slow(groups, width):
    """Return the earliest window that holds most, by trying each event as its last one."""
    found, place = [], 0
    for times in groups:
        best = (place, place)
        for last in range(len(times)):
            first = next(i for i, t in enumerate(times) if times[last] - t < width)
            if last + 1 - first > best[1] - best[0]:
                best = (place + first, place + last + 1)
        found.append(best)
        place += len(times)
    return found


@given(st.lists(st.lists(st.integers(0, 40)), max_size=6), st.integers(1, 12))
def test_busiest_windows(groups, width):
    groups = [sorted(times) for times in groups]
    offsets = np.cumsum([0, *(len(times) for times in groups)])
    begin, end = busiest_windows(offsets, np.array([t for times in groups for t in times], np.int64), width)
    assert list(zip(begin.tolist(), end.tolist(), strict=True)) == slow(groups, width)


def test_a_window_ends_before_its_width():
    begin, end = busiest_windows(np.array([0, 3]), np.array([0, 5, 10]), 10)
    assert (begin.tolist(), end.tolist()) == ([0], [2])


@pytest.mark.parametrize("seed", range(5))
def test_answered(seed):
    rng = np.random.default_rng(seed)
    graph = Graph.from_edges(rng.integers(0, 12, 40), rng.integers(0, 12, 40), n_nodes=12)
    edges = list(zip(graph.edge_sources().tolist(), graph.out_targets.tolist(), strict=True))
    found = answered(graph.out_offsets, graph.out_targets, graph.in_offsets, graph.in_sources)
    assert found.tolist() == [(v, u) in edges for u, v in edges]
    assert 0 < found.sum() < found.size
