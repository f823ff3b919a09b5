"""Reaching centralities against dense reachability, NetworkX and the values of the definition's examples."""

import networkx as nx
import numba
import numpy as np
import oracles_distances as oracles
import pytest
from cases import CASES, Case, random_case

from influence.centrality.reaching import global_reaching, local_reaching
from influence.errors import UsageError
from influence.graph import Graph

DEFINED = [name for name, case in CASES.items() if case.n > 1 and case.source]
#: More components than a block holds, of several sizes.
LARGER = {"sparse": random_case(1, n=1500, m=1500), "denser": random_case(2, n=900, m=1200, loops=9)}


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", DEFINED)
def test_dense_reach(name, loops):
    case = CASES[name]
    away = oracles.distances(oracles.lengths_of(case, loops=loops))
    others = case.n - 1
    wanted = (np.isfinite(away).sum(axis=1) - 1) / others
    if not case.directed:
        wanted = np.array(oracles.harmonic(away)) / others
    found = local_reaching(case.graph(loops=loops))
    assert found.values == pytest.approx(wanted, abs=1e-13)
    assert global_reaching(case.graph(loops=loops)) == pytest.approx((wanted.max() - wanted).sum() / others, abs=1e-13)


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("name", [name for name in DEFINED if name != "integer weights"])
def test_networkx(name, weighted, normalized, loops):
    graph, other = CASES[name].graph(loops=loops), CASES[name].networkx(loops=loops)
    weight = "weight" if weighted else None
    found = local_reaching(graph, weighted=weighted, normalized=normalized).values
    wanted = [
        nx.local_reaching_centrality(other, v, weight=weight, normalized=normalized) for v in range(CASES[name].n)
    ]
    assert found == pytest.approx(wanted, abs=1e-12)
    wanted = nx.global_reaching_centrality(other, weight=weight, normalized=normalized)
    assert global_reaching(graph, weighted=weighted, normalized=normalized) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_paths_of_the_same_length(seed):
    """Two hops of weight 2 are as long as one of weight 1: the first found counts, as NetworkX has it in that order."""
    case = random_case(seed, n=12, m=40, integers=True, directed=seed % 2 == 0)
    graph = case.graph()
    # both ways where undirected, so that all rows are in order; lengths are scaled, the paths are the same
    other = nx.DiGraph()
    other.add_nodes_from(range(case.n))
    source = graph.edge_sources().tolist()
    other.add_weighted_edges_from(zip(source, graph.out_targets.tolist(), graph.weight.tolist(), strict=True))
    found = local_reaching(graph, weighted=True, normalized=False).values
    wanted = [nx.local_reaching_centrality(other, v, weight="weight", normalized=False) for v in range(case.n)]
    assert found == pytest.approx(wanted, abs=1e-12)


def test_who_got_there_first_goes_on_first():
    """1 and 3 are as far from 0, by one hop and by two; 4 is reached through 1, whose distance was found first."""
    arcs = [(0, 1, 1.0), (0, 2, 2.0), (1, 4, 1.0), (2, 3, 2.0), (3, 4, 1.0)]
    graph = Graph.from_edges(*np.array(arcs)[:, :2].T.astype(int), [w for _, _, w in arcs])
    other = nx.DiGraph()
    other.add_nodes_from(range(5))
    other.add_weighted_edges_from(arcs)
    wanted = [nx.local_reaching_centrality(other, v, weight="weight", normalized=False) for v in range(5)]
    found = local_reaching(graph, weighted=True, normalized=False).values
    assert found == pytest.approx(wanted, abs=1e-14)
    assert found[0] == pytest.approx((1 + 2 + 2 + 1) / 4)


@pytest.mark.parametrize("name", LARGER)
def test_more_components_than_a_block_holds(name):
    case = LARGER[name]
    other = case.networkx()
    wanted = [len(nx.descendants(other, v)) / (case.n - 1) for v in range(case.n)]
    assert local_reaching(case.graph()).values == pytest.approx(wanted, rel=1e-14)


def test_definition():
    """An outward star has G = 1, a cycle G = 0: Mones, Vicsek and Vicsek, PLoS ONE 7(3), e33799, 2012, "Methods"."""
    assert global_reaching(Graph.from_edges([0, 0, 0, 0], [1, 2, 3, 4])) == 1.0
    assert global_reaching(CASES["cycle"].graph()) == 0.0
    assert global_reaching(CASES["star in"].graph()) == pytest.approx(1 / 16)
    # NetworkX's own example: an edge more between the leaves
    assert global_reaching(Graph.from_edges([0, 0, 2], [1, 2, 1])) == 0.75
    # a binary tree outward: Σ over depths of (C_max - C) / (n - 1)
    tree = Graph.from_edges([0, 0, 1, 1, 2, 2], [1, 2, 3, 4, 5, 6])
    assert global_reaching(tree) == pytest.approx((0 + 2 * 4 / 6 + 4 * 1) / 6)


def test_weighted_by_hand():
    """0 → 1 → 2 of weights 1 and 5: means of 1 and 3 from node 0, over a mean weight of 3 and two others."""
    graph = CASES["chain"].graph()
    assert local_reaching(graph, weighted=True).values == pytest.approx([(1 + 3) / 3 / 2, 5 / 3 / 2, 0.0])
    assert local_reaching(graph, weighted=True, normalized=False).values == pytest.approx([2.0, 2.5, 0.0])


def test_reach_follows_the_edges():
    graph = CASES["star in"].graph()
    assert local_reaching(graph).values.tolist() == [0.0, 0.25, 0.25, 0.25, 0.25]
    assert local_reaching(graph.reverse()).values.tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("directed", [True, False])
def test_some_nodes(directed, weighted):
    graph = random_case(3, n=600, m=900, directed=directed).graph()
    found = local_reaching(graph, nodes=[5, 0], weighted=weighted).values
    assert np.flatnonzero(np.isfinite(found)).tolist() == [0, 5]
    if not weighted:
        assert found[[0, 5]].tolist() == local_reaching(graph).values[[0, 5]].tolist()


@pytest.mark.parametrize("weighted", [True, False])
def test_threads_and_slices_do_not_change_a_byte(weighted, monkeypatch):
    graph = (random_case(4, n=70, m=200) if weighted else LARGER["sparse"]).graph()
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append(local_reaching(graph, weighted=weighted).values.tobytes())
    finally:
        numba.set_num_threads(before)
    for module in ("reaching", "distances"):
        monkeypatch.setattr(f"influence.centrality.{module}.slices", lambda total, label, first=1: iter([(0, total)]))
    found.append(local_reaching(graph, weighted=weighted).values.tobytes())
    assert len(set(found)) == 1


@pytest.mark.parametrize("measure", [local_reaching, global_reaching])
@pytest.mark.parametrize(
    ("case", "weighted", "message"),
    [
        (CASES["empty"], False, "not defined for 0 nodes and 0 edges"),
        (CASES["one node"], False, "not defined for 1 nodes"),
        (CASES["one loop"], False, "not defined for 1 nodes and 1 edges"),
        (CASES["no edges"], True, "not defined for 4 nodes and 0 edges"),
        (Case(3, [0, 1], [1, 2], [1.0, -1.0]), True, "negative weights"),
        (Case(3, [0, 1], [1, 2], [1.0, 0.0]), True, "positive weights"),
    ],
)
def test_refused(measure, case, weighted, message):
    """Where NetworkX raises, and for a weight of 0, by which it divides."""
    with pytest.raises(UsageError, match=message):
        measure(case.graph(loops=True), weighted=weighted)
    weight = "weight" if weighted else None
    wanted = (nx.NetworkXError, nx.NetworkXPointlessConcept, ZeroDivisionError)
    with pytest.raises(wanted):
        nx.global_reaching_centrality(case.networkx(loops=True), weight=weight)


def test_nodes_must_be():
    with pytest.raises(UsageError, match="nodes must lie in"):
        local_reaching(CASES["chain"].graph(), nodes=[3])
