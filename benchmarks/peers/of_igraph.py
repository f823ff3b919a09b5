"""python-igraph."""

from __future__ import annotations

import random

import igraph
import numpy as np

from peers.measure import Measure, numbers


def build(edges):
    # pairs of Python's numbers took half as long as an array
    pairs = zip(edges.source.tolist(), edges.target.tolist(), strict=True)
    return igraph.Graph(n=edges.n, edges=list(pairs), directed=edges.directed)


def counts(graph):
    return graph.vcount(), graph.ecount()


def _membership(found, graph):
    return np.array(found.membership)


def _seeded(function):
    def run(graph, options):
        random.seed(1)
        return function(graph, options)

    return run


def _by_edge(found, graph):
    ends = np.array(graph.get_edgelist()).reshape(-1, 2)
    if not graph.is_directed():
        ends.sort(axis=1)
    return np.array(found)[np.lexsort((ends[:, 1], ends[:, 0]))]


def _corrected(found, graph):
    """Return closeness times the share of the graph that is in reach; of an undirected graph."""
    parts = graph.connected_components()
    reach = np.array(parts.sizes())[parts.membership]
    return np.nan_to_num(np.array(found)) * (reach - 1) / (graph.vcount() - 1)


MEASURES = {
    "degree": Measure(lambda g, o: g.degree(mode="out")),
    "pagerank": Measure(lambda g, o: g.pagerank(damping=0.85)),
    "pagerank, personal": Measure(
        lambda g, o: g.personalized_pagerank(damping=0.85, reset_vertices=o["seeds"].tolist())
    ),
    "eigenvector": Measure(lambda g, o: g.eigenvector_centrality(scale=False)),
    "HITS": Measure(
        lambda g, o: (g.hub_score(scale=False), g.authority_score(scale=False)), lambda f, g: numbers(f[1])
    ),
    "betweenness": Measure(lambda g, o: g.betweenness()),
    "betweenness, pivots": Measure(lambda g, o: g.betweenness(sources=o["sources"].tolist())),
    "edge betweenness": Measure(lambda g, o: g.edge_betweenness(), _by_edge),
    "closeness": Measure(lambda g, o: g.closeness(mode="in"), _corrected),
    "harmonic": Measure(
        lambda g, o: g.harmonic_centrality(mode="in"), lambda found, g: np.array(found) * (g.vcount() - 1)
    ),
    "core numbers": Measure(lambda g, o: g.coreness()),
    "clustering": Measure(lambda g, o: g.transitivity_local_undirected(mode="zero")),
    "constraint": Measure(lambda g, o: g.constraint()),
    "reciprocity": Measure(lambda g, o: [g.reciprocity()]),
    "weak components": Measure(lambda g, o: g.connected_components(mode="weak"), _membership),
    "components": Measure(lambda g, o: g.connected_components(), _membership),
    "strong components": Measure(lambda g, o: g.connected_components(mode="strong"), _membership),
    "Louvain": Measure(_seeded(lambda g, o: g.community_multilevel()), _membership),
    "Leiden": Measure(
        _seeded(lambda g, o: g.community_leiden(objective_function="modularity", n_iterations=2)), _membership
    ),
    "label propagation": Measure(_seeded(lambda g, o: g.community_label_propagation()), _membership),
}
