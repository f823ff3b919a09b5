"""Assemble the score, from a history to a ranked table."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.config import Settings
from influence.errors import UsageError
from influence.graph.arrays import count_by, sum_by
from influence.results import TableResult
from influence.score.reasons import Reasons
from influence.ties import History, Ledger
from influence.ties.history import DAY
from influence.value.attribution import Attribution, Kappa, attribute, measure_kappa
from influence.value.contest import Rates, choose_rates, horizon_of
from influence.value.metrics import best_first
from influence.value.network import NetworkValue, network_value
from influence.value.own import ORIGINS, OwnValue, own_value

__all__ = ["Ranking", "Scored", "rank_people", "score_history"]


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """Everything that the score of one history was made of.

    Attributes
    ----------
    ledger : Ledger
    cut : int or None
        Everything before this moment was used, in microseconds; None where nothing carries a date.
    rates, kappa, attribution, own, value
        The steps, in their order.
    """

    ledger: Ledger
    cut: int | None
    rates: Rates
    kappa: Kappa
    attribution: Attribution
    own: OwnValue
    value: NetworkValue

    @property
    def predicted(self) -> npt.NDArray[np.float64]:
        """Credited follow-ons expected in the horizon, by influencer, shape (n_people,)."""
        return sum_by(self.ledger.influencer, self.rates.follow_ons.sum(axis=0), self.ledger.n_people)


def score_history(
    history: History, settings: Settings, *, cut: int | None = None, horizon: int | None = None
) -> Scored:
    """Compute the network value of everybody in a history.

    Parameters
    ----------
    history : History
    settings : Settings
    cut : int, optional
        Use what happened before this moment, in microseconds; all of it by default.
    horizon : int, optional
        Microseconds that the rates look ahead; by the settings by default.
    """
    if cut is None and history.newest is not None:
        cut = history.newest + 1
    if cut is not None:
        history = history.before(cut)
    if horizon is None:
        horizon = horizon_of(history, settings, cut)
    ledger = Ledger.of(history, settings)
    rates = choose_rates(ledger, cut, horizon)
    kappa = measure_kappa(ledger)
    attribution = attribute(ledger, rates, kappa)
    own = own_value(ledger, rates, attribution.denominator)
    value = network_value(ledger.ties, attribution.weight, own.values)
    return Scored(ledger, cut, rates, kappa, attribution, own, value)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Ranking(TableResult):
    """Customers by network value, best first, ties by id.

    The columns are documented in the README. ``contributions`` says exactly what a value is made of.
    """

    unit: str
    reasons: Reasons

    def contributions(self, person: str | int) -> pl.DataFrame:
        """Return what a person's network value is made of: a row for each listener and kind of evidence.

        Columns: ``listener``, ``kind``, ``value``; the values add up to the network value. Sorted by value, largest
        first.

        Raises
        ------
        UsageError
            Nobody has this id.
        """
        return self.reasons.contributions(person)


def rank_people(
    history: History,
    settings: Settings,
    *,
    cut: int | None = None,
    include_non_customers: bool = False,
    show_counterparts: bool = False,
) -> Ranking:
    """Rank the customers of a history by network value.

    Parameters
    ----------
    cut : int, optional
        Use what happened before this moment, in microseconds.
    include_non_customers : bool
        List people who are not in the customers table too; their ties count in any case.
    show_counterparts : bool
        Name listeners in the reasons; they are counted only by default.
    """
    scored = score_history(history, settings, cut=cut)
    ledger, value = scored.ledger, scored.value
    listed = np.arange(ledger.n_people) if include_non_customers else np.flatnonzero(history.listed)
    if not listed.size:
        raise UsageError("nobody to list: the customers table is empty; --include-non-customers lists the others")
    order = listed[best_first(value.network[listed])]
    place = np.empty(ledger.n_people, np.int64)
    place[listed[best_first(scored.own.values[listed])]] = np.arange(1, listed.size + 1)
    rank = np.arange(1, listed.size + 1)
    influenced = count_by(ledger.influencer[np.unique(ledger.credits.tie)], ledger.n_people)
    followers = count_by(ledger.influencer[ledger.follow], ledger.n_people)
    reasons = Reasons(ledger, scored.attribution, value, scored.own)
    frame = pl.DataFrame(
        {
            "rank": rank,
            "id": ledger.history.ids.ids(order),
            "network_value": value.network[order],
            "direct_value": value.direct[order],
            "own_value": scored.own.values[order],
            "total_value": value.gross[order],
            "conserved_value": value.conserved[order],
            "rank_by_own_value": place[order],
            "rank_shift": place[order] - rank,
            "percentile": 100.0 * (listed.size - rank) / listed.size,
            "people_influenced": influenced[order],
            "audience": ledger.ties.out_degree[order],
            "followers": followers[order],
            "own_value_origin": pl.Series(ORIGINS).gather(scored.own.origin[order].astype(np.uint32)),
            "reasons": reasons.sentences(show_counterparts).gather(order),
        }
    )
    return Ranking(frame, _facts(scored, listed.size), notes_of(scored), scored.own.unit, reasons)


def moment(time: int | None) -> str | None:
    """Return a time in microseconds as ISO text in UTC."""
    if time is None:
        return None
    unit = "us" if time % 1_000_000 else "s"
    return f"{np.datetime64(time, 'us').astype(f'datetime64[{unit}]')}Z"


def _facts(scored: Scored, listed: int) -> dict[str, Any]:
    ledger, rates, value = scored.ledger, scored.rates, scored.value
    learned = None
    if rates.learned is not None:
        learned = {
            "cuts": [moment(cut) for cut in rates.learned.cuts],
            "acts": {name: dataclasses.asdict(fit) for name, fit in rates.learned.acts.items()},
            "follow_ons": {name: dataclasses.asdict(fit) for name, fit in rates.learned.follow_ons.items()},
        }
    return {
        "unit": scored.own.unit,
        "as_of": moment(None if scored.cut is None else scored.cut - 1),
        "horizon_days": rates.horizon / DAY,
        "people": ledger.n_people,
        "listed": listed,
        "ties": ledger.ties.n_edges,
        "acts": int(ledger.act_time.size),
        "follow_ons": float(ledger.credits.credit.sum()),
        "rate": rates.model,
        "contest": rates.contest.as_dict(),
        "learned": learned,
        "kappa": dataclasses.asdict(scored.kappa),
        "solver": {
            "iterations": value.iterations,
            "residual": value.residual,
            "error_bound": value.error_bound,
            "norm": value.norm,
        },
        "sum_of_own_value": math.fsum(scored.own.values),
        "sum_of_conserved_value": math.fsum(value.conserved),
    }


def notes_of(scored: Scored) -> tuple[str, ...]:
    """Return what was assumed, left out or found in a score, in words."""
    history, rates, kappa = scored.ledger.history, scored.rates, scored.kappa
    notes = list(history.notes)
    settings = scored.ledger.settings
    notes.append(f"rate: {rates.model} ({rates.contest.reason})")
    if rates.horizon < int(settings.horizon_days * DAY):
        notes.append(
            f"horizon: {rates.horizon / DAY:.3g} days, a third of what the data spans, instead of "
            f"{settings.horizon_days:g}"
        )
    prior = rates.contest.prior_reactions
    chosen = rates.contest.learned if rates.model == "learned" else rates.contest.rule
    if prior is not None and chosen is not None and prior > chosen:
        notes.append(
            f"counting follow-ons received so far did better in the contest (NDCG {prior:.3f} against {chosen:.3f})"
        )
    if kappa.none_found:
        notes.append(f"acts on the same items show no influence beyond chance (κ_raw {kappa.beyond_chance:.3f})")
    if not len(scored.ledger.credits.tie):
        notes.append("nothing was seen to follow anything: follows alone say who could be heard, not who is")
    customers = history.customers
    if scored.own.unit == "money" and customers is not None:
        missing = int(customers["clv"].null_count())
        if missing:
            notes.append(f"{missing:,} customers have no clv: they get the median of their segment, else 0")
    return tuple(notes)
