"""Greedy seeds on stored sets, and how far from the best ones they can be."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt
from numba import get_num_threads

from influence.kernels.cover import Cover, fill_index, pick, share_out
from influence.reach.budget import Constraint
from influence.reach.rrsets import RRSets

__all__ = ["Greedy", "greedy"]

_GOLDEN = 0.6180339887498949
_STEPS = 16
# The best λ has been 1 to 1.5 times the gain per cost of the last seed.
_LIKELY, _WIDEST = 1.25, 4.0
_PICKS = 64  # between two looks at the keyboard

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Greedy:
    """Seeds picked one after the other.

    Attributes
    ----------
    seeds : ndarray of int32, shape (k,)
        Those who must be in first; fewer than k where a budget or quotas leave no more.
    gains : ndarray of float64, shape (k,)
        Sets that each adds to those before; 0 for those who fill up.
    covered : float
        Their sum.
    bound : float
        No allowed seeds cover more of these sets.
    bound_members : float
        The same with what each is alone left out.
    padded : int
        Seeds, the last ones, that add nothing to these sets.
    """

    seeds: npt.NDArray[np.int32]
    gains: Floats
    covered: float
    bound: float
    bound_members: float
    padded: int


def greedy(
    sets: RRSets,
    constraint: Constraint,
    alone: Floats,
    *,
    roots: bool = True,
    first: npt.NDArray[np.int32] | None = None,
) -> Greedy:
    """Pick the allowed seeds greedily that are in most of the sets.

    Parameters
    ----------
    alone : ndarray of float64, shape (n_nodes,)
        What each node counts besides her sets, in sets.
    roots : bool
        Whether the root of a set is a member of it.
    first : ndarray of int32, optional
        Seeds that are picked already: those who catch the sets that are only counted.
    """
    allowed = constraint
    if first is not None:
        must = np.concatenate([first, np.setdiff1d(constraint.include, first)])
        constraint = dataclasses.replace(constraint, include=must)
    count = sets.counts
    if not roots:
        count = count - np.bincount(sets.nodes[sets.offsets[:-1]], minlength=count.size)
    cover = _cover(sets, count, alone, 0 if roots else 1)
    start = cover.gain.copy()
    k = constraint.k
    seeds, gains = np.empty(k, np.int32), np.zeros(k)
    choice = constraint.choice()
    n_must = constraint.include.size
    if n_must:
        # who must be in comes first, in greedy order
        may = choice.open.copy()
        choice.open[:] = 0
        choice.open[constraint.include] = 1
        at = pick(cover, choice, seeds, gains, 0, n_must)
        seeds[at:n_must] = [v for v in constraint.include if v not in seeds[:at]]
        rest = seeds[at:n_must]
        choice.left[0] -= constraint.cost[rest].sum()
        np.subtract.at(choice.room, constraint.group[rest], 1)
        choice.open[:] = may
        choice.open[constraint.include] = 0
        choice.best[:] = np.inf
    at = n_must
    while at < k:
        to = min(k, at + _PICKS)
        at = pick(cover, choice, seeds, gains, at, to)
        if at < to:
            break
    found = seeds[:at]
    scale = float(gains[at - 1] / constraint.cost[seeds[at - 1]]) if at else 0.0
    bound, bound_members = _bound(cover, allowed, found, alone, float(gains[:at].sum()), scale)
    if constraint.has_budget and not n_must:
        # One person can beat all that is good for its price.
        single = constraint.trim(np.argsort(-start, kind="stable"))[:1]
        if single.size and start[single[0]] > gains[:at].sum():
            richest = greedy(sets, dataclasses.replace(constraint, include=single), alone, roots=roots)
            return dataclasses.replace(richest, bound=bound, bound_members=bound_members)
    padded = 0
    if at < k:
        found = constraint.trim(np.argsort(-start, kind="stable"), first=found)
        padded = int(found.size - at)
    gains = gains[: found.size]
    caught = 0 if first is None else sets.caught
    return Greedy(found, gains, float(gains.sum()) + caught, bound + caught, bound_members + caught, padded)


def _cover(sets: RRSets, count: npt.NDArray[np.int64], alone: Floats, skip: int) -> Cover:
    n = count.size
    rows = np.zeros(n + 1, np.int64)
    np.cumsum(count, out=rows[1:])
    parts = get_num_threads()
    bounds = np.searchsorted(rows, rows[-1] * np.arange(parts + 1) / parts).astype(np.int64)
    bounds[0], bounds[-1] = 0, n
    index = np.empty(int(rows[-1]), np.int32)
    fill_index(sets.offsets, sets.nodes, skip, bounds, rows[:-1].copy(), index)
    covered = np.zeros(sets.offsets.size - 1, np.uint8)
    return Cover(sets.offsets, sets.nodes, rows, index, covered, count + alone, skip)


def _bound(
    cover: Cover, constraint: Constraint, seeds: npt.NDArray[np.int32], alone: Floats, covered: float, scale: float
) -> tuple[float, float]:
    """Return what no allowed seeds exceed, and the same with what each is alone left out.

    For any weights w of the sets in [0, 1], seeds S cover at most Σ_s (1 - w_s) + Σ_{v ∈ S} Σ_{s ∋ v} w_s, as
    min(1, x) <= 1 - w + w x for whole x: the dual of the linear programme of maximum coverage. Here w is 1 for sets
    without a seed, 0 for those of several, and such for those of one seed alone that they weigh λ times her cost
    together, 1 at most. The best λ is searched for; λ = 0 is the bound of OPIM-C after the last seed.
    """
    scale = scale or 1.0
    cap = 1.0 / (_LIKELY * scale)
    best, members = math.inf, math.inf
    high = _WIDEST * scale
    for _ in range(2):
        dual = _Dual(cover, constraint, seeds, alone, covered, cap, high)
        found, by = dual.least(high)
        if found < best:
            best, members = found, dual.members(by)
        cap = 1.0 / by if by > 0.0 else cap  # of a λ, this is the cap that weighs no set more than needed
    return best, members


class _Dual:
    """The bound as a function of λ up to ``high``; its weights are exact where λ · cap = 1, and never too small."""

    def __init__(
        self,
        cover: Cover,
        constraint: Constraint,
        seeds: npt.NDArray[np.int32],
        alone: Floats,
        covered: float,
        cap: float,
        high: float,
    ) -> None:
        n = alone.size
        owner = np.full(cover.offsets.size - 1, -1, np.int32)
        counts, shares = np.zeros(n), np.zeros(n)
        share_out(cover, seeds, constraint.cost, cap, owner, alone, counts, shares)
        theirs = counts[seeds]
        slope = np.minimum(cap, constraint.cost[seeds] / np.maximum(theirs, 1e-300))
        left = cover.gain.copy()
        left[seeds] = 0.0
        shares[seeds] = 0.0
        matter = constraint.matter(left - alone, left + high * shares, seeds)
        self.constraint = constraint.among(matter)
        self.seeds = np.searchsorted(matter, seeds)
        self.theirs, self.slope, self.covered = theirs, slope, covered
        self.left, self.shares, self.alone = left[matter], shares[matter], alone[matter]

    def at(self, by: float) -> float:
        """Return the bound at a λ."""
        weight = self.left + by * self.shares
        weight[self.seeds] = self.theirs * np.minimum(1.0, by * self.slope)
        return self.covered - float(weight[self.seeds].sum()) + self.constraint.best_sum(weight)

    def members(self, by: float) -> float:
        """Return the bound at a λ without what each is alone."""
        their_own = self.alone[self.seeds]
        weight = self.left - self.alone + by * self.shares
        weight[self.seeds] = (self.theirs - their_own) * np.minimum(1.0, by * self.slope)
        covered = self.covered - float(their_own.sum())
        return covered - float(weight[self.seeds].sum()) + self.constraint.best_sum(weight)

    def least(self, high: float) -> tuple[float, float]:
        """Return the least bound, and its λ, up to a λ: by golden section, as the bound is nearly convex."""
        low = 0.0
        a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        best = (self.at(0.0), 0.0)
        at_a, at_b = self.at(a), self.at(b)
        for _ in range(_STEPS):
            best = min(best, (at_a, a), (at_b, b))
            if at_a <= at_b:
                high, b, at_b = b, a, at_a
                a = high - _GOLDEN * (high - low)
                at_a = self.at(a)
            else:
                low, a, at_a = a, b, at_b
                b = low + _GOLDEN * (high - low)
                at_b = self.at(b)
        return min(best, (at_a, a), (at_b, b))
