"""The arguments of a generated community, checked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from typing import Any

from influence.datasets.community.streams import DAY, Floats
from influence.errors import UsageError

__all__ = ["SHARES", "Plan", "check_whole"]

_LEAST = {"n_people": 2, "n_influencers": 0, "seed": 0, "n_guests": 0, "n_items": 1, "group_size": 2}
_RATES = ("follows_per_person", "interactions_per_person", "acts_per_person")
#: Largest value of each share.
SHARES = {
    "homophily": 0.95,
    "taste": 0.95,
    "pull": 0.5,
    "bribed": 0.1,
    "detractors": 0.1,
    "farms": 0.25,
    "referral_rings": 0.15,
    "self_referrals": 0.05,
    "referrals": 0.9,
    "duplicates": 0.5,
    "sentiment": 1.0,
    "nps": 1.0,
    "vetted": 0.5,
}


def check_whole(name: str, value: Any, least: int) -> None:
    """Raise unless a number is whole and at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"{name} must be a whole number of at least {least}, not {value!r}")


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """What :func:`synthetic_community` was asked for; the arguments are explained there."""

    n_people: int
    n_influencers: int
    seed: int
    start: dt.date
    end: dt.date
    n_guests: int
    n_items: int
    follows_per_person: float
    interactions_per_person: float
    acts_per_person: float
    pull: float
    group_size: int
    homophily: float
    taste: float
    bribed: float
    farms: float
    referrals: float
    referral_rings: float
    self_referrals: float
    detractors: float
    sentiment: float
    duplicates: float
    nps: float
    vetted: float
    transactions: bool
    merged: bool
    #: Days after the start; None where the generator draws them.
    joined: Floats | None

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            check_whole(name, getattr(self, name), least)
        if self.n_influencers > self.n_people:
            raise UsageError(f"n_influencers ({self.n_influencers}) is more than n_people ({self.n_people})")
        if self.end <= self.start:
            raise UsageError(f"end ({self.end}) must come after start ({self.start})")
        for name in _RATES:
            if not 0 < getattr(self, name) < math.inf:
                raise UsageError(f"{name} must be above 0 and finite, not {getattr(self, name)!r}")
        for name, most in SHARES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not 0 <= value <= most:
                raise UsageError(f"{name} must lie in [0, {most:g}], not {value!r}")

        if self.joined is not None:
            days = self.joined
            if days.shape != (self.n_people,):
                raise UsageError(f"joined must hold a number for each of {self.n_people} people, not {days.shape}")
            if not ((days >= 0) & (days * DAY < self.span)).all():  # nor nan
                raise UsageError(f"joined holds days that don't lie between start ({self.start}) and end ({self.end})")

    @property
    def n_all(self) -> int:
        """Members and guests."""
        return self.n_people + self.n_guests

    @property
    def span(self) -> float:
        """Seconds from the first moment to the last."""
        return ((self.end - self.start).days + 1) * DAY - 1

    @property
    def first(self) -> int:
        """The first moment in seconds since 1970."""
        midnight = dt.datetime(self.start.year, self.start.month, self.start.day, tzinfo=dt.UTC)
        return int(midnight.timestamp())

    def members(self, share: float) -> int:
        """Return how many members a share of them is."""
        return round(share * self.n_people)
