"""Betweenness of nodes: against paths listed one by one, NetworkX, and published values."""

import random

import networkx as nx
import numba
import numpy as np
import oracles_paths as oracle
import pytest
from cases import ASYMMETRIC, CASES, Case, random_case, reference

import influence.progress
from influence.centrality.betweenness import betweenness
from influence.errors import InfluenceError, UsageError
from influence.graph import Graph

SMALL = [*CASES.values(), *(random_case(seed, 12, 30, directed=seed % 2 == 0, integers=True) for seed in range(10, 16))]
#: Pendants, a pair, a star, a chain that leads into a cycle: where sources stand aside for their neighbours.
PENDANT = [
    Case(9, [0, 0, 0, 3, 4, 5, 7], [1, 2, 3, 4, 5, 3, 8], [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 2.0], directed)
    for directed in (True, False)
] + [Case(7, [0, 1, 1, 2, 3, 4, 5, 1, 5], [1, 0, 2, 3, 1, 1, 6, 5, 1], [1.0] * 9)]


def of(graph, **options):
    values = betweenness(graph, **options).values
    assert np.isfinite(values).all()
    return values


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", [*SMALL[:16], *PENDANT])
def test_paths_listed_one_by_one(case, weighted):
    half = 1 if case.directed else 2
    wanted, _ = oracle.betweenness(case.n, oracle.lengths(case, weighted=weighted))
    found = of(case.graph(), distance="weight" if weighted else None, normalized=False)
    assert found == pytest.approx(np.array(wanted) / half, abs=1e-9)


@pytest.mark.parametrize("case", [ASYMMETRIC, *PENDANT])
@pytest.mark.parametrize("endpoints", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_paths_between_some(case, endpoints, weighted):
    sources, targets = [0, 3, 5], [0, 2, 4, 5]
    wanted, _ = oracle.betweenness(
        case.n, oracle.lengths(case, weighted=weighted), sources=sources, targets=targets, endpoints=endpoints
    )
    distance, half = "weight" if weighted else None, 1 if case.directed else 2
    options = {"sources": sources, "targets": targets, "endpoints": endpoints, "distance": distance}
    assert of(case.graph(), normalized=False, **options) == pytest.approx(np.array(wanted) / half, abs=1e-9)


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("case", [*SMALL, *PENDANT])
def test_networkx(case, loops, weight):
    graph, theirs = case.graph(loops=loops), case.networkx(loops=loops)
    for k, normalized, endpoints in [
        (None, True, False),
        (None, False, False),
        (None, True, True),
        (None, False, True),
        (1, True, False),
        (1, False, True),
        (2, True, False),
        (3, False, False),
        (3, True, True),
        (case.n, True, False),
    ]:
        if k is None or 1 <= k <= case.n:
            wanted = nx.betweenness_centrality(
                theirs, k=k, normalized=normalized, weight=weight, endpoints=endpoints, seed=7
            )
            found = betweenness(graph, k=k, seed=7, normalized=normalized, distance=weight, endpoints=endpoints)
            assert found.values == pytest.approx(list(wanted.values()), abs=1e-9, nan_ok=True), (
                k,
                normalized,
                endpoints,
            )


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("case", [ASYMMETRIC, *PENDANT, random_case(2, directed=False), random_case(5, integers=True)])
def test_networkx_subset(case, normalized, weight):
    sources, targets = [1, 0, 0, 4], [2, 1, 6]
    wanted = nx.betweenness_centrality_subset(case.networkx(), sources, targets, normalized=normalized, weight=weight)
    found = of(case.graph(), sources=sources, targets=targets, normalized=normalized, distance=weight)
    assert found == pytest.approx(list(wanted.values()), abs=1e-9)


def test_kite_of_krackhardt():
    # Krackhardt, "Assessing the political landscape", Administrative Science Quarterly 35 (1990): Heather has 14
    kite = nx.krackhardt_kite_graph()
    found = of(Graph.from_edges(*np.array(kite.edges()).T, directed=False), normalized=False)
    assert found[7] == 14.0
    assert found == pytest.approx([5 / 6, 5 / 6, 0, 11 / 3, 0, 25 / 3, 25 / 3, 14, 8, 0])


def test_medici():
    # Jackson, "Social and Economic Networks" (2008), section 1.2.1: Medici .522, Strozzi .103, Guadagni .255
    florence = nx.florentine_families_graph()
    names = sorted(florence)
    ends = np.array([[names.index(a), names.index(b)] for a, b in florence.edges()])
    found = of(Graph.from_edges(*ends.T, directed=False))
    assert found[names.index("Medici")] == pytest.approx(0.522, abs=5e-4)
    assert found[names.index("Strozzi")] == pytest.approx(0.103, abs=5e-4)
    assert found[names.index("Guadagni")] == pytest.approx(0.255, abs=5e-4)


@pytest.mark.data
@pytest.mark.parametrize("name", ["karate", "krackhardt_kite", "florentine_families", "les_miserables"])
def test_published_tables(name, data_folder):
    wanted = reference(name, "betweenness_unnorm", data_folder)
    graph = {
        "karate": nx.karate_club_graph,
        "krackhardt_kite": nx.krackhardt_kite_graph,
        "florentine_families": nx.florentine_families_graph,
        "les_miserables": nx.les_miserables_graph,
    }[name]()
    names = list(graph)
    ends = np.array([[names.index(a), names.index(b)] for a, b in graph.edges()])
    found = of(Graph.from_edges(*ends.T, n_nodes=len(names), directed=False), normalized=False)
    assert found == pytest.approx([wanted[str(node)] for node in names], abs=1e-9)


def test_more_paths_than_int64_counts():
    grid = nx.convert_node_labels_to_integers(nx.grid_2d_graph(50, 50), ordering="sorted")
    graph = Graph.from_edges(*np.array(grid.edges()).T, directed=False)
    # between the corners, C(98, 49) = 2.5e28 paths; by symmetry the two middle nodes of the anti-diagonal agree
    found = of(graph, sources=[0], targets=[2499], normalized=False).reshape(50, 50)
    assert [sum(found[i, d - i] for i in range(50) if 0 <= d - i < 50) for d in range(1, 98)] == pytest.approx(
        [0.5] * 97
    )
    assert found == pytest.approx(found.T)


@pytest.mark.parametrize("weighted", [False, True])
def test_more_paths_than_a_float_counts(weighted):
    # 1,100 diamonds in a row: 2 ** 1100 paths
    source = np.concatenate([[3 * i, 3 * i, 3 * i + 1, 3 * i + 2] for i in range(1100)])
    target = np.concatenate([[3 * i + 1, 3 * i + 2, 3 * i + 3, 3 * i + 3] for i in range(1100)])
    with pytest.raises(InfluenceError, match=r"1\.8e308"):
        betweenness(Graph.from_edges(source, target), sources=[0], distance="weight" if weighted else None)


def test_lengths_that_differ_by_rounding_alone_are_equal():
    # 0.1 + 0.2 is not 0.3 in floats
    graph = Graph.from_edges([0, 1, 0, 3], [1, 2, 3, 2], [0.1, 0.2, 0.15, 0.15])
    assert of(graph, distance="weight", normalized=False).tolist() == [0.0, 0.5, 0.0, 0.5]
    graph = Graph.from_edges([0, 1, 0, 3], [1, 2, 3, 2], [0.1, 0.2 + 1e-9, 0.15, 0.15])
    assert of(graph, distance="weight", normalized=False).tolist() == [0.0, 0.0, 0.0, 1.0]


def test_an_arc_shorter_than_rounding_still_leads_on():
    graph = Graph.from_edges([0, 1, 2], [1, 2, 3], [1.0, 1e-20, 1.0])
    assert of(graph, distance="weight", normalized=False).tolist() == [0.0, 2.0, 2.0, 0.0]


def test_inverse_and_given_lengths():
    case = random_case(8, integers=True)
    graph = case.graph()
    assert of(graph, distance="inverse").tolist() == of(graph, distance=1 / graph.weight).tolist()
    assert not np.allclose(of(graph, distance="inverse"), of(graph, distance="weight"))


def large(directed):
    rng = np.random.default_rng(3)
    ends = (rng.integers(0, 400, (2, 1600)) ** 2 / 400).astype(int)  # some of high degree, many of one
    return Graph.from_edges(*ends, rng.integers(1, 5, 1600).astype(float), n_nodes=400, directed=directed)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weight", [None, "weight"])
def test_larger_graphs_take_every_way(directed, weight):
    # layers large enough to be pulled as well as pushed
    graph = large(directed)
    theirs = nx.DiGraph() if directed else nx.Graph()
    theirs.add_nodes_from(range(400))
    theirs.add_weighted_edges_from(
        zip(graph.edge_sources().tolist(), graph.out_targets.tolist(), graph.weight, strict=True)
    )
    pivots = random.Random(1).sample(range(400), 40)
    wanted = nx.betweenness_centrality_subset(theirs, pivots, range(400), weight=weight)
    assert of(graph, sources=pivots, normalized=False, distance=weight) == pytest.approx(
        list(wanted.values()), rel=1e-9
    )


@pytest.mark.parametrize("weight", [None, "weight"])
def test_the_same_bytes_on_any_threads_and_in_any_slices(weight, monkeypatch):
    graph = large(True)
    wanted = betweenness(graph, distance=weight).values.tobytes()
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        assert betweenness(graph, distance=weight).values.tobytes() == wanted
    finally:
        numba.set_num_threads(threads)
    monkeypatch.setattr(influence.progress, "_SLICE", 0.0)
    assert betweenness(graph, distance=weight).values.tobytes() == wanted


def test_the_scale_of_one_pivot_is_that_of_networkx():
    values = betweenness(random_case(1).graph(), k=1, seed=4).values
    assert np.isnan(values).sum() == 1


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"k": 0}, "k must lie in 1 … 3, the number of nodes, not 0"),
        ({"k": 4}, "not 4"),
        ({"k": 2, "sources": [0]}, "leave out either"),
        ({"sources": [3]}, r"sources must hold node numbers in 0 … 2"),
        ({"targets": [-1]}, "targets must hold"),
        ({"sources": [0.5]}, "list of node numbers"),
        ({"distance": "weight"}, "the edge 0 → 1 has 0"),
        ({"distance": [1.0]}, "shape"),
        ({"distance": "lengths"}, "must be 'weight'"),
    ],
)
def test_errors(options, match):
    with pytest.raises(UsageError, match=match):
        betweenness(Graph.from_edges([0, 1], [1, 2], [0.0, 1.0]), **options)


def test_an_undirected_edge_has_one_length():
    with pytest.raises(UsageError, match="same length both ways"):
        betweenness(Graph.from_edges([0], [1], directed=False), distance=[1.0, 2.0])
