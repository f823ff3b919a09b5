"""Rows for a Neo4j: each tie and event once, whatever repeats, with little memory."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from influence.store.neo4j import rows
from influence.store.neo4j.rows import keys_of, prepared


def drawn(seed, n=400):
    rng = np.random.default_rng(seed)
    days = [None, *(dt.datetime(2024, 1, day, tzinfo=dt.UTC) for day in range(1, 5))]
    return pl.DataFrame(
        {
            "source": rng.integers(0, 12, n).astype(str),
            "target": rng.integers(0, 12, n).astype(str),
            "since": [days[place] for place in rng.integers(0, 5, n)],
            "type": rng.choice(["reply", "like"], n),
            "id": [None if place > 30 else str(place) for place in rng.integers(0, 200, n)],
        },
        schema_overrides={"since": pl.Datetime("us", "UTC")},
    )


@pytest.fixture(params=[False, True], ids=["hashes apart", "all hashes the same"])
def collide(request, monkeypatch):
    """What is kept must not depend on the hashes."""
    if request.param:
        monkeypatch.setattr(pl.DataFrame, "hash_rows", lambda frame: pl.Series(np.zeros(frame.height, np.uint64)))


@pytest.mark.parametrize("seed", range(3))
def test_the_earliest_follow_stays(collide, seed):
    frame = drawn(seed).select("source", "target", "since")
    wanted: dict = {}
    for source, target, since in frame.rows():
        old = wanted.setdefault((source, target), since)
        wanted[source, target] = None if old is None or since is None else min(old, since)
    found = prepared("follows", frame).rows()
    assert len(found) == len(wanted)
    assert {(source, target): since for source, target, since in found} == wanted


@pytest.mark.parametrize("seed", range(3))
def test_events_are_counted_or_known_by_their_id(collide, seed):
    frame = drawn(seed).rename({"since": "timestamp"})
    ready = prepared("interactions", frame)
    said = ["source", "target", "type", "timestamp", "id"]
    seen: dict = {}
    wanted = []
    for row in frame.select(said).rows():
        if row[4] is None:
            seen[row] = seen.get(row, -1) + 1
            wanted.append((*row, seen[row]))
        elif row[4] not in seen:
            seen[row[4]] = 0
            wanted.append((*row, 0))
    assert ready.select(*said, rows._AGAIN).rows() == wanted
    assert keys_of("interactions", ready).n_unique() == ready.height
