"""Whom to pick together: seeds whose joint reach is certified to be near the best possible."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.reach import simulate
from influence.reach.budget import Constraint
from influence.reach.model import Cascade
from influence.reach.search import Search, Seeds

__all__ = ["Seeds", "checked_value", "invited_mask", "select_seeds"]

Floats = npt.NDArray[np.float64]

_MEMORY = 4 << 30


def select_seeds(
    cascade: Cascade,
    k: int | None = None,
    *,
    epsilon: float = 0.1,
    delta: float = 0.01,
    value: npt.ArrayLike | None = None,
    target_ratio: float | None = 0.95,
    costs: npt.ArrayLike | None = None,
    budget: float | None = None,
    include: Iterable[int] = (),
    exclude: Iterable[int] = (),
    groups: npt.ArrayLike | None = None,
    quotas: Mapping[object, int] | None = None,
    invited: Iterable[int] = (),
    count_seeds: bool = True,
    seed: int = 0,
    time_limit: float | None = None,
    memory_limit: int = _MEMORY,
) -> Seeds:
    """Pick the seeds who together reach the most people, or the most value, in expectation.

    Sets of those who would have reached a random person are drawn (SUBSIM); greedy choice picks who is in most of
    them; independent sets say what that reaches, and the dual of maximum coverage what the best could reach at most.
    Sampling goes on until the ratio of the two is at least ``target_ratio``, or until more samples could not raise it
    by more than a thirtieth: the usual stop, at 1 - 1/e - epsilon, takes worse seeds than the largest degrees are.

    Parameters
    ----------
    cascade : Cascade
    k : int, optional
        Number of seeds; may be left out where there is a budget.
    epsilon : float
        In (0, 1): sampling never stops, other than by a limit, before a ratio of (1 - 1/e) - epsilon is certain; for
        quotas 1/2, for a budget 1 - 1/√e in place of 1 - 1/e.
    delta : float
        Chance that a bound does not hold.
    value : array_like of float, shape (n_nodes,), optional
        What reaching each person is worth, 0 or more; 1 by default.
    target_ratio : float, optional
        None for the usual stop.
    costs : array_like of float, shape (n_nodes,), optional
    budget : float, optional
        The costs of the seeds add up to at most so much.
    include, exclude : iterable of int
        Who must be, and who must not be among the seeds; the first count towards k, the budget and the quotas.
    groups : array_like, shape (n_nodes,), optional
        A label of each person.
    quotas : mapping, optional
        At most so many seeds with a label; labels without a quota have no limit.
    invited : iterable of int
        Already invited: what counts is who is reached in addition to those whom they reach.
    count_seeds : bool
        If not, who is a seed counts only where another seed reaches her: what the seeds are worth themselves is left
        out, and only what they move others to do is left. Where chances are small and values are given, seeds are
        otherwise picked for their own value.
    seed : int
        The same one leads to the same seeds, on any number of threads.
    time_limit : float, optional
        Seconds after which no more sets are drawn. Results then depend on the machine.
    memory_limit : int
        Bytes that the sets may take.

    Raises
    ------
    UsageError
        k exceeds the people who may be picked, the graph is empty, the budget buys nobody, or another argument is out
        of its range.

    References
    ----------
    Tang, Tang, Xiao and Yuan, "Online processing algorithms for influence maximization" (OPIM-C), SIGMOD 2018.
    Guo, Wang, Wei and Chen, "Influence maximization revisited" (SUBSIM), SIGMOD 2020.

    Examples
    --------
    >>> from influence.graph import Graph
    >>> from influence.reach import constant, select_seeds
    >>> g = Graph.from_edges([0, 0, 0, 4, 4], [1, 2, 3, 3, 5])
    >>> seeds = select_seeds(constant(g, 0.5), 2)
    >>> seeds.nodes.tolist(), round(seeds.reach)
    ([0, 4], 4)
    """
    graph = cascade.graph
    _check(cascade, epsilon, delta, target_ratio, seed, time_limit)
    constraint = Constraint.of(
        graph.n_nodes, k, costs=costs, budget=budget, include=include, exclude=exclude, groups=groups, quotas=quotas,
        invited=invited,
    )  # fmt: skip
    worth = checked_value(value, graph.n_nodes)
    search = Search(cascade, constraint, worth, invited_mask(invited, graph.n_nodes), count_seeds, epsilon, delta, seed)
    stop_at = None if time_limit is None else time.monotonic() + time_limit
    if target_ratio is None and search.floor == 0.0:
        raise UsageError("nothing is certain beforehand for these limits and this epsilon: give a target_ratio")
    return search.run(target_ratio, stop_at, memory_limit)


def invited_mask(invited: Iterable[int], n: int) -> npt.NDArray[np.bool_] | None:
    """Return who is invited already, shape (n,), or None where nobody is."""
    mask = np.zeros(n, np.bool_)
    mask[np.asarray(list(invited), np.int64)] = True
    return mask if mask.any() else None


def checked_value(value: npt.ArrayLike | None, n: int) -> Floats | None:
    """Return the values of people, or None where they only count.

    Raises
    ------
    UsageError
        There are too many or too few, one is negative or not finite, or all are 0.
    """
    if value is None:
        return None
    worth = simulate.checked_value(value, n)
    if not worth.any():
        raise UsageError("all values are 0: there is nothing to reach; leave them out to count people")
    return worth


def _check(
    cascade: Cascade, epsilon: float, delta: float, target: float | None, seed: int, time_limit: float | None
) -> None:
    if cascade.graph.n_nodes == 0:
        raise UsageError("the graph is empty: there is nobody to pick")
    if cascade.kind == "ct" and cascade.quality < 1.0:
        raise UsageError('seeds of the kind "ct" need a quality of 1: with less, more seeds can reach fewer people')
    for name, number in (("epsilon", epsilon), ("delta", delta)):
        if not 0.0 < number < 1.0:
            raise UsageError(f"{name} must lie between 0 and 1, not {number!r}")
    if target is not None and not 0.0 < target <= 1.0:
        raise UsageError(f"target_ratio must lie in (0, 1], not {target!r}")
    if seed < 0:
        raise UsageError(f"seed must be 0 or more, not {seed}")
    if time_limit is not None and not time_limit > 0.0:
        raise UsageError(f"time_limit must be over 0 seconds, not {time_limit!r}")
