"""A temporal backtest: score with the past, count what followed, compare with what is free."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.config import Settings
from influence.errors import DataError, UsageError
from influence.evaluate.baselines import baselines
from influence.evaluate.placebo import rewired
from influence.graph.arrays import sum_by
from influence.results import TableResult
from influence.score.mvp import Scored, moment, score_history
from influence.ties import History, Ledger, measure_chance
from influence.ties.history import DAY
from influence.value.contest import horizon_of
from influence.value.lifetime import holdout
from influence.value.metrics import Resampler, best_first
from influence.value.own import ORIGINS

__all__ = ["OURS", "Backtest", "backtest"]

Floats = npt.NDArray[np.float64]

OURS = "network value"
#: Metrics in the order of the table; larger is better in all but the last.
METRICS = ("ndcg", "share_top", "share_top_1", "excess", "spearman", "predicted_observed")
_LEVELS = (0.05, 0.95)
_LIMIT_OF_PLACEBO = 0.1


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Backtest(TableResult):
    """How each score did, with 90 % intervals over replicates of customers, and a verdict in words.

    The frame has a row for each score and, last, ``ours − best baseline``; for each metric a column with the value
    and ``_low`` and ``_high``. NDCG, share and excess capture are in the top share of the settings, ``share_top_1``
    in the top 1 %. Null where a metric is not defined.
    """

    verdict: tuple[str, ...]


def default_cut(history: History, settings: Settings) -> int:
    """Return the latest cut that leaves a horizon after it and three before, in microseconds.

    Raises
    ------
    DataError
        Nothing carries a date.
    """
    span = history.span
    if span is None:
        raise DataError("nothing carries a date, so there is no past to score and no future to score it against")
    horizon = min(int(settings.horizon_days * DAY), (span[1] + 1 - span[0]) // 4)
    return span[1] + 1 - horizon


def backtest(history: History, settings: Settings, *, cut: int | None = None, placebos: int = 8) -> Backtest:
    """Score with what was known before ``cut`` and compare with the follow-ons in the horizon after it.

    The outcome of u is the credited follow-ons of others to any of her acts, each within the window before the
    follow-on. The population is everybody who acted, or had a dated tie, before the cut. Nothing at or after the cut
    reaches the score: the history is truncated first, and every step checks it again. A referral is no follow-on, so
    what a referrer is credited with for those whom she brought is left out of the score, too.

    Parameters
    ----------
    cut : int, optional
        Microseconds; by default the latest that leaves a whole horizon after it.
    placebos : int
        Rewirings whose excess capture is averaged, with the rate that was chosen; 0 for none.

    Raises
    ------
    UsageError
        The cut is outside the data.
    DataError
        Nothing carries a date, or nothing followed in the horizon.
    """
    if cut is None:
        cut = default_cut(history, settings)
    span = history.span
    if span is None:
        raise DataError("nothing carries a date, so there is no past to score and no future to score it against")
    if not span[0] < cut <= span[1]:
        raise UsageError(
            f"the cut {moment(cut)} lies outside the data, which spans {moment(span[0])} to {moment(span[1])}"
        )
    past = history.before(cut)
    horizon = min(horizon_of(past, settings, cut) or 1, span[1] + 1 - cut)
    scored = score_history(past, _without_referrals(settings), cut=cut, horizon=horizon)

    whole = Ledger.of(history, settings)
    outcome = whole.credits.between(cut, cut + horizon)
    observed = whole.credit_of_people(outcome)
    population = np.flatnonzero(scored.ledger.acted_or_tied(cut))
    if not observed[population].sum() > 0:
        raise DataError(f"nothing followed anybody in the {horizon / DAY:.3g} days after {moment(cut)}")

    given = scored.own.values if scored.own.unit == "money" else None
    scores = {OURS: scored.value.network, **baselines(scored.ledger, cut, horizon, given)}
    values = _measure(
        {name: score[population] for name, score in scores.items()},
        observed[population],
        _excess(whole, cut, horizon, population),
        scored.predicted[population],
        settings,
    )
    placebo = None
    if values["excess"] is not None:
        placebo = _placebos(
            whole, _without_referrals(settings).replace(rate=scored.rates.model), cut, horizon, placebos
        )
    frame, best = _table(list(scores), values)
    facts = {
        "cut": moment(cut),
        "horizon_days": horizon / DAY,
        "population": population.size,
        "top": int(Resampler(population.size, settings.top_share, 0, 0).k),
        "follow_ons": float(outcome.credit.sum()),
        "follow_ons_of_population": float(observed[population].sum()),
        "known_share": float(outcome.credit[whole.known[outcome.tie] < cut].sum() / outcome.credit.sum()),
        "rate": scored.rates.model,
        "contest": scored.rates.contest.as_dict(),
        "kappa": dataclasses.asdict(scored.kappa),
        "lifetime": _lifetime(history, cut, cut + horizon),
        "best_baseline": best,
        "placebo_excess": placebo,
        "settings": settings.as_dict(),
    }
    return Backtest(frame, facts, history.notes, _verdict(frame, facts, best, scored, history, settings))


def _lifetime(history: History, cut: int, end: int) -> list[dict[str, Any]] | None:
    """Return predicted and observed purchases after the cut by frequency class; None where no model can be fitted."""
    purchases = history.purchases
    if not len(purchases):
        return None
    try:
        frame = holdout(purchases.customer, purchases.time, history.n_people, cut, end)
    except UsageError:
        return None
    return frame.to_dicts()


def _without_referrals(settings: Settings) -> Settings:
    return settings.replace(referral_share=0.0, referral_rest=0.75)


def _excess(whole: Ledger, cut: int, horizon: int, population: npt.NDArray[np.int64]) -> Floats | None:
    """Return follow-ons on items beyond those that chance would bring, or None without a follow-on on an item."""
    outcome = whole.credits.between(cut, cut + horizon)
    item = outcome.kind == 0
    if not item.any():
        return None
    observed = sum_by(whole.influencer[outcome.tie[item]], outcome.credit[item], whole.n_people)
    return (observed - measure_chance(whole, cut, cut + horizon).expected)[population]


def _measure(
    scores: dict[str, Floats], observed: Floats, excess: Floats | None, predicted: Floats, settings: Settings
) -> dict[str, Floats | None]:
    """Return each metric in each replicate, shape (1 + replicates, scores); replicate 0 is the population."""
    n = observed.size
    orders = [best_first(score) for score in scores.values()]
    best = best_first(observed)
    top = Resampler(n, settings.top_share, settings.bootstrap, settings.seed)
    first = Resampler(n, 0.01, settings.bootstrap, settings.seed)
    share, ndcg = top.captured(orders, observed, best)
    values: dict[str, Floats | None] = {
        "ndcg": ndcg,
        "share_top": share,
        "share_top_1": first.captured(orders, observed, best)[0],
        "excess": None if excess is None else top.captured(orders, excess, best_first(excess))[0],
        "spearman": top.spearman(list(scores.values()), observed),
    }
    ratio = np.full_like(share, np.nan)
    ratio[:, 0] = top.ratio(predicted, observed)
    values["predicted_observed"] = ratio
    return values


def _placebos(whole: Ledger, settings: Settings, cut: int, horizon: int, count: int) -> list[float] | None:
    found = []
    for number in range(count):
        history = rewired(whole, settings.seed + 1 + number)
        scored = score_history(history, settings, cut=cut, horizon=horizon)
        population = np.flatnonzero(scored.ledger.acted_or_tied(cut))
        excess = _excess(Ledger.of(history, settings), cut, horizon, population)
        if excess is None:
            continue
        order = best_first(scored.value.network[population])
        top = Resampler(population.size, settings.top_share, 0, settings.seed)
        found.append(float(top.captured([order], excess, best_first(excess))[0][0, 0]))
    return found or None


def _table(names: list[str], values: dict[str, Floats | None]) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the table, and for each metric the baseline that did best."""
    columns: dict[str, list[Any]] = {"score": [*names, "ours − best baseline"]}
    best = {}
    for metric in METRICS:
        draws = values[metric]
        if draws is None:
            for suffix in ("", "_low", "_high"):
                columns[metric + suffix] = [None] * (len(names) + 1)
            continue
        if metric == "predicted_observed" or np.isnan(draws[0, 1:]).all():
            difference = np.full(draws.shape[0], np.nan)
        else:
            rival = 1 + int(np.nanargmax(draws[0, 1:]))
            best[metric] = names[rival]
            difference = draws[:, 0] - draws[:, rival]
        draws = np.column_stack([draws, difference])
        columns[metric] = [_plain(value) for value in draws[0]]
        for suffix, level in zip(("_low", "_high"), _LEVELS, strict=True):
            columns[metric + suffix] = [
                _plain(np.nanquantile(column[1:], level)) if np.isfinite(column[1:]).any() else None
                for column in draws.T
            ]
    return pl.DataFrame(columns, schema_overrides=dict.fromkeys(list(columns)[1:], pl.Float64)), best


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _verdict(
    frame: pl.DataFrame,
    facts: dict[str, Any],
    best: dict[str, str],
    scored: Scored,
    history: History,
    settings: Settings,
) -> tuple[str, ...]:
    said = []
    ours, difference = frame.row(0, named=True), frame.row(-1, named=True)
    said.append(
        f"The top {settings.top_share:.0%} by network value ({facts['top']:,} of {facts['population']:,}) hold "
        f"{ours['share_top']:.0%} of the follow-ons that the best possible {facts['top']:,} hold, in the "
        f"{facts['horizon_days']:.3g} days after {facts['cut'][:10]}."
    )
    for metric, name in (("ndcg", "NDCG"), ("excess", "excess capture")):
        if difference[metric] is None:
            continue
        low, high, gain = difference[f"{metric}_low"], difference[f"{metric}_high"], difference[metric]
        interval = f"{gain:+.3f}, 90 % interval {low:+.3f} to {high:+.3f}"
        rival = best[metric]
        if low > 0:
            said.append(f"It beats the best baseline, {rival}, in {name} ({interval}).")
        elif high < 0:
            said.append(f"A baseline wins: {rival} does better in {name} ({interval}). Use it instead.")
        else:
            said.append(f"It cannot be told apart from the best baseline, {rival}, in {name} ({interval}).")
    if ours["excess"] is None:
        said.append("Excess over chance is not defined: nobody followed anybody on an item, all evidence is reactions.")
    if facts["placebo_excess"]:
        draws = facts["placebo_excess"]
        mean = float(np.mean(draws))
        error = float(np.std(draws, ddof=1)) / len(draws) ** 0.5 if len(draws) > 1 else 0.0
        fell = (
            f"On rewired ties its excess capture falls to {mean:+.3f} ({len(draws)} draws, standard error {error:.3f})"
        )
        within = mean - error <= _LIMIT_OF_PLACEBO
        said.append(f"{fell}, {'as it must' if within else 'which is too much: do not trust the excess above'}.")
    said.append(f"Rate: {scored.rates.model}; {scored.rates.contest.reason}.")
    contest = scored.rates.contest
    prior, chosen = contest.prior_reactions, getattr(contest, scored.rates.model)
    if prior is not None and chosen is not None and prior > chosen:
        said.append(
            f"In the contest before the cut, follow-ons received so far did better ({prior:.3f} to {chosen:.3f})."
        )
    if scored.kappa.none_found:
        said.append("Acts on the same items show no influence beyond chance.")
    if history.has_undated_follows:
        said.append("Follows carry no date: some may be younger than the cut, which favours every score built on them.")
    if (scored.own.origin == ORIGINS.index("given")).any():
        said.append("Own values are taken as they are given, not as they were known at the cut.")
    if facts["lifetime"]:
        total = facts["lifetime"][-1]
        said.append(
            f"Lifetime value: {total['predicted']:,.0f} purchases were expected of the customers known at the cut, and "
            f"{total['observed']:,.0f} came ({total['model']}; by frequency class in the manifest)."
        )
    said.append("A backtest is not a causal proof.")
    return tuple(said)
