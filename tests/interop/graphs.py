"""Graphs of NetworkX drawn by hypothesis: any kind, any hashable nodes, attributes anywhere."""

import networkx as nx
from hypothesis import strategies as st

NODES = st.one_of(
    st.integers(-3, 40),
    st.text("abé -0", max_size=3),
    st.tuples(st.integers(0, 3), st.text("xy", max_size=1)),
    st.frozensets(st.integers(0, 2), max_size=2),
)
WEIGHTS = st.one_of(st.integers(-5, 5), st.floats(-3, 3))
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.lists(st.integers(), max_size=2))
DATA = st.dictionaries(st.sampled_from(["colour", "since", "size"]), VALUES, max_size=2)
EDGE_DATA = st.builds(lambda data, w: data if w is None else {**data, "weight": w}, DATA, st.none() | WEIGHTS)
KINDS = (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph)


@st.composite
def networkx_graphs(draw, nodes=NODES, kinds=KINDS):
    """Draw a graph whose nodes are different as text too."""
    graph = draw(st.sampled_from(kinds))()
    graph.graph.update(draw(DATA))
    chosen = draw(st.lists(nodes, unique_by=str, max_size=8))
    graph.add_nodes_from((node, draw(DATA)) for node in chosen)
    if chosen:
        ends = st.sampled_from(chosen)
        for u, v, data in draw(st.lists(st.tuples(ends, ends, EDGE_DATA), max_size=16)):
            graph.add_edge(u, v, **data)
    return graph


def same(one, other):
    """Return whether two graphs are equal in everything, also the order of their nodes and edges' data."""
    return (
        type(one) is type(other)
        and list(one.nodes(data=True)) == list(other.nodes(data=True))
        and one.adj == other.adj
        and one.graph == other.graph
    )


def summed(graph, default=1.0, weight="weight"):
    """Return {(u, v): weight} over both directions of a NetworkX graph, parallel edges added up, edge by edge."""
    found = {}
    for u, v, data in graph.edges(data=True):
        for pair in {(u, v)} if graph.is_directed() else {(u, v), (v, u)}:
            found[pair] = found.get(pair, 0.0) + float(data.get(weight, default))
    return found


def arcs(graph, nodes):
    """Return {(u, v): weight} of our graph, its nodes named."""
    ends = zip(graph.edge_sources().tolist(), graph.out_targets.tolist(), strict=True)
    return {(nodes[u], nodes[v]): w for (u, v), w in zip(ends, graph.weight.tolist(), strict=True)}
