"""Clustering coefficients: how many of the pairs around a node are tied."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.centrality.reciprocity import mutual_counts
from influence.centrality.result import NodeValues
from influence.centrality.triangles import proper_degree, triangle_counts, triangle_weights
from influence.errors import UsageError
from influence.graph import Graph

__all__ = ["average_clustering", "clustering"]

Floats = npt.NDArray[np.float64]


def clustering(graph: Graph, *, weighted: bool = False) -> NodeValues:
    """Return the share of the pairs of each node's neighbours that are tied to each other.

    Undirected: c_i = 2 T_i / (d_i (d_i − 1)), with T_i the triangles of node i; weighted, each triangle counts
    (x_ij x_jk x_ki)^⅓, x = w / max w. Directed: every triple of arcs in either direction counts, out of
    2 (d_i (d_i − 1) − 2 b_i), with d_i in- and out-degree together and b_i the neighbours tied both ways. 0 where no
    pair can be. Self-loops make no triangles.

    Parameters
    ----------
    weighted : bool
        Triangles count the geometric mean of their weights over the greatest weight of the graph (that of a
        self-loop too). Weights may be negative: a triangle then counts the cube root with its sign.

    Raises
    ------
    UsageError
        Asked for it weighted, the greatest weight is 0.

    References
    ----------
    Watts and Strogatz, "Collective dynamics of 'small-world' networks", Nature 393 (1998); Onnela, Saramäki, Kertész
    and Kaski, "Intensity and coherence of motifs in weighted complex networks", Physical Review E 71 (2005), equation
    9; Fagiolo, "Clustering in complex directed networks", Physical Review E 76 (2007), equations 9 and 12.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1, 2], [1, 2, 2, 3], directed=False)
    >>> clustering(g).values.round(4).tolist()
    [1.0, 1.0, 0.3333, 0.0]
    """
    if graph.directed:
        pairs, around = _directed(graph, weighted=weighted)
    else:
        degree = proper_degree(graph.out_offsets, graph.out_targets)
        pairs = degree * (degree - 1)
        around = 2 * (triangle_weights(graph, _roots(graph)) if weighted else triangle_counts(graph).astype(np.float64))
    values = np.divide(around, pairs, out=np.zeros(graph.n_nodes), where=around != 0)
    return NodeValues("clustering", values, graph.ids)


def average_clustering(graph: Graph, *, weighted: bool = False, count_zeros: bool = True) -> float:
    """Return the mean of the clustering coefficients of all nodes.

    Parameters
    ----------
    weighted : bool
        As in :func:`clustering`.
    count_zeros : bool
        If not, the mean is over the nodes whose coefficient is not 0.

    Raises
    ------
    UsageError
        There are no nodes to take the mean of.

    References
    ----------
    Kaiser, "Mean clustering coefficients: the role of isolated nodes and leafs on clustering measures for small-world
    networks", New Journal of Physics 10 (2008).

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1, 2], [1, 2, 2, 3], directed=False)
    >>> round(average_clustering(g), 4), round(average_clustering(g, count_zeros=False), 4)
    (0.5833, 0.7778)
    """
    values = clustering(graph, weighted=weighted).values
    kept = values if count_zeros else values[values != 0]
    if not kept.size:
        what = "a node" if count_zeros else "a node whose coefficient is not 0; take count_zeros=True"
        raise UsageError(f"the average clustering needs {what}")
    return float(kept.mean())


def _directed(graph: Graph, *, weighted: bool) -> tuple[npt.NDArray[np.int64], Floats]:
    ones = np.ones(graph.n_arcs)
    ones.setflags(write=False)
    # x_uv + x_vu on every edge: the product over a triangle runs through all eight choices of directions
    both = dataclasses.replace(graph, weight=_roots(graph) if weighted else ones).undirected()
    triples = 2.0 * triangle_weights(both, both.weight)
    degree = proper_degree(graph.out_offsets, graph.out_targets) + proper_degree(graph.in_offsets, graph.in_sources)
    return 2 * (degree * (degree - 1) - 2 * mutual_counts(graph, loops=False)), triples


def _roots(graph: Graph) -> Floats:
    if not graph.n_arcs:
        return graph.weight
    greatest = float(graph.weight.max())
    if greatest == 0:
        raise UsageError("weighted clustering scales by the greatest weight, which is 0 here; ask for it unweighted")
    roots: Floats = np.cbrt(graph.weight / greatest)
    roots.setflags(write=False)
    return roots
