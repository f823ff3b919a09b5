"""The rule: a rate from the evidence that a tie has shown, half as much for every half-life of age."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import sum_by
from influence.ties import UNDATED, Ledger
from influence.ties.history import DAY

__all__ = ["rule_acts", "rule_rates"]

Floats = npt.NDArray[np.float64]


def _stock_to_rate(ledger: Ledger, horizon: int) -> float:
    """Return the events a horizon that hold a stock of one: a rate r holds a stock of r · half-life / ln 2."""
    return horizon / DAY * float(np.log(2.0)) / ledger.settings.half_life_days


def rule_acts(ledger: Ledger, cut: int, horizon: int) -> Floats:
    """Return a_v, expected acts in the horizon after ``cut`` from decayed past acts, shape (n_people,)."""
    end = int(np.searchsorted(ledger.act_time, cut, side="left"))
    decayed = ledger.fading(ledger.act_time[:end], cut)
    stock = sum_by(ledger.act_actor[:end], decayed, ledger.n_people)
    return stock * _stock_to_rate(ledger, horizon)


def rule_rates(ledger: Ledger, cut: int, horizon: int) -> Floats:
    """Return λ by kind of evidence and tie, expected follow-ons in the horizon, shape (n_kinds, n_ties).

    λ = E · H · ln 2 / half-life with E = Σ credit · ½^(age / half-life). The evidence of one pair in one week,
    counted back from ``cut``, saturates: loyalty is a series of acts, not one viral day. A follow adds a little, or
    one where follows are the only evidence there is.
    """
    settings = ledger.settings
    n_ties, n_kinds = ledger.ties.n_edges, len(ledger.history.kinds)
    credits = ledger.credits.between(UNDATED, cut)
    credit = credits.credit
    dated = credits.time > UNDATED
    if credit.size:
        week = np.where(dated, (cut - 1 - np.where(dated, credits.time, cut - 1)) // (7 * DAY), -1)
        order = np.lexsort((week, credits.tie))
        tie_sorted, week_sorted = credits.tie[order], week[order]
        new = np.ones(credit.size, np.bool_)
        new[1:] = (tie_sorted[1:] != tie_sorted[:-1]) | (week_sorted[1:] != week_sorted[:-1])
        pair_week = np.empty(credit.size, np.int64)
        pair_week[order] = np.cumsum(new) - 1
        total = sum_by(pair_week, credit, int(pair_week.max()) + 1)
        scale = np.ones_like(total)
        np.divide(settings.weekly_cap, total, out=scale, where=total > settings.weekly_cap)
        credit = credit * scale[pair_week]
    evidence = sum_by(
        credits.kind.astype(np.int64) * n_ties + credits.tie,
        credit * ledger.fading(credits.time, cut),
        n_kinds * n_ties,
    ).reshape(n_kinds, n_ties)
    alone = not len(credits.tie)
    follow = ledger.followed < cut
    evidence[ledger.history.kinds.index("follow")] = follow * (1.0 if alone else settings.follow_weight)
    evidence[:, ledger.known >= cut] = 0.0
    return evidence * _stock_to_rate(ledger, horizon)
