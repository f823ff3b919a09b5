"""Components against their definition, NetworkX, scipy and textbook examples."""

import networkx as nx
import numba
import numpy as np
import pytest
from cases import CASES, random_case

from influence.centrality import components
from influence.centrality.components import (
    connected_components,
    strongly_connected_components,
    weakly_connected_components,
)
from influence.errors import UsageError
from influence.graph import Graph


def by_definition(matrix, strong):
    """Warshall's closure: who reaches whom; parts by size falling, then by least node."""
    reach = (matrix > 0) | np.eye(len(matrix), dtype=bool)
    reach = reach if strong else reach | reach.T
    for k in range(len(matrix)):
        reach |= np.outer(reach[:, k], reach[k])
    return in_order(
        [frozenset(np.flatnonzero(row & column).tolist()) for row, column in zip(reach, reach.T, strict=True)]
    )


def in_order(sets):
    label = {}
    for number, part in enumerate(sorted(set(sets), key=lambda part: (-len(part), min(part)))):
        label.update(dict.fromkeys(part, number))
    return [label[v] for v in sorted(label)]


def check(graph, matrix):
    for measure, strong in ((weakly_connected_components, False), (strongly_connected_components, True)):
        found = measure(graph)
        assert found.values.tolist() == by_definition(matrix, strong)
        assert found.sizes.tolist() == np.bincount(found.values, minlength=found.n_components).tolist()
        assert found.values.dtype == np.int32


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_definition(name, loops):
    check(CASES[name].graph(loops=loops), CASES[name].dense(loops=loops))


@pytest.mark.parametrize("seed", range(40))
def test_definition_at_random(seed, monkeypatch):
    """Sparse enough to fall apart; every second time, nothing is pulled, so that the other ways must find it."""
    case = random_case(200 + seed, n=30, m=12 + 2 * seed, directed=seed % 4 > 0)
    if seed % 2:
        monkeypatch.setattr(components, "_ROUNDS", seed % 3)
    check(case.graph(loops=seed % 3 > 0), case.dense())


@pytest.mark.parametrize("name", CASES)
def test_networkx(name):
    case = CASES[name]
    graph, theirs = case.graph(loops=True), case.networkx(loops=True)
    if case.directed:
        assert strongly_connected_components(graph).values.tolist() == in_order(
            map(frozenset, nx.strongly_connected_components(theirs))
        )
        weak = in_order(map(frozenset, nx.weakly_connected_components(theirs)))
        assert weakly_connected_components(graph).values.tolist() == weak
    else:
        assert connected_components(graph).values.tolist() == in_order(map(frozenset, nx.connected_components(theirs)))


def test_networkx_larger():
    """Large enough for several blocks, with thousands of small components."""
    rng = np.random.default_rng(3)
    n, m = 5000, 6000
    source, target = rng.integers(0, n, m), rng.integers(0, n, m)
    graph = Graph.from_edges(source, target, n_nodes=n, self_loops=True)
    theirs = nx.DiGraph()
    theirs.add_nodes_from(range(n))
    theirs.add_edges_from(zip(source.tolist(), target.tolist(), strict=True))
    strong = in_order(map(frozenset, nx.strongly_connected_components(theirs)))
    assert strongly_connected_components(graph).values.tolist() == strong
    weak = in_order(map(frozenset, nx.weakly_connected_components(theirs)))
    assert weakly_connected_components(graph).values.tolist() == weak
    assert connected_components(graph.undirected()).values.tolist() == weak


def test_textbook():
    """Figure 22.9 of Cormen, Leiserson, Rivest and Stein (third edition): abe, cd, fg and h."""
    arcs = ["ab", "be", "bc", "bf", "ea", "ef", "cd", "cg", "dc", "dh", "fg", "gf", "gh", "hh"]
    graph = Graph.from_edges([ord(a[0]) - 97 for a in arcs], [ord(a[1]) - 97 for a in arcs], self_loops=True)
    found = strongly_connected_components(graph)
    parts = ["".join("abcdefgh"[v] for v in np.flatnonzero(found.values == k)) for k in range(found.n_components)]
    assert parts == ["abe", "cd", "fg", "h"]
    assert weakly_connected_components(graph).n_components == 1


def test_worked_by_hand():
    """From 1 by 2 into the ring 3, 4, 5 and the ring 6, 7, 8, which leads to the former; 0 is apart."""
    arcs = [(1, 2), (2, 3), (3, 4), (4, 5), (5, 3), (2, 6), (6, 7), (7, 8), (8, 6), (8, 4)]
    graph = Graph.from_edges(*zip(*arcs, strict=True))
    assert strongly_connected_components(graph).values.tolist() == [2, 3, 4, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("shape", ["way", "ring", "ring of rings"])
def test_long_ways(shape):
    """Deep graphs: no recursion, and more rounds than stamps."""
    n = 30_000
    here = np.random.default_rng(1).permutation(n)
    source, target = here[:-1], here[1:]
    if shape != "way":
        source, target = np.append(source, here[-1]), np.append(target, here[0])
    if shape == "ring of rings":
        source, target = source.reshape(300, 100), target.reshape(300, 100).copy()
        target[:, -1] = source[:, 0]  # each closes on itself
        source, target = source.ravel(), target.ravel()
    graph = Graph.from_edges(source, target, n_nodes=n)
    sizes = {"way": [1] * n, "ring": [n], "ring of rings": [100] * 300}[shape]
    assert strongly_connected_components(graph).sizes.tolist() == sizes
    assert weakly_connected_components(graph).sizes.tolist() == (sizes if shape != "way" else [n])


def test_any_cut_is_the_same(monkeypatch):
    case = random_case(9, n=200, m=230)
    measures = (weakly_connected_components, strongly_connected_components)
    whole = [measure(case.graph()).values.tobytes() for measure in measures]
    monkeypatch.setattr(components, "slices", lambda total, label, first=1: ((i, i + 1) for i in range(total)))
    monkeypatch.setattr(components, "_BUDGET", 3)
    assert [measure(case.graph()).values.tobytes() for measure in measures] == whole


def test_threads_do_not_change_a_byte():
    rng = np.random.default_rng(0)
    graph = Graph.from_edges(rng.integers(0, 40_000, 45_000), rng.integers(0, 40_000, 45_000), n_nodes=40_000)
    before, found = numba.get_num_threads(), []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append(
                [f(graph).values.tobytes() for f in (weakly_connected_components, strongly_connected_components)]
            )
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]


def test_table():
    found = weakly_connected_components(Graph.from_edges([1, 4], [2, 0], n_nodes=5))
    assert found.to_polars().rows() == [(0, 0, 2), (4, 0, 2), (1, 1, 2), (2, 1, 2), (3, 2, 1)]
    assert found.to_polars().columns == ["id", "component", "component_size"]


def test_refused():
    with pytest.raises(UsageError, match="take weakly_connected_components or strongly"):
        connected_components(Graph.from_edges([0], [1]))
