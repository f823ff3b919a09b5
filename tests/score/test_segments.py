"""Quadrants, gems, weeks and survey gaps: by hand at the edges, and against plain loops."""

import random
import statistics

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.config import Settings
from influence.io import tables_from_frames
from influence.score.segments import (
    NPS_GROUPS,
    QUADRANTS,
    SURVEY_GAPS,
    active_weeks,
    has_advocated,
    hidden_gems,
    high,
    nps_groups,
    quadrants,
    segment_columns,
    survey_gaps,
    top_decile,
)
from influence.ties import History, Ledger

DAY = 86_400_000_000
START = 20_000 * DAY

AMOUNTS = st.lists(st.sampled_from([-5.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 10.0, 1e9]), max_size=30)


def naive_high(values):
    positive = [value for value in values if value > 0]
    return [bool(positive) and value > statistics.median(positive) for value in values]


def naive_top(values):
    positive = [value for value in values if value > 0]
    allowed = (len(positive) + 9) // 10
    return [value > 0 and sum(other >= value for other in positive) <= allowed for value in values]


def ledger_of(reactions, n, *, nps=None, referrals=(), acts=(), follows=()):
    """Build a ledger from (listener, influencer, type, time) and people 0 … n - 1."""
    events = [*reactions, *((a, b, "referral", time) for a, b, time in referrals)]
    moments = pl.Series([time for *_, time in events], dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))
    frames = {
        "follows": pl.DataFrame(list(follows) or None, schema={"source": pl.Int64, "target": pl.Int64}, orient="row"),
        "interactions": pl.DataFrame(
            {
                "source": pl.Series([row[0] for row in events], dtype=pl.Int64),
                "target": pl.Series([row[1] for row in events], dtype=pl.Int64),
                "type": pl.Series([row[2] for row in events], dtype=pl.String),
                "timestamp": moments,
            }
        ),
        "customers": pl.DataFrame({"id": range(n)} | ({} if nps is None else {"nps": nps})),
    }
    if acts:
        frames["actions"] = pl.DataFrame(
            {
                "customer": [row[0] for row in acts],
                "item": [row[1] for row in acts],
                "timestamp": pl.Series([row[2] for row in acts], dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
            }
        )
    settings = Settings()
    return Ledger.of(History.from_tables(tables_from_frames(**frames), settings), settings)


@given(AMOUNTS)
def test_high_and_the_top_decile_as_plain_loops(values):
    array, everybody = np.array(values, dtype=float), np.arange(len(values))
    assert high(array, everybody).tolist() == naive_high(values)
    assert top_decile(array, everybody).tolist() == naive_top(values)


@given(AMOUNTS, st.randoms())
def test_who_is_not_listed_moves_no_bound(values, rng):
    listed = sorted(rng.sample(range(len(values)), len(values) // 2))
    among = [values[person] for person in listed]
    array = np.array(values, dtype=float)
    mask = np.isin(np.arange(len(values)), listed)
    for measure, naive in ((high, naive_high), (top_decile, naive_top)):
        assert measure(array, np.array(listed, int))[listed].tolist() == naive(among)
        assert measure(array, mask)[listed].tolist() == naive(among)


@given(AMOUNTS, st.randoms())
def test_quadrants_do_not_know_the_order_or_the_unit(values, rng):
    n = len(values)
    own, network = np.array(values), np.array(rng.sample(values, n))
    codes = quadrants(own, network, np.arange(n))
    shuffled = np.array(rng.sample(range(n), n), int)
    assert quadrants(own[shuffled], network[shuffled], np.arange(n)).tolist() == codes[shuffled].tolist()
    assert quadrants(2 * own, 4 * network, np.arange(n)).tolist() == codes.tolist()
    turned = [QUADRANTS[code] for code in quadrants(network, own, np.arange(n))]
    swapped = {"Affluent": "Advocate", "Advocate": "Affluent"}
    assert turned == [swapped.get(QUADRANTS[code], QUADRANTS[code]) for code in codes]


def test_quadrants_by_hand():
    own = np.array([100.0, 100.0, 1.0, 1.0, 0.0])
    network = np.array([50.0, -9.0, 50.0, 2.0, 1.0])
    # medians of the positive: own (1, 1, 100, 100) 50.5; network (1, 2, 50, 50) 26
    names = [QUADRANTS[code] for code in quadrants(own, network, np.arange(5))]
    assert names == ["Champion", "Affluent", "Advocate", "Miser", "Miser"]


@pytest.mark.parametrize("values", [[], [3.0], [0.0, 0.0], [-1.0, -2.0], [7.0, 7.0, 7.0]])
def test_nobody_stands_out(values):
    array, everybody = np.array(values), np.arange(len(values))
    assert not high(array, everybody).any()
    assert {QUADRANTS[code] for code in quadrants(array, array, everybody)} <= {"Miser"}
    assert not hidden_gems(array, array, everybody).any()


def test_a_hidden_gem_is_in_the_top_decile_and_buys_little():
    network = np.array([*range(1, 21)], float)  # twenty positive: the two highest are the decile
    own = np.full(20, 5.0)
    own[18:] = 1.0, 9.0
    assert np.flatnonzero(hidden_gems(own, network, np.arange(20))).tolist() == [18]
    assert np.flatnonzero(top_decile(network, np.arange(20))).tolist() == [18, 19]
    # with one own value for all, nothing hides
    assert not hidden_gems(np.ones(20), network, np.arange(20)).any()


@given(AMOUNTS, st.randoms())
def test_gems_are_few_and_never_high_in_own_value(values, rng):
    n = len(values)
    own, network = np.array(rng.sample(values, n)), np.array(values)
    gems = hidden_gems(own, network, np.arange(n))
    names = np.array(QUADRANTS)[quadrants(own, network, np.arange(n))]
    assert not set(names[gems]) & {"Champion", "Affluent"}
    assert gems.sum() <= -(-sum(value > 0 for value in values) // 10)


def test_weeks_count_back_from_the_cut():
    cut = START + 70 * DAY
    reactions = [
        (1, 0, "reply", cut - 1),
        (2, 0, "like", cut - 7 * DAY),  # the first moment of the newest week
        (1, 0, "reply", cut - 7 * DAY - 1),  # the week before
        *((1, 2, "reply", cut - 3 * DAY) for _ in range(50)),  # one viral day is one week
        (2, 1, "reply", cut - 28 * DAY),  # the first moment of the horizon
        (2, 1, "reply", cut - 28 * DAY - 1),  # before it
        (0, 1, "reply", cut),  # not yet
    ]
    ledger = ledger_of(reactions, 3)
    assert active_weeks(ledger, cut, 28 * DAY).tolist() == [2, 1, 1]
    assert active_weeks(ledger, None, 28 * DAY).tolist() == [0, 0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_active_weeks_as_a_plain_loop(seed):
    rng = random.Random(seed)
    n = 6
    reactions = [
        (*rng.sample(range(n), 2), rng.choice(["reply", "like"]), START + rng.randrange(100) * DAY) for _ in range(80)
    ]
    acts = [(rng.randrange(n), item, START + rng.randrange(100) * DAY) for item in range(10) for _ in range(3)]
    ledger = ledger_of(reactions, n, acts=acts, follows=[(a, b) for a in range(n) for b in range(n) if a < b])
    cut, horizon = START + 90 * DAY, 55 * DAY
    weeks = [set() for _ in range(n)]
    for tie, time, credit in zip(ledger.credits.tie, ledger.credits.time, ledger.credits.credit, strict=True):
        if cut - horizon <= time < cut and credit > 0:
            weeks[ledger.influencer[tie]].add((cut - 1 - int(time)) // (7 * DAY))
    assert active_weeks(ledger, cut, horizon).tolist() == [len(found) for found in weeks]
    assert sum(map(len, weeks)) > 10


def test_nps_groups_by_the_book():
    answers = [0.0, 6.0, 6.9, 7.0, 8.9, 9.0, 10.0, None, 11.0, -1.0]
    ledger = ledger_of([(0, 1, "reply", START)], 10, nps=answers)
    names = [NPS_GROUPS[code] for code in nps_groups(ledger.history)]
    assert names == [
        *["detractor"] * 3,
        *["passive"] * 2,
        *["promoter"] * 2,
        *["none"] * 3,
    ]
    assert not nps_groups(ledger_of([(0, 1, "reply", START)], 3).history).any()


def test_survey_gaps():
    nps = [10.0, 9.0, 9.0, 9.0, None, None, 3.0]
    # 0 is answered, 1 refers, 2 only follows and is followed, 3 is silent, 4 is heard most
    reactions = [(6, 0, "reply", START), *((person, 4, "reply", START) for person in (0, 5, 6))]
    ledger = ledger_of(reactions, 7, nps=nps, referrals=[(1, 5, START)], follows=[(3, 2), (2, 3)])
    assert np.flatnonzero(has_advocated(ledger)).tolist() == [0, 1, 4]
    network = np.array([2.0, 1.0, 1.0, 0.0, 9.0, 0.5, 0.0])
    named = [SURVEY_GAPS[code] for code in survey_gaps(ledger, network, np.arange(7))]
    silent = "promoter without advocacy"
    assert named == [None, None, silent, silent, "advocate without survey", None, None]
    # only the listed have gaps, and where nobody was asked nobody was missed
    assert not survey_gaps(ledger, network, np.array([0, 1, 5]))[4]
    assert not survey_gaps(ledger_of(reactions, 7), network, np.arange(7)).any()


def test_the_columns():
    ledger = ledger_of([(1, 0, "reply", START)], 2, nps=[None, 9.0])
    frame = segment_columns(
        ledger, np.array([1.0, 3.0]), np.array([4.0, 0.0]), np.arange(2), cut=START + DAY, horizon=90 * DAY
    )
    assert dict(frame.schema) == {
        "quadrant": pl.String,
        "hidden_gem": pl.Boolean,
        "active_weeks": pl.Int64,
        "nps_group": pl.String,
        "survey_gap": pl.String,
    }
    assert frame.rows() == [
        ("Miser", True, 1, "none", "advocate without survey"),
        ("Affluent", False, 0, "promoter", "promoter without advocacy"),
    ]
