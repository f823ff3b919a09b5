"""influence itself."""

from __future__ import annotations

import numpy as np

from influence import centrality as c
from influence.graph import Graph
from peers.measure import Measure, numbers


def warm_up_imports():
    """Load what is loaded late: polars, with the table of a result."""


def build(edges):
    return Graph.from_edges(edges.source, edges.target, n_nodes=edges.n, directed=edges.directed)


def counts(graph):
    return graph.n_nodes, graph.n_edges


def _values(found, graph):
    return numbers(found.values)


def _by_edge(found, graph):
    once = slice(None) if graph.directed else graph.edge_sources() <= graph.out_targets
    return numbers(found.values)[once]


def _greatest(found, graph):
    return np.sort(found.values[np.isfinite(found.values)])[::-1][:100]


MEASURES = {
    "degree": Measure(lambda g, o: c.degree(g, direction="out"), _values),
    "pagerank": Measure(lambda g, o: c.pagerank(g, tolerance=o["residual"] * 0.85 / 0.15), _values),
}
