"""Spread read off a log without chances: credit is handed back along what each act may have followed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.errors import UsageError
from influence.graph.arrays import count_by, sum_by
from influence.kernels.learning import credit_back, credit_on
from influence.progress import rounds
from influence.reach.log import Exposures
from influence.reach.simulate import checked_seeds, checked_value

if TYPE_CHECKING:
    import polars as pl

    from influence.io import IdIndex

__all__ = ["CreditSeeds", "credit_per_cascade", "credit_reach", "credit_seeds", "credit_spread"]

Floats = npt.NDArray[np.float64]


def credit_spread(exposures: Exposures, seeds: npt.ArrayLike, *, value: npt.ArrayLike | None = None) -> float:
    """Return the spread of a set of seeds by credit distribution, σ(S) = Σ_u value_u κ_{S,u}.

    κ_{S,u} is the mean over u's acts of the credit Γ_{S,u} that S has in each: 1 if u is in S, else Σ_w Γ_{S,w} γ_{w,u}
    over those that the act may have followed, with γ_{w,u} = 1 / their number. Who never acted counts for nothing.

    Parameters
    ----------
    exposures : Exposures
        Of a log and a graph.
    seeds : array_like of int
    value : array_like of float, shape (n_people,), optional
        What each person is worth; 1 by default.

    References
    ----------
    Goyal, Bonchi and Lakshmanan, "A data-based approach to social influence maximization", VLDB 2011, section 4.

    Examples
    --------
    >>> from influence.graph import Graph
    >>> from influence.reach.log import ActionLog, Exposures
    >>> g = Graph.from_edges([0, 1, 0, 2], [1, 2, 2, 0])
    >>> log = ActionLog.of([0, 1, 2, 2], [0, 0, 0, 1], [1, 2, 3, 1], n_people=3)
    >>> found = Exposures.of(g, log, window=5)
    >>> credit_spread(found, [0])  # herself, all of 1's act, and of 2's two acts one
    2.5
    """
    chosen = checked_seeds(seeds, exposures.graph.n_nodes)
    is_seed = np.zeros(exposures.graph.n_nodes, np.bool_)
    is_seed[chosen] = True
    credit = credit_on(exposures.log.acts, exposures.parents, is_seed, exposures.share)
    return float((credit * _worth(exposures, value)).sum())


def credit_per_cascade(exposures: Exposures, is_seed: npt.NDArray[np.bool_]) -> Floats:
    """Return how many acts of each cascade are credited to the seeds, their own among them, shape (n_items,)."""
    credit = credit_on(exposures.log.acts, exposures.parents, is_seed, exposures.share)
    return sum_by(exposures.log.acts.item, credit, exposures.log.n_items)


def credit_reach(exposures: Exposures, *, value: npt.ArrayLike | None = None) -> NodeValues:
    """Return the spread of every person alone by credit distribution, all in one pass backwards through the log."""
    nobody = np.zeros(exposures.graph.n_nodes, np.bool_)
    return NodeValues("credit_reach", _gains(exposures, nobody, _worth(exposures, value)), exposures.graph.ids)


@dataclasses.dataclass(frozen=True, eq=False)
class CreditSeeds:
    """Seeds by credit distribution, in the order in which they were taken.

    Attributes
    ----------
    seeds : ndarray of int32
    gain : ndarray of float64
        What each added to the spread of those before.
    ids : IdIndex or None
    """

    seeds: npt.NDArray[np.int32]
    gain: Floats
    ids: IdIndex | None

    @property
    def spread(self) -> float:
        """The spread of all of them."""
        return float(self.gain.sum())

    def to_polars(self) -> pl.DataFrame:
        """Return a table: rank, id, gain, spread of the seeds so far."""
        import polars as pl

        ids = pl.Series("id", self.seeds) if self.ids is None else self.ids.ids(self.seeds).alias("id")
        rank = pl.Series("rank", np.arange(1, self.seeds.size + 1))
        return pl.DataFrame([rank, ids, pl.Series("gain", self.gain), pl.Series("spread", np.cumsum(self.gain))])


def credit_seeds(exposures: Exposures, k: int, *, value: npt.ArrayLike | None = None) -> CreditSeeds:
    """Return k seeds that greedily maximise the spread by credit distribution.

    The gains of everybody are found exactly in two passes through the log for each seed, so that nothing need be cut
    off or kept: by the paper's theorem 3 the gain of x on an act is (1 − Γ_{S,x}) times what would be credited to it
    along ways that avoid S. Of equal gains the lower node number is taken.

    Raises
    ------
    UsageError
        ``k`` is less than 1, or more than there are people.
    """
    n = exposures.graph.n_nodes
    if not 1 <= k <= n:
        raise UsageError(f"k must lie in 1 … {n:,}, not {k}: there are no more people")
    worth, taken = _worth(exposures, value), np.zeros(n, np.bool_)
    seeds, gains = np.empty(k, np.int32), np.empty(k)
    for i in rounds(k, "picking seeds by credit"):
        gain = _gains(exposures, taken, worth)
        gain[taken] = -1.0
        seeds[i] = int(np.argmax(gain))
        gains[i] = gain[seeds[i]]
        taken[seeds[i]] = True
    return CreditSeeds(seeds, gains, exposures.graph.ids)


def _worth(exposures: Exposures, value: npt.ArrayLike | None) -> Floats:
    """Return what an act is worth: its actor's value over the number of her acts."""
    actor, n = exposures.log.acts.actor, exposures.graph.n_nodes
    alone = np.ones(n) if value is None else checked_value(value, n)
    worth: Floats = (alone / np.maximum(count_by(actor, n), 1))[actor]
    return worth


def _gains(exposures: Exposures, is_seed: npt.NDArray[np.bool_], worth: Floats) -> Floats:
    acts = exposures.log.acts
    had = credit_on(acts, exposures.parents, is_seed, exposures.share)
    ahead = credit_back(acts, exposures.parents, is_seed, exposures.share, worth)
    return sum_by(acts.actor, (1.0 - had) * ahead, exposures.graph.n_nodes)
