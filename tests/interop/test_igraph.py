"""igraph and back, where igraph is installed."""

import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from interop.graphs import arcs, networkx_graphs, same, summed

from influence.errors import UsageError
from influence.graph import Graph
from influence.interop import from_igraph, from_networkx, to_igraph, to_networkx

try:
    import igraph
except ImportError:
    igraph = None

needs_igraph = pytest.mark.skipif(igraph is None, reason="igraph is not installed")


def content(graph):
    return (
        graph.is_directed(),
        graph.vcount(),
        graph.get_edgelist(),
        {name: graph.vs[name] for name in graph.vs.attributes()},
        {name: graph.es[name] for name in graph.es.attributes()},
        {name: graph[name] for name in graph.attributes()},
    )


@needs_igraph
@settings(max_examples=60)
@given(networkx_graphs())
def test_igraph_round_trips(given_graph):
    graph = to_igraph(from_networkx(given_graph))
    assert graph.is_directed() == given_graph.is_directed()
    assert (graph.vcount(), graph.ecount()) == (len(given_graph), given_graph.number_of_edges())
    for named in (True, False):
        linked = from_igraph(graph, named=named)
        assert content(to_igraph(linked)) == content(graph)
        assert arcs(linked.graph, linked.nodes) == pytest.approx(summed(given_graph))


@needs_igraph
@settings(max_examples=60)
@given(networkx_graphs(kinds=(nx.Graph, nx.DiGraph)))
def test_networkx_through_igraph(graph):
    for elements in (graph.nodes, graph.edges):  # as igraph fills its columns
        names = {name for *_, data in elements(data=True) for name in data} - {"weight"}
        for *_, data in elements(data=True):
            data.update({name: data.get(name) for name in names})
    assert same(to_networkx(from_igraph(to_igraph(from_networkx(graph)))), graph)


@needs_igraph
def test_parallel_edges_get_keys():
    graph = igraph.Graph(n=3, edges=[(0, 1), (1, 2), (1, 0), (0, 1)], directed=False)
    made = to_networkx(from_igraph(graph))
    assert sorted(made.edges(keys=True)) == [(0, 1, 0), (0, 1, 1), (0, 1, 2), (1, 2, 0)]
    assert from_igraph(graph).graph.weight.tolist() == [3.0, 3.0, 1.0, 1.0]
    assert from_igraph(graph, merge="max", default=0.5).graph.weight.tolist() == [0.5] * 4


@needs_igraph
def test_a_graph_of_ours_and_values():
    ours = Graph.from_edges([0, 2], [1, 0], [2.0, 3.0], directed=False)
    graph = to_igraph(ours, weight="w", values={"degree": ours.out_degree})
    assert content(graph) == (False, 3, [(0, 1), (0, 2)], {"degree": [2, 1, 1]}, {"w": [2.0, 3.0]}, {})
    linked = from_networkx(nx.DiGraph([("b", "a")]))
    made = to_igraph(linked, values={"place": np.arange(2)})
    assert (made.vs["name"], made.vs["place"]) == (["b", "a"], [1, 0])
    assert to_igraph(linked.graph).vs["name"] == ["a", "b"]
    assert to_igraph(ours, weight=None).es.attributes() == []


@needs_igraph
def test_faults_are_named():
    with pytest.raises(UsageError, match="no graph of igraph"):
        from_igraph(nx.Graph())
    graph = igraph.Graph(n=2, edges=[(0, 1)])
    graph.vs["name"] = ["x", "x"]
    with pytest.raises(UsageError, match="same name, 'x'; pass name=None"):
        from_igraph(graph)
    assert from_igraph(graph, name=None).nodes == [0, 1]
    assert from_igraph(graph, name=None).node_data == [{"name": "x"}] * 2
    graph.vs["name"] = [[1], [2]]
    with pytest.raises(UsageError, match="not hashable"):
        from_igraph(graph)
    graph.vs["name"] = ["x", "y"]
    graph.es["weight"] = ["much"]
    with pytest.raises(UsageError, match="weight of the edges must be finite numbers"):
        from_igraph(graph)
    graph.es["weight"] = [float("nan")]
    with pytest.raises(UsageError, match="edge 0 has weight=nan"):
        from_igraph(graph)
    assert from_igraph(graph, weight=None).graph.n_edges == 1
    with pytest.raises(UsageError, match="pass another name="):
        to_igraph(from_networkx(nx.Graph([("a", "b")])), values={"name": [1, 2]})
    numbered = nx.Graph()
    numbered.add_node(0)
    numbered.nodes[0][5] = 1
    with pytest.raises(UsageError, match="by text, not 5, which a node has"):
        to_igraph(from_networkx(numbered))
    numbered = nx.Graph()
    numbered.graph[7] = 1
    with pytest.raises(UsageError, match="by text, not 7, which the graph has"):
        to_igraph(from_networkx(numbered))


def test_without_igraph(monkeypatch):
    monkeypatch.setitem(sys.modules, "igraph", None)  # importing it now raises ImportError
    for call in (lambda: from_igraph(None), lambda: to_igraph(Graph.from_edges([0], [1]))):
        with pytest.raises(UsageError, match="pip install igraph"):
            call()
