"""Recency, frequency and monetary value: what the CLV models need to know of each customer."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph.arrays import count_by, sum_by
from influence.ties.history import DAY

__all__ = ["DAY", "RFM", "WEEK", "PurchaseDays", "Scores", "purchase_days", "scores"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Microseconds.
WEEK = 7 * DAY

#: A net below this share of what was paid and paid back on a day is what rounding leaves of nothing.
_ROUNDING = 1e-9


@dataclasses.dataclass(frozen=True, eq=False)
class PurchaseDays:
    """The days on which customers bought, by customer and then by day, each of shape (n_days,).

    Attributes
    ----------
    customer : ndarray of int64
    day : ndarray of int64
        Days since 1970-01-01, UTC.
    net : ndarray of float64
        What is left of the day's amounts after all refunds until the end, 0 or more.
    last_day : int
        The last day that begins before the end.
    """

    customer: Ints
    day: Ints
    net: Floats
    last_day: int


def purchase_days(
    customer: npt.NDArray[np.int32], time: Ints, amount: Floats | None, n_people: int, end: int
) -> PurchaseDays:
    """Return the purchase days before ``end``: what a customer did on one UTC day is one purchase.

    - The amounts of a day are netted. A day on which money went back and nothing was left is no purchase.
    - A refund on a later day takes its money off the latest purchase day before it, then off the one before that, as
      far as there is money left; what is over is a refund of something older than the data. The purchase itself
      stays: that she bought, and when, is no less true for it.
    - A missing amount (NaN) counts as 0. Without ``amount`` every day with a row is a purchase of 0.

    Parameters
    ----------
    customer : ndarray of int32, shape (m,)
        Customer numbers 0 … n_people - 1, in any order.
    time : ndarray of int64, shape (m,)
        Microseconds since 1970, UTC.
    amount : ndarray of float64, shape (m,), optional
        Negative for a refund.
    n_people : int
    end : int
        Microseconds since 1970; rows at or after it are left out.

    Raises
    ------
    UsageError
        Shapes do not match, a number is out of range, or an amount is infinite.

    Examples
    --------
    Bought for 30 on the first day and for 10 on the third, gave back 15 on the fourth.

    >>> time = np.array([0, 2, 3]) * DAY
    >>> days = purchase_days(np.zeros(3, np.int32), time, np.array([30.0, 10.0, -15.0]), 1, 9 * DAY)
    >>> days.day.tolist(), days.net.tolist()
    ([0, 2], [25.0, 0.0])
    """
    if customer.shape != time.shape or customer.ndim != 1 or (amount is not None and amount.shape != time.shape):
        shapes = [customer.shape, time.shape] + ([] if amount is None else [amount.shape])
        raise UsageError(f"customer, time and amount must be of one length, not {', '.join(map(str, shapes))}")
    if customer.size and not (int(customer.min()) >= 0 and int(customer.max()) < n_people):
        raise UsageError(f"customer numbers must lie in 0 … {n_people - 1}, not {customer.min()} … {customer.max()}")
    if amount is not None and np.isinf(amount).any():
        raise UsageError(f"amount of row {int(np.isinf(amount).argmax())} is infinite")
    kept = time < end
    day = time[kept] // DAY
    earliest = int(day.min(initial=end // DAY))
    n_days = end // DAY - earliest + 1
    key, place = np.unique(customer[kept].astype(np.int64) * n_days + (day - earliest), return_inverse=True)
    who, day = key // n_days, key % n_days + earliest
    bought = np.ones(key.size, np.bool_)
    net = np.zeros(key.size)
    if amount is not None:
        paid = np.nan_to_num(amount[kept], nan=0.0)
        net = sum_by(place, paid, key.size)
        back = sum_by(place, np.minimum(paid, 0.0), key.size)
        bought = (back == 0.0) | (net > _ROUNDING * (net - 2.0 * back))
        net[~bought] = np.minimum(net[~bought], 0.0)
        net = _less_refunds(who, net)
    return PurchaseDays(who[bought], day[bought], net[bought], (end - 1) // DAY)


def _less_refunds(customer: Ints, net: Floats) -> Floats:
    """Take each refund off the purchase days before it, the latest first."""
    has_refund = np.isin(customer, customer[net < 0.0])
    rows = np.flatnonzero(has_refund)[::-1]
    left = net.copy()
    owner, owed = -1, 0.0
    for row, who, value in zip(rows.tolist(), customer[rows].tolist(), net[rows].tolist(), strict=True):
        if who != owner:
            owner, owed = who, 0.0
        if value < 0.0:
            owed -= value
            left[row] = 0.0
        else:
            taken = min(value, owed)
            left[row] = value - taken if value - taken > _ROUNDING * value else 0.0
            owed -= taken
    return left


@dataclasses.dataclass(frozen=True, eq=False)
class RFM:
    """Purchases of each customer until a moment, each of shape (n_people,); 0 for those without a purchase.

    Attributes
    ----------
    frequency : ndarray of float64
        x: purchase days after the first.
    recency : ndarray of float64
        t_x: time from the first to the last purchase day, in units; 0 where there is no repeat.
    age : ndarray of float64
        T: time from the first purchase day to the last day before the end, in units.
    monetary : ndarray of float64
        Mean net value of those repeat purchase days that have one; NaN where there is none.
    n_valued : ndarray of float64
        How many repeat purchase days that is: days with nothing left to pay count in ``frequency`` only.
    spend : ndarray of float64
        Net value of all purchase days, the first included.
    n_purchases : ndarray of int64
        Purchase days, the first included.
    bought : ndarray of bool
        Has a purchase before the end.
    unit : int
        Microseconds in a unit of time.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    monetary: Floats
    n_valued: Floats
    spend: Floats
    n_purchases: Ints
    bought: npt.NDArray[np.bool_]
    unit: int

    @classmethod
    def of(
        cls,
        customer: npt.NDArray[np.int32],
        time: Ints,
        amount: Floats | None,
        n_people: int,
        end: int,
        unit: int = WEEK,
    ) -> RFM:
        """Return what transactions before ``end`` say; see :func:`purchase_days` for parameters and refunds.

        Examples
        --------
        A first purchase, one two weeks later and one five weeks later, seen ten weeks from the first.

        >>> time = np.array([0, 2, 5]) * WEEK
        >>> rfm = RFM.of(np.zeros(3, np.int32), time, np.array([9.0, 20.0, 30.0]), 1, 10 * WEEK + 1)
        >>> rfm.frequency.tolist(), rfm.recency.tolist(), rfm.age.tolist(), rfm.monetary.tolist()
        ([2.0], [5.0], [10.0], [25.0])
        """
        return cls.of_days(purchase_days(customer, time, amount, n_people, end), n_people, unit)

    @classmethod
    def of_days(cls, days: PurchaseDays, n_people: int, unit: int = WEEK) -> RFM:
        """Return what purchase days say.

        Raises
        ------
        UsageError
            ``unit`` is not positive.
        """
        if not unit > 0:
            raise UsageError(f"unit must be a positive number of microseconds, not {unit!r}")
        n_purchases = count_by(days.customer, n_people)
        bought = n_purchases > 0
        after = np.cumsum(n_purchases)
        last = days.day[after[bought] - 1]
        first = days.day[(after - n_purchases)[bought]]
        recency, age = np.zeros(n_people), np.zeros(n_people)
        recency[bought] = (last - first) * DAY / unit
        age[bought] = (days.last_day - first) * DAY / unit
        repeat = np.ones(days.day.size, np.bool_)
        repeat[(after - n_purchases)[bought]] = False
        valued = repeat & (days.net > 0.0)
        n_valued = count_by(days.customer[valued], n_people).astype(np.float64)
        total = sum_by(days.customer[valued], days.net[valued], n_people)
        monetary = np.divide(total, n_valued, out=np.full(n_people, np.nan), where=n_valued > 0.0)
        return cls(
            frequency=np.maximum(n_purchases - 1, 0).astype(np.float64),
            recency=recency,
            age=age,
            monetary=monetary,
            n_valued=n_valued,
            spend=sum_by(days.customer, days.net, n_people),
            n_purchases=n_purchases,
            bought=bought,
            unit=unit,
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Scores:
    """RFM scores 1 (lowest) … 5, 0 for those without a purchase; ndarrays of int8, shape (n_people,)."""

    recency: npt.NDArray[np.int8]
    frequency: npt.NDArray[np.int8]
    monetary: npt.NDArray[np.int8]


def scores(rfm: RFM) -> Scores:
    """Return the quintile of each customer by recency, frequency and money, among those who have bought.

    score = 1 + ⌊5 × share of customers strictly below⌋. Equal customers get equal scores, whatever their number, so
    the quintiles are only as even as the ties allow: where 60 % bought once, they all get 1 for frequency and the next
    get 4. Recency looks at the time since the last purchase (the shorter the better), frequency at the number of
    purchases, money at the net spend, the first purchase included.

    References
    ----------
    Hughes, Strategic Database Marketing, 1994.

    Examples
    --------
    >>> time = np.array([0, 1, 2, 2, 2]) * WEEK
    >>> customer = np.array([0, 1, 2, 2, 1], np.int32)
    >>> found = scores(RFM.of(customer, time, np.array([5.0, 1.0, 1.0, 1.0, 9.0]), 4, 3 * WEEK))
    >>> found.recency.tolist(), found.frequency.tolist(), found.monetary.tolist()
    ([1, 2, 2, 0], [1, 4, 1, 0], [2, 4, 1, 0])
    """
    silence = np.round((rfm.age - rfm.recency) * (rfm.unit / DAY))  # whole days again, so that ties are ties
    return Scores(
        recency=_quintile(-silence, rfm.bought),
        frequency=_quintile(rfm.n_purchases.astype(np.float64), rfm.bought),
        monetary=_quintile(rfm.spend, rfm.bought),
    )


def _quintile(values: Floats, among: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    score = np.zeros(values.size, np.int8)
    ordered = np.sort(values[among])
    below = np.searchsorted(ordered, values[among], side="left")
    score[among] = 1 + 5 * below // max(ordered.size, 1)
    return score
