"""Referrals and purchases from plain rows, random ones, and who brought whom in plain Python."""

import dataclasses
import random

import oracles
import polars as pl
from oracles import DAY, UNDATED

from influence.config import Settings
from influence.io import Tables
from influence.ties import History, Ledger

START = 19_000 * DAY  # 2022-01-08
NEVER = float("inf")


def day(number):
    return START + round(number * DAY)


def _times(days):
    series = pl.Series([None if d is None else day(d) for d in days], dtype=pl.Int64)
    return series.cast(pl.Datetime("us", "UTC"))


@dataclasses.dataclass
class Program:
    """What happened among the people 0 … n - 1; times are days since the start, None where there is none.

    ``referrals`` are rows (referrer, referred, day, cost or None), ``purchases`` (customer, day, amount, margin or
    None), ``actions`` (customer, item, day). Each purchase is of an item of its own, or of none that is known.
    """

    n: int
    referrals: list
    purchases: list = dataclasses.field(default_factory=list)
    actions: list = dataclasses.field(default_factory=list)
    items: bool = True

    def history(self, settings=None, cut=None):
        frames = {"customers": pl.DataFrame({"id": list(range(self.n))})}
        source, target, when, cost = zip(*self.referrals, strict=True) if self.referrals else [()] * 4
        table = pl.DataFrame(
            {"source": source, "target": target, "type": ["referral"] * len(source), "timestamp": _times(when)},
            schema_overrides={"source": pl.Int64, "target": pl.Int64, "type": pl.String},  # also without rows
        )
        if any(money is not None for money in cost):
            table = table.with_columns(incentive_cost=pl.Series(cost, dtype=pl.Float64))
        frames["interactions"] = table
        if self.purchases:
            who, when, amount, margin = zip(*self.purchases, strict=True)
            table = pl.DataFrame({"customer": who, "timestamp": _times(when)})
            if self.items:
                table = table.with_columns(item=pl.Series(range(len(who)), dtype=pl.Int64))
            if any(money is not None for money in amount):
                table = table.with_columns(amount=pl.Series(amount, dtype=pl.Float64))
            if any(money is not None for money in margin):
                table = table.with_columns(margin=pl.Series(margin, dtype=pl.Float64))
            frames["transactions"] = table
        if self.actions:
            who, item, when = zip(*self.actions, strict=True)
            frames["actions"] = pl.DataFrame({"customer": who, "item": item, "timestamp": _times(when)})
        settings = settings or Settings()
        history = History.from_tables(Tables(**frames), settings)
        assert history.n_people == self.n
        return history if cut is None else history.before(day(cut))

    def ledger(self, settings=None, cut=None):
        settings = settings or Settings()
        return Ledger.of(self.history(settings, cut), settings)

    def before(self, cut):
        """Return what was known at a day; what has no date stays."""
        return Program(
            self.n,
            [row for row in self.referrals if row[2] is None or row[2] < cut],
            [row for row in self.purchases if row[1] < cut],
            [row for row in self.actions if row[2] is None or row[2] < cut],
        )

    def joined(self):
        """Return {person: day of her first purchase, else first act; None where it has no date}."""
        rows = [(who, when) for who, when, amount, _ in self.purchases if amount is None or amount >= 0]
        rows = rows or [(who, when) for who, _, when in self.actions]
        first = {}
        for who, when in rows:
            dated = [d for d in (first.get(who), when) if d is not None]
            first[who] = min(dated) if dated else None
        return first

    def referrer(self, settings):
        """Return {person: who brought her}; those who have not joined count where nobody has."""
        first = {who: UNDATED if when is None else day(when) for who, when in self.joined().items()}
        rows = [(u, v, UNDATED if when is None else day(when)) for u, v, when, _ in self.referrals if u != v]
        return {v: u for u, v in oracles.tracked_referrals(rows, first, settings.referral_days * DAY)}

    def renamed(self, new):
        return Program(
            self.n,
            [(new[u], new[v], when, cost) for u, v, when, cost in self.referrals],
            [(new[who], *rest) for who, *rest in self.purchases],
            [(new[who], *rest) for who, *rest in self.actions],
        )


def random_program(seed, *, distinct=False):
    """Return a program with chains, rings, doubles, late and undated referrals, refunds, and people who never join.

    With ``distinct`` no two referrals come at one moment, where the order of ids decides.
    """
    rng = random.Random(seed)
    n = rng.choice([3, 8, 24])
    days = rng.sample(range(900), 3 * n) if distinct else [10 * rng.randint(0, 90) for _ in range(3 * n)]
    referrals = []
    for when in days:
        u, v = rng.sample(range(n), 2)
        late = None if not distinct and rng.random() < 0.1 else when
        referrals.append((u, v, late, rng.choice([None, None, 2.5, 8.0])))
    purchases, actions = [], []
    if rng.random() < 0.75:
        for who in range(n):
            if rng.random() < 0.7:
                asked = [when for _, v, when, _ in referrals if v == who and when is not None]
                begun = rng.choice(asked) + 10 * rng.randint(0, 9) if asked else 10 * rng.randint(0, 90)
                for number in range(rng.randint(1, 5)):
                    amount = round(rng.uniform(-20, 100), 2)
                    margin = rng.choice([None, round(0.3 * amount, 2)])
                    purchases.append((who, begun + 70 * number * rng.randint(0, 4), amount, margin))
    else:
        for who in range(n):
            if rng.random() < 0.7:
                when = None if rng.random() < 0.2 else 10 * rng.randint(0, 90)
                actions.append((who, rng.randint(0, 3), when))
    rng.shuffle(referrals)
    return Program(n, referrals, purchases, actions)
