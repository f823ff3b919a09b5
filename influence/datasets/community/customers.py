"""The table of customers: segment, signup, survey, trust and a label; and purchases where they are asked for."""

from __future__ import annotations

import numpy as np
import polars as pl

from influence.datasets.community.people import People
from influence.datasets.community.plan import Plan
from influence.datasets.community.streams import DAY, Floats, Ints, chance, stream

__all__ = ["customers_table", "purchases", "times"]

_SEGMENTS = ("personal", "family", "business")
_SEGMENT_SHARES = (0.60, 0.25, 0.15)
_REGIONS = ("north", "east", "south", "west", "centre", "coast", "hills", "isles")
#: Share of members who live where most of their group do.
_AT_HOME = 0.8

#: Chances of 0 … 10 in the survey: of everybody, of planted influencers, of detractors. Many a promoter advocates
#: nothing.
_NPS = (0.02, 0.01, 0.02, 0.02, 0.03, 0.07, 0.08, 0.15, 0.20, 0.20, 0.20)
_NPS_PLANTED = (0.0, 0.0, 0.01, 0.01, 0.02, 0.03, 0.05, 0.10, 0.18, 0.28, 0.32)
_NPS_DETRACTOR = (0.20, 0.15, 0.15, 0.12, 0.12, 0.10, 0.08, 0.05, 0.02, 0.01, 0.0)

#: BG/NBD by weeks and Gamma-Gamma in USD, as fitted to CDNOW's sample (Fader, Hardie and Lee 2005).
_R, _ALPHA, _A, _B = 0.2426, 4.4135, 0.7929, 2.4258
_P, _Q, _GAMMA = 6.2488, 3.7446, 15.4477
_WEEK = 7 * DAY


def times(plan: Plan, seconds: Floats) -> pl.Series:
    """Return moments in UTC at whole seconds."""
    whole = plan.first + np.floor(seconds).astype(np.int64)
    return pl.Series(whole * 1_000_000, dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))


def customers_table(plan: Plan, people: People) -> pl.DataFrame:
    """Return one row per member: id, segment, signup, nps, vetted, region."""
    member = np.arange(plan.n_people)
    rng = stream(plan.seed, "customers")
    segment = _pick(rng.random(plan.n_people), _SEGMENT_SHARES)
    home = people.group[: plan.n_people] % len(_REGIONS)
    region = np.where(rng.random(plan.n_people) < _AT_HOME, home, rng.integers(0, len(_REGIONS), plan.n_people))
    roll = rng.random(plan.n_people)
    nps = _pick(roll, _NPS)
    nps[people.planted] = _pick(roll[people.planted], _NPS_PLANTED)
    nps[people.detractors] = _pick(roll[people.detractors], _NPS_DETRACTOR)
    asked = chance(plan.seed, "nps", member) < plan.nps
    rogues = np.concatenate([people.bribed, people.self_referrers, *people.farms, *people.referral_rings])
    vetted = (chance(plan.seed, "vetted", member) < plan.vetted) & ~np.isin(member, rogues)
    return pl.DataFrame(
        {
            "id": member + 1,
            "segment": pl.Series(_SEGMENTS).gather(segment),
            "signup": times(plan, people.joined[: plan.n_people]),
            "nps": pl.select(pl.when(pl.Series(asked)).then(pl.Series(nps, dtype=pl.Int64))).to_series(),
            "vetted": vetted,
            "region": pl.Series(_REGIONS).gather(region),
        }
    )


def _pick(roll: Floats, shares: tuple[float, ...]) -> Ints:
    return np.searchsorted(np.cumsum(shares)[:-1], roll, side="right").astype(np.int64)


def purchases(plan: Plan, people: People) -> pl.DataFrame:
    """Return what members bought: BG/NBD for when, Gamma-Gamma for how much; influence has no part in it.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L., "Counting your customers the easy way", Marketing Science 24 (2005).
    """
    rng = stream(plan.seed, "purchases")
    rate = rng.gamma(_R, 1.0 / _ALPHA, plan.n_people) / _WEEK
    dropout = rng.beta(_A, _B, plan.n_people)
    mean = _P * rng.gamma(_Q, 1.0 / _GAMMA, plan.n_people) ** -1.0
    who = np.arange(plan.n_people)
    time = np.minimum(people.joined[who] + DAY * rng.exponential(size=plan.n_people), plan.span)
    buyers, moments = [who], [time]
    while len(who):
        with np.errstate(over="ignore"):
            time = time + rng.exponential(size=len(who)) / np.maximum(rate[who], 1e-300)
        still = time <= plan.span
        who, time = who[still], time[still]
        buyers.append(who)
        moments.append(time)
        alive = rng.random(len(who)) >= dropout[who]
        who, time = who[alive], time[alive]
    customer = np.concatenate(buyers)
    amount = rng.gamma(_P, mean[customer] / _P)
    frame = pl.DataFrame(
        {
            "customer": customer + 1,
            "timestamp": times(plan, np.concatenate(moments)),
            "amount": np.maximum(np.round(amount, 2), 0.01),
        }
    )
    return frame.sort("timestamp", "customer", "amount")
