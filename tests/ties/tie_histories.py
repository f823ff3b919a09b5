"""Small histories from plain rows, and the random ones that tests compare with the oracles."""

import random
from collections import namedtuple

import oracles
import polars as pl

from influence.config import Settings
from influence.io import Tables
from influence.ties import History

TIME = pl.Datetime("us", "UTC")
DAY = oracles.DAY

Rows = namedtuple("Rows", "follows interactions actions n")


def frame(rows, columns, types):
    """Return a canonical frame; a missing time is None."""
    schema = {name: pl.Int64 if kind is TIME else kind for name, kind in zip(columns, types, strict=True)}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.with_columns(
        pl.col(name).cast(TIME) for name, kind in zip(columns, types, strict=True) if kind is TIME
    )


def tables_of(follows=None, interactions=None, actions=None, transactions=None, n=0, **more):
    """Build tables from rows; people 0 … n - 1 are listed, so that numbers are ids.

    Rows are (source, target, since), (source, target, type, timestamp[, weight]), (customer, item, timestamp).
    """
    weighted = bool(interactions) and len(interactions[0]) == 5
    return Tables(
        follows=None if follows is None else frame(follows, ("source", "target", "since"), (pl.Int64, pl.Int64, TIME)),
        interactions=None
        if interactions is None
        else frame(
            interactions,
            ("source", "target", "type", "timestamp", "weight")[: 5 if weighted else 4],
            (pl.Int64, pl.Int64, pl.String, TIME, pl.Float64)[: 5 if weighted else 4],
        ),
        actions=None
        if actions is None
        else frame(actions, ("customer", "item", "timestamp"), (pl.Int64, pl.Int64, TIME)),
        transactions=transactions,
        customers=frame([(person,) for person in range(n)], ("id",), (pl.Int64,)),
        **more,
    )


def history_of(settings=None, **rows):
    return History.from_tables(tables_of(**rows), settings or Settings())


def random_rows(seed, *, undated=True, days=400):
    """Return random follows, reactions, referrals and acts of a handful of people, with doubles and loops."""
    rng = random.Random(seed)
    n = rng.choice([2, 8, 12])

    def moment():
        # few moments, so that many fall together, and the edge of a window of 30 days is met
        return None if undated and rng.random() < 0.15 else DAY * (10 * rng.randint(0, days // 10))

    def couple():
        return rng.randrange(n), rng.randrange(n)

    follows = [(*couple(), rng.choice([moment(), None, 0])) for _ in range(rng.randint(n, 6 * n))]
    types = ("reply", "like", "share", "referral", "invite")
    interactions = [(*couple(), rng.choice(types), moment()) for _ in range(rng.randint(0, 3 * n))]
    actions = []
    for item in range(rng.randint(2, 6)):
        wave = DAY * (10 * rng.randint(0, days // 10))  # acts on an item come close together, or at any time
        for _ in range(rng.randint(n // 2, 2 * n)):
            time = wave + DAY * 10 * rng.randint(0, 6) if rng.random() < 0.8 else moment()
            actions.append((rng.randrange(n), item, time))
    return Rows(follows, interactions, actions, n)


def naive_acts(actions):
    """Return the first act of each person on each item, (actor, item, time); what carries no date is earliest."""
    first = {}
    for person, item, time in actions:
        time = oracles.UNDATED if time is None else time
        first[person, item] = min(time, first.get((person, item), time))
    return [(person, item, time) for (person, item), time in sorted(first.items())]


def naive_ties(rows, *, before=None):
    """Return {(influencer, listener): first known}, by hand: who follows or reacts listens, who is referred listens."""
    known = {}

    def add(u, v, time):
        time = oracles.UNDATED if time is None else time
        if u != v and (before is None or time < before):
            known[u, v] = min(time, known.get((u, v), time))

    for source, target, since in rows.follows:
        add(target, source, since)
    for source, target, kind, time in rows.interactions:
        if kind in ("referral", "invite"):
            add(source, target, time)
        else:
            add(target, source, time)
    return known


def naive_reactions(rows):
    """Return (influencer, listener, time, credit, type) of every reaction, by hand."""
    weight = {"reply": 1.0, "share": 1.0, "like": 0.05}
    return [
        (target, source, oracles.UNDATED if time is None else time, weight[kind], kind)
        for source, target, kind, time in rows.interactions
        if kind in weight and source != target
    ]


def random_history(seed, settings=None, **options):
    rows = random_rows(seed, **options)
    return rows, history_of(
        settings, follows=rows.follows, interactions=rows.interactions, actions=rows.actions, n=rows.n
    )
