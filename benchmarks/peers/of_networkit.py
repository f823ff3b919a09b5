"""NetworKit."""

from __future__ import annotations

import networkit as nk
import numpy as np

from peers.measure import Measure


def build(edges):
    ends = tuple(side.astype(np.uint64) for side in (edges.source, edges.target))  # it crashes on narrower numbers
    return nk.GraphFromCoo(ends, n=edges.n, directed=edges.directed)


def counts(graph):
    return graph.numberOfNodes(), graph.numberOfEdges()


def _ran(make, read=lambda algorithm, graph: np.array(algorithm.scores()), prepare=None):
    def run(graph, options):
        algorithm = make(graph, options)
        algorithm.run()
        return algorithm

    return Measure(run, read, prepare)


def _katz_values(algorithm, graph):
    """Return Katz up to a factor: what it finds is 2 x − 1 for a β of 1, and x = 1 where nobody leads to."""
    found = np.array(algorithm.scores())
    return found + found.min()


def _indexed(graph):
    graph.indexEdges()
    return graph


def _by_edge(algorithm, graph):
    scores, found = np.array(algorithm.edgeScores()), []

    def note(u, v, weight, edge):
        found.append(((u, v) if graph.isDirected() else (min(u, v), max(u, v)), edge))

    graph.forEdges(note)
    return scores[[edge for _, edge in sorted(found)]]


def _ranked(algorithm, graph):
    return np.array(algorithm.topkScoresList())


def _partition(algorithm, graph):
    return np.array(algorithm.getPartition().getVector())


def _kadabra(graph, options):
    nk.setSeed(1, True)
    return nk.centrality.KadabraBetweenness(graph, options["epsilon"], options["delta"])


def _kadabra_values(algorithm, graph):
    found = np.zeros(graph.numberOfNodes())
    for node, score in algorithm.ranking():
        found[node] = score / 2.0  # of an undirected graph it gives twice the share of shortest paths
    return found


def _pagerank(graph, options):
    algorithm = nk.centrality.PageRank(
        graph, 0.85, options["residual"], distributeSinks=nk.centrality.SinkHandling.DistributeSinks
    )
    algorithm.norm = nk.centrality.Norm.L1_NORM
    return algorithm


def _closeness(graph, options):
    return nk.centrality.Closeness(graph, True, nk.centrality.ClosenessVariant.GENERALIZED)


MEASURES = {
    "degree": _ran(lambda g, o: nk.centrality.DegreeCentrality(g, False)),
    "pagerank": _ran(_pagerank),
    "katz": _ran(lambda g, o: nk.centrality.KatzCentrality(g, o["alpha"], 1.0, o["tolerance"]), _katz_values),
    "eigenvector": _ran(lambda g, o: nk.centrality.EigenvectorCentrality(g, o["tolerance"])),
    "betweenness": _ran(lambda g, o: nk.centrality.Betweenness(g, False)),
    "betweenness, pivots": _ran(lambda g, o: nk.centrality.EstimateBetweenness(g, o["sources"].size, False, True)),
    "betweenness, KADABRA": _ran(_kadabra, _kadabra_values),
    "edge betweenness": _ran(
        lambda g, o: nk.centrality.Betweenness(g, False, computeEdgeCentrality=True), _by_edge, _indexed
    ),
    "closeness": _ran(_closeness),
    "closeness, top 100": _ran(lambda g, o: nk.centrality.TopCloseness(g, 100, sec_heu=False), _ranked),
    "harmonic": _ran(lambda g, o: nk.centrality.HarmonicCloseness(g, False)),
    "harmonic, top 100": _ran(lambda g, o: nk.centrality.TopHarmonicCloseness(g, 100, False), _ranked),
    "core numbers": _ran(lambda g, o: nk.centrality.CoreDecomposition(g)),
    "clustering": _ran(lambda g, o: nk.centrality.LocalClusteringCoefficient(g, True)),
    "weak components": _ran(lambda g, o: nk.components.WeaklyConnectedComponents(g), _partition),
    "components": _ran(lambda g, o: nk.components.ParallelConnectedComponents(g), _partition),
    "strong components": _ran(lambda g, o: nk.components.StronglyConnectedComponents(g), _partition),
    "Louvain": _ran(lambda g, o: nk.community.PLM(g, refine=False), _partition),
    "Leiden": _ran(lambda g, o: nk.community.ParallelLeiden(g), _partition),
    "label propagation": _ran(lambda g, o: nk.community.PLP(g), _partition),
}
