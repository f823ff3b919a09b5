"""rustworkx."""

from __future__ import annotations

import numpy as np
import rustworkx as rx

from peers.measure import Measure, labels, numbers


def build(edges):
    graph = (rx.PyDiGraph if edges.directed else rx.PyGraph)(multigraph=True)  # one less look-up for each edge
    graph.add_nodes_from(range(edges.n))
    graph.extend_from_edge_list(list(zip(edges.source.tolist(), edges.target.tolist(), strict=True)))
    return graph


def counts(graph):
    return graph.num_nodes(), graph.num_edges()


def _numbers(found, graph):
    return numbers(dict(found.items()))


def _by_edge(found, graph):
    ends = np.array(graph.edge_list())
    if isinstance(graph, rx.PyGraph):
        ends.sort(axis=1)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    return numbers(dict(found.items()))[order]


def _parts(found, graph):
    return labels(graph.num_nodes(), found)


def _authorities(found, graph):
    return numbers(dict(found[1].items()))


def _degree(graph, options):
    return rx.out_degree_centrality(graph)


MEASURES = {
    "degree": Measure(_degree, lambda f, g: np.round(_numbers(f, g) * (g.num_nodes() - 1))),
    "pagerank": Measure(lambda g, o: rx.pagerank(g, tol=o["residual"] / g.num_nodes()), _numbers),
    "pagerank, personal": Measure(
        lambda g, o: rx.pagerank(
            g, tol=o["residual"] / g.num_nodes(), personalization=dict.fromkeys(o["seeds"].tolist(), 1.0)
        ),
        _numbers,
    ),
    "katz": Measure(
        lambda g, o: rx.katz_centrality(g, alpha=o["alpha"], beta=1.0, tol=o["tolerance"], max_iter=10000), _numbers
    ),
    "eigenvector": Measure(lambda g, o: rx.eigenvector_centrality(g, tol=o["tolerance"], max_iter=10000), _numbers),
    "HITS": Measure(lambda g, o: rx.hits(g, tol=o["tolerance"], max_iter=10000), _authorities),
    "betweenness": Measure(lambda g, o: rx.betweenness_centrality(g, normalized=False), _numbers),
    "edge betweenness": Measure(lambda g, o: rx.edge_betweenness_centrality(g, normalized=False), _by_edge),
    "closeness": Measure(lambda g, o: rx.closeness_centrality(g), _numbers),
    "core numbers": Measure(lambda g, o: rx.core_number(g), _numbers),
    "weak components": Measure(lambda g, o: rx.weakly_connected_components(g), _parts),
    "components": Measure(lambda g, o: rx.connected_components(g), _parts),
    "strong components": Measure(lambda g, o: rx.strongly_connected_components(g), _parts),
}
