"""What a follow-on is worth: sentiment and incentives, against a plain loop over the pairs."""

import math
import random

import numpy as np
import polars as pl
import pytest
from tie_histories import DAY, TIME, frame

from influence.config import Settings
from influence.io import Tables
from influence.ties import History, Ledger, discount
from influence.ties.discount import worth

NAMES = ("source", "target", "type", "timestamp", "sentiment", "incentivised")
KINDS = (pl.Int64, pl.Int64, pl.String, TIME, pl.Float64, pl.Boolean)
CREDIT = {"reply": 1.0, "like": 0.05}


def ledger_of(rows, settings=None):
    settings = settings or Settings()
    table = frame(rows, NAMES, KINDS)
    return Ledger.of(History.from_tables(Tables(interactions=table), settings), settings)


def slow(rows, cut, settings, u, v=None):
    """Return the sum of weights and of weighted worths of v's, or everybody's, reactions to u."""
    to_u = []
    said = prior = settings.discount_prior
    for source, target, kind, time, sentiment, incentivised in rows:
        if target == u and source != u:
            weight = CREDIT[kind] * 0.5 ** ((cut - time) / (settings.half_life_days * DAY))
            good = None if sentiment is None else 1.0 if sentiment >= 0 else 1.0 + 2.0 * sentiment
            to_u.append((source, weight, good, settings.incentive_weight if incentivised else 1.0))
            if good is not None:
                said += weight * good
                prior += weight
    chosen = [
        (weight, said / prior if good is None else good, paid) for w, weight, good, paid in to_u if v in (None, w)
    ]
    return sum(weight for weight, _, _ in chosen), sum(weight * good * paid for weight, good, paid in chosen)


@pytest.mark.parametrize("seed", range(8))
def test_as_a_plain_loop(seed):
    rng = random.Random(seed)
    settings = Settings(incentive_weight=rng.choice([0.0, 0.5]), discount_prior=rng.choice([0.5, 3.0]))
    rows = [
        (
            *rng.sample(range(6), 2),
            rng.choice(["reply", "like"]),
            rng.randrange(300) * DAY,
            rng.choice([None, -1.0, -0.3, 0.0, 0.8]),
            rng.random() < 0.3,
        )
        for _ in range(60)
    ]
    ledger = ledger_of(rows, settings)
    cut = 300 * DAY
    found = discount(ledger, cut)
    names = [int(name) for name in ledger.history.ids.ids()]
    for edge, (u, v) in enumerate(zip(ledger.influencer, ledger.listener, strict=True)):
        everybody, good = slow(rows, cut, settings, names[u])
        mean = good / everybody
        evidence, good = slow(rows, cut, settings, names[u], names[v])
        expected = (good + settings.discount_prior * mean) / (evidence + settings.discount_prior)
        assert found.tie[edge] == pytest.approx(expected, rel=1e-12)
        assert found.person[u] == pytest.approx(mean, rel=1e-12)
    assert (np.abs(found.tie) <= 1).all()


def test_by_hand():
    """Two fresh replies to 1: one complaint in full, one paid for. A third person has nothing of her own to 1."""
    rows = [(2, 1, "reply", 10, -1.0, False), (3, 1, "reply", 10, 1.0, True)]
    ledger = ledger_of(rows, Settings(incentive_weight=0.5))
    found = discount(ledger, 10)
    assert found.person.tolist() == [(-1.0 + 0.5) / 2, 1.0, 1.0]
    mean = -0.25
    assert found.tie.tolist() == [(-1.0 + 3 * mean) / 4, (0.5 + 3 * mean) / 4]
    assert found.incentive_share[0] == found.negative_share[0] == 0.5
    assert math.isnan(found.incentive_share[1])


def test_silence_about_a_person_who_is_complained_about_is_no_praise():
    """Of three fresh replies two complain and one says nothing: it is worth (-1 - 1 + 3) / (2 + 3)."""
    rows = [(2, 1, "reply", 10, -1.0, False), (3, 1, "reply", 10, -1.0, False), (4, 1, "reply", 10, None, False)]
    assert worth(ledger_of(rows)).tolist() == [-1.0, -1.0, 0.2]


def test_without_sentiment_or_incentives_everything_is_worth_one():
    table = frame([(2, 1, "reply", 10)], NAMES[:4], KINDS[:4])
    ledger = Ledger.of(History.from_tables(Tables(interactions=table), Settings()), Settings())
    found = discount(ledger, 10)
    assert found.tie.tolist() == [1.0]
    assert np.isnan(found.negative_share).all()


def test_undated_reactions_do_not_fade():
    rows = [(2, 1, "reply", None, -1.0, False), (3, 1, "reply", 1000 * DAY, 1.0, False)]
    assert discount(ledger_of(rows), 1000 * DAY).person[0] == pytest.approx(0.0)
