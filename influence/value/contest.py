"""Which rate to trust: the rule and the learned rate compete on the latest stretch of the past."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.config import Settings
from influence.graph.arrays import sum_by
from influence.ties import UNDATED, History, Ledger
from influence.ties.history import DAY
from influence.value.learned import LearnedRate, fit_rate
from influence.value.metrics import Resampler, best_first
from influence.value.rule import rule_acts, rule_rates

__all__ = [
    "Contest",
    "LastHorizon",
    "Level",
    "Rates",
    "choose_rates",
    "expected_follow_ons",
    "horizon_of",
    "last_horizon",
    "learned_rates",
    "ruled_rates",
]

Floats = npt.NDArray[np.float64]

_REPLICATES = 100


@dataclasses.dataclass(frozen=True)
class Contest:
    """How the rule and the learned rate did on the last horizons of the past.

    NDCG is in the top share of the settings, the mean over ``rounds``; a field is None where it could not be measured.
    Follow-ons, influencers and the share on known ties are those of the latest round.
    """

    winner: str
    reason: str
    rounds: int = 0
    rule: float | None = None
    learned: float | None = None
    prior_reactions: float | None = None
    difference_error: float | None = None
    follow_ons: float | None = None
    influencers: int | None = None
    known_share: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for a manifest."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class LastHorizon:
    """What followed in the last horizon, by which it is told whether a rate may be learned."""

    follow_ons: float
    influencers: int
    known_share: float

    def few(self, settings: Settings) -> bool:
        """Whether too little followed, or too few people, to learn from."""
        return self.follow_ons < settings.min_follow_ons or self.influencers < settings.min_influencers

    def on_known_ties(self, settings: Settings) -> bool:
        """Whether enough of it fell on ties that were known before."""
        return self.known_share >= settings.min_known_share


def last_horizon(ledger: Ledger, begin: int, cut: int) -> LastHorizon:
    """Count the follow-ons with begin <= time < cut."""
    outcome = ledger.credits.between(begin, cut)
    total = float(outcome.credit.sum())
    influencers = int(np.count_nonzero(ledger.credit_of_people(outcome)))
    known = float(outcome.credit[ledger.known[outcome.tie] < begin].sum()) / total if total else 0.0
    return LastHorizon(total, influencers, known)


@dataclasses.dataclass(frozen=True)
class Level:
    """The factor that puts all rates on the level of the latest horizon.

    Attributes
    ----------
    factor : float
        ``fit`` · ``trend``; 1 where too little followed to tell.
    fit : float
        Follow-ons observed in the latest horizon, relative to those that the rates expected of it.
    trend : float
        The square root of the follow-ons in the latest horizon relative to the one before: half of the change, on a
        log scale, is taken to go on.
    """

    factor: float = 1.0
    fit: float = 1.0
    trend: float = 1.0


@dataclasses.dataclass(frozen=True, eq=False)
class Rates:
    """Expected follow-ons and acts over one horizon.

    Attributes
    ----------
    follow_ons : ndarray of float64, shape (n_kinds, n_ties)
        λ by kind of evidence.
    acts : ndarray of float64, shape (n_people,)
        a_v.
    model : {"rule", "learned"}
    horizon : int
        Microseconds.
    contest : Contest
    level : Level
    learned : LearnedRate or None
        The fit, where it is used.
    earlier : Mapping of int to LearnedRate
        Fits that were made on the way, by the moment until which.
    """

    follow_ons: Floats
    acts: Floats
    model: str
    horizon: int
    contest: Contest
    level: Level = Level()
    learned: LearnedRate | None = None
    earlier: Mapping[int, LearnedRate] = dataclasses.field(default_factory=dict)


def horizon_of(history: History, settings: Settings, until: int | None = None) -> int | None:
    """Return the horizon in microseconds: as set, or a third of the span of the past where that is shorter.

    None where nothing carries a date.
    """
    span = history.span
    if span is None:
        return None
    horizon = int(settings.horizon_days * DAY)
    if span[0] == span[1]:
        return horizon  # a snapshot: one moment says nothing about how long the data reaches back
    third = ((until if until is not None else span[1]) - span[0]) // 3
    return max(1, min(horizon, third))


def choose_rates(ledger: Ledger, cut: int | None, horizon: int | None) -> Rates:
    """Return the rates at ``cut``, by the rule or by the learned rate, whichever won.

    The learned rate wins only by more than one bootstrap standard error of the mean NDCG over the last two horizons
    before the cut (one of them is noisy), with enough follow-ons by enough people, and where most of the latest
    outcome fell on ties known before it. The winner is put on the level of the latest horizon.

    Parameters
    ----------
    ledger : Ledger
        Holds nothing at or after ``cut``.
    cut, horizon : int or None
        Microseconds; None where nothing carries a date, and the rule counts without decay.
    """
    settings = ledger.settings
    if cut is None or horizon is None:
        contest = Contest("rule", "nothing carries a date: the rule, without decay")
        cut, horizon = int(np.iinfo(np.int64).max), int(settings.horizon_days * DAY)
        return Rates(rule_rates(ledger, cut, horizon), rule_acts(ledger, cut, horizon), "rule", horizon, contest)
    ledger.assert_before(cut)
    earlier: dict[int, LearnedRate] = {}
    contest = _contest(ledger, cut, horizon, earlier) if settings.rate == "auto" else Contest(settings.rate, "as set")
    model = contest.winner
    fit = fit_rate(ledger, cut, horizon) if model == "learned" else None
    if fit is None:
        if model == "learned":
            contest = dataclasses.replace(contest, winner="rule", reason="too little history to learn a rate from")
        level = _level(ledger, cut, horizon, float(rule_rates(ledger, cut - horizon, horizon).sum()))
        return ruled_rates(ledger, cut, horizon, contest, level)
    before = fit.rates(ledger, cut - horizon, fit.expected_acts(ledger, cut - horizon))
    level = _level(ledger, cut, horizon, float(_total(before).sum()))
    return dataclasses.replace(learned_rates(ledger, cut, fit, contest, level), earlier=earlier)


def ruled_rates(ledger: Ledger, cut: int, horizon: int, contest: Contest, level: Level) -> Rates:
    """Return the rates of the rule at ``cut``."""
    rates = rule_rates(ledger, cut, horizon) * level.factor
    return Rates(rates, rule_acts(ledger, cut, horizon), "rule", horizon, contest, level)


def learned_rates(ledger: Ledger, cut: int, fit: LearnedRate, contest: Contest, level: Level) -> Rates:
    """Return the rates of a fit at ``cut``."""
    acts = fit.expected_acts(ledger, cut)
    rates = _by_kind(ledger, cut, fit.rates(ledger, cut, acts)) * level.factor
    return Rates(rates, _total(acts), "learned", fit.horizon, contest, level, fit)


def expected_follow_ons(ledger: Ledger, cut: int, rates: Rates) -> Floats | None:
    """Return what the model of ``rates`` would have expected at an earlier ``cut``, with what was known then.

    None where there is too little history before it, else of shape (n_ties,).
    """
    horizon = rates.horizon
    if rates.model == "rule":
        level = _level(ledger, cut, horizon, float(rule_rates(ledger, cut - horizon, horizon).sum()))
        ruled: Floats = rule_rates(ledger, cut, horizon).sum(axis=0)
        return ruled * level.factor
    fit = rates.earlier.get(cut) or fit_rate(ledger, cut, horizon)
    if fit is None:
        return None
    before = fit.rates(ledger, cut - horizon, fit.expected_acts(ledger, cut - horizon))
    level = _level(ledger, cut, horizon, float(_total(before).sum()))
    return _total(fit.rates(ledger, cut, fit.expected_acts(ledger, cut))) * level.factor


def _level(ledger: Ledger, cut: int, horizon: int, expected: float) -> Level:
    """Compare what rates at ``cut - horizon`` expected with what came."""
    latest = float(ledger.credits.between(cut - horizon, cut).credit.sum())
    earlier = float(ledger.credits.between(cut - 2 * horizon, cut - horizon).credit.sum())
    least = ledger.settings.min_follow_ons
    if latest < least or not expected > 0:
        return Level()
    fit = latest / expected
    span = ledger.history.span
    whole = span is not None and span[0] <= cut - 2 * horizon and earlier >= least
    trend = float(np.sqrt(latest / earlier)) if whole else 1.0
    return Level(fit * trend, fit, trend)


def _total(by_channel: dict[str, Floats]) -> Floats:
    values = list(by_channel.values())
    return np.sum(values, axis=0) if len(values) > 1 else values[0]


def _by_kind(ledger: Ledger, cut: int, by_channel: dict[str, Floats]) -> Floats:
    """Spread the rate of reactions over their types, as the influencer has received them so far."""
    kinds = ledger.history.kinds
    rates = np.zeros((len(kinds), ledger.ties.n_edges))
    if "item" in by_channel:
        rates[0] = by_channel["item"]
    if "reaction" in by_channel:
        credits = ledger.credits.between(UNDATED, cut)
        rows = credits.kind > 0
        mix = np.zeros((len(kinds), ledger.n_people))
        np.add.at(mix, (credits.kind[rows], ledger.influencer[credits.tie[rows]]), credits.credit[rows])
        overall = mix.sum(axis=1, keepdims=True)
        mix += 0.5 * overall / overall.sum()
        mix /= mix.sum(axis=0)
        rates += by_channel["reaction"] * mix[:, ledger.influencer]
    return rates


def _contest(ledger: Ledger, cut: int, horizon: int, fits: dict[int, LearnedRate]) -> Contest:
    settings = ledger.settings
    span = ledger.history.span
    begin = cut - horizon
    if span is None or begin <= span[0]:
        return Contest("rule", "the past is shorter than one horizon")
    seen = last_horizon(ledger, begin, cut)
    facts: dict[str, Any] = dataclasses.asdict(seen)
    if seen.few(settings):
        return Contest(
            "rule",
            f"{seen.follow_ons:,.0f} follow-ons of {seen.influencers:,} people in the last horizon are too few to "
            f"learn from (needed: {settings.min_follow_ons:,} of {settings.min_influencers:,})",
            **facts,
        )
    learnable = seen.on_known_ties(settings)
    latest = _round(ledger, begin, horizon, fits, learn=learnable)
    measured = bool(np.isfinite(latest["rule"][0]))
    if learnable and not measured:
        return Contest("rule", "nobody known before the last horizon was followed in it: nothing to compare", **facts)
    if "learned" not in latest:
        if measured:
            facts |= {"rounds": 1, **{name: float(draws[0]) for name, draws in latest.items()}}
        if learnable:
            return Contest("rule", "too little history to learn a rate from", **facts)
        return Contest(
            "rule",
            f"only {seen.known_share:.1%} of the last horizon's follow-ons fell on ties known before it "
            f"(needed: {settings.min_known_share:.0%}): ties do not tell the future here",
            **facts,
        )
    rounds = [latest]
    if begin - horizon > span[0]:
        earlier = _round(ledger, begin - horizon, horizon, fits, learn=True)
        if "learned" in earlier and np.isfinite(earlier["rule"][0]):
            rounds.append(earlier)
    facts |= {name: float(np.mean([draws[name][0] for draws in rounds])) for name in latest}
    difference = [draws["learned"] - draws["rule"] for draws in rounds]
    error = float(np.sqrt(sum(np.nanvar(draws[1:], ddof=1) for draws in difference))) / len(rounds)
    ahead = float(np.mean([draws[0] for draws in difference]))
    facts |= {"rounds": len(rounds), "difference_error": error}
    if ahead > error:
        reason = f"NDCG {ahead:+.3f} over the rule, more than one standard error ({error:.3f})"
        return Contest("learned", reason, **facts)
    return Contest(
        "rule", f"NDCG of the learned rate {ahead:+.3f}, not beyond one standard error ({error:.3f})", **facts
    )


def _round(ledger: Ledger, begin: int, horizon: int, fits: dict[int, LearnedRate], *, learn: bool) -> dict[str, Floats]:
    """Return the NDCG of each contestant on the horizon after ``begin``, shape (1 + replicates,) each.

    A fit that is made on the way is put into ``fits``.
    """
    settings = ledger.settings
    influencer, n = ledger.influencer, ledger.n_people
    rates = {"rule": rule_rates(ledger, begin, horizon).sum(axis=0)}
    fit = fit_rate(ledger, begin, horizon) if learn else None
    if fit is not None:
        fits[begin] = fit
        rates["learned"] = _total(fit.rates(ledger, begin, fit.expected_acts(ledger, begin)))
    scores = {name: sum_by(influencer, rate, n) for name, rate in rates.items()}
    scores["prior_reactions"] = ledger.credit_of_people(ledger.credits.between(UNDATED, begin))
    population = np.flatnonzero(ledger.acted_or_tied(begin))
    gain = ledger.credit_of_people(ledger.credits.between(begin, begin + horizon))[population]
    resampler = Resampler(population.size, settings.top_share, _REPLICATES, settings.seed)
    orders = [best_first(score[population]) for score in scores.values()]
    _, ndcg = resampler.captured(orders, gain, best_first(gain))
    return {name: ndcg[:, place] for place, name in enumerate(scores)}
