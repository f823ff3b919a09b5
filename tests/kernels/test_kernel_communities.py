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
from influence.kernels.random import word

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


def refined(matrix, strength, scale, heat, key, label, nodes):
    """Traag, Waltman and van Eck's MergeNodesSubset, nodes in the order given, with the lots that ours draws."""
    part = {v: {v} for v in nodes}
    strong = lambda s: strength[:, sorted(s)].sum(1)  # noqa: E731
    worth = lambda s, t: scale * (strong(s) * strong(t)[::-1]).sum()  # noqa: E731
    joins = lambda s, t: matrix[np.ix_(sorted(s), sorted(t))].sum()  # noqa: E731
    unfit = 0
    for v in nodes:
        whole = {u for u in nodes if label[u] == label[v]}
        if len(part[v]) > 1 or joins({v}, whole - {v}) < worth({v}, whole - {v}):
            continue
        met = []
        for u in np.flatnonzero(matrix[v]):
            if u in whole and part[u] not in met:
                met.append(part[u])
        gains = [joins({v}, other) - worth({v}, other) for other in met]
        fit = [joins(other, whole - other) >= worth(other, whole - other) for other in met]
        unfit += sum(gain > 0 and not good for gain, good in zip(gains, fit, strict=True))
        chance = [np.exp(gain / heat) if gain >= 0 and good else 0.0 for gain, good in zip(gains, fit, strict=True)]
        drawn = float(word(np.uint64(key), v) >> np.uint64(11)) / 2.0**53 * (1.0 + sum(chance))
        for other, share in zip(met, chance, strict=True):
            if drawn < share:
                other.add(v)
                part[v] = other
                break
            drawn -= share
    return [min(part[v]) for v in range(len(matrix))], unfit


@pytest.mark.parametrize("heat", [0.05, 1.0, 100.0])
@pytest.mark.parametrize("resolution", [0.5, 1.0, 2.0, 3.0])
def test_refine(heat, resolution):
    unfit = 0
    for seed in range(6):
        graph = small(seed, 20, 70)
        n, matrix = graph.n_nodes, dense(graph)
        strength = read_only(np.stack([matrix.sum(1), matrix.sum(1) * (1 + np.arange(n) % 2)]))
        scale = resolution / (2 * matrix.sum())
        label = (np.arange(n) % 2).astype(np.int32)
        totals = np.stack([np.bincount(label, of, minlength=n) for of in strength])
        first, nodes = gather(label, 2, shuffled(n, 1, np.uint64(seed)))
        for c in (0, 1):
            assert sorted(nodes[first[c] : first[c + 1]].tolist()) == [*range(c, n, 2)]
        part, alone, touched = np.empty(n, np.int32), np.empty(n, np.uint8), np.empty(n, np.int32)
        sums, outside, near = np.empty((2, n)), np.empty(n), np.zeros(n)
        rows = (graph.out_offsets, graph.out_targets, graph.weight)
        for start in (0, 1):
            refine(
                *(*rows, strength, scale, heat, np.uint64(7), label, totals, first, nodes),
                *(part, sums, outside, alone, near, touched, np.empty(n), start, start + 1),
            )
        wanted, some = refined(matrix, strength, scale, heat, 7, label, nodes.tolist())
        assert [int(np.flatnonzero(part == p)[0]) for p in part] == wanted
        unfit += some
        assert not near.any()
        for p in set(part.tolist()):
            inside, rest = part == p, (label == label[p]) & (part != p)
            assert part[p] == p
            assert alone[p] == (inside.sum() == 1)
            assert sums[:, p] == pytest.approx(strength[:, inside].sum(1))
            assert outside[p] == pytest.approx(matrix[np.ix_(inside, rest)].sum(), abs=1e-9)
    assert unfit > 0 or resolution != 2.0  # some parts were refused though joining them would gain


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
