"""LeaderRank: a surfer's walk over the graph and a ground node that everybody is tied to."""

from __future__ import annotations

import dataclasses

import numpy as np

from influence.centrality.linear import Rows, out_strength
from influence.centrality.result import NodeValues
from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.linear import walk
from influence.progress import rounds

__all__ = ["LeaderRank", "leaderrank"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class LeaderRank(NodeValues):
    """LeaderRank of every node; the values add up to the number of nodes.

    Attributes
    ----------
    iterations : int
    error_bound : float
        No value is off by more than this share of itself.
    converged : bool
        Whether that is within the tolerance.
    """

    iterations: int
    error_bound: float
    converged: bool


def leaderrank(
    graph: Graph,
    *,
    weighted: bool = False,
    ground: float = 1.0,
    bias: float = 0.0,
    tolerance: float = 1e-9,
    max_iterations: int = 10_000,
) -> LeaderRank:
    """Return LeaderRank: a walk along the edges that returns by way of a ground node, with no damping to choose.

    x_t = Σ_s x_s w_st / (w_s + γ) + g b_t and g = Σ_s x_s γ / (w_s + γ), with w_s the outgoing weight of s; a node's
    rank is x_t + g / n. Score flows along the edges, so on "follower → followee" the followed gain. The ground's score
    is passed on in the round it arrives in: the walk then has no period, and the same solution.

    Parameters
    ----------
    weighted : bool
        Whether edges count by weight; if not, each counts as 1.
    ground : float
        γ, the weight of the link from each node to the ground.
    bias : float
        The ground leads to each node in proportion to its incoming weight to this power; 0 leads to all alike.
    tolerance : float
        Iterate until the error bound is at most this.
    max_iterations : int
        Stop then anyway; ``converged`` and the bound say so.

    Raises
    ------
    UsageError
        ``ground`` is not above 0, ``bias`` is negative, or a weight is.

    References
    ----------
    Lü, Zhang, Yeung and Zhou, "Leaders in social networks, the Delicious case", PLoS ONE 6(6), 2011. The bias: Li,
    Zhou, Lü and Chen, "Identifying influential spreaders by weighted LeaderRank", Physica A 404, 2014.

    Examples
    --------
    >>> g = Graph.from_edges([1, 2], [0, 0])
    >>> leaderrank(g).values.round(4).tolist()
    [1.2857, 0.8571, 0.8571]
    """
    weight = strengths(graph, "LeaderRank", weighted=weighted)
    if not 0.0 < ground < np.inf:
        raise UsageError(f"ground must be above 0, not {ground!r}")
    if not 0.0 <= bias < np.inf:
        raise UsageError(f"bias must be 0 or more, not {bias!r}")
    n = graph.n_nodes
    if not n:
        return LeaderRank("leaderrank", np.empty(0), graph.ids, 0, 0.0, True)
    rows = Rows.of(graph, weight)
    share = 1.0 / (out_strength(graph, weight) + ground)
    led = np.full(1, 1.0 / n)
    x = np.ones(n)
    if bias:
        arriving = np.empty(n)
        rows.round(x, arriving)
        led = arriving**bias
        if not led.sum() > 0:
            raise UsageError("bias asks for incoming weight, and no node has any; leave it at 0")
        led /= led.sum()
    sent, following, tally = share * x, np.empty(n), np.empty((rows.bounds.size - 1, 4))
    held, iterations, bound = ground * float(sent.sum()), 0, np.inf
    for _ in rounds(max_iterations, "LeaderRank"):
        walk(
            rows.bounds, rows.offsets, rows.neighbours, rows.weight, rows.weighted, sent, following, x, share,
            rows.unit, led, held, led, 0.0, tally,
        )  # fmt: skip
        sent, following = following, sent
        # With g held, x / g solves y = My + b. |My + b − y| ≤ c b, so |y − y*| ≤ c / (1 − c) y: each entry, and so
        # the ground's and all shares of the whole, is off by as much; the two of a quotient by twice that.
        c = float(tally[:, 3].max())
        held, iterations = ground * float(tally[:, 2].sum()), iterations + 1
        error = c / (1.0 - c) if c < 1.0 else np.inf
        bound = 2.0 * error / (1.0 - error) if error < 1.0 else np.inf
        if bound <= tolerance:
            break
    rank = x + held / n
    return LeaderRank("leaderrank", rank * (n / rank.sum()), graph.ids, iterations, bound, bool(bound <= tolerance))
