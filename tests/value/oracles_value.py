"""Small histories as plain rows, random ones, and the whole score by the rule in plain Python."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import oracles
import polars as pl
from hypothesis import strategies as st
from oracles import DAY, UNDATED

from influence.config import Settings
from influence.io import tables_from_frames
from influence.ties import History, Ledger

HOUR = DAY // 24
START = 19_000 * DAY  # 2022-01-08
DIRECT = {
    "reply": 1.0,
    "answer": 1.0,
    "share": 1.0,
    "mention": 1.0,
    "review_read": 0.5,
    "helpful_vote": 0.5,
    "like": 0.05,
}


@dataclasses.dataclass
class Log:
    """What happened among the people 0 … n - 1, whose ids are their numbers; times are microseconds or UNDATED.

    ``follows`` are rows (listener, influencer, time), ``reactions`` (listener, influencer, type, time), ``referrals``
    (referrer, referred, time), ``acts`` (actor, item, time). ``clv`` maps customers to a value or None.
    """

    n: int
    follows: list = dataclasses.field(default_factory=list)
    reactions: list = dataclasses.field(default_factory=list)
    referrals: list = dataclasses.field(default_factory=list)
    acts: list = dataclasses.field(default_factory=list)
    clv: dict | None = None
    segments: dict | None = None

    def frames(self):
        """Return the frames by role; everybody follows or acts somewhere, so that numbers and codes are the same."""
        frames = {}
        if self.follows:
            source, target, time = zip(*self.follows, strict=True)
            frames["follows"] = pl.DataFrame({"source": source, "target": target, "since": _times(time)})
        events = [(v, u, kind, time) for v, u, kind, time in self.reactions]
        events += [(u, v, "referral", time) for u, v, time in self.referrals]
        if events:
            source, target, kind, time = zip(*events, strict=True)
            frames["interactions"] = pl.DataFrame({"source": source, "target": target, "type": kind})
            if any(t != UNDATED for t in time):
                frames["interactions"] = frames["interactions"].with_columns(timestamp=_times(time))
        if self.acts:
            actor, item, time = zip(*self.acts, strict=True)
            frames["actions"] = pl.DataFrame({"customer": actor, "item": item})
            if any(t != UNDATED for t in time):
                frames["actions"] = frames["actions"].with_columns(timestamp=_times(time))
        if self.clv is not None:
            frames["customers"] = pl.DataFrame(
                {"id": list(self.clv), "clv": list(self.clv.values())}, schema={"id": pl.Int64, "clv": pl.Float64}
            )
            if self.segments is not None:
                frames["customers"] = frames["customers"].with_columns(
                    segment=pl.Series([self.segments.get(v) for v in self.clv], dtype=pl.String)
                )
        return frames

    def history(self, settings=None):
        settings = settings or Settings()
        history = History.from_tables(tables_from_frames(**self.frames(), settings=settings), settings)
        assert history.n_people == self.n, "every number must occur somewhere"
        return history

    def ledger(self, settings=None):
        settings = settings or Settings()
        return Ledger.of(self.history(settings), settings)

    def before(self, cut):
        """Return the log without what happened at or after ``cut``."""
        return dataclasses.replace(
            self,
            follows=[row for row in self.follows if row[-1] < cut],
            reactions=[row for row in self.reactions if row[-1] < cut],
            referrals=[row for row in self.referrals if row[-1] < cut],
            acts=[row for row in self.acts if row[-1] < cut],
        )

    def first_acts(self):
        first = {}
        for actor, item, time in self.acts:
            first[actor, item] = min(time, first.get((actor, item), time))
        return [(actor, item, time) for (actor, item), time in first.items()]

    def ties(self):
        """Return {(influencer, listener): time from which it is known}."""
        ties = {}
        rows = [(u, v, t) for v, u, t in self.follows] + [(u, v, t) for v, u, _, t in self.reactions]
        for u, v, t in rows + self.referrals:
            if u != v:
                ties[u, v] = min(t, ties.get((u, v), t))
        return ties

    def credits(self, settings):
        """Return the rows (tie, time, credit, kind) of everything that follows along a tie."""
        window = int(settings.window_days * DAY)
        found = oracles.follow_ons(self.first_acts(), self.ties(), window)
        rows = [((u, v), time, credit, "item") for u, v, _, time, credit in found]
        weight = settings.reaction_weights
        return rows + [((u, v), time, weight[kind], kind) for v, u, kind, time in self.reactions if u != v]

    def span(self):
        dated = [row[-1] for row in [*self.reactions, *self.referrals, *self.acts] if row[-1] != UNDATED]
        dated = [
            row[-1]
            for row in [
                *((v, t) for v, u, _, t in self.reactions if u != v),
                *((v, t) for u, v, t in self.referrals if u != v),
                *((v, t) for v, _, t in self.first_acts()),
            ]
            if row[-1] != UNDATED
        ]
        return (min(dated), max(dated)) if dated else None


def _times(values):
    series = pl.Series([None if t == UNDATED else t for t in values], dtype=pl.Int64)
    return series.cast(pl.Datetime("us", "UTC"))


@dataclasses.dataclass
class Score:
    """The score by the rule of a log in plain Python; rates and shares by (influencer, listener)."""

    horizon: int
    rates: dict  # (tie, kind) -> λ
    acts: list  # a_v
    denominator: list
    by_kind: dict  # (tie, kind) -> W
    own: list
    gross: np.ndarray
    network: np.ndarray
    direct: np.ndarray
    conserved: np.ndarray
    matrix: np.ndarray


def naive_score(log, settings, *, kappa_item, cut=None, horizon=None):
    """Score a log as the definition says it, with the rule and without a level (too few follow-ons for one)."""
    span = log.span()
    if span is None:
        horizon, until = int(settings.horizon_days * DAY), None
    else:
        until = span[1] + 1 if cut is None else cut
        third = (until - span[0]) // 3 if span[1] > span[0] else int(settings.horizon_days * DAY)
        horizon = max(1, min(int(settings.horizon_days * DAY), third)) if horizon is None else horizon
    rates = naive_rule(log, settings, until, horizon)
    speed = oracles.stock_to_rate(horizon, settings.half_life_days * DAY)
    authored = [[] for _ in range(log.n)]
    for actor, _, time in log.first_acts():
        authored[actor].append(time)
    for v, u, _, time in log.reactions:
        if u != v:
            authored[v].append(time)
    end = math.inf if until is None else until
    acts = [oracles.decayed_acts(times, end, settings.half_life_days * DAY) * speed for times in authored]
    heard = [0.0] * log.n
    for ((_, v), _), rate in rates.items():
        heard[v] += abs(rate)
    denominator = [settings.prior_acts_rule + max(a, h) for a, h in zip(acts, heard, strict=True)]
    by_kind = {
        ((u, v), kind): (kappa_item if kind == "item" else settings.kappa_default) * rate / denominator[v]
        for ((u, v), kind), rate in rates.items()
    }
    first = {}
    for actor, _, time in log.first_acts():
        moments = [t for t in (time, first.get(actor, time)) if t != UNDATED]
        first[actor] = min(moments, default=UNDATED)
    referrals = [row for row in log.referrals if row[0] != row[1]]
    tracked = oracles.tracked_referrals(referrals, first, settings.referral_days * DAY)
    for tie in tracked:
        for key in [key for key in by_kind if key[0] == tie]:
            by_kind[key] = 0.0
    for v in {listener for _, listener in tracked}:
        others = sum(share for ((_, w), _), share in by_kind.items() if w == v)
        if others > settings.referral_rest:
            for key in [key for key in by_kind if key[0][1] == v]:
                by_kind[key] *= settings.referral_rest / others
    for tie in tracked:
        by_kind[tie, "referral"] = settings.referral_share
    matrix = np.zeros((log.n, log.n))
    for (tie, _), share in by_kind.items():
        matrix[tie] += share
    if log.clv is not None and any(value is not None for value in log.clv.values()):
        own = [0.0] * log.n
        for v, value in log.clv.items():
            own[v] = _value(log, v, value)
    else:
        listed = range(log.n) if log.clv is None else log.clv
        unit = denominator if log.acts or any(u != v for v, u, *_ in log.reactions) else [1.0] * log.n
        own = [unit[v] if v in listed else 0.0 for v in range(log.n)]
    gross = oracles.hubbell(matrix, own)
    return Score(
        horizon,
        rates,
        acts,
        denominator,
        by_kind,
        own,
        gross,
        matrix @ gross,
        matrix @ np.array(own),
        oracles.conserved(matrix, own),
        matrix,
    )


def _value(log, v, value):
    if value is not None:
        return value
    segment = (log.segments or {}).get(v)
    known = [log.clv[w] for w in log.clv if log.clv[w] is not None and (log.segments or {}).get(w) == segment]
    return float(np.median(known)) if segment is not None and known else 0.0


def naive_rule(log, settings, cut, horizon):
    """Return {(tie, kind): λ}; ``cut`` None counts everything without decay."""
    past = log if cut is None else log.before(cut)
    end = 2**63 if cut is None else cut
    credits = past.credits(settings)
    speed = oracles.stock_to_rate(horizon, settings.half_life_days * DAY)
    evidence = oracles.rule_evidence(credits, end, settings.half_life_days * DAY, settings.weekly_cap)
    follow = settings.follow_weight if credits else 1.0
    rates = {key: value * speed for key, value in evidence.items()}
    for v, u, _ in past.follows:
        if u != v:
            rates[(u, v), "follow"] = follow * speed
    return rates


def by_tie(ledger, values):
    """Return {(tie, kind): value} of an array of shape (kinds, ties), without zeros."""
    found = {}
    for kind, tie in np.argwhere(values):
        pair = (int(ledger.influencer[tie]), int(ledger.listener[tie]))
        found[pair, ledger.history.kinds[kind]] = float(values[kind, tie])
    return found


def without_zeros(values):
    return {key: value for key, value in values.items() if value}


@st.composite
def logs(draw, *, dated=True, money=False, most_people=7, days=400):
    """Draw a small log with ties of every kind, repeated acts, several events at one moment, and quiet people."""
    n = draw(st.integers(2, most_people))
    person = st.integers(0, n - 1)
    # few distinct moments, so that some are equal, and some a whole week apart
    moment = st.integers(0, days * 4).map(lambda q: START + q * 6 * HOUR) if dated else st.just(UNDATED)
    follow_time = st.one_of(st.just(UNDATED), moment)

    def rows(*parts, most):
        return draw(st.lists(st.tuples(*parts), max_size=most))

    follows = rows(person, person, follow_time, most=10)
    # the first column of follows names everybody, so that numbers are codes
    follows += [(v, (v + 1) % n, UNDATED) for v in range(n)]
    log = Log(
        n,
        follows,
        rows(person, person, st.sampled_from(sorted(DIRECT)), moment, most=25),
        rows(person, person, moment, most=4),
        rows(person, st.integers(0, 3), moment, most=25),
    )
    if money:
        who = draw(st.lists(person, unique=True, min_size=1))
        value = st.one_of(st.none(), st.floats(0, 1e4).map(lambda x: round(x, 2)))
        log.clv = {v: draw(value) for v in who}
        log.segments = {v: draw(st.sampled_from(["a", "b", None])) for v in who}
    return log
