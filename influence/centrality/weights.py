"""What the weights of a graph mean to a measure: strengths of ties, or lengths of edges."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph import Graph

__all__ = ["Distance", "lengths", "strengths"]

Floats = npt.NDArray[np.float64]
#: Lengths of edges: the weights, one over the weights, or given in the order of the out-rows; None counts hops.
Distance = Literal["weight", "inverse"] | npt.ArrayLike | None


def strengths(graph: Graph, measure: str, *, weighted: bool = True) -> Floats:
    """Return the weight of each arc as the strength of a tie, or ones, shape (n_arcs,); read-only.

    Raises
    ------
    UsageError
        A weight is negative.
    """
    if not weighted:
        ones = np.ones(graph.n_arcs)
        ones.setflags(write=False)
        return ones
    if graph.n_arcs and float(graph.weight.min()) < 0:
        arc = int(np.flatnonzero(graph.weight < 0)[0])
        raise UsageError(
            f"{measure} is not defined for negative weights, and that of {_ends(graph, arc)} is "
            f"{graph.weight[arc]:g}; leave such edges out, or ask for it unweighted"
        )
    return graph.weight


def lengths(graph: Graph, measure: str, distance: Distance, *, zero: bool = False) -> Floats | None:
    """Return the length of each arc, shape (n_arcs,), or None where every arc is one hop; read-only.

    Parameters
    ----------
    distance : {"weight", "inverse"} or array_like of float, shape (n_arcs,), optional
        The weights themselves, one over the weights (the stronger the tie, the shorter), or lengths in the order of
        the out-rows. None counts hops.
    zero : bool
        Whether an edge may have no length.

    Raises
    ------
    UsageError
        A length is negative, not finite, or zero where that may not be; or there are not as many as arcs.
    """
    if distance is None:
        return None
    found: Floats
    if isinstance(distance, str):
        if distance not in ("weight", "inverse"):
            raise UsageError(f"distance must be 'weight', 'inverse', lengths or None, not {distance!r}")
        if distance == "inverse":
            found = np.divide(1.0, graph.weight, out=np.full(graph.n_arcs, np.inf), where=graph.weight != 0)
        else:
            found = graph.weight
    else:
        found = np.array(distance, np.float64)
        if found.shape != (graph.n_arcs,):
            raise UsageError(
                f"distance has shape {found.shape}: there must be one length for each of {graph.n_arcs:,} arcs"
            )
    wrong = ~(np.isfinite(found) & (found >= 0 if zero else found > 0))
    if wrong.any():
        arc = int(np.flatnonzero(wrong)[0])
        least = "0 or more" if zero else "above 0"
        raise UsageError(f"{measure} needs lengths that are finite and {least}; {_ends(graph, arc)} has {found[arc]:g}")
    found.setflags(write=False)
    return found


def _ends(graph: Graph, arc: int) -> str:
    source, target = int(np.searchsorted(graph.out_offsets, arc, side="right")) - 1, int(graph.out_targets[arc])
    if graph.ids is None:
        return f"the edge {source} → {target}"
    names = graph.ids.ids([source, target])
    return f"the edge {names[0]!r} → {names[1]!r}"
