"""scikit-network, whose graphs are sparse matrices."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from sknetwork import clustering, ranking, topology

from peers.measure import Measure


def build(edges):
    ones = np.ones(edges.m)
    matrix = sp.csr_matrix((ones, (edges.source, edges.target)), shape=(edges.n, edges.n))
    return matrix if edges.directed else (matrix + matrix.T).tocsr()


def counts(graph):
    symmetric = graph.nnz and (graph != graph.T).nnz == 0
    return graph.shape[0], graph.nnz // 2 if symmetric else graph.nnz


def _personal(graph, options):
    weights = np.zeros(graph.shape[0])
    weights[options["seeds"]] = 1.0
    return ranking.PageRank(0.85, n_iter=1000, tol=options["residual"]).fit_predict(graph, weights)


MEASURES = {
    "pagerank": Measure(
        lambda g, o: ranking.PageRank(0.85, solver="piteration", n_iter=1000, tol=o["residual"]).fit_predict(g)
    ),
    "pagerank, personal": Measure(_personal),
    "HITS": Measure(lambda g, o: ranking.HITS().fit(g).scores_col_),
    "core numbers": Measure(lambda g, o: topology.get_core_decomposition(g)),
    "weak components": Measure(lambda g, o: topology.get_connected_components(g, "weak")),
    "components": Measure(lambda g, o: topology.get_connected_components(g)),
    "strong components": Measure(lambda g, o: topology.get_connected_components(g, "strong")),
    "Louvain": Measure(lambda g, o: clustering.Louvain(random_state=1).fit_predict(g)),
    "Leiden": Measure(lambda g, o: clustering.Leiden(random_state=1).fit_predict(g)),
    "label propagation": Measure(lambda g, o: clustering.PropagationClustering().fit_predict(g)),
}
