"""A small honest community, and rings and farms to plant in it, as plain rows (listener, influencer, type, time)."""

import dataclasses

import numpy as np
import polars as pl
from oracles import DAY
from ties.tie_histories import tables_of

from influence.config import Settings
from influence.ties import History, Ledger

DAYS = 500


def honest(n, seed, reactions=6.0):
    """Return rows of people of whom a few are listened to by very many; friends answer each other again and again."""
    rng = np.random.default_rng(seed)
    fame = rng.lognormal(0.0, 1.3, n)
    friends = rng.choice(n, (n, 8), p=fame / fame.sum())
    rows = []
    for v in range(n):
        for _ in range(rng.poisson(reactions * rng.lognormal(0.0, 0.7))):
            u = int(friends[v, rng.integers(8)])
            if u != v:
                rows.append((v, u, "reply", int(rng.integers(DAYS * DAY))))
                if rng.random() < 0.3:
                    rows.append((u, v, "reply", int(rng.integers(DAYS * DAY))))
    return rows


def ring(members, seed, bursts=4, times=6):
    """Return rows of everybody to everybody, on a few days."""
    rng = np.random.default_rng(seed)
    days = rng.choice(DAYS, bursts, replace=False)
    return [
        (v, u, "reply", int((rng.choice(days) + rng.random()) * DAY))
        for v in members
        for u in members
        if u != v
        for _ in range(times)
    ]


def farm(bots, clients, seed, times=8):
    """Return rows of bots that serve some clients, at any time."""
    rng = np.random.default_rng(seed)
    return [(v, u, "like", int(rng.integers(DAYS * DAY))) for v in bots for u in clients for _ in range(times)]


def burst(bots, client, seed, day, times=4):
    """Return rows of bots that react to one client within a day."""
    rng = np.random.default_rng(seed)
    return [(v, client, "share", int((day + rng.random()) * DAY)) for v in bots for _ in range(times)]


def ledger_of(rows, n=0, settings=None, vetted=None, **more):
    """Return the ledger of interactions; people 0 … n - 1 are customers, those of ``vetted`` are vetted."""
    settings = settings or Settings()
    tables = tables_of(interactions=sorted(rows), n=n, **more)
    if vetted is not None:
        customers = tables.customers.with_columns(vetted=pl.col("id").is_in(sorted(vetted)))
        tables = dataclasses.replace(tables, customers=customers)
    return Ledger.of(History.from_tables(tables, settings), settings)


def people(ledger, mask):
    """Return the ids of those marked."""
    return {int(name) for name in ledger.history.ids.ids().filter(pl.Series(mask))}
