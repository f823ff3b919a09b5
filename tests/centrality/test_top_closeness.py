"""The top k against the values of all nodes."""

import importlib

import networkx as nx
import numba
import numpy as np
import pytest
from cases import CASES, random_case

from influence.centrality.closeness import closeness
from influence.centrality.harmonic import harmonic
from influence.centrality.top_closeness import top_closeness, top_harmonic
from influence.errors import UsageError
from influence.graph import Graph

module = importlib.import_module("influence.centrality.top_closeness")  # the package has a function of that name


def grown(n, m, seed):
    """Return the edges of a graph grown by preference for hubs (Barabási and Albert), with a path hung on."""
    edges = list(nx.barabasi_albert_graph(n - 20, m, seed=seed).edges())
    edges += [(u, u + 1) for u in range(n - 21, n - 1)]
    return np.array(edges)


def larger():
    edges, rng = grown(900, 3, 1), np.random.default_rng(0)
    turned = np.where(rng.random(len(edges)) < 0.5, 0, 1)[:, None]
    both = np.where(turned, edges[:, ::-1], edges)
    both = np.concatenate([both, both[: len(both) // 2, ::-1]])
    return {
        "grown": Graph.from_edges(edges[:, 0], edges[:, 1], directed=False),
        "grown directed": Graph.from_edges(both[:, 0], both[:, 1]),
        "sparse": random_case(3, n=800, m=900).graph(loops=True),
        "sparse undirected": random_case(4, n=800, m=900, directed=False).graph(),
        "grid": Graph.from_edges(*np.array(nx.convert_node_labels_to_integers(nx.grid_2d_graph(20, 30)).edges()).T,
                                 directed=False),
    }  # fmt: skip


LARGER = larger()


@pytest.fixture
def searching(monkeypatch):
    """Search even in small graphs, with hubs by their bits."""
    monkeypatch.setattr(module, "_SMALL", 0)
    monkeypatch.setattr(module, "_HUB", 60)
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    monkeypatch.setattr(module, "_LOT", 16)
    monkeypatch.setattr(module, "_GIVE_UP", 1)


def check(found, values, k):
    order = np.argsort(-values, kind="stable")[:k]
    assert found.nodes.tolist() == order.tolist()
    assert found.values.tolist() == values[order].tolist()


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("k", [1, 7, 50])
@pytest.mark.parametrize("name", LARGER)
def test_all_nodes(name, k, direction, searching):
    graph = LARGER[name]
    found = top_harmonic(graph, k, direction=direction)
    check(found, harmonic(graph, direction=direction).values, k)
    for improved in (True, False):
        found = top_closeness(graph, k, direction=direction, wf_improved=improved)
        check(found, closeness(graph, direction=direction, wf_improved=improved).values, k)


@pytest.mark.parametrize("name", ["grown", "grown directed"])
def test_few_searches(name, searching):
    assert top_harmonic(LARGER[name], 3).searched < 120
    assert top_closeness(LARGER[name], 3).searched < 120


@pytest.mark.parametrize("name", LARGER)
def test_long_ways(name, searching, monkeypatch):
    """Where levels are too many for searches from many at once, they are single."""
    monkeypatch.setattr(module.SourceSearch, "counts", lambda self, sources: None)
    check(top_closeness(LARGER[name], 5), closeness(LARGER[name]).values, 5)
    check(top_harmonic(LARGER[name], 5), harmonic(LARGER[name]).values, 5)
    monkeypatch.setattr(module, "_GIVE_UP", 16)
    found = top_closeness(LARGER["grid"], 2)
    check(found, closeness(LARGER["grid"]).values, 2)
    assert found.searched == 600


@pytest.mark.slow
def test_a_path_that_has_more_levels_than_there_is_room_for():
    n = 9000
    g = Graph.from_edges(range(n - 1), range(1, n), n_nodes=n, directed=False)
    found = top_harmonic(g, 2)
    assert found.nodes.tolist() == [n // 2 - 1, n // 2]


def test_ties_at_the_end_go_by_id(searching):
    """All nodes of a ring are alike."""
    ring = np.arange(400)
    graph = Graph.from_edges(ring, (ring + 1) % 400, directed=False)
    assert top_closeness(graph, 5).nodes.tolist() == [0, 1, 2, 3, 4]
    assert top_harmonic(graph, 5).nodes.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", CASES)
def test_small_graphs(name):
    graph = CASES[name].graph()
    check(top_harmonic(graph, 3), harmonic(graph).values, 3)
    check(top_closeness(graph, 99), closeness(graph).values, 99)


def test_networkx(searching):
    """Independent of our own values of all nodes."""
    case = random_case(9, n=300, m=900)
    wanted = nx.harmonic_centrality(case.networkx())
    best = sorted(wanted, key=lambda node: (-wanted[node], node))[:10]
    found = top_harmonic(case.graph(), 10)
    assert found.values == pytest.approx([wanted[node] for node in best], rel=1e-13)


def test_krackhardt_kite():
    """Fernando and Garth are closest: Krackhardt, "Assessing the political landscape", ASQ 35, 1990, p. 352."""
    edges = np.array(nx.krackhardt_kite_graph().edges())
    found = top_closeness(Graph.from_edges(edges[:, 0], edges[:, 1], directed=False), 2)
    assert (found.nodes.tolist(), found.values.round(3).tolist()) == ([5, 6], [0.643, 0.643])
    assert found.to_polars().rows() == [(5, found.values[0]), (6, found.values[1])]
    assert "closeness" in repr(found)
    assert "closeness" in found._repr_html_()


def test_threads_do_not_change_a_byte(searching):
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            result = top_harmonic(LARGER["grown"], 20)
            found.append(result.nodes.tobytes() + result.values.tobytes())
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]


@pytest.mark.parametrize("k", [0, -1, 1.5, True, None])
def test_refused(k):
    with pytest.raises(UsageError, match="k must be a whole number"):
        top_harmonic(CASES["chain"].graph(), k)
    with pytest.raises(UsageError, match="direction"):
        top_closeness(CASES["chain"].graph(), 1, direction="both")
