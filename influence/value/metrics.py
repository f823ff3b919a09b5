"""How well a score orders people by an outcome: shares of the best possible, NDCG, and replicates of people."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import count_by
from influence.kernels.ranking import top_sums

__all__ = ["Resampler", "best_first", "spearman", "top_places"]

Floats = npt.NDArray[np.float64]


def best_first(score: Floats) -> npt.NDArray[np.int64]:
    """Return positions by score, largest first; ties by position, which is id order."""
    return np.argsort(-score, kind="stable")


def top_places(n: int, share: float) -> int:
    """Return how many people a top share of ``n`` holds: rounded up, at least one."""
    return max(1, math.ceil(round(share * n, 9))) if n else 0


def _average_ranks(values: Floats) -> Floats:
    _, inverse, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2.0)[inverse]


def _correlation(one: Floats, other: Floats, copies: npt.NDArray[np.int64] | None = None) -> float:
    # elementwise sums, because a dot product of long vectors depends on the number of threads
    weight = np.ones_like(one) if copies is None else copies.astype(np.float64)
    total = weight.sum()
    one = one - (weight * one).sum() / total
    other = other - (weight * other).sum() / total
    scale = math.sqrt(float((weight * one * one).sum()) * float((weight * other * other).sum()))
    return float((weight * one * other).sum()) / scale if scale else math.nan


def spearman(score: Floats, outcome: Floats) -> float:
    """Return Spearman's rank correlation with average ranks for ties; NaN where one of them is constant."""
    return _correlation(_average_ranks(score), _average_ranks(outcome))


class Resampler:
    """One population and k, and replicates of it: everybody counts as often as she is drawn.

    Parameters
    ----------
    n : int
        Number of people.
    share : float
        Top share looked at.
    replicates : int
        Number of replicates; replicate 0 is the population itself and comes on top.
    seed : int
        Seed of the draws, each from a stream of its own.
    """

    def __init__(self, n: int, share: float, replicates: int, seed: int) -> None:
        self.k = top_places(n, share)
        self.replicates = replicates
        self.n = n
        self.seed = seed
        self._discounts = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(2, self.k + 2)))])

    def copies(self, replicate: int) -> npt.NDArray[np.int64]:
        """Return how often each person stands in a replicate, shape (n,)."""
        if replicate == 0:
            return np.ones(self.n, np.int64)
        rng = np.random.default_rng([self.seed, replicate])
        return count_by(rng.integers(0, self.n, self.n), self.n)

    def captured(
        self, orders: list[npt.NDArray[np.int64]], gain: Floats, best: npt.NDArray[np.int64]
    ) -> tuple[Floats, Floats]:
        """Return share and NDCG of each ordering in each replicate, shapes (1 + replicates, orderings).

        The share is the gain of the top k relative to the largest gain of any k people; NDCG the same with the gain
        at place i discounted by 1 / log2(i + 1) (Järvelin and Kekäläinen, ACM TOIS 2002). NaN where there is no
        gain. ``best`` is the ordering by gain.
        """
        share = np.full((self.replicates + 1, len(orders)), np.nan)
        ndcg = np.full_like(share, np.nan)
        for replicate in range(self.replicates + 1):
            copies = self.copies(replicate)
            ideal, ideal_discounted = top_sums(best, copies, gain, self._discounts, self.k)
            if ideal <= 0:
                continue
            for column, order in enumerate(orders):
                total, discounted = top_sums(order, copies, gain, self._discounts, self.k)
                share[replicate, column] = total / ideal
                ndcg[replicate, column] = discounted / ideal_discounted
        return share, ndcg

    def spearman(self, scores: list[Floats], outcome: Floats) -> Floats:
        """Return the rank correlation of each score in each replicate, shape (1 + replicates, scores).

        Ranks are those of the whole population; a replicate weighs people by how often they are drawn.
        """
        ranks = [_average_ranks(score) for score in scores]
        goal = _average_ranks(outcome)
        values = np.empty((self.replicates + 1, len(scores)))
        for replicate in range(self.replicates + 1):
            copies = self.copies(replicate)
            values[replicate] = [_correlation(rank, goal, copies) for rank in ranks]
        return values

    def ratio(self, predicted: Floats, observed: Floats) -> Floats:
        """Return the sum predicted relative to the sum observed in each replicate, shape (1 + replicates,)."""
        values = np.full(self.replicates + 1, np.nan)
        for replicate in range(self.replicates + 1):
            copies = self.copies(replicate)
            total = float((copies * observed).sum())
            if total > 0:
                values[replicate] = float((copies * predicted).sum()) / total
        return values
