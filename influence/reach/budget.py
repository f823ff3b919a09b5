"""Who may be picked together: a number, a budget, quotas, and who must or must not be among them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.kernels.cover import BLOCK, Choice

__all__ = ["Constraint"]

_ROUNDING = 1e-12
_NO_LIMIT = 1 << 62

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Constraint:
    """Which sets of seeds are allowed.

    Attributes
    ----------
    k : int
        At most so many; with a budget alone, as many as it could buy.
    open : ndarray of bool, shape (n_nodes,)
        Who may be picked.
    include : ndarray of int32
        Who must be.
    cost : ndarray of float64, shape (n_nodes,)
        1 where there is no budget.
    budget : float
        Infinite where there is none.
    group : ndarray of int32, shape (n_nodes,)
    quota : ndarray of int64, shape (n_groups,)
        At most so many of each.
    factor : float
        Of the best, what greedy choice is sure to reach if spreads are known: 1 - 1/e for a number (Nemhauser, Wolsey
        and Fisher 1978), 1/2 for quotas (Fisher, Nemhauser and Wolsey 1978), 1 - 1/√e for a budget when the better of
        greedy by gain per cost and the best single person is taken (Khuller, Moss and Naor 1999; Tang et al. 2021
        prove 0.405); 0 where several of these are combined.
    """

    k: int
    open: npt.NDArray[np.bool_]
    include: npt.NDArray[np.int32]
    cost: Floats
    budget: float
    group: npt.NDArray[np.int32]
    quota: npt.NDArray[np.int64]
    factor: float

    @property
    def has_budget(self) -> bool:
        """Whether costs matter."""
        return math.isfinite(self.budget)

    @classmethod
    def of(
        cls,
        n: int,
        k: int | None,
        *,
        costs: npt.ArrayLike | None = None,
        budget: float | None = None,
        include: Iterable[int] = (),
        exclude: Iterable[int] = (),
        groups: npt.ArrayLike | None = None,
        quotas: Mapping[object, int] | None = None,
        invited: Iterable[int] = (),
    ) -> Constraint:
        """Check what was asked for; see :func:`influence.reach.select_seeds`."""
        open_ = np.ones(n, np.bool_)
        must = _nodes(include, n, "include")
        for name, nodes in (("exclude", exclude), ("invited", invited)):
            barred = _nodes(nodes, n, name)
            both = np.intersect1d(must, barred)
            if both.size:
                raise UsageError(f"node {both[0]} is both in include and in {name}: leave it out of one")
            open_[barred] = False
        cost, limit = _costs(n, costs, budget)
        group, quota = _groups(n, groups, quotas)
        available = int(np.count_nonzero(open_ & (cost <= limit * (1.0 + _ROUNDING))))
        if k is None:
            if budget is None:
                raise UsageError("give the number of seeds k, or costs and a budget")
            k, only_budget = available, True
        else:
            only_budget = False
            if int(k) != k or k < 1:
                raise UsageError(f"k must be a whole number of 1 or more, not {k!r}")
        if costs is not None and available == 0:
            raise UsageError(
                f"the budget of {limit:g} buys nobody: the lowest cost is {cost[open_].min(initial=np.inf):g}"
            )
        if k > np.count_nonzero(open_):
            who = "people" if open_.all() else "people who may be picked"
            raise UsageError(f"k is {k}, but there are {np.count_nonzero(open_)} {who}: ask for at most so many")
        if must.size > k:
            raise UsageError(f"include has {must.size} people, more than k = {k}")
        if cost[must].sum() > limit * (1.0 + _ROUNDING):
            raise UsageError(f"include costs {cost[must].sum():g}, more than the budget of {limit:g}")
        over = np.flatnonzero(np.bincount(group[must], minlength=quota.size) > quota)
        if over.size:
            raise UsageError(f"include has more people of a group than its quota of {quota[over[0]]} allows")
        several = (costs is not None and not only_budget) + (groups is not None) + (costs is not None)
        factor = 1.0 - 1.0 / math.e
        if several:
            factor = 0.0 if several > 1 else 0.5 if groups is not None else 1.0 - math.exp(-0.5)
        if costs is not None and must.size:
            factor = 0.0
        return cls(int(k), open_, must, cost, limit, group, quota, factor)

    def choice(self) -> Choice:
        """Return what the kernel needs, nobody picked yet."""
        blocks = (self.open.size + BLOCK - 1) // BLOCK
        left = np.array([self.budget * (1.0 + _ROUNDING)])
        return Choice(
            self.open.astype(np.uint8), self.group, self.quota.copy(), self.cost, left, np.full(blocks, np.inf)
        )

    def matter(self, least: Floats, most: Floats, others: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
        """Return who can be in an allowed set of the greatest sum, where weights lie between two bounds.

        Parameters
        ----------
        others : ndarray of int
            Who is among the answer in any case, and left out of the bounds.
        """
        always = np.zeros(self.open.size, np.bool_)
        always[others] = True
        always[self.include] = True
        if self.has_budget or self.quota.size > 1:
            return np.arange(self.open.size)
        rivals = least[self.open & ~always & (least > 0.0)]
        place = rivals.size - self.k
        always |= most >= np.partition(rivals, place)[place] if place > 0 else most > 0.0
        return np.flatnonzero(always)

    def among(self, nodes: npt.NDArray[np.int64]) -> Constraint:
        """Return the same constraint on some of the nodes, which are numbered anew."""
        if nodes.size == self.open.size:
            return self
        return dataclasses.replace(
            self,
            open=self.open[nodes],
            include=np.searchsorted(nodes, self.include).astype(np.int32),
            cost=self.cost[nodes],
            group=self.group[nodes],
        )

    def best_sum(self, weight: Floats) -> float:
        """Return at least the greatest sum of weights of an allowed set; exact unless there is a budget."""
        total = float(weight[self.include].sum())
        free = self.open.copy()
        free[self.include] = False
        k = self.k - self.include.size
        left = self.budget - self.cost[self.include].sum()
        candidates = np.flatnonzero(free & (weight > 0.0) & (self.cost <= left * (1.0 + _ROUNDING)))
        w = weight[candidates]
        if self.quota.size > 1:
            w = self._within_quotas(candidates, w)
        best = float(np.sort(np.partition(w, w.size - k)[w.size - k :]).sum()) if k < w.size else float(w.sum())
        if self.has_budget:
            cost = self.cost[candidates]
            order = np.argsort(-w / cost, kind="stable")
            spent = np.cumsum(cost[order])
            whole = int(np.searchsorted(spent, left, side="right"))
            fractional = float(w[order[:whole]].sum())
            if whole < order.size:
                last = order[whole]
                fractional += float(w[last] / cost[last]) * (left - (spent[whole - 1] if whole else 0.0))
            best = min(best, fractional)
        return total + best

    def _within_quotas(self, candidates: npt.NDArray[np.int64], w: Floats) -> Floats:
        """Return the greatest weights of each group, as many as its quota."""
        group = self.group[candidates]
        room = self.quota - np.bincount(self.group[self.include], minlength=self.quota.size)
        order = np.lexsort((-w, group))
        place = np.arange(order.size) - np.searchsorted(group[order], group[order])
        return w[order[place < room[group[order]]]]

    def trim(
        self, ranking: npt.NDArray[np.integer], *, first: npt.NDArray[np.integer] | None = None
    ) -> npt.NDArray[np.int32]:
        """Return the allowed set that a ranking leads to: who must be in, then whoever still fits, from the top.

        Parameters
        ----------
        first : ndarray of int, optional
            Who is picked already, in place of ``include``.
        """
        picked = (self.include if first is None else first).tolist()
        left = self.budget * (1.0 + _ROUNDING) - float(self.cost[picked].sum())
        room = self.quota - np.bincount(self.group[picked], minlength=self.quota.size)
        may = self.open & (self.cost <= left) & (room[self.group] > 0)
        may[picked] = False
        if not self.has_budget and self.quota.size == 1:
            rest = ranking[may[ranking]][: self.k - len(picked)]
            return np.concatenate([picked, rest]).astype(np.int32)
        for v in ranking[may[ranking]]:
            if len(picked) == self.k:
                break
            if self.cost[v] <= left and room[self.group[v]] > 0:
                picked.append(int(v))
                left -= self.cost[v]
                room[self.group[v]] -= 1
        return np.array(picked, np.int32)


def _nodes(nodes: Iterable[int], n: int, name: str) -> npt.NDArray[np.int32]:
    array = np.unique(np.asarray(list(nodes) if not isinstance(nodes, np.ndarray) else nodes))
    if array.size and array.dtype.kind not in "iu":
        raise UsageError(f"{name} must hold node numbers, not {array.dtype}")
    if array.size and not 0 <= array[0] <= array[-1] < n:
        raise UsageError(f"{name} holds {array[0] if array[0] < 0 else array[-1]}: node numbers lie in 0 … {n - 1}")
    return array.astype(np.int32)


def _costs(n: int, costs: npt.ArrayLike | None, budget: float | None) -> tuple[Floats, float]:
    if (costs is None) != (budget is None):
        raise UsageError("costs and a budget go together: give both or neither")
    if costs is None or budget is None:
        return np.ones(n), math.inf
    cost = np.ascontiguousarray(costs, np.float64)
    if cost.shape != (n,):
        raise UsageError(f"costs has the shape {cost.shape}, but there are {n:,} people: give one for each")
    wrong = np.flatnonzero(~(np.isfinite(cost) & (cost > 0.0)))
    if wrong.size:
        raise UsageError(f"the cost of node {wrong[0]} is {cost[wrong[0]]:g}: it must be over 0")
    if not (math.isfinite(budget) and budget > 0):
        raise UsageError(f"budget must be over 0, not {budget!r}")
    return cost, float(budget)


def _groups(
    n: int, groups: npt.ArrayLike | None, quotas: Mapping[object, int] | None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    if (groups is None) != (quotas is None):
        raise UsageError("groups and quotas go together: give both or neither")
    if groups is None or quotas is None:
        return np.zeros(n, np.int32), np.array([_NO_LIMIT])
    labels, group = np.unique(np.asarray(groups), return_inverse=True)
    if group.shape != (n,):
        raise UsageError(f"groups has the shape {group.shape}, but there are {n:,} people: give one for each")
    names = labels.tolist()
    unknown = [name for name in quotas if name not in names]
    if unknown:
        raise UsageError(f"there is a quota for {unknown[0]!r}, but nobody is in that group")
    wrong = [name for name, quota in quotas.items() if int(quota) != quota or quota < 0]
    if wrong:
        raise UsageError(f"the quota of {wrong[0]!r} must be a whole number of 0 or more, not {quotas[wrong[0]]!r}")
    limits = [int(quotas.get(name, _NO_LIMIT)) for name in names]
    # a group more that nobody is in: one group would look like none
    return group.astype(np.int32), np.array([*limits, 0])
