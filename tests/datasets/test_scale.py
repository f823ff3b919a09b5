"""A hundred thousand people and more than a million edges, in little time and memory."""

from __future__ import annotations

import time
import tracemalloc

import polars as pl
import pytest

from influence.datasets.community import synthetic_community


@pytest.mark.slow
def test_a_million_edges() -> None:
    began = time.process_time()
    tracemalloc.start()
    made = synthetic_community(60_000, 1_800, seed=4, n_items=20_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    edges = made.follows.height + made.interactions.height
    assert 950_000 < edges < 1_100_000
    assert peak < 400e6  # polars' own memory is not in it
    assert time.process_time() - began < 60
    # what was planted is there at this size too
    truth = made.truth
    assert truth.follow_ons.height > 20_000
    assert len(truth.bribed) == 300
    assert len(truth.rings) > 60
    assert len(truth.referral_rings) > 60
    group = truth.groups["group"].to_numpy()
    ends = made.follows.filter((pl.col("source") <= 60_000) & (pl.col("target") <= 60_000))
    same = group[ends["source"].to_numpy() - 1] == group[ends["target"].to_numpy() - 1]
    assert same.mean() == pytest.approx(0.5, abs=0.08)
    again = synthetic_community(60_000, 1_800, seed=4, n_items=20_000)
    for table in ("follows", "interactions", "actions", "customers", "identities"):
        assert getattr(again, table).equals(getattr(made, table))
