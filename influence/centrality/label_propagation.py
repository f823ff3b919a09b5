"""Label propagation: everybody joins the community that most of its neighbours are in."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from influence.centrality.communities import Communities, check_seed, key_of, named, shuffling
from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.propagation import propagate
from influence.progress import claim_memory, rounds, slices

__all__ = ["label_propagation"]

_WHAT = "label propagation"
_AT_ONCE = 1 << 22  # arcs of a first slice


def label_propagation(
    graph: Graph,
    *,
    weighted: bool = True,
    direction: Literal["out", "in", "total"] = "out",
    max_rounds: int = 100,
    seed: int = 0,
) -> Communities:
    """Return communities found by asynchronous label propagation.

    Everybody begins with a label of its own. In every round all nodes are taken in a random order (in a large graph, in
    runs of 64); each keeps its label if no other has more weight among its neighbours, else takes the one that has
    most, ties by lot. It ends with a round in which nobody changes. An edge of weight 0 is none.

    Parameters
    ----------
    weighted : bool
        If not, every edge weighs 1.
    direction : {"out", "in", "total"}
        Whose labels a node looks at in a directed graph: those it points to (as NetworkX has it), those that point to
        it, or both. The same in an undirected graph.
    max_rounds : int
        Without directions it always comes to an end; with them it need not.
    seed : int
        The order and the lots follow from it.

    Returns
    -------
    Communities

    Raises
    ------
    UsageError
        A weight is negative, or a parameter is out of its range.

    References
    ----------
    Raghavan, Albert and Kumara, "Near linear time algorithm to detect community structures in large-scale networks",
    Physical Review E 76, 036106 (2007).

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1, 3, 3, 4], [1, 2, 2, 4, 5, 5], directed=False)
    >>> label_propagation(g).values.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    if direction not in ("out", "in", "total"):
        raise UsageError(f"direction must be one of out, in, total, not {direction!r}")
    if max_rounds < 1:
        raise UsageError(f"max_rounds must be 1 or more, not {max_rounds!r}")
    check_seed(seed)
    weight = strengths(graph, _WHAT, weighted=weighted)
    n = graph.n_nodes
    claim_memory(_WHAT, 32 * n + (28 * graph.n_arcs if graph.directed and direction != "out" else 0))
    if graph.directed and direction == "total":
        both = dataclasses.replace(graph, weight=weight).undirected(merge="sum")
        rows, back, weight = (both.out_offsets, both.out_targets), (both.out_offsets, both.out_targets), both.weight
    else:
        rows, back = (graph.out_offsets, graph.out_targets), (graph.in_offsets, graph.in_sources)
        if graph.directed and direction == "in":
            rows, back, weight = back, rows, weight[graph.in_edges]
            weight.setflags(write=False)
    label, active = np.arange(n, dtype=np.int32), np.ones(n, np.uint8)
    near, touched = np.zeros(n), np.empty(n, np.int32)
    first = 1 + n * _AT_ONCE // (graph.n_arcs + _AT_ONCE)
    for number in rounds(max_rounds, _WHAT):
        order, key = shuffling(n, key_of(seed, number, 0)), key_of(seed, number, 1)
        changed = 0
        for start, stop in slices(n, _WHAT, first=first):
            changed += propagate(*rows, weight, *back, label, order, active, near, touched, key, start, stop)
        if not changed:
            break
    return named(graph, label, resolution=1.0, weighted=weighted)
