"""Customer referral value: what the customers whom a person brought are worth, and what it saved and cost."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph.arrays import count_by, sum_by
from influence.ties import UNDATED, Ledger
from influence.ties.history import DAY
from influence.ties.ledger import NEVER
from influence.value.generations import tracked_referrer

__all__ = ["ReferralValue", "referral_value"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_YEAR = 365 * DAY


@dataclasses.dataclass(frozen=True, eq=False)
class ReferralValue:
    """Customer referral value (CRV), each array of shape (n_people,).

    Attributes
    ----------
    referral_value : ndarray of float64
        CRV as expected for the coming year: type_one_value + acquisition_saved − incentives_paid, in the unit of the
        lifetime values. Where that unit is not money, the type_one_value alone.
    type_one_value : ndarray of float64
        Type-one share × lifetime value of those whom she brought within the last year.
    acquisition_saved : ndarray of float64
        Acquisition cost of those whom she brought within the last year, in money.
    incentives_paid : ndarray of float64
        What was paid for her referrals in the last year, in money, those that brought nobody included.
    referrals_made : ndarray of int64
        People whom she ever referred in time, before they joined and within ``referral_days`` of it, or who have not
        joined; whether she or another is their tracked referrer.
    referrals_tracked : ndarray of int64
        People whom she ever brought: she is their tracked referrer, and they have joined.
    referrals_recent : ndarray of int64
        Those of them who joined within the last year, and so count in ``referral_value``.
    realised_value : ndarray of float64 or None
        CRV that the books show so far: the type-one share of what each person whom she ever brought earned in the
        year after joining, discounted to that moment, + all acquisition saved − all incentives. None where purchases
        have no amounts, or the unit is not money.
    unit : str
        Of ``referral_value``.
    facts : dict
        Totals.
    notes : tuple of str
        What was assumed, in words.
    """

    referral_value: Floats
    type_one_value: Floats
    acquisition_saved: Floats
    incentives_paid: Floats
    referrals_made: Ints
    referrals_tracked: Ints
    referrals_recent: Ints
    realised_value: Floats | None
    unit: str
    facts: dict[str, Any]
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class _Incentives:
    """What was paid for whose referral, and when; ``assumed`` rows have the incentive of the settings."""

    referrer: npt.NDArray[np.int32]
    time: Ints
    amount: Floats
    assumed: npt.NDArray[np.bool_]


def referral_value(ledger: Ledger, lifetime_value: Floats, cut: int | None, *, unit: str = "money") -> ReferralValue:
    """Return the customer referral value of everybody, a column of its own that never enters the network value.

    Kumar, Petersen and Leone value a customer's referrals over T periods, a year, by

        CRV_i = Σ_t [ Σ_{y type one} (A_ty − a_ty − M_ty + ACQ1_ty) + Σ_{y type two} ACQ2_ty ] / (1 + r)^t,

    with A the gross margin of a referred customer y, a the cost of the referral, M the marketing cost of keeping her,
    and ACQ the acquisition cost saved. Type one would not have come without the referral; type two would have come
    anyway, so that nothing of her margin is owed to it. With p the type-one share, this becomes in expectation

        referral_value_i = Σ_y (p · c_y + acq − a_y),

    over the y whom i brought (she is their tracked referrer) and who joined in the last ``referral_value_days``
    before the cut. c is the ``lifetime_value``, which looks a year ahead and is discounted.

    Taken from them: the two types, the terms, one year, and that the coming year's referrals are expected to be like
    the last year's (2007). Assumed, since no data say it:

    - p is one number, ``referral_type_one``. The default of 0.5 is also φ, the share of a referred customer that the
      attribution credits to her tracked referrer: p · c_y is thus contained in her ``direct_value``. Don't add both.
    - c_y, of the year after the cut, stands for the value in a year of those who will be brought in the next.
    - M is 0: a margin is net of it, or it is not known.
    - a is subtracted for both types, since an incentive is paid without knowing the type, and for referrals that
      brought nobody where their rows say a cost. A row's cost comes first; only a successful referral none of whose
      rows says one gets ``referral_incentive``.
    - acq is ``acquisition_cost`` for everyone; 0, the default, means that it is not known.
    - A successful referral, with its cost, counts when the referred person joins, its cost otherwise when the row
      says. What carries no date counts as older than the last year. Without a cut everything counts.

    The expected value is the main one since it is in the unit, horizon and discount of the own value beside which it
    stands, needs no amounts, and doesn't hold it against a referrer that whom she brought came only lately. The
    realised value is of record: past purchases only, each referred customer's first ``referral_value_days``.
    Who came so lately that the year is not over counts with the part that is.

    Parameters
    ----------
    ledger : Ledger
        Holds nothing at or after ``cut``.
    lifetime_value : ndarray of float64, shape (n_people,)
        c, the expected value of each person from the cut on, in ``unit``.
    cut : int or None
        Microseconds.
    unit : str
        ``money`` if lifetime values are in the currency of ``acquisition_cost``, ``referral_incentive`` and the
        purchases. In any other unit costs are shown, and not added.

    Raises
    ------
    UsageError
        ``lifetime_value`` has another shape, or a value that is not finite.
    LeakError
        An event stands at or after the cut.

    References
    ----------
    Kumar, Petersen and Leone, "Driving profitability by encouraging customer referrals: who, when, and how", Journal
    of Marketing 74(5), 2010; "How valuable is word of mouth?", Harvard Business Review 85(10), 2007.
    """
    n = ledger.n_people
    if lifetime_value.shape != (n,) or not np.isfinite(lifetime_value).all():
        raise UsageError(
            f"lifetime_value: {lifetime_value.shape} values for {n:,} people; they must match and be finite"
        )
    if cut is not None:
        ledger.assert_before(cut)
    history, settings = ledger.history, ledger.settings
    referrals = history.referrals
    share = settings.referral_type_one
    length = int(settings.referral_value_days * DAY)
    begun, referrer = ledger.joined, tracked_referrer(ledger)
    brought = np.flatnonzero((referrer >= 0) & (begun < NEVER))
    paid = _incentives(ledger, begun, referrer, brought)

    def lately(time: Ints) -> npt.NDArray[np.bool_]:
        return np.ones(time.size, np.bool_) if cut is None else (time > UNDATED) & (time >= cut - length)

    recent = brought[lately(begun[brought])]
    now = lately(paid.time)
    type_one = share * sum_by(referrer[recent], lifetime_value[recent], n)
    tracked = count_by(referrer[brought], n)
    counted = count_by(referrer[recent], n)
    saved = settings.acquisition_cost * counted.astype(np.float64)
    incentives = sum_by(paid.referrer[now], paid.amount[now], n)
    money = unit == "money"
    made = _referrals_made(ledger, begun)

    realised = None
    purchases = history.purchases
    if money and len(purchases) and (purchases.amount is not None or purchases.margin is not None):
        earned = _first_year(ledger, begun, referrer, length)
        all_paid = sum_by(paid.referrer, paid.amount, n)
        realised = share * earned + settings.acquisition_cost * tracked - all_paid

    value = type_one + saved - incentives if money else type_one
    facts: dict[str, Any] = {
        "unit": unit,
        "type_one_share": share,
        "referrals": len(referrals),
        "self_referrals": len(history.self_referrals),
        "people_referred": int(np.unique(referrals.referred).size),
        "joined_by_referral": int(brought.size),
        "joined_lately": int(recent.size),
        "referrers": int(np.count_nonzero(made)),
        "referral_value": math.fsum(value),
        "type_one_value": math.fsum(type_one),
        "acquisition_saved": math.fsum(saved),
        "incentives_paid": math.fsum(incentives),
        "incentives_assumed": math.fsum(paid.amount[now & paid.assumed]),
        "realised_value": None if realised is None else math.fsum(realised),
    }
    return ReferralValue(
        referral_value=value,
        type_one_value=type_one,
        acquisition_saved=saved,
        incentives_paid=incentives,
        referrals_made=made,
        referrals_tracked=tracked,
        referrals_recent=counted,
        realised_value=realised,
        unit=unit,
        facts=facts,
        notes=_notes(ledger, facts, money, bool((now & paid.assumed).any())),
    )


def _incentives(ledger: Ledger, begun: Ints, referrer: npt.NDArray[np.int32], brought: Ints) -> _Incentives:
    """Return the costs of rows, and the usual incentive of successful referrals none of whose rows says a cost."""
    referrals = ledger.history.referrals
    cost = np.full(len(referrals), np.nan) if referrals.cost is None else referrals.cost
    known = ~np.isnan(cost)
    u, v = referrals.referrer[known], referrals.referred[known]
    success = (referrer[v] == u) & (begun[v] < NEVER)
    said = np.zeros(ledger.n_people, np.bool_)
    said[v[success]] = True
    silent = brought[~said[brought]]
    assumed = np.zeros(u.size + silent.size, np.bool_)
    assumed[u.size :] = True
    return _Incentives(
        np.concatenate([u, referrer[silent]]),
        np.concatenate([np.where(success, begun[v], referrals.time[known]), begun[silent]]),
        np.concatenate([cost[known], np.full(silent.size, ledger.settings.referral_incentive)]),
        assumed,
    )


def _referrals_made(ledger: Ledger, begun: Ints) -> Ints:
    """Count the people whom each person referred in time."""
    referrals, n = ledger.history.referrals, ledger.n_people
    u, v, time = referrals.referrer, referrals.referred, referrals.time
    unknown = (begun[v] == NEVER) | (begun[v] == UNDATED) | (time == UNDATED)
    early = time <= begun[v]
    gap = np.where(early & ~unknown, begun[v] - np.where(unknown, 0, time), 0)
    valid = unknown | (early & (gap <= ledger.settings.referral_days * DAY))
    couple = np.unique(u[valid].astype(np.int64) * n + v[valid])
    return count_by(couple // n, n)


def _first_year(ledger: Ledger, begun: Ints, referrer: npt.NDArray[np.int32], length: int) -> Floats:
    """Sum by referrer what each person whom she brought earned within ``length`` of joining, discounted to then."""
    purchases, settings = ledger.history.purchases, ledger.settings
    start = begun[purchases.customer]
    dated = (purchases.time > UNDATED) & (start > UNDATED) & (start < NEVER) & (referrer[purchases.customer] >= 0)
    rows = np.flatnonzero(dated)
    since = purchases.time[rows] - start[rows]
    first = (since >= 0) & (since < length)
    rows, since = rows[first], since[first]
    earned = np.full(rows.size, np.nan)
    if purchases.margin is not None:
        earned = purchases.margin[rows]
    if purchases.amount is not None:
        earned = np.where(np.isnan(earned), settings.clv_margin * purchases.amount[rows], earned)
    present = np.nan_to_num(earned, nan=0.0) * (1.0 + settings.clv_discount) ** (-since / _YEAR)
    return sum_by(referrer[purchases.customer[rows]], present, ledger.n_people)


def _notes(ledger: Ledger, facts: dict[str, Any], money: bool, assumed: bool) -> tuple[str, ...]:
    settings = ledger.settings
    if not facts["referrals"]:
        return ()
    notes = [
        f"referral value: {facts['type_one_share']:g} of referred customers are taken as brought by the referral "
        "(referral_type_one); no data say it"
    ]
    if not money:
        notes.append(f"referral value is in {facts['unit']}: costs and savings are shown beside it, in money")
    elif settings.acquisition_cost == 0:
        notes.append("acquisition_cost is not set: referrals save nothing in the referral value")
    if assumed and settings.referral_incentive == 0:
        notes.append("some referrals say no cost and referral_incentive is not set: they count as free")
    return tuple(notes)
