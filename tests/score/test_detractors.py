"""The queue of detractors: by hand, and against a plain loop over the reactions."""

import random

import numpy as np
import polars as pl
import pytest

from influence.config import Settings
from influence.io import tables_from_frames
from influence.score import score_history
from influence.score.detractors import SCHEMA, detractors, negative_growth
from influence.ties import History, Ledger

DAY = 86_400_000_000
START = 20_000 * DAY
CUT = START + 400 * DAY
HORIZON = 300 * DAY


def ledger_of(rows, n=None, *, channel=True, sentiment=True, customers=None):
    """Build a ledger from (listener, influencer, type, time, sentiment, channel)."""
    columns = list(zip(*rows, strict=True))
    frame = {
        "source": pl.Series(columns[0], dtype=pl.String),
        "target": pl.Series(columns[1], dtype=pl.String),
        "type": columns[2],
        "timestamp": pl.Series(columns[3], dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
    }
    if sentiment:
        frame["sentiment"] = pl.Series(columns[4], dtype=pl.Float64)
    if channel:
        frame["channel"] = pl.Series(columns[5], dtype=pl.String)
    settings = Settings()
    given = {} if customers is None else {"customers": pl.DataFrame({"id": customers})}
    tables = tables_from_frames(interactions=pl.DataFrame(frame), **given)
    return Ledger.of(History.from_tables(tables, settings), settings)


def values(ledger, **named):
    """Return an array of values by id."""
    ids = ledger.history.ids.ids().to_list()
    return np.array([named.get(name, 0.0) for name in ids])


ROWS = [
    # ann: three angry replies this month, two listeners, one before
    ("bob", "ann", "reply", CUT - 3 * DAY, -1.0, "forum"),
    ("bob", "ann", "reply", CUT - 2 * DAY, -1.0, "forum"),
    ("cy", "ann", "reply", CUT - DAY, -1.0, "social"),
    ("cy", "ann", "reply", CUT - 200 * DAY, -1.0, "mail"),
    ("dee", "ann", "reply", CUT - 5 * DAY, 1.0, "forum"),
    # eve: angry long ago, quiet now
    *((name, "eve", "reply", CUT - (100 + day) * DAY, -0.5, None) for day in range(20) for name in ("bob", "cy")),
    # fay is praised
    ("bob", "fay", "reply", CUT - DAY, 0.9, "forum"),
]


def test_the_queue_by_hand():
    ledger = ledger_of(ROWS)
    direct = values(ledger, ann=-10.0, eve=-25.0, fay=40.0)
    negative = values(ledger, ann=-30.0, eve=-25.0)
    queue = detractors(ledger, direct, negative, CUT, HORIZON)
    assert dict(queue.schema) == SCHEMA
    assert queue["id"].to_list() == ["ann", "eve"]
    ann, eve = queue.rows(named=True)
    # three this month; one in the 300 days before makes a tenth a month
    assert ann["growth"] == pytest.approx((3 + 1) / (0.1 + 1))
    assert ann["urgency"] == pytest.approx(30 * 4 / 1.1)
    assert (ann["negative_value"], ann["direct_value"]) == (-30.0, -10.0)
    assert (ann["reactions"], ann["negative_reactions"], ann["negative_listeners"]) == (5, 4, 2)
    assert ann["last_negative"] == "2025-11-07T00:00:00Z"
    assert np.datetime64(CUT - DAY, "us") == np.datetime64("2025-11-07")
    assert ann["channel"] == "forum"
    assert 0.5 < ann["negative_share"] < 1
    # forty at half anger within 300 days are two in thirty; none now
    assert eve["growth"] == pytest.approx(1 / (40 * 0.5 * 30 / 300 + 1))
    assert eve["channel"] is None
    assert eve["negative_share"] == pytest.approx(1.0)


def test_how_fast_it_grows_can_turn_the_order():
    ledger = ledger_of(ROWS)
    direct = values(ledger, ann=-10.0, eve=-11.0)
    queue = detractors(ledger, direct, direct, CUT, HORIZON)
    assert queue["id"].to_list() == ["ann", "eve"]
    still = detractors(ledger, direct, direct, None, HORIZON)
    assert still["id"].to_list() == ["eve", "ann"]
    assert still["growth"].to_list() == [1.0, 1.0]


def test_many_fans_do_not_hide_angry_listeners():
    ledger = ledger_of(ROWS)
    queue = detractors(ledger, values(ledger, ann=500.0), values(ledger, ann=-30.0), CUT, HORIZON)
    assert queue["id"].to_list() == ["ann"]
    assert queue["direct_value"][0] == 500.0
    assert queue["urgency"][0] > 0


def test_nobody_is_named_who_reacted():
    ledger = ledger_of(ROWS)
    queue = detractors(ledger, values(ledger, ann=-1.0), values(ledger, ann=-1.0), CUT, HORIZON)
    text = str(queue.rows())
    assert not any(name in text for name in ("bob", "cy", "dee"))


def test_non_customers_only_when_asked():
    ledger = ledger_of(ROWS, customers=["bob", "cy", "dee", "eve"])
    negative = values(ledger, ann=-30.0, eve=-1.0)
    assert detractors(ledger, negative, negative, CUT, HORIZON)["id"].to_list() == ["eve"]
    both = detractors(ledger, negative, negative, CUT, HORIZON, include_non_customers=True)
    assert both["id"].to_list() == ["ann", "eve"]


def test_without_sentiment_or_detractors_the_queue_is_empty():
    for ledger in (ledger_of(ROWS, sentiment=False), ledger_of(ROWS)):
        nobody = values(ledger)
        queue = detractors(ledger, nobody, nobody, CUT, HORIZON)
        assert queue.is_empty()
        assert dict(queue.schema) == SCHEMA
    assert negative_growth(ledger_of(ROWS, sentiment=False), CUT, HORIZON).tolist() == [1.0] * 6


def test_periods_begin_with_their_first_moment_and_end_before_the_next():
    for moment, growth in (
        (CUT, 1.0),
        (CUT - 1, 2.0),
        (CUT - 30 * DAY, 2.0),
        (CUT - 30 * DAY - 1, 1 / 1.1),
        (CUT - 330 * DAY, 1 / 1.1),
        (CUT - 330 * DAY - 1, 1.0),
    ):
        ledger = ledger_of([("bob", "ann", "reply", moment, -1.0, None)], channel=False)
        assert negative_growth(ledger, CUT, HORIZON).tolist() == pytest.approx([growth, 1.0])


def test_equals_stand_by_id():
    rows = [("zoe", name, "reply", CUT - DAY, -1.0, None) for name in ("9", "10", "8")]
    ledger = ledger_of(rows, channel=False)
    alike = values(ledger, **{"8": -5.0, "9": -5.0, "10": -5.0})
    ids = ledger.history.ids.ids().to_list()
    queue = detractors(ledger, alike, alike, CUT, HORIZON)
    assert queue["id"].to_list() == [name for name in ids if name != "zoe"]


def test_the_loudest_channel_now_not_ever():
    rows = [
        *(("bob", "ann", "reply", CUT - 390 * DAY + at, -1.0, "forum") for at in range(10)),
        ("cy", "ann", "reply", CUT - DAY, -1.0, "social"),
        ("cy", "ann", "reply", CUT - DAY, 1.0, "mail"),
    ]
    ledger = ledger_of(rows)
    negative = values(ledger, ann=-1.0)
    # ten of thirteen months ago are worth half of one now
    assert detractors(ledger, negative, negative, CUT, HORIZON)["channel"].to_list() == ["social"]
    assert detractors(ledger, negative, negative, None, HORIZON)["channel"].to_list() == ["forum"]


@pytest.mark.parametrize("seed", range(6))
def test_growth_and_channels_as_a_plain_loop(seed):
    rng = random.Random(seed)
    people = [f"p{number}" for number in range(6)]
    rows = [
        (
            *rng.sample(people, 2),
            rng.choice(["reply", "like"]),
            START + rng.randrange(400) * DAY,
            rng.choice([None, -1.0, -0.4, 0.0, 0.7]),
            rng.choice([None, "forum", "social"]),
        )
        for _ in range(150)
    ]
    ledger = ledger_of(rows)
    horizon = rng.choice([40 * DAY, 120 * DAY])
    recent = min(30 * DAY, horizon // 2)
    growth = negative_growth(ledger, CUT, horizon)
    assert ((growth >= 0.25) & (growth <= 4)).all()
    everybody = -np.arange(1.0, ledger.n_people + 1)
    queue = {row["id"]: row for row in detractors(ledger, everybody, everybody, CUT, horizon).iter_rows(named=True)}
    for number, name in enumerate(ledger.history.ids.ids()):
        now = before = 0.0
        channels = {}
        for _, target, kind, time, sentiment, channel in rows:
            if target == name and sentiment is not None and sentiment < 0:
                evidence = (1.0 if kind == "reply" else 0.05) * -sentiment
                if CUT - recent <= time < CUT:
                    now += evidence
                elif CUT - recent - horizon <= time < CUT - recent:
                    before += evidence
                if channel is not None:
                    faded = evidence * 0.5 ** ((CUT - time) / (90 * DAY))
                    channels[channel] = channels.get(channel, 0.0) + faded
        rate = (now + 1) / (before * recent / horizon + 1)
        assert growth[number] == pytest.approx(min(max(rate, 0.25), 4.0))
        assert queue[name]["channel"] == max(sorted(channels), key=channels.get, default=None)
        assert queue[name]["urgency"] == pytest.approx((number + 1) * growth[number])
    assert queue and list(queue) == sorted(queue, key=lambda name: -queue[name]["urgency"])


def test_the_queue_of_a_score():
    """Who has a listener with a negative share is in the queue, by what those shares are worth."""
    customers = pl.DataFrame(
        {"id": ["ann", "bob", "cy", "dee", "eve", "fay"], "clv": [10.0, 50.0, 80.0, 5.0, 9.0, 1.0]}
    )
    settings = Settings(rate="rule")
    columns = ("source", "target", "type", "timestamp", "sentiment", "channel")
    pleased = [("dee", "ann", "reply", CUT - 5 * DAY, 1.0, "forum")] * 4
    events = pl.DataFrame([*ROWS, *pleased], schema=columns, orient="row", strict=False)
    events = events.with_columns(pl.col("timestamp").cast(pl.Datetime("us", "UTC")))
    history = History.from_tables(tables_from_frames(interactions=events, customers=customers), settings)
    scored = score_history(history, settings)
    ledger, own = scored.ledger, scored.own.values
    part = np.minimum(scored.attribution.weight, 0.0) * own[ledger.listener]
    negative = np.bincount(ledger.influencer, part, minlength=ledger.n_people)
    queue = detractors(ledger, scored.value.direct, negative, scored.cut, scored.rates.horizon)
    assert queue["id"].to_list() == ["ann"]  # eve's listeners are half angry, which is worth nothing
    assert queue["negative_value"][0] < queue["direct_value"][0] < 0  # dee is pleased
    assert queue["growth"][0] > 1
