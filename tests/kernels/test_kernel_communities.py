"""Moves, refinement and smaller graphs against plain sums, and what refinement promises."""

import itertools

import numpy as np
import pytest

from influence.graph import Graph
from influence.kernels.communities import (
    LANES,
    aggregate,
    gather,
    move_nodes,
    refine,
    row_sums,
    shuffled,
    split,
    squeeze,
)

#: Without the compiler, numpy warns where the mixing of random numbers is meant to wrap around.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")


def small(seed=1, n=14, m=40):
    rng = np.random.default_rng(seed)
    return Graph.from_edges(*rng.integers(0, n, (2, m)), rng.integers(1, 5, m), n_nodes=n, directed=False)


def dense(graph):
    matrix = np.zeros((graph.n_nodes, graph.n_nodes))
    matrix[graph.edge_sources(), graph.out_targets] = graph.weight
    return matrix


def read_only(array):
    array.setflags(write=False)
    return array


def test_shuffled():
    assert sorted(shuffled(23, 1, np.uint64(5)).tolist()) == list(range(23))
    runs = shuffled(23, 5, np.uint64(5)).tolist()
    assert sorted(runs) == list(range(23))
    assert runs != list(range(23))
    assert sum(b == a + 1 for a, b in itertools.pairwise(runs)) >= 18
    assert shuffled(0, 1, np.uint64(1)).size == 0
    places = np.array([shuffled(6, 1, np.uint64(1000 * key))[0] for key in range(300)])
    assert (np.bincount(places, minlength=6) > 25).all()


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("budget", [1, 10_000])
def test_move_nodes(budget, directed):
    graph = small()
    n, matrix = graph.n_nodes, dense(graph)
    strength = np.stack([matrix.sum(1), matrix.sum(1) * (2 if directed else 1)])
    scale = 1.0 / (2 * matrix.sum())
    label, queue, waits = np.arange(n, dtype=np.int32), np.arange(n, dtype=np.int32), np.ones(n, np.uint8)
    totals, members = strength.copy(), np.ones(n, np.int32)
    near, touched, empty = np.zeros(n), np.empty(n + 1, np.int32), np.empty(n, np.int32)
    state, gained = np.array([0, n, 0, 0]), np.zeros(1)

    def value(labels):
        same = np.equal.outer(labels, labels) & ~np.eye(n, dtype=bool)
        pairs = np.outer(strength[0], strength[1])
        return ((matrix - scale * (pairs + pairs.T)) * same).sum() / 2

    rows = (graph.out_offsets, graph.out_targets, graph.weight)
    for _ in range(10_000):
        move_nodes(
            *(*rows, False, directed, read_only(strength), scale, 1e-12, label, totals, members, queue, waits),
            *(near, touched, empty, state, gained, budget),
        )
        if state[1] == 0:
            break
    assert gained[0] == pytest.approx(value(label) - value(np.arange(n)), abs=1e-9)
    assert gained[0] > 0
    assert not near.any() and not waits.any()
    assert members.tolist() == np.bincount(label, minlength=n).tolist()
    for way in (0, 1):
        assert totals[way] == pytest.approx(np.bincount(label, strength[way], minlength=n), abs=1e-9)
    assert sorted(empty[: state[2]].tolist()) == np.flatnonzero(members == 0).tolist()


def test_one_leaves_for_an_empty_community():
    """0 has no tie to 1, which it is put with: it leaves."""
    graph = Graph.from_edges([0, 1], [2, 3], n_nodes=4, directed=False)
    strength = read_only(np.ones((2, 4)))
    label, totals = np.array([0, 0, 2, 3], np.int32), np.array([[2.0, 0.0, 1.0, 1.0]] * 2)
    members, waits = np.array([2, 0, 1, 1], np.int32), np.array([1, 0, 0, 0], np.uint8)
    empty, state = np.array([1, -1, -1, -1], np.int32), np.array([0, 1, 1, 0])
    # an arc of weight 0 is no reason to stay or to go to 2
    weight = read_only(np.zeros(4))
    move_nodes(
        *(graph.out_offsets, graph.out_targets, weight, False, False, strength, 0.25, 1e-12, label, totals, members),
        *(np.zeros(4, np.int32), waits, np.zeros(4), np.empty(5, np.int32), empty, state, np.zeros(1), 100),
    )
    assert label.tolist() == [1, 0, 2, 3]
    assert members.tolist() == [1, 1, 1, 1]
    assert totals.tolist() == [[1.0] * 4] * 2
    assert state[2] == 0


@pytest.mark.parametrize("heat", [1e-6, 1.0, 100.0])
def test_refine(heat):
    graph = small(3, 20, 90)
    n, matrix = graph.n_nodes, dense(graph)
    strength = read_only(np.stack([matrix.sum(1)] * 2))
    scale = 1.0 / (2 * matrix.sum())
    label = (np.arange(n) % 2).astype(np.int32)
    totals = np.stack([np.bincount(label, matrix.sum(1), minlength=n)] * 2)
    first, nodes = gather(label, 2, shuffled(n, 1, np.uint64(1)))
    assert [sorted(nodes[first[c] : first[c + 1]].tolist()) for c in (0, 1)] == [[*range(0, n, 2)], [*range(1, n, 2)]]
    part, alone, touched = np.empty(n, np.int32), np.empty(n, np.uint8), np.empty(n, np.int32)
    sums, outside, near = np.empty((2, n)), np.empty(n), np.zeros(n)
    for start in (0, 1):
        refine(
            *(graph.out_offsets, graph.out_targets, graph.weight, strength, scale, heat, np.uint64(7), label, totals),
            *(first, nodes, part, sums, outside, alone, near, touched, np.empty(n), start, start + 1),
        )
    assert not near.any()
    assert len(set(part.tolist())) < n
    for p in set(part.tolist()):
        inside = part == p
        assert part[p] == p
        assert len(set(label[inside].tolist())) == 1
        assert sums[:, p] == pytest.approx(strength[:, inside].sum(1))
        rest = (label == label[p]) & ~inside
        assert outside[p] == pytest.approx(matrix[np.ix_(inside, rest)].sum(), abs=1e-9)
        assert alone[p] == (inside.sum() == 1)
        reach = np.eye(n)[p] * inside
        for _ in range(n):
            reach = ((reach + matrix @ reach) > 0) * inside
        assert reach.sum() == inside.sum()  # hangs together


def test_split():
    graph = Graph.from_edges([0, 1, 3, 4], [1, 2, 4, 5], n_nodes=6, directed=False)
    part, queue = np.full(6, -1, np.int32), np.empty(6, np.int32)
    split(graph.out_offsets, graph.out_targets, np.array([0, 0, 1, 0, 0, 1], np.int32), part, queue)
    assert part.tolist() == [0, 0, 2, 3, 3, 5]


@pytest.mark.parametrize("k", [1, 3, 14])
def test_smaller_graph(k):
    graph = small()
    n, matrix = graph.n_nodes, dense(graph)
    group = (np.arange(n) * 5 % k).astype(np.int32)
    first, nodes = gather(group, k, np.arange(n, dtype=np.int32))
    room = np.append(0, np.cumsum(graph.out_degree[nodes]))[first]
    near, touched = np.zeros((LANES, k)), np.empty((LANES, k), np.int32)
    targets, weight, length = np.empty(room[-1], np.int32), np.empty(room[-1]), np.full(k, -1)
    rows = (graph.out_offsets, graph.out_targets, graph.weight)
    aggregate(*rows, group, first, nodes, room, near, touched, targets, weight, length)
    offsets = np.append(0, np.cumsum(length))
    targets, weight = squeeze(room, offsets, targets, weight)
    found = np.zeros((k, k))
    found[np.repeat(np.arange(k), length), targets] = weight
    wanted = np.array([[matrix[np.ix_(group == a, group == b)].sum() for b in range(k)] for a in range(k)])
    np.fill_diagonal(wanted, 0.0)
    assert found.tolist() == wanted.tolist()
    assert np.count_nonzero(found) == targets.size
    assert not near.any()


def test_row_sums():
    graph = Graph.from_edges([0, 0, 1, 2], [0, 1, 2, 2], [1.0, 2.0, 4.0, 8.0], directed=False, self_loops=True)
    inside, whole, loop = np.empty(3), np.empty(3), np.empty(3)
    labels = np.array([0, 0, 1], np.int32)
    row_sums(graph.out_offsets, graph.out_targets, graph.weight, labels, inside, whole, loop)
    assert (inside.tolist(), whole.tolist(), loop.tolist()) == ([3, 2, 8], [3, 6, 12], [1, 0, 8])
