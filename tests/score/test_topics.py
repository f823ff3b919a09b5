"""Issues and ideas: by hand, and against a plain loop over who raised what and when."""

import random

import numpy as np
import polars as pl
import pytest

import influence
from influence import api
from influence.config import Settings
from influence.errors import UsageError
from influence.io import tables_from_frames
from influence.score.topics import SCHEMA, rank_topics, topic_table
from influence.ties import History

DAY = 86_400_000_000
START = 20_000 * DAY
FOLLOWS = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})


def moments(times):
    return pl.Series(times, dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))


def raised(rows):
    """Return a frame of (customer, topic, time); a time that is None is not known."""
    frame = pl.DataFrame(rows, schema=["customer", "topic", "timestamp"], orient="row", strict=False)
    if frame["timestamp"].null_count() == len(rows):
        return frame.drop("timestamp")
    return frame.with_columns(moments(frame["timestamp"]))


def history_of(rows, n=4):
    follows = pl.DataFrame({"source": range(1, n), "target": [0] * (n - 1)})
    settings = Settings()
    tables = tables_from_frames(follows=follows, topics=raised(rows), customers=pl.DataFrame({"id": range(n)}))
    return History.from_tables(tables, settings)


CUT = START + 100 * DAY
ROWS = [
    (0, "price", START + 10 * DAY),
    (0, "price", CUT - DAY),  # again: she counts once
    (1, "price", CUT - 30 * DAY),
    (2, "price", CUT - 31 * DAY),
    (3, "size", START),
    (2, "size", CUT - 1),
    (1, "taste", CUT - 45 * DAY),
]
NETWORK = np.array([100.0, 20.0, 3.0, 40.0])
OWN = np.array([1.0, 2.0, 4.0, 8.0])


def table(rows=ROWS, **options):
    given = {"cut": CUT, "period": 30 * DAY, "min_people": 1} | options
    return topic_table(history_of(rows), network=NETWORK, conserved=NETWORK / 2, own=OWN, **given)


def test_by_hand():
    found = table()
    assert dict(found.schema) == SCHEMA
    assert found["topic"].to_list() == ["price", "size", "taste"]
    price, size, taste = found.rows(named=True)
    assert (price["people"], price["network_value"], price["conserved_value"], price["own_value"]) == (3, 123, 61.5, 7)
    # the last thirty days: 0 and 1 (on the first moment of them); the thirty before: 2
    assert (price["recent_people"], price["previous_people"], price["recent_network_value"]) == (2, 1, 120.0)
    assert price["growth"] == pytest.approx(3 / 2)
    assert (size["people"], size["recent_people"], size["previous_people"], size["growth"]) == (2, 1, 0, 2.0)
    assert (taste["recent_people"], taste["previous_people"], taste["growth"]) == (0, 1, 0.5)
    assert taste["recent_network_value"] == 0.0
    assert price["last_raised"] == str(np.datetime64(CUT - DAY, "us").astype("datetime64[s]")) + "Z"
    assert size["last_raised"].endswith("23:59:59.999999Z")


def test_few_people_are_not_shown():
    three = table(min_people=3)
    assert three["topic"].to_list() == ["price"]
    # two of three raised it of late: what these two are worth stays hidden
    assert three["recent_people"].to_list() == [2]
    assert three["recent_network_value"].to_list() == [None]
    assert table(min_people=2)["recent_network_value"].to_list() == [120.0, None]
    assert table(min_people=4).is_empty()


def test_without_dates_nothing_grows():
    undated = table([(person, topic, None) for person, topic, _ in ROWS])
    assert undated["people"].to_list() == [3, 2, 1]
    for column in ("recent_people", "previous_people", "recent_network_value", "growth", "last_raised"):
        assert undated[column].null_count() == 3
    assert table(cut=None)["growth"].null_count() == 3


def test_what_was_raised_later_is_not_known():
    early = table(cut=START + 5 * DAY)
    assert early.select("topic", "people").rows() == [("size", 1)]


def test_equals_stand_by_topic():
    rows = [(0, topic, START) for topic in ("10", "9", "b")]
    assert table(rows)["topic"].to_list() == ["10", "9", "b"]
    assert table([(0, topic, START) for topic in ("10", "9")])["topic"].to_list() == ["9", "10"]


@pytest.mark.parametrize("seed", range(6))
def test_as_a_plain_loop(seed):
    rng = random.Random(seed)
    topics = ["a", "b", "c", "d"]
    rows = [(rng.randrange(4), rng.choice(topics), START + rng.randrange(100) * DAY) for _ in range(rng.randint(1, 30))]
    period, least = rng.choice([20, 50]) * DAY, rng.choice([1, 2])
    cut = START + rng.choice([70, 100]) * DAY
    found = table(rows, cut=cut, period=period, min_people=least)
    expected = []
    for topic in topics:
        who = {person for person, name, time in rows if name == topic and time < cut}
        recent = {person for person, name, time in rows if name == topic and cut - period <= time < cut}
        before = {person for person, name, time in rows if name == topic and cut - 2 * period <= time < cut - period}
        if len(who) >= least:
            shown = None if 0 < len(recent) < least else sum(NETWORK[person] for person in recent)
            value, own = sum(NETWORK[list(who)]), sum(OWN[list(who)])
            expected.append((topic, len(who), value, own, len(recent), len(before), shown))
    expected.sort(key=lambda row: (-row[2], row[0]))
    columns = ["topic", "people", "network_value", "own_value", "recent_people", "previous_people"]
    assert found.select(*columns, "recent_network_value").rows() == expected


def test_the_verb_scores_and_tells():
    events = pl.DataFrame(
        {
            "source": ["bob", "cy", "dee"],
            "target": ["ann", "ann", "cy"],
            "type": ["reply"] * 3,
            "timestamp": ["2024-03-01", "2024-03-02", "2024-03-03"],
        }
    )
    customers = pl.DataFrame({"id": ["ann", "bob", "cy", "dee"], "clv": [1.0, 2.0, 4.0, 8.0], "currency": ["EUR"] * 4})
    rows = [("ann", "price", "2024-01-01"), ("cy", "price", "2024-03-09"), ("bob", "size", "2024-03-10")]
    topics = pl.DataFrame(rows, schema=["customer", "topic", "timestamp"], orient="row")
    frames = {"follows": FOLLOWS, "interactions": events, "customers": customers, "topics": topics}
    result = api.topics(**frames, min_people=1)
    ranking = influence.rank(**frames).frame
    value = dict(ranking.select("id", "network_value").rows())
    found = {row["topic"]: row for row in result.frame.iter_rows(named=True)}
    assert found["price"]["network_value"] == pytest.approx(value["ann"] + value["cy"])
    assert found["price"]["own_value"] == 5.0
    # raised after the newest reaction, and not lost for it
    assert found["size"]["last_raised"] == "2024-03-10T00:00:00Z"
    assert result.facts["as_of"] == "2024-03-10T00:00:00Z"
    assert (result.unit, result.facts["currency"], result.facts["left_out"]) == ("money", "EUR", 0)
    assert result.facts["period_days"] == pytest.approx(69 / 2)
    assert any(note.startswith("recent: the last 34.5 days") for note in result.notes)
    fewer = api.topics(**frames, min_people=2, as_of="2024-03-09")
    assert fewer.frame["topic"].to_list() == ["price"]
    assert fewer.facts["left_out"] == 0  # size was not raised yet
    masked = api.topics(**frames)
    assert len(masked) == 0
    assert masked.facts["left_out"] == 2
    assert any("--min-people 1 shows them" in note for note in masked.notes)
    nothing = api.topics(**frames, as_of="2023-12-31", min_people=1)
    assert len(nothing) == 0
    assert any("none is known to grow" in note for note in nothing.notes)


def test_suppressed_people_raised_nothing():
    topics = raised([("ann", "price", None), ("cy", "price", None)])
    gone = pl.DataFrame({"id": ["cy"]})
    assert api.topics(follows=FOLLOWS, topics=topics, min_people=1).frame["people"].to_list() == [2]
    assert api.topics(follows=FOLLOWS, topics=topics, suppress=gone, min_people=1).frame["people"].to_list() == [1]


def test_what_cannot_be():
    with pytest.raises(UsageError, match="no topics: give topics"):
        api.topics(follows=FOLLOWS)
    for options in ({"min_people": 0}, {"period_days": 0.0}, {"period_days": float("nan")}):
        with pytest.raises(UsageError):
            rank_topics(history_of(ROWS), Settings(), **options)
