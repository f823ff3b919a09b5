"""Modularity: how much more of the weight lies within the parts of a graph than chance would put there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph
from influence.graph.arrays import sum_by
from influence.kernels.communities import row_sums

__all__ = ["modularity"]


def modularity(graph: Graph, labels: npt.ArrayLike, *, resolution: float = 1.0, weighted: bool = True) -> float:
    """Return the modularity of a partition of the nodes.

    Q = Σ_c (L_c / m − γ K_c² / (2m)²), with the weight L_c of the edges within part c, the sum K_c of its nodes'
    weighted degrees, in which a self-loop counts twice, and the weight m of all edges. In a directed graph
    Q = Σ_c (L_c / m − γ K_c^out K_c^in / m²). Both as NetworkX has them.

    Parameters
    ----------
    labels : array_like of int, shape (n_nodes,)
        Each node's part, of 0 or more.
    resolution : float
        γ; above 1 it favours small parts.
    weighted : bool
        If not, every edge weighs 1.

    Returns
    -------
    float
        At most 1; not a number where the graph has no weight.

    Raises
    ------
    UsageError
        There are not as many labels as nodes, one is negative or no whole number, a weight is negative, or
        ``resolution`` is not a finite number.

    References
    ----------
    Newman and Girvan, Physical Review E 69, 026113 (2004); Leicht and Newman, "Community structure in directed
    networks", Physical Review Letters 100, 118703 (2008); γ: Reichardt and Bornholdt, Physical Review E 74, 016110
    (2006).

    Examples
    --------
    Two triangles, and an edge between them:

    >>> g = Graph.from_edges([0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3], directed=False)
    >>> round(modularity(g, [0, 0, 0, 1, 1, 1]), 6)
    0.357143
    """
    weight = strengths(graph, "modularity", weighted=weighted)
    if not np.isfinite(resolution):
        raise UsageError(f"resolution must be a finite number, not {resolution!r}")
    n = graph.n_nodes
    given = np.asarray(labels)
    if given.shape != (n,) or (n and (given.dtype.kind not in "iu" or given.min() < 0)):
        raise UsageError(f"labels must hold {n:,} whole numbers of 0 or more, one for each node")
    whole = float(weight.sum())
    if not whole > 0:
        return float("nan")
    if int(given.max()) >= n:
        given = np.unique(given, return_inverse=True)[1]
    label = given.astype(np.int32)
    k = int(label.max()) + 1
    inside, out, loop = np.empty(n), np.empty(n), np.empty(n)
    row_sums(graph.out_offsets, graph.out_targets, weight, label, inside, out, loop)
    if graph.directed:
        into = sum_by(graph.out_targets, weight, n)
    else:  # both arcs of an edge are there, and a loop once
        inside, out, whole = inside + loop, out + loop, whole + float(loop.sum())
        into = out
    within, given_out, given_in = (sum_by(label, part, k) / whole for part in (inside, out, into))
    return float((within - resolution * given_out * given_in).sum())
