"""Generations of referrals: who was brought by those whom a person brought, and how fast that goes on."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import UsageError
from influence.graph.arrays import count_by
from influence.kernels.forest import roll_up
from influence.ties import UNDATED, Ledger
from influence.ties.history import DAY
from influence.ties.ledger import NEVER

__all__ = ["KFactor", "ReferralForest", "k_factor", "referral_forest", "tracked_referrer"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def tracked_referrer(ledger: Ledger) -> npt.NDArray[np.int32]:
    """Return who brought each person by her tracked referral, -1 for nobody, shape (n_people,)."""
    referrer = np.full(ledger.n_people, -1, np.int32)
    referrer[ledger.listener[ledger.referral]] = ledger.influencer[ledger.referral]
    return referrer


@dataclasses.dataclass(frozen=True, eq=False)
class ReferralForest:
    """The forest of tracked referrals, each array of shape (n_people,).

    Attributes
    ----------
    referrer : ndarray of int32
        Who brought her, -1 for nobody.
    generation : ndarray of int32
        0 where nobody brought her, else one more than her referrer's.
    descendants : ndarray of int64
        Whom she brought, whom they brought, and so on.
    customers : ndarray of int64
        Descendants who joined: bought, or acted where no purchases are known. All of them, unless nobody joined.
    descendants_value : ndarray of float64
        Sum of the descendants' own value. The descendants of one person are descendants of her referrer too, so this
        adds up over people who are not each other's descendants only, such as all of generation 0.
    depth : ndarray of int32
        Generations below her.
    in_ring : ndarray of bool
        Whether she stands in a ring, where everyone was brought by the next. Nobody came first there, so that no
        referral along the ring counts: its members are generation 0, and have the descendants outside of the ring.
    """

    referrer: npt.NDArray[np.int32]
    generation: npt.NDArray[np.int32]
    descendants: Ints
    customers: Ints
    descendants_value: Floats
    depth: npt.NDArray[np.int32]
    in_ring: npt.NDArray[np.bool_]


def referral_forest(ledger: Ledger, own: Floats) -> ReferralForest:
    """Return the generations of tracked referrals, in time linear in people and ties.

    descendants_value_u = Σ c_v over the descendants v of u.

    Parameters
    ----------
    ledger : Ledger
    own : ndarray of float64, shape (n_people,)
        c, the own value of everybody.

    Raises
    ------
    UsageError
        ``own`` has another shape, or a value that is not finite.
    """
    if own.shape != (ledger.n_people,) or not np.isfinite(own).all():
        raise UsageError(f"own: {own.shape} values for {ledger.n_people:,} people; they must match and be finite")
    referrer = tracked_referrer(ledger)
    return ReferralForest(referrer, *roll_up(referrer, ledger.joined < NEVER, own.astype(np.float64)))


@dataclasses.dataclass(frozen=True, eq=False)
class KFactor:
    """Invitations and what came of them, by generation of who invited; each array of shape (generations,).

    Attributes
    ----------
    begin, end : int
        The horizon looked at, [begin, end), in microseconds.
    customers : ndarray of int64
        Who had joined by ``begin``, and so could invite all the time.
    invites : ndarray of int64
        Couples (customer, person whom she invited within the horizon).
    conversions : ndarray of int64
        Invites that brought somebody before ``end``: she is the tracked referrer, and invited before he joined.
    pending : ndarray of int64
        Invites that may still convert: he has not joined, and the last one is younger than ``referral_days``.
    """

    begin: int
    end: int
    customers: Ints
    invites: Ints
    conversions: Ints
    pending: Ints

    @property
    def invites_per_customer(self) -> float:
        """Invites sent in the horizon by a customer, on average; NaN without customers."""
        return _ratio(self.invites.sum(), self.customers.sum())

    @property
    def conversion_rate(self) -> float:
        """Share of invites that brought somebody; NaN without invites."""
        return _ratio(self.conversions.sum(), self.invites.sum())

    @property
    def k(self) -> float:
        """Customers brought by a customer in the horizon, invites per customer × conversion rate."""
        return _ratio(self.conversions.sum(), self.customers.sum())

    def by_generation(self) -> pl.DataFrame:
        """Return a row for each generation: its counts and its two factors, null where they are not defined."""
        counts = {name: getattr(self, name) for name in ("customers", "invites", "conversions", "pending")}
        frame = pl.DataFrame({"generation": np.arange(self.customers.size), **counts})

        def ratio(one: str, other: str) -> pl.Expr:
            return pl.when(pl.col(other) > 0).then(pl.col(one) / pl.col(other))

        return frame.with_columns(
            invites_per_customer=ratio("invites", "customers"),
            conversion_rate=ratio("conversions", "invites"),
            k=ratio("conversions", "customers"),
        )


def _ratio(one: np.int64, other: np.int64) -> float:
    return float(one) / float(other) if other else float("nan")


def k_factor(ledger: Ledger, forest: ReferralForest, cut: int, horizon: int) -> KFactor:
    """Return how many customers a customer brought in the last horizon: k = i × c.

    i is the number of people invited per customer, c the share of these invites that brought somebody. Only customers
    who had joined before the horizon began count, with what they sent within it: a newcomer has had less time. An
    invite of last week has had less time to convert too, and counts in full, so that c and k are lower bounds;
    ``pending`` says how many are open. People whose joining carries no date, and undated referrals, do not count.
    Whether referrals form a ring makes no difference here: the purchases were real.

    Parameters
    ----------
    ledger : Ledger
        Holds nothing at or after ``cut``.
    forest : ReferralForest
        Of the same ledger.
    cut, horizon : int
        Microseconds.

    Raises
    ------
    UsageError
        The horizon is not positive.
    LeakError
        An event stands at or after the cut.
    """
    if horizon <= 0:
        raise UsageError(f"the horizon must be above 0, not {horizon!r}")
    ledger.assert_before(cut)
    history, n = ledger.history, ledger.n_people
    begin, begun = cut - horizon, ledger.joined
    customer = (begun > UNDATED) & (begun <= begin)
    sent = history.referrals
    rows = slice(int(np.searchsorted(sent.time, max(begin, UNDATED + 1), side="left")), None)
    u, v, time = sent.referrer[rows], sent.referred[rows], sent.time[rows]
    rows_of_customers = customer[u]
    u, v, time = u[rows_of_customers], v[rows_of_customers], time[rows_of_customers]

    couple, row = np.unique(u.astype(np.int64) * n + v, return_inverse=True)
    brought = (forest.referrer[v] == u) & (begun[v] < NEVER) & (time <= begun[v])
    open_ = (begun[v] == NEVER) & (cut - time <= ledger.settings.referral_days * DAY)
    generation = forest.generation[couple // n]
    size = int(forest.generation[customer].max(initial=-1)) + 1

    def by_generation(which: npt.NDArray[np.bool_]) -> Ints:
        some = count_by(row[which], couple.size) > 0
        return count_by(generation[some], size)

    return KFactor(
        begin=begin,
        end=cut,
        customers=count_by(forest.generation[customer], size),
        invites=count_by(generation, size),
        conversions=by_generation(brought),
        pending=by_generation(open_),
    )
