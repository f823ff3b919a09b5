"""The backend as NetworkX calls it: signatures, conversion and its cache, what is refused, what is left alone."""

import inspect
import logging
import subprocess
import sys

import networkx as nx
import pytest
from networkx.utils.backends import _registered_algorithms

from influence.nx_backend.graph import BackendGraph
from influence.nx_backend.info import FUNCTIONS
from influence.nx_backend.interface import backend
from influence.nx_backend.registry import COVERED

pytestmark = pytest.mark.filterwarnings("ignore:Note. conversions to backend graphs:UserWarning")


def chain(n=30):
    return nx.path_graph(n, create_using=nx.DiGraph)


@pytest.mark.parametrize("name", sorted(COVERED))
def test_signatures_are_those_of_networkx(name):
    wanted = list(inspect.signature(_registered_algorithms[name].orig_func).parameters.values())
    found = list(inspect.signature(COVERED[name].function).parameters.values())
    for theirs, ours in zip(wanted, found, strict=False):
        assert (ours.name, ours.default) == (theirs.name, theirs.default)
        assert ours.kind in (theirs.kind, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    # what a newer NetworkX has added
    assert len(found) >= len(wanted)
    assert all(ours.default is not inspect.Parameter.empty for ours in found[len(wanted) :])


def test_the_list_that_networkx_reads_is_what_is_covered():
    assert set(FUNCTIONS) == set(COVERED)
    assert set(nx.utils.backends.backend_info["influence"]["functions"]) == set(COVERED)


def test_networkx_loads_nothing_heavy():
    code = "import sys, networkx; print([m for m in ('numba', 'polars', 'scipy', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_call_by_name():
    graph = nx.gnp_random_graph(50, 0.1, seed=1, directed=True)
    assert nx.pagerank(graph, backend="influence") == pytest.approx(nx.pagerank(graph), abs=1e-5)


def test_the_conversion_is_kept_until_the_graph_changes():
    graph = chain()
    nx.pagerank(graph, backend="influence")
    kept = graph.__networkx_cache__["backends"]["influence"]
    (first,) = kept.values()
    nx.pagerank(graph, alpha=0.5, backend="influence")
    assert list(kept.values()) == [first]
    graph.add_edge(29, 0)
    assert not graph.__networkx_cache__.get("backends")
    assert list(nx.pagerank(graph, backend="influence").values()) == pytest.approx([1 / 30] * 30)


def test_changed_weights_are_seen():
    graph = nx.DiGraph([(0, 1), (0, 2)])
    before = nx.pagerank(graph, backend="influence")
    graph.add_edge(0, 1, weight=5.0)
    after = nx.pagerank(graph, backend="influence")
    assert before[1] == before[2]
    assert after[1] > 1.2 * after[2]


def test_the_cache_can_be_switched_off():
    graph = chain()
    with nx.config(cache_converted_graphs=False):
        nx.pagerank(graph, backend="influence")
    assert not graph.__networkx_cache__.get("backends")


def test_small_graphs_are_left_alone():
    small, large = chain(), nx.empty_graph(30_000, create_using=nx.DiGraph)
    large.add_edges_from((i, i + 1) for i in range(29_999))
    assert "few" in backend.should_run("pagerank", (small,), {})
    assert backend.should_run("pagerank", (large,), {}) is True
    assert backend.should_run("pagerank", (BackendGraph(small),), {}) is True


def test_a_single_search_waits_for_a_conversion():
    graph = nx.gnm_random_graph(2000, 20_000, seed=4, directed=True)
    one, all_of_it = ("closeness_centrality", (graph,), {"u": 0}), ("closeness_centrality", (graph,), {})
    assert "converting" in backend.should_run(*one)
    assert backend.should_run(*all_of_it) is True
    nx.core_number(nx.Graph(graph), backend="influence")  # another graph
    assert "converting" in backend.should_run(*one)
    nx.pagerank(graph, backend="influence")
    assert backend.should_run(*one) is True
    with nx.config(cache_converted_graphs=False):
        assert "converting" in backend.should_run(*one)
    graph.add_edge(0, 0)
    assert "converting" in backend.should_run(*one)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "runs"),
    [
        ("betweenness_centrality", (), {"k": 1}, False),
        ("betweenness_centrality", (), {"k": 20}, True),
        ("betweenness_centrality_subset", ([0], [1]), {}, False),
        ("betweenness_centrality_subset", (range(20), [1]), {}, True),
        ("harmonic_centrality", ([0, 1],), {}, False),
        ("harmonic_centrality", (range(20),), {}, True),
        ("harmonic_centrality", (), {"sources": [3]}, False),
        ("voterank", (), {"number_of_nodes": 1}, False),
        ("voterank", (), {}, True),
        ("triangles", (0,), {}, False),
        ("triangles", ([0, 1, 2],), {}, False),
        ("triangles", (), {}, True),
        ("connected_components", (), {}, False),
        ("single_source_shortest_path_length", (0,), {}, False),
        ("core_number", (), {}, True),
    ],
)
def test_what_is_asked_for_decides(name, args, kwargs, runs):
    graph = nx.gnm_random_graph(1000, 5_000, seed=5)
    assert (backend.should_run(name, (graph, *args), kwargs) is True) == runs


def test_a_search_that_ends_early_is_left_alone():
    graph = nx.gnm_random_graph(1000, 5_000, seed=5)
    nx.core_number(graph, backend="influence")
    assert backend.should_run("single_source_shortest_path_length", (graph, 0), {}) is True
    assert "few" in backend.should_run("single_source_shortest_path_length", (graph, 0), {"cutoff": 2})


def test_a_graph_that_changed_is_noticed():
    graph = nx.path_graph(4)
    ours = backend.convert_from_nx(graph, edge_attrs={"weight": 1})
    graph.add_node(9)
    with pytest.raises(RuntimeError, match="changed"):
        nx.core_number(ours)


def test_strong_components_come_in_the_order_of_networkx():
    graph = nx.gnm_random_graph(200, 220, seed=6, directed=True)
    ordered = nx.DiGraph()
    ordered.add_nodes_from(graph)
    ordered.add_edges_from(sorted(graph.edges))
    wanted = list(nx.strongly_connected_components(ordered))
    assert list(nx.strongly_connected_components(ordered, backend="influence")) == wanted


def test_small_graphs_go_to_networkx(caplog):
    graph = nx.path_graph(10)
    with nx.config(backend_priority=["influence"]), caplog.at_level(logging.DEBUG, "networkx"):
        nx.core_number(graph)
    assert not any("Using backend 'influence'" in message for message in caplog.messages)


def test_large_graphs_come_to_us(caplog):
    graph = nx.gnm_random_graph(3000, 25_000, seed=2)
    wanted = nx.core_number(graph)
    with nx.config(backend_priority=["influence"]), caplog.at_level(logging.DEBUG, "networkx"):
        found = nx.core_number(graph)
    assert found == wanted
    assert any("Using backend 'influence'" in message for message in caplog.messages)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "reason"),
    [
        ("betweenness_centrality", (), {"weight": lambda u, v, data: 1}, "weights by a function are not covered"),
        ("clustering", (), {}, "multigraphs are not covered"),
        ("hits", (), {"normalized": False}, "without normalization"),
        ("constraint", ([0],), {}, "other rules for some nodes"),
        ("no_such_function", (), {}, "not covered"),
    ],
)
def test_what_cannot_run_says_why(name, args, kwargs, reason):
    assert reason in backend.can_run(name, (nx.MultiGraph([(0, 1), (0, 1), (1, 2)]), *args), kwargs)


def test_weights_that_are_no_numbers_fall_back():
    graph = nx.Graph()
    graph.add_edge(0, 1, weight="heavy")
    with pytest.raises(NotImplementedError) as caught:
        nx.pagerank(graph, backend="influence")
    assert "heavy" in str(caught.value.__cause__)


def test_any_hashable_is_a_node():
    graph = nx.Graph([((1, 2), "a"), ("a", None.__class__), ("a", 3.5)])
    assert nx.core_number(graph, backend="influence") == nx.core_number(graph)


def test_graphs_with_a_filter():
    graph = nx.gnp_random_graph(40, 0.2, seed=3)
    view = graph.subgraph(range(25))
    assert nx.core_number(view, backend="influence") == nx.core_number(view)


def test_parallel_edges_add_up_as_strengths_and_the_shortest_counts_as_length():
    graph = nx.MultiDiGraph(
        [(0, 1, {"weight": 5.0}), (0, 1, {"weight": 1.0}), (1, 2, {"weight": 1.0}), (0, 2, {"weight": 3.0})]
    )
    assert nx.pagerank(graph, backend="influence") == pytest.approx(nx.pagerank(graph), abs=1e-5)
    wanted = nx.betweenness_centrality(graph, weight="weight")
    assert nx.betweenness_centrality(graph, weight="weight", backend="influence") == pytest.approx(wanted)
    assert wanted[1] > 0


def test_results_are_plain_python():
    values = nx.betweenness_centrality(nx.path_graph(5), backend="influence")
    assert {type(value) for value in values.values()} == {float}
    assert {type(value) for value in nx.core_number(nx.path_graph(5), backend="influence").values()} == {int}


def test_a_graph_of_ours_can_be_used_by_networkx():
    ours = backend.convert_from_nx(nx.path_graph(5))
    assert backend.convert_to_nx(ours).number_of_edges() == 4
    assert nx.pagerank(ours) == nx.pagerank(nx.path_graph(5), backend="influence")
