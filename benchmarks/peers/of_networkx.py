"""NetworkX."""

from __future__ import annotations

import networkx as nx
import numpy as np

from peers.measure import Measure, labels, numbers


def build(edges):
    graph = (nx.DiGraph if edges.directed else nx.Graph)()
    graph.add_nodes_from(range(edges.n))
    graph.add_edges_from(zip(edges.source.tolist(), edges.target.tolist(), strict=True))
    return graph


def counts(graph):
    return graph.number_of_nodes(), graph.number_of_edges()


def _parts(found, graph):
    return labels(graph.number_of_nodes(), found)


def _by_edge(found, graph):
    ends = found.items() if graph.is_directed() else (((min(e), max(e)), value) for e, value in found.items())
    return np.array([value for _, value in sorted(ends)])


def _personal(graph, options):
    return nx.pagerank(
        graph, tol=options["residual"] / len(graph), personalization=dict.fromkeys(options["seeds"].tolist(), 1.0)
    )


def _pivots(graph, options):
    return nx.betweenness_centrality_subset(graph, options["sources"].tolist(), list(graph))


MEASURES = {
    "degree": Measure(lambda g, o: dict(g.out_degree)),
    "pagerank": Measure(lambda g, o: nx.pagerank(g, tol=o["residual"] / len(g), max_iter=1000)),
    "pagerank, personal": Measure(_personal),
    "katz": Measure(
        lambda g, o: nx.katz_centrality(g, o["alpha"], tol=o["tolerance"], max_iter=10000, normalized=True)
    ),
    "eigenvector": Measure(lambda g, o: nx.eigenvector_centrality(g, tol=o["tolerance"], max_iter=10000)),
    "HITS": Measure(lambda g, o: nx.hits(g, tol=o["tolerance"]), lambda f, g: numbers(f[1])),
    "betweenness": Measure(lambda g, o: nx.betweenness_centrality(g, normalized=False)),
    "betweenness, pivots": Measure(_pivots),
    "edge betweenness": Measure(lambda g, o: nx.edge_betweenness_centrality(g, normalized=False), _by_edge),
    "closeness": Measure(lambda g, o: nx.closeness_centrality(g)),
    "harmonic": Measure(lambda g, o: nx.harmonic_centrality(g)),
    "core numbers": Measure(lambda g, o: nx.core_number(g)),
    "clustering": Measure(lambda g, o: nx.clustering(g)),
    "constraint": Measure(lambda g, o: nx.constraint(g)),
    "effective size": Measure(lambda g, o: nx.effective_size(g)),
    "reciprocity": Measure(lambda g, o: [nx.overall_reciprocity(g)]),
    "weak components": Measure(lambda g, o: list(nx.weakly_connected_components(g)), _parts),
    "components": Measure(lambda g, o: list(nx.connected_components(g)), _parts),
    "strong components": Measure(lambda g, o: list(nx.strongly_connected_components(g)), _parts),
    "Louvain": Measure(lambda g, o: nx.community.louvain_communities(g, seed=1), _parts),
    "label propagation": Measure(lambda g, o: list(nx.community.fast_label_propagation_communities(g, seed=1)), _parts),
    "VoteRank": Measure(lambda g, o: nx.voterank(g, o["k"])),
    "global reaching": Measure(lambda g, o: [nx.global_reaching_centrality(g)]),
}
