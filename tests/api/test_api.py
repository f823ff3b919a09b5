"""The verbs of the library: files, frames and tables give the same, and errors say what to do."""

import datetime as dt

import polars as pl
import pytest

import influence
from influence import api
from influence.api import Stages, parse_moment
from influence.config import Settings
from influence.errors import DataError, UsageError

FOLLOWS = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})
EVENTS = pl.DataFrame(
    {
        "source": ["bob", "cy", "dee", "bob"],
        "target": ["ann", "ann", "cy", "cy"],
        "type": ["reply", "share", "like", "reply"],
        "timestamp": ["2024-01-01", "2024-02-01T10:00:00", "2024-03-01", "2024-03-02"],
    }
)
CUSTOMERS = pl.DataFrame({"id": ["ann", "bob", "cy", "dee"], "clv": [10.0, 90.0, 50.0, 20.0]})


def week(columns):
    """Return acts that are followed all the time, enough for a small backtest."""
    rows = [(who, f"item{day // 2}", dt.date(2024, 1, 1) + dt.timedelta(days=day)) for day in range(90) for who in "ab"]
    rows = [(who, item, day + dt.timedelta(days=who == "b")) for who, item, day in rows]
    return pl.DataFrame(rows, schema=columns, orient="row")


@pytest.fixture
def files(tmp_path):
    FOLLOWS.write_csv(tmp_path / "f.csv")
    EVENTS.write_csv(tmp_path / "e.csv")
    CUSTOMERS.write_parquet(tmp_path / "c.parquet")
    return [
        f"follows={tmp_path / 'f.csv'}",
        f"interactions={tmp_path / 'e.csv'}",
        f"customers={tmp_path / 'c.parquet'}",
    ]


def test_files_frames_and_tables_give_the_same(files):
    frames = influence.rank(follows=FOLLOWS, interactions=EVENTS, customers=CUSTOMERS)
    from_files = influence.rank(*files)
    tables = influence.read_tables(files)
    assert from_files.frame.equals(frames.frame)
    assert influence.rank(tables).frame.equals(frames.frame)
    made = influence.tables_from_frames(follows=FOLLOWS, interactions=EVENTS, customers=CUSTOMERS)
    assert influence.rank(made).frame.equals(frames.frame)
    assert frames.frame["id"].to_list() == ["ann", "cy", "bob", "dee"]


def test_arrow_and_lazy_frames_are_frames():
    expected = influence.rank(follows=FOLLOWS, customers=CUSTOMERS).frame
    assert influence.rank(follows=FOLLOWS.to_arrow(), customers=CUSTOMERS.lazy()).frame.equals(expected)


def test_paths_need_no_role_where_columns_tell(files, tmp_path):
    from pathlib import Path

    given = influence.rank(*(Path(source.partition("=")[2]) for source in files))
    assert given.frame.equals(influence.rank(*files).frame)


def test_arguments_that_cannot_be_used(files):
    with pytest.raises(UsageError, match="nothing to read: give files as ROLE=path"):
        influence.rank()
    with pytest.raises(UsageError, match="nothing to read"):
        influence.rank(follows=None)
    with pytest.raises(UsageError, match="either files or frames, not both"):
        influence.rank(*files, follows=FOLLOWS)
    with pytest.raises(UsageError, match="unknown argument 'folows'"):
        influence.rank(folows=FOLLOWS)
    with pytest.raises(UsageError, match="no ISO date"):
        influence.rank(follows=FOLLOWS, as_of="yesterday")
    with pytest.raises(UsageError, match="list is no frame"):
        influence.rank(follows=[("a", "b")])


def test_data_that_cannot_be_used(tmp_path):
    with pytest.raises(DataError, match="no ties: give follows"):
        influence.rank(actions=pl.DataFrame({"customer": ["a"], "item": ["x"]}))
    with pytest.raises(DataError, match="holds nobody"):
        influence.rank(follows=FOLLOWS.clear())
    with pytest.raises(DataError, match="no such file"):
        influence.rank(f"follows={tmp_path / 'none.csv'}")
    wrong = EVENTS.with_columns(type=pl.lit("retweets"))
    with pytest.raises(DataError, match="retweets"):
        influence.rank(interactions=wrong)


def test_a_type_of_ones_own_needs_a_weight():
    events = EVENTS.with_columns(type=pl.lit("cheer"))
    settings = Settings().replace(reaction_weights={"cheer": 0.4})
    ranking = influence.rank(interactions=events, settings=settings)
    assert ranking.facts["follow_ons"] == pytest.approx(1.6)


def test_as_of_includes_its_day():
    def influenced(as_of):
        ranking = influence.rank(interactions=EVENTS, as_of=as_of)
        return dict(ranking.frame.select("id", "people_influenced").rows())

    assert influenced("2024-02-01")["ann"] == 2
    assert influenced("2024-02-01T09:59:59")["ann"] == 1
    assert influenced("2024-02-01T10:00:00")["ann"] == 2
    assert influenced("2024-01-31")["ann"] == 1
    assert influenced("20240201")["ann"] == 2


def test_backtest_takes_the_same_sources(tmp_path):
    actions = week(["customer", "item", "timestamp"])
    follows = pl.DataFrame({"source": ["b"], "target": ["a"]})
    settings = Settings(bootstrap=5)
    from_frames = influence.backtest(follows=follows, actions=actions, settings=settings, cut="2024-02-15", placebos=0)
    assert from_frames.facts["cut"] == "2024-02-15T00:00:00Z"
    assert from_frames.facts["follow_ons"] > 0
    follows.write_csv(tmp_path / "f.csv")
    actions.write_csv(tmp_path / "a.csv")
    sources = f"follows={tmp_path / 'f.csv'}", f"actions={tmp_path / 'a.csv'}"
    from_files = influence.backtest(*sources, settings=settings, cut="2024-02-15", placebos=0)
    assert from_files.frame.equals(from_frames.frame)
    assert from_files.verdict == from_frames.verdict
    with pytest.raises(UsageError, match="outside the data"):
        influence.backtest(follows=follows, actions=actions, cut="1999-01-01")


def test_time_unit_is_passed_on():
    numbers = EVENTS.with_columns(timestamp=pl.Series([1, 2, 3, 4]))
    with pytest.raises(DataError):
        influence.rank(interactions=numbers)
    ranking = influence.rank(interactions=numbers, time_unit="s")
    assert ranking.facts["as_of"] == "1970-01-01T00:00:04Z"


DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("1970-01-02", DAY, 2 * DAY - 1),
        ("19700102", DAY, 2 * DAY - 1),
        ("1970-W01-5", DAY, 2 * DAY - 1),
        ("1970-01-02T00:00:00", DAY, DAY),
        ("1970-01-02T00:00:00.000001", DAY + 1, DAY + 1),
        ("1970-01-02T02:00:00+02:00", DAY, DAY),
        ("1970-01-02 00:00Z", DAY, DAY),
        ("1969-12-31", -DAY, -1),
        ("9999-12-31", 253_402_214_400_000_000, 253_402_300_799_999_999),
    ],
)
def test_parse_moment(text, begin, end):
    assert parse_moment(text, end_of_day=False) == begin
    assert parse_moment(text, end_of_day=True) == end


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "2024-02-30", "01/02/2024", "2024"])
def test_parse_moment_refuses(text):
    with pytest.raises(UsageError, match="is no ISO date; write it as 2006-01-01"):
        parse_moment(text, end_of_day=False)


def test_stages_are_told_and_timed():
    told = []
    stages = Stages(told.append)
    influence.rank(follows=FOLLOWS, stages=stages)
    assert told == ["read", "load", "score"]
    assert set(stages.seconds) == {"read", "load", "score"}
    assert all(seconds >= 0 for seconds in stages.seconds.values())
    before = dict(stages.seconds)
    stages.end()  # nothing runs
    assert stages.seconds == before
    stages.begin("score")
    stages.end()
    assert stages.seconds["score"] > before["score"]


def test_the_demo_says_what_it_is():
    tables = influence.demo_tables()
    assert "synthetic" in tables.notes[0]
    assert tables.customers.height == 2357


def test_public_names_are_there():
    for name in influence.__all__:
        assert getattr(influence, name) is not None
    assert set(influence.__all__) <= set(dir(influence))
    assert influence.rank is api.rank
    with pytest.raises(AttributeError, match="has no attribute 'rnak'"):
        influence.rnak  # noqa: B018
