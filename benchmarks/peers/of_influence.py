"""influence itself. A measure is imported when it is first used, which a first use in a process is timed with."""

from __future__ import annotations

import importlib

import numpy as np

from influence.graph import Graph
from peers.measure import Measure, numbers


def build(edges):
    return Graph.from_edges(edges.source, edges.target, n_nodes=edges.n, directed=edges.directed)


def counts(graph):
    return graph.n_nodes, graph.n_edges


def _values(found, graph):
    return numbers(found.values)


def _by_edge(found, graph):
    return numbers(found.values)[slice(None) if graph.directed else graph.edge_sources() <= graph.out_targets]


def _greatest(found, graph):
    return np.sort(found.values[np.isfinite(found.values)])[::-1][:100]


def _of(module, name=None, options=lambda o: {}, read=_values):
    """Return a measure of the package, told what ``options`` makes of the options of a case."""

    def run(graph, given):
        function = getattr(importlib.import_module(f"influence.centrality.{module}"), name or module)
        return function(graph, **options(given))

    return Measure(run, read)


def _restart(n, seeds):
    weight = np.zeros(n)
    weight[seeds] = 1.0
    return weight


def _personal(graph, options):
    function = importlib.import_module("influence.centrality.pagerank").pagerank
    return function(graph, restart=_restart(graph.n_nodes, options["seeds"]), **_residual(options))


def _residual(options):
    # ours bounds the error, α / (1 − α) residuals: the same stop
    return {"tolerance": options["residual"] * 0.85 / 0.15}


def _one(found, graph):
    return np.array([found])


MEASURES = {
    "degree": _of("degree", read=lambda found, graph: numbers(found.outgoing)),
    "pagerank": _of("pagerank", options=_residual),
    "pagerank, personal": Measure(_personal, _values),
    "katz": _of("katz", options=lambda o: {"alpha": o["alpha"], "tolerance": o["tolerance"]}),
    "eigenvector": _of("eigenvector", options=lambda o: {"tolerance": o["tolerance"]}),
    "HITS": _of("hits", options=lambda o: {"tolerance": o["tolerance"]}),
    "betweenness": _of("betweenness", options=lambda o: {"normalized": False}),
    "betweenness, pivots": _of("betweenness", options=lambda o: {"normalized": False, "sources": o["sources"]}),
    "betweenness, KADABRA": _of(
        "approximate_betweenness", options=lambda o: {"epsilon": o["epsilon"], "delta": o["delta"]}
    ),
    "edge betweenness": _of("edge_betweenness", options=lambda o: {"normalized": False}, read=_by_edge),
    "closeness": _of("closeness"),
    "closeness, top 100": _of("top_closeness", "top_closeness", lambda o: {"k": 100}, _greatest),
    "harmonic": _of("harmonic"),
    "harmonic, top 100": _of("top_closeness", "top_harmonic", lambda o: {"k": 100}, _greatest),
    "harmonic, HyperBall": _of("hyperball", options=lambda o: {"p": 8}),
    "core numbers": _of("core_number"),
    "clustering": _of("clustering"),
    "constraint": _of("constraint"),
    "effective size": _of("effective_size"),
    "reciprocity": _of("reciprocity", "overall_reciprocity", read=_one),
    "weak components": _of("components", "weakly_connected_components"),
    "components": _of("components", "connected_components"),
    "strong components": _of("components", "strongly_connected_components"),
    "Louvain": _of("louvain"),
    "Leiden": _of("leiden"),
    "label propagation": _of("label_propagation"),
    "VoteRank": _of("voterank", options=lambda o: {"k": o["k"]}, read=lambda found, graph: numbers(found.nodes)),
    "global reaching": _of("reaching", "global_reaching", read=_one),
}
