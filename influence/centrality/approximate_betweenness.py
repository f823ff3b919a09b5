"""Betweenness of every node from shortest paths drawn at random, with bounds that hold all at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from influence.centrality._brandes import SLACK, Rows, path_lengths
from influence.centrality.result import NodeValues
from influence.centrality.weights import Distance
from influence.errors import InfluenceError, UsageError
from influence.graph import Graph
from influence.kernels.brandes_weighted import UNSEEN
from influence.kernels.kadabra import draw_paths, draw_weighted_paths
from influence.progress import claim_memory, slices

__all__ = ["ApproximateBetweenness", "approximate_betweenness"]

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
_LABEL = "approximate betweenness"
_EVEN = 0.1  # the part of delta that every node shares alike, however the first draws came out


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ApproximateBetweenness(NodeValues):
    """Normalized betweenness of every node, estimated; with probability 1 − δ all bounds hold at once.

    Attributes
    ----------
    lower, upper : ndarray of float64, shape (n_nodes,)
    samples : int
        Paths drawn for the estimate, not counting those that planned it.
    error_bound : float
        Largest distance of a value from one of its bounds.
    delta : float
        Probability that any bound fails is at most this.
    separated : bool or None
        Whether the k first are told from all others by their bounds; None where k was not given.
    """

    lower: Floats
    upper: Floats
    samples: int
    error_bound: float
    delta: float
    separated: bool | None

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """Return the value and its bounds."""
        return {self.name: self.values, "lower": self.lower, "upper": self.upper}


def approximate_betweenness(
    graph: Graph,
    *,
    epsilon: float = 0.01,
    delta: float = 0.1,
    k: int | None = None,
    distance: Distance = None,
    seed: int = 0,
) -> ApproximateBetweenness:
    """Return betweenness within ε of the truth for all nodes at once, with probability 1 − δ.

    Draws two different nodes and one of the shortest paths between them, all equally likely; the part of the draws in
    whose path v is an inner node estimates b(v), scaled as the normalized `betweenness`. The draws come from both ends
    at once, as in KADABRA, and stop as soon as the bounds allow; the bounds are Chernoff's for a sum of zeros and ones,
    τ · KL(b̃, b) ≤ ln(2 / δ_v), which hold for any graph and lie closer than KADABRA's. δ is divided among the nodes
    after a first set of draws that is not used again, and over the looks at the bounds, 1/2, 1/6, 1/12, ….
    Nodes that cannot lie between others have exactly 0.

    Parameters
    ----------
    epsilon : float
        In (0, 1). Every value is within ε of the truth.
    delta : float
        In (0, 1).
    k : int, optional
        Stop earlier once the k first are told from all others: none of the others' upper bounds is above one of their
        lower bounds. Bounds then may be wider than ε.
    distance : {"weight", "inverse"} or array_like of float, shape (n_arcs,), optional
        Length of each edge, above 0; None counts hops.
    seed : int
        In 0 … 2⁶³ − 1.

    Returns
    -------
    ApproximateBetweenness
        Columns ``betweenness``, ``lower``, ``upper``.

    Raises
    ------
    UsageError
        ε or δ is outside (0, 1), k is not in 1 … n, or a length is not above 0.
    InfluenceError
        There are more shortest paths between two nodes than a float can count.

    References
    ----------
    Borassi and Natale, "KADABRA is an ADaptive Algorithm for Betweenness via Random Approximation", ACM Journal of
    Experimental Algorithmics 24 (2019), 1.2. Hoeffding, "Probability inequalities for sums of bounded random
    variables", JASA 58 (1963), 13–30, theorem 1.

    Examples
    --------
    >>> star = Graph.from_edges([0, 0, 0, 0], [1, 2, 3, 4], directed=False)
    >>> found = approximate_betweenness(star, epsilon=0.1)
    >>> bool(found.lower[0] <= 1.0 <= found.upper[0]), found.values[1:].tolist()
    (True, [0.0, 0.0, 0.0, 0.0])
    """
    n = graph.n_nodes
    for name, value in (("epsilon", epsilon), ("delta", delta)):
        if not 0.0 < value < 1.0:
            raise UsageError(f"{name} must lie in (0, 1), not {value!r}")
    if k is not None and not 1 <= k <= n:
        raise UsageError(f"k must lie in 1 … {n}, the number of nodes, not {k!r}")
    if not 0 <= seed < 2**63:
        raise UsageError(f"seed must lie in 0 … 2⁶³ - 1, not {seed!r}")
    length = path_lengths(graph, _LABEL, distance)
    inside = (graph.out_degree > 0) & (graph.in_degree > 0) if graph.directed else graph.out_degree > 1
    between = np.flatnonzero(inside)
    if n < 3 or not between.size:
        zeros = np.zeros(n)
        separated = None if k is None else k == n
        return ApproximateBetweenness("betweenness", zeros, graph.ids, zeros, zeros, 0, 0.0, delta, separated)

    share = (n - 2) / n  # a draw's ends are any two nodes, a pair that v may lie between leaves v out
    draw = _draws(graph, length, seed)
    first = int(4 / (epsilon * share)) + 1000
    plan = _Plan.of(draw(0, first)[between] / first, 1 / first, epsilon * share, delta, early=k is not None)
    drawn, count, look = 0, np.zeros(between.size, np.int64), 0
    while True:
        samples = plan.samples(look)
        count += draw(first + drawn, first + samples)[between]
        drawn = samples
        low, high = _bounds(count, drawn, plan.surprise(look))
        values, lower, upper = np.zeros(n), np.zeros(n), np.zeros(n)
        values[between], lower[between], upper[between] = count / (drawn * share), low / share, high / share
        error = float(np.maximum(values - lower, upper - values).max())
        separated = None if k is None else _separated(values, lower, upper, k)
        if error <= epsilon or separated:
            upper = np.minimum(upper, 1.0)
            return ApproximateBetweenness(
                "betweenness", values, graph.ids, lower, upper, drawn, error, delta, separated
            )
        look += 1


def _separated(values: Floats, lower: Floats, upper: Floats, k: int) -> bool:
    if k == values.size:
        return True
    order = np.argsort(-values, kind="stable")
    return bool(lower[order[:k]].min() >= upper[order[k:]].max())


@dataclasses.dataclass(frozen=True)
class _Plan:
    """How many paths before each look at the bounds, and how surely each node's must hold.

    Attributes
    ----------
    first : int
        Paths before the first look.
    growth : float
        Each look comes after so many times the paths of the one before.
    share : ndarray of float64
        Each node's part of δ; adds up to 1.
    """

    first: int
    growth: float
    share: Floats
    delta: float

    @classmethod
    def of(cls, part: Floats, step: float, epsilon: float, delta: float, *, early: bool) -> _Plan:
        """Plan from the part of a first set of draws that passed through each node, a multiple of `step`.

        A node whose bounds close within τ draws with probability 1 − δ_v needs δ_v = 2 exp(−τ KL(b, b ± ε)); τ is
        where these add up to δ. A wrong guess costs draws, never the guarantee.
        """
        guess = np.minimum(part + step + np.sqrt(step * part), 1.0)
        rate = np.minimum(_divergence(guess, guess + epsilon), _divergence(guess, guess - epsilon))
        allowed = (1 - _EVEN) * delta / 2 / 2
        low, high = 0.0, np.log(guess.size / allowed) / (2 * epsilon**2)  # enough for any graph
        while high - low > 0.001 * high:
            middle = (low + high) / 2
            low, high = (low, middle) if np.exp(-middle * rate).sum() <= allowed else (middle, high)
        wanted = np.exp(-high * rate)
        wanted /= wanted.sum()
        share = (1 - _EVEN) * wanted + _EVEN / guess.size
        return cls(int(high / (64 if early else 1)) + 1, 1.4 if early else 1.1, share, delta)

    def samples(self, look: int) -> int:
        return int(self.first * self.growth**look) + look

    def surprise(self, look: int) -> Floats:
        """Return ln(1 / the probability with which each bound of each node may fail at this look)."""
        found: Floats = np.log(2 * (look + 1) * (look + 2) / (self.delta * self.share))
        return found


def _divergence(p: Floats, q: Floats) -> Floats:
    """Return KL(p, q) of two chances, infinite where q is no chance."""
    found = np.full(p.shape, np.inf)
    inside = (q > 0) & (q < 1)
    p, q = p[inside], q[inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        ones = np.where(p > 0, p * np.log(p / q), 0.0)
        zeros = np.where(p < 1, (1 - p) * np.log((1 - p) / (1 - q)), 0.0)
    found[inside] = ones + zeros
    return found


def _bounds(count: Counts, drawn: int, surprise: Floats) -> tuple[Floats, Floats]:
    """Return the least and the greatest chance b with drawn · KL(count / drawn, b) ≤ surprise."""
    limit = surprise / drawn
    return _least(count / drawn, limit), 1.0 - _least((drawn - count) / drawn, limit)


def _least(part: Floats, limit: Floats) -> Floats:
    """Return the least chance q with KL(part, q) ≤ limit.

    Newton's steps on a convex function from outside its root stay outside, so that the bound is safe whenever they
    stop. They start from Pinsker's bound, which is never closer.
    """
    least = np.where(part == 1.0, np.exp(-limit), 0.0)
    between = np.flatnonzero((part > 0) & (part < 1))
    p, limit = part[between], limit[between]
    q = np.maximum(p - np.sqrt(limit / 2), p * 1e-9)
    outside = _divergence(p, q) > limit  # else the bound is lower still, as good as 0
    moving = outside.copy()
    for _ in range(100):
        if not moving.any():
            break
        at, chance = q[moving], p[moving]
        step = (_divergence(chance, at) - limit[moving]) * at * (1 - at) / (chance - at)
        q[moving] = np.minimum(at + step, chance)
        moving[moving] = step > 1e-9 * np.minimum(at, 1 - at) + 1e-16
    least[between] = np.where(outside, q, 0.0)
    return least


def _draws(graph: Graph, length: Floats | None, seed: int) -> Callable[[int, int], Counts]:
    """Return a function that draws paths by number, from one up to another, and counts those through each node.

    The function raises InfluenceError where the shortest paths between two nodes are too many to count.
    """
    n, m, threads, weighted = graph.n_nodes, graph.n_arcs, numba.get_num_threads(), length is not None
    claim_memory(_LABEL, threads * n * (64 if weighted else 36) + m * (4 + 4 * graph.directed + 32 * weighted))
    rows = Rows.of(graph, arcs=weighted)
    out, into = (rows.out_offsets, rows.out_targets), (rows.in_offsets, rows.in_sources)
    count, failed = np.zeros((threads, n), np.int64), np.zeros(threads, np.int64)
    run: Callable[[int, int], None]
    if length is None:
        label, paths, weight = np.zeros((threads, n), np.int32), np.empty((threads, n)), np.empty((threads, n))
        ahead, behind = np.empty((threads, n), np.uint32), np.empty((threads, n), np.uint32)
        work = label, paths, ahead, behind, weight, count, failed

        def run(first: int, stop: int) -> None:
            draw_paths(first, stop, seed, *out, *into, *work)
    else:
        here = length[rows.arcs]
        back = length[graph.in_edges[rows.in_arcs]] if graph.directed else here
        two = (threads, 2, n)
        heap, place, order = np.empty(two, np.int32), np.full(two, UNSEEN, np.int32), np.empty(two, np.uint32)
        by_length = heap, place, np.full(two, np.inf), order, np.empty(two), count, failed

        def run(first: int, stop: int) -> None:
            draw_weighted_paths(first, stop, seed, *out, here, *into, back, SLACK, *by_length)

    def draw(first: int, stop: int) -> Counts:
        count[:] = 0
        for begin, end in slices(stop - first, _LABEL, first=64):
            run(first + begin, first + end)
            if failed.any():
                raise InfluenceError(
                    f"{_LABEL}: there are more shortest paths between two nodes than 1.8e308, the most a float can "
                    "count; take lengths that tell the paths apart"
                )
        found: Counts = np.empty(n, np.int64)
        found[rows.order] = count.sum(axis=0)
        return found

    return draw
