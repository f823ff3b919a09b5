"""Options of covered functions that odd graphs do not tell apart, against NetworkX."""

import networkx as nx
import pytest

from influence.nx_backend.interface import backend

pytestmark = pytest.mark.filterwarnings("ignore:Note. conversions to backend graphs:UserWarning")


@pytest.fixture(params=[False, True], ids=["undirected", "directed"])
def graph(request):
    return nx.gnp_random_graph(40, 0.1, seed=7, directed=request.param)


@pytest.mark.parametrize(
    "options",
    [
        {"endpoints": True},
        {"normalized": False},
        {"k": 7, "seed": 3},
        {"k": 7, "seed": 4, "endpoints": True},
        {"k": 40, "seed": 5},
    ],
)
def test_betweenness(graph, options):
    wanted = nx.betweenness_centrality(graph, **options)
    assert nx.betweenness_centrality(graph, **options, backend="influence") == pytest.approx(wanted)


@pytest.mark.parametrize("options", [{"normalized": False}, {"k": 7, "seed": 3}])
def test_edge_betweenness(graph, options):
    wanted = nx.edge_betweenness_centrality(graph, **options)
    found = nx.edge_betweenness_centrality(graph, **options, backend="influence")
    assert found == pytest.approx(wanted)
    assert list(found) == list(wanted)


def test_the_nearest_come_first():
    graph = nx.path_graph([5, 1, 4, 2, 3])
    found = nx.single_source_shortest_path_length(graph, 3, backend="influence")
    assert list(found.items()) == list(nx.single_source_shortest_path_length(graph, 3).items())


@pytest.mark.parametrize("options", [{"wf_improved": False}, {"u": 3}, {"u": 3, "wf_improved": False}])
def test_closeness(graph, options):
    wanted = nx.closeness_centrality(graph, **options)
    assert nx.closeness_centrality(graph, **options, backend="influence") == pytest.approx(wanted)


@pytest.mark.parametrize("options", [{"nbunch": [3, 1]}, {"sources": [2, 9]}, {"nbunch": [3, 1], "sources": [9]}])
def test_harmonic(graph, options):
    wanted = nx.harmonic_centrality(graph, **options)
    assert nx.harmonic_centrality(graph, **options, backend="influence") == pytest.approx(wanted)


@pytest.mark.parametrize("cutoff", [-1, 0, 1, 2, 2.5, float("inf")])
def test_cutoffs(graph, cutoff):
    wanted = dict(nx.all_pairs_shortest_path_length(graph, cutoff=cutoff))
    assert dict(nx.all_pairs_shortest_path_length(graph, cutoff=cutoff, backend="influence")) == wanted


@pytest.mark.parametrize(
    "options",
    [
        {"personalization": {0: 1.0, 5: 2.0}},
        {"dangling": {1: 1.0}},
        {"nstart": dict.fromkeys(range(40), 1.0)},
        {"alpha": 0.5},
    ],
)
def test_pagerank(graph, options):
    wanted = nx.pagerank(graph, tol=1e-12, **options)
    assert nx.pagerank(graph, tol=1e-12, **options, backend="influence") == pytest.approx(wanted, abs=1e-9)


def test_hits_leaves_zeros_and_other_methods():
    graph = nx.DiGraph()
    graph.add_weighted_edges_from([(0, 1, 0.0), (1, 2, 0.0)])
    with pytest.raises(NotImplementedError):
        nx.hits(graph, backend="influence")
    assert "power iteration" in backend.can_run("hits", (nx.path_graph(5),), {"method": "svd"})


@pytest.mark.parametrize("name", ["louvain_communities", "asyn_lpa_communities"])
def test_a_seed_is_left_to_networkx_unless_switched_off(name):
    graph, function = nx.karate_club_graph(), getattr(nx.community, name)
    wanted = [set(part) for part in function(graph, seed=1)]
    with nx.config(backend_priority=["influence"]):
        assert [set(part) for part in function(graph, seed=1)] == wanted
    with pytest.raises(NotImplementedError):
        function(graph, seed=1, backend="influence")
    with nx.config.backends.influence(exact_seeds=False):
        first, again = (list(function(graph, seed=1, backend="influence")) for _ in range(2))
    assert first == again
    assert nx.community.is_partition(graph, first)
    assert nx.community.is_partition(graph, list(function(graph, backend="influence")))
