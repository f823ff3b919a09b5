"""Assemble the score, from a history to a ranked table."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.config import Settings
from influence.errors import UsageError
from influence.graph.arrays import sum_by
from influence.results import TableResult
from influence.score.columns import COLUMNS, ranking_columns
from influence.score.detractors import detractors
from influence.score.facts import facts_of, moment, notes_of
from influence.score.reasons import Reasons
from influence.ties import Discount, History, Ledger, discount
from influence.value.attribution import Attribution, Kappa, attribute, measure_kappa
from influence.value.contest import Rates, choose_rates, horizon_of
from influence.value.fit import Fit
from influence.value.intervals import Intervals, intervals, measure_residuals
from influence.value.metrics import best_first, top_places
from influence.value.network import NetworkValue, network_value
from influence.value.own import OwnValue, lifetime_of, own_value
from influence.value.trust import Trust, assess_trust

__all__ = ["Ranking", "Scored", "moment", "notes_of", "rank_people", "score_history"]


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """Everything that the score of one history was made of.

    Attributes
    ----------
    ledger : Ledger
    cut : int or None
        Everything before this moment was used, in microseconds; None where nothing carries a date.
    rates, kappa, discount, trust, attribution, own, value
        The steps, in their order.
    fit : Fit or None
        A saved fit, where one was used.
    """

    ledger: Ledger
    cut: int | None
    rates: Rates
    kappa: Kappa
    discount: Discount
    trust: Trust
    attribution: Attribution
    own: OwnValue
    value: NetworkValue
    fit: Fit | None = None

    @property
    def predicted(self) -> npt.NDArray[np.float64]:
        """Credited follow-ons expected in the horizon, by influencer, shape (n_people,)."""
        return sum_by(self.ledger.influencer, self.rates.follow_ons.sum(axis=0), self.ledger.n_people)


def score_history(
    history: History,
    settings: Settings,
    *,
    cut: int | None = None,
    horizon: int | None = None,
    fit: Fit | None = None,
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
    fit : Fit, optional
        Learned before; nothing is learned anew then.

    Raises
    ------
    UsageError
        The fit was made with other settings.
    """
    if cut is None and history.newest is not None:
        cut = history.newest + 1
    if cut is not None:
        history = history.before(cut)
    ledger = Ledger.of(history, settings)
    trust = assess_trust(ledger, cut)
    if trust.ring_tie.any():  # whom a ring brought, nobody brought
        ledger = dataclasses.replace(ledger, referral=ledger.referral & ~trust.ring_tie)
    if fit is None:
        if horizon is None:
            horizon = horizon_of(history, settings, cut)
        rates, kappa, parameters = choose_rates(ledger, cut, horizon), measure_kappa(ledger), None
    else:
        fit.check(settings)
        rates, kappa, parameters = fit.rates(ledger, cut), fit.kappa, fit.lifetime
    worth = discount(ledger, cut)
    attribution = attribute(ledger, rates, kappa, worth.tie, trust.weight)
    own = own_value(ledger, attribution.denominator, lifetime_of(ledger, cut, parameters))
    value = network_value(ledger.ties, attribution.weight, own.values)
    return Scored(ledger, cut, rates, kappa, worth, trust, attribution, own, value, fit)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Ranking(TableResult):
    """Customers by network value, best first, ties by id.

    The columns are documented in the README. ``contributions`` says exactly what a value is made of.

    Attributes
    ----------
    unit : {"money", "acts", "people"}
    reasons : Reasons
    scored : Scored
        Everything behind the values.
    fit : Fit
        What was learned, to be saved and used again.
    """

    unit: str
    reasons: Reasons
    scored: Scored
    fit: Fit

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

    def detractors(self, *, include_non_customers: bool = False) -> TableResult:
        """Return those on whom negative value rides, the most pressing first; see :func:`detractors`."""
        scored = self.scored
        ledger = scored.ledger
        negative = np.minimum(scored.attribution.weight, 0.0) * scored.own.values[ledger.listener]
        frame = detractors(
            ledger,
            scored.value.direct,
            sum_by(ledger.influencer, negative, ledger.n_people),
            scored.cut,
            scored.rates.horizon,
            include_non_customers=include_non_customers,
        )
        notes = self.notes
        if ledger.history.reactions.sentiment is None:
            notes = (*notes, "detractors: interactions have no sentiment, so nobody is known to be one")
        return TableResult(frame, self.facts, notes)


def rank_people(
    history: History,
    settings: Settings,
    *,
    cut: int | None = None,
    include_non_customers: bool = False,
    show_counterparts: bool = False,
    top: int | None = None,
    with_intervals: bool = True,
    fit: Fit | None = None,
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
    top : int, optional
        For ``p_top``, the chance to be among so many; the top share of the settings by default.
    with_intervals : bool
        Compute ``low``, ``high`` and ``p_top``; they are null without.
    fit : Fit, optional
        Learned before.
    """
    scored = score_history(history, settings, cut=cut, fit=fit)
    ledger, value = scored.ledger, scored.value
    listed = np.arange(ledger.n_people) if include_non_customers else np.flatnonzero(history.listed)
    if not listed.size:
        raise UsageError("nobody to list: the customers table is empty; --include-non-customers lists the others")
    sure: Intervals | None = None
    residuals = None if fit is None else fit.residuals
    if with_intervals:
        if fit is None:
            residuals = measure_residuals(ledger, scored.cut, scored.rates)
        k = top_places(listed.size, settings.top_share) if top is None else top
        sure = intervals(ledger, scored.rates, scored.attribution, value, residuals, listed, k)
    order = listed[best_first(value.network[listed])]
    reasons = Reasons(ledger, scored.attribution, value, scored.own)
    columns = ranking_columns(scored, listed, sure, reasons.sentences(show_counterparts))
    frame = (
        columns.frame[order]
        .with_columns(rank=np.arange(1, listed.size + 1))
        .with_columns(
            rank_shift=pl.col("rank_by_own_value") - pl.col("rank"),
            percentile=100.0 * (listed.size - pl.col("rank")) / listed.size,
        )
    )
    facts = facts_of(scored, listed.size, sure) | columns.facts
    notes = (*notes_of(scored, sure), *columns.notes)
    if fit is None:
        fit = Fit.of(settings, scored.cut, scored.rates, scored.kappa, residuals, scored.own.lifetime)
    return Ranking(frame.select(COLUMNS), facts, notes, scored.own.unit, reasons, scored, fit)
