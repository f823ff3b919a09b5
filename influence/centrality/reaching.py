"""Reaching centralities: what part of a graph a node can reach, and how unlike the nodes are in that."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from influence.centrality.components import strongly_connected_components
from influence.centrality.distances import hop_sums, length_sums, node_set
from influence.centrality.result import NodeValues
from influence.centrality.spreads import worth_counting
from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.condensation import sinks_first
from influence.kernels.lanes import LANES, WORDS
from influence.kernels.reaching import condense, descendants
from influence.progress import claim_memory, slices

__all__ = ["global_reaching", "local_reaching", "reach_counts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def local_reaching(
    graph: Graph, *, weighted: bool = False, normalized: bool = True, nodes: npt.ArrayLike | None = None
) -> NodeValues:
    """Return local reaching centrality: the part of the other nodes that a node can reach.

    Directed: C(u) = |{v ≠ u: u → … → v}| / (n − 1). Undirected: Σ_v 1 / d(u, v) / (n − 1). Weighted, either: Σ_v of the
    mean weight along the shortest path from u to v, over n − 1 and, normalized, over the mean weight of an edge; an
    edge is as long as one over its weight. Of paths of the same length one counts, the first that is found in the order
    of the node numbers. Reach follows the edges: on "influencer → listener" the influencer reaches.

    Parameters
    ----------
    weighted : bool
        Whether strong edges count for more.
    normalized : bool
        Whether the scale of the weights is to have no say; without weights it has none.
    nodes : array_like of int, optional
        Whose centrality is asked for; the others get NaN. All by default.

    Raises
    ------
    UsageError
        The graph has no edge or just one node, a number is that of no node, or, weighted, a weight is not positive.

    References
    ----------
    Mones, Vicsek and Vicsek, "Hierarchy measure for complex networks", PLoS ONE 7(3), e33799, 2012, equations 1, 3, 4.

    Examples
    --------
    >>> local_reaching(Graph.from_edges([0, 0, 2], [1, 2, 1])).values.tolist()
    [1.0, 0.0, 0.5]
    """
    asked = node_set(graph, "nodes", nodes)
    values = np.full(graph.n_nodes, np.nan)
    values[asked] = _local(graph, weighted, normalized, np.flatnonzero(asked), "local reaching centrality")
    return NodeValues("local_reaching", values, graph.ids)


def global_reaching(graph: Graph, *, weighted: bool = False, normalized: bool = True) -> float:
    """Return global reaching centrality: how far the nodes fall short of the one that reaches most, on average.

    G = Σ_u (C_max − C(u)) / (n − 1) over local reaching centralities C: 1 for an outward star, 0 where all reach alike.

    Parameters
    ----------
    weighted, normalized : bool
        As for :func:`local_reaching`.

    Raises
    ------
    UsageError
        As for :func:`local_reaching`.

    References
    ----------
    Mones, Vicsek and Vicsek, "Hierarchy measure for complex networks", PLoS ONE 7(3), e33799, 2012, equation 2.

    Examples
    --------
    >>> global_reaching(Graph.from_edges([0, 0], [1, 2]))
    1.0
    >>> global_reaching(Graph.from_edges([0, 0, 2], [1, 2, 1]))
    0.75
    """
    values = _local(graph, weighted, normalized, np.arange(graph.n_nodes), "global reaching centrality")
    return float((values.max() - values).sum() / (graph.n_nodes - 1))


def _local(graph: Graph, weighted: bool, normalized: bool, numbers: Ints, label: str) -> Floats:
    """Return local reaching centralities of some nodes."""
    n = graph.n_nodes
    if n < 2 or not graph.n_arcs:
        raise UsageError(f"{label} is not defined for {n:,} nodes and {graph.n_edges:,} edges: it needs two and one")
    if weighted:
        weight = strengths(graph, label)
        if not weight.min() > 0:
            raise UsageError(f"{label} needs positive weights; leave edges of weight 0 out")
        source = graph.edge_sources()
        total = float(weight.sum())
        if not graph.directed:
            total = (total + float(weight[source == graph.out_targets].sum())) / 2
        length = total / weight
        length.setflags(write=False)
        sums = length_sums(graph, label, length, numbers, outward=True, strength=weight)
        norm = total / graph.n_edges if normalized else 1.0
        return sums.strength / norm / (n - 1)
    if graph.directed and worth_counting(graph, numbers.size):
        return reach_counts(graph, label)[numbers] / (n - 1)
    sums = hop_sums(graph, label, numbers, outward=True)
    return sums.reach / (n - 1) if graph.directed else sums.harmonic / (n - 1)


def reach_counts(graph: Graph, label: str) -> Ints:
    """Return how many other nodes each node of a directed graph can reach."""
    found = strongly_connected_components(graph)
    component, size = found.values, found.sizes
    count = size.size
    rows, heads = condense(
        graph.out_offsets, graph.out_targets, component, np.argsort(component, kind="stable"),
        np.concatenate([[0], np.cumsum(size)]), np.empty(count, np.int32), np.empty(graph.n_arcs, np.int32),
    )  # fmt: skip
    order = sinks_first(graph.out_offsets, graph.out_targets, graph.in_offsets, graph.in_sources, component, count)
    # Components of one size share blocks, so that a block counts bits and multiplies.
    lanes = np.argsort(size, kind="stable").astype(np.int32)
    kinds, first, many = np.unique(size[lanes], return_index=True, return_counts=True)
    blocks = [(at, kind) for kind, f, s in zip(kinds, first, many, strict=True) for at in range(f, f + s, LANES)]
    starts = np.array([at for at, _ in blocks] + [count])
    sizes = np.array([kind for _, kind in blocks])
    threads = min(numba.get_num_threads(), len(blocks))
    claim_memory(label, threads * count * 8 * (WORDS + 1))
    reached, counts = np.empty((threads, count, WORDS), np.uint64), np.zeros((threads, count), np.int64)
    for begin, end in slices(len(blocks), label, first=threads):
        descendants(rows, heads, order, lanes, sizes, starts, begin, end, reached, counts)
    reach: Ints = counts.sum(axis=0)[component] - 1
    return reach
