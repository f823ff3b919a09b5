"""NetworkX and back: the same graph, against a plain walk over ``graph.edges``."""

import collections

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interop.graphs import KINDS, NODES, arcs, networkx_graphs, same, summed

from influence.errors import UsageError
from influence.graph import Graph
from influence.interop import from_networkx, number_networkx, to_networkx
from influence.io import IdIndex


@settings(max_examples=60)
@given(networkx_graphs())
def test_a_round_trip_keeps_everything(graph):
    linked = from_networkx(graph)
    assert same(to_networkx(linked), graph)
    assert same(to_networkx(from_networkx(graph, named=False)), graph)


@settings(max_examples=60)
@given(networkx_graphs())
def test_arcs_are_those_of_networkx(graph):
    linked = from_networkx(graph)
    expected = summed(graph)
    assert arcs(linked.graph, linked.nodes) == pytest.approx(expected)
    assert linked.graph.directed == graph.is_directed()
    assert linked.graph.ids.ids().to_list() == [str(node) for node in linked.nodes]
    assert [linked.nodes[k] for k in linked.order] == list(graph)
    ours, nodes = number_networkx(graph, weight="weight")
    assert nodes == list(graph)
    assert ours.ids is None
    assert arcs(ours, nodes) == pytest.approx(expected)


@settings(max_examples=60)
@given(networkx_graphs(nodes=st.integers(0, 60)))
def test_whole_numbers_as_nodes(graph):
    graph = nx.convert_node_labels_to_integers(graph)  # 0 … n - 1 go another way
    ours, nodes = number_networkx(graph, weight="weight")
    assert nodes == list(range(len(graph)))
    assert arcs(ours, nodes) == pytest.approx(summed(graph))
    for given_nodes in (reversed(nodes), [k + 1 for k in nodes]):  # other numbers, or another order
        other = graph.__class__()
        mapping = dict(zip(nodes, given_nodes, strict=True))
        other.add_nodes_from(mapping[k] for k in nodes)
        other.add_edges_from((mapping[u], mapping[v], data) for u, v, data in graph.edges(data=True))
        ours, named = number_networkx(other, weight="weight")
        assert arcs(ours, named) == pytest.approx(summed(other))


@settings(max_examples=60)
@given(networkx_graphs(kinds=(nx.Graph, nx.DiGraph)), st.sampled_from([None, "weight"]), st.booleans())
def test_ours_to_networkx_and_back(graph, weight, loops):
    ours = from_networkx(graph, weight=weight, self_loops=loops).graph
    back = from_networkx(to_networkx(ours)).graph
    for name in ("out_offsets", "out_targets", "in_sources", "in_edges", "weight"):
        assert np.array_equal(getattr(ours, name), getattr(back, name)), name
    assert back.ids.ids().to_list() == ours.ids.ids().to_list()
    bare = to_networkx(ours, weight=None)
    assert not any(data for _, _, data in bare.edges(data=True))
    assert set(bare.edges) == set(to_networkx(ours).edges)


@given(st.lists(NODES, unique=True, max_size=6))
def test_ids_never_mix_two_nodes_up(nodes):
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    if len({str(node) for node in nodes}) < len(nodes):
        with pytest.raises(UsageError, match="the same as text"):
            from_networkx(graph)
    else:
        assert len(from_networkx(graph).graph.ids) == len(nodes)
    assert from_networkx(graph, named=False).graph.n_nodes == len(nodes)


def test_numbers_are_in_numeric_order_and_text_is_not():
    assert from_networkx(nx.path_graph([10, 9, 2])).nodes == [2, 9, 10]
    assert from_networkx(nx.path_graph(["10", "9", "2"])).nodes == ["2", "9", "10"]
    assert from_networkx(nx.path_graph(["10", "9", "x"])).nodes == ["10", "9", "x"]
    assert from_networkx(nx.path_graph([2**70, 9])).nodes == [2**70, 9]


def test_published_weights_of_karate():
    """Zachary 1977, figure 3: 78 ties, the matrix of weights adds up to 462 both ways; node 33 has 17 friends."""
    ours, nodes = number_networkx(nx.karate_club_graph(), weight="weight")
    assert (ours.n_nodes, ours.n_edges, ours.weight.sum()) == (34, 78, 462.0)
    assert ours.out_degree[nodes.index(33)] == 17
    assert to_networkx(from_networkx(nx.karate_club_graph())).nodes[0]["club"] == "Mr. Hi"


def test_parallel_edges_merge_as_asked():
    graph = nx.MultiGraph()
    graph.add_edge("a", "b", weight=2.0)
    graph.add_edge("b", "a", weight=5.0)
    graph.add_edge("a", "b")
    for merge, expected in (("sum", 8.0), ("max", 5.0), ("min", 1.0), ("count", 3.0)):
        assert from_networkx(graph, merge=merge).graph.weight.tolist() == [expected, expected]
        assert number_networkx(graph, weight="weight", merge=merge)[0].weight.tolist() == [expected, expected]
    assert number_networkx(graph)[0].weight.tolist() == [3.0, 3.0]
    assert from_networkx(graph, default=0.5).graph.weight.tolist() == [7.5, 7.5]
    assert from_networkx(graph, weight=None, default=0.5).graph.weight.tolist() == [1.5, 1.5]


def test_self_loops_stay_or_go():
    graph = nx.DiGraph([(0, 0), (0, 1)])
    assert from_networkx(graph).graph.n_loops == 1
    dropped = from_networkx(graph, self_loops=False)
    assert dropped.graph.n_edges == 1
    assert number_networkx(graph, self_loops=False)[0].n_edges == 1
    assert same(to_networkx(dropped), graph)


def test_views_and_subgraphs_are_graphs_too():
    whole = nx.karate_club_graph()
    for graph in (
        whole.subgraph([33, 0, 8, 2]),
        nx.subgraph_view(whole, filter_node=lambda k: k % 3),
        whole.to_directed(as_view=True),
    ):
        ours, nodes = number_networkx(graph, weight="weight")
        assert arcs(ours, nodes) == pytest.approx(summed(graph))
        assert list(to_networkx(from_networkx(graph)).nodes(data=True)) == list(graph.nodes(data=True))
    assert arcs(*number_networkx(nx.reverse_view(nx.DiGraph([(1, 2)])))) == {(2, 1): 1.0}


class Attributes(collections.UserDict):
    """A mapping that is no dict."""


class Custom(nx.Graph):
    edge_attr_dict_factory = Attributes


def test_attributes_that_are_no_dict():
    graph = Custom([("a", "b", {"weight": 4.0}), ("b", "c")])
    assert number_networkx(graph, weight="weight")[0].weight.tolist() == [4.0, 4.0, 1.0, 1.0]
    assert from_networkx(graph).edge_data == [{"weight": 4.0}, {}]


def test_the_copy_is_ours():
    graph = nx.Graph([("a", "b", {"weight": 1.0})])
    linked = from_networkx(graph)
    graph["a"]["b"]["weight"] = 9.0
    graph.nodes["a"]["new"] = 1
    made = to_networkx(linked)
    made["a"]["b"]["weight"] = 8.0
    made.nodes["a"]["x"] = 1
    assert linked.edge_data == [{"weight": 1.0}]
    assert linked.node_data == [{}, {}]


@pytest.mark.parametrize("kind", KINDS)
def test_values_go_to_their_nodes(kind):
    graph = kind([("b", "c"), ("c", "a")])
    linked = from_networkx(graph)
    made = to_networkx(linked, values={"place": np.arange(3)})
    assert dict(made.nodes(data="place")) == {"a": 0, "b": 1, "c": 2}
    assert type(made.nodes["a"]["place"]) is int
    assert linked.index() == {"a": 0, "b": 1, "c": 2}
    with pytest.raises(UsageError, match="one for each of 3 nodes"):
        to_networkx(linked, values={"place": [1, 2]})


def test_a_graph_without_ids_shows_its_numbers():
    made = to_networkx(Graph.from_edges([0], [2], [4.0], n_nodes=4, directed=False), weight="strength")
    assert list(made) == [0, 1, 2, 3]
    assert list(made.edges(data=True)) == [(0, 2, {"strength": 4.0})]
    named = Graph.from_edges([0], [1], ids=IdIndex.of(from_networkx(nx.path_graph(["x", "y"])).graph.ids.ids()))
    assert list(to_networkx(named).edges) == [("x", "y")]


@pytest.mark.parametrize("weight", [None, "much", float("nan"), float("inf"), 10**400, [1]])
def test_a_weight_that_is_no_number_is_named(weight):
    graph = nx.Graph([("a", "b", {"weight": 1.0}), ("b", "c", {"weight": weight})])
    for convert in (from_networkx, lambda g: number_networkx(g, weight="weight")):
        with pytest.raises(UsageError, match=r"'b' → 'c' has weight=.*finite numbers"):
            convert(graph)
    assert number_networkx(graph)[0].n_edges == 2


def test_what_is_no_graph_is_refused():
    with pytest.raises(UsageError, match="dict is no NetworkX graph"):
        from_networkx({})
    with pytest.raises(UsageError, match="no valid text"):
        from_networkx(nx.path_graph(["\ud800", "b"]))


def test_it_says_what_it_holds():
    linked = from_networkx(nx.karate_club_graph())
    assert repr(linked) == "<<Graph of 34 nodes and 78 undirected edges> with 1 attributes of nodes and 1 of edges>"
