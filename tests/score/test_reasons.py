"""The reasons of a ranking: a sentence that can be counted in the input, and exact contributions."""

import datetime as dt
import math
import time

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import DAY
from score.signed_scores import Parts, sentence, signed_score
from value.oracles_value import START, Log, logs

import influence
from influence.config import Settings
from influence.errors import UsageError
from influence.io import IdIndex
from influence.score.reasons import Reasons, find_person
from influence.score.words import in_words, share_word

NOON = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)


def reasons_of(scored):
    return Reasons(scored.ledger, scored.attribution, scored.value, scored.own)


@settings(max_examples=80)
@given(log=logs(money=True, most_people=10), seed=st.integers(0, 2**32), table=st.booleans())
def test_sentences_are_what_can_be_counted(log, seed, table):
    log.clv = (log.clv or {}) | {next(iter(log.clv)): 5.0} if table else None
    scored, said = signed_score(log, seed)
    reasons, parts = reasons_of(scored), Parts(scored, log, said)
    if not table and scored.own.unit != "people":  # the unit is expected acts: what it is worth is told elsewhere
        assert reasons.own.unit == "acts"
        texts = in_words(reasons.counted(), "money", None, has_customers=False).to_list()
        people = reasons.counted()["person"].to_list()
        assert texts == [sentence(parts, log, u) for u in people]
        return
    if not table:
        return
    assert reasons.sentences(False).to_list() == [sentence(parts, log, u) for u in range(log.n)]
    assert reasons.sentences(True).to_list() == [sentence(parts, log, u, named=True) for u in range(log.n)]


@settings(max_examples=60)
@given(log=logs(money=True), seed=st.integers(0, 2**32))
def test_contributions_of_both_signs_add_up(log, seed):
    scored, said = signed_score(log, seed)
    reasons, parts = reasons_of(scored), Parts(scored, log, said)
    scale = max(1.0, np.abs(parts.own).sum())
    for u in range(log.n):
        frame = reasons.contributions(u)
        assert math.fsum(frame["value"]) == pytest.approx(parts.network[u], rel=1e-9, abs=1e-11 * scale)
        assert frame["value"].is_sorted(descending=True)
        for v, kind, value in frame.rows():
            expected = parts.by_kind[kind][u, int(v)] * parts.gross[int(v)]
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-11 * scale)


def count(**changes):
    row = {
        "person": 0,
        "people": 41,
        "customers": 41,
        "worth": 12_300.0,
        "referred": 0,
        "referred_share": 0.0,
        "seen": 37,
        "top_seen": 3,
        "away": 0,
        "away_share": 0.0,
        "item": False,
        "reaction": True,
        "all_kinds": False,
        "kinds": "replies",
    }
    return row | changes


def said(unit="money", currency="EUR", has_customers=True, **changes):
    return in_words(pl.DataFrame([count(**changes)]), unit, currency, has_customers=has_customers)[0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "reaches 41 customers worth 12,300 EUR; 37 reacted (replies count most), incl. 3 of the top 5"),
        (
            {"has_customers": False, "unit": "acts", "item": True, "reaction": False, "top_seen": 5},
            "reaches 41 people; 37 acted on the same items later, incl. all of the top 5",
        ),
        (
            {"customers": 12, "currency": None, "referred": 2, "referred_share": 0.83, "item": True, "top_seen": 0},
            "reaches 41 people (12 customers) worth 12,300; 2 referred count for 83 %; 37 acted later (replies count "
            "most), none of the top 5",
        ),
        (
            {"people": 1, "customers": 1, "worth": 90.5, "seen": 1, "all_kinds": True},
            "reaches 1 customer worth 90.50 EUR; 1 reacted (replies)",
        ),
        (
            {"referred": 1, "referred_share": 0.001, "seen": 41},
            "reaches 41 customers worth 12,300 EUR; 1 referred counts for under 1 %; all reacted (replies count most)",
        ),
        (
            {"people": 1, "customers": 0, "worth": 0.0, "seen": 0, "away": 1, "away_share": 1.0},
            "reaches 1 person (no customer); none seen to react yet; takes value away",
        ),
        (
            {"people": 2, "customers": 1, "seen": 2, "referred": 2, "away": 1, "away_share": 0.004},
            "reaches 2 people (1 customer) worth 12,300 EUR, all referred; all reacted (replies count most); "
            "1 takes value away (under 1 %)",
        ),
        (
            {"unit": "people", "people": 1_234, "customers": 0, "away": 1_000, "away_share": 0.5, "worth": 9.0},
            "reaches 1,234 people (no customers); 37 reacted (replies count most), incl. 3 of the top 5; "
            "1,000 take value away (50 %)",
        ),
        (
            {"people": 3, "customers": 3, "seen": 0, "unit": "acts", "worth": 1.04, "away": 3, "away_share": 1.0},
            "reaches 3 customers; none seen to react yet; all take value away",
        ),
    ],
)
def test_sentences_by_hand(changes, expected):
    assert said(**changes) == expected


@pytest.mark.parametrize(
    ("worth", "text"),
    [
        (0.004, ""),
        (0.01, " worth 0.01 EUR"),
        (3.0, " worth 3 EUR"),
        (99.994, " worth 99.99 EUR"),
        (99.996, " worth 100 EUR"),
        (999.6, " worth 1,000 EUR"),
        (1_234_567.8, " worth 1,234,568 EUR"),
        (-3.5, " worth -3.50 EUR"),
        (-1_234.0, " worth -1,234 EUR"),
        (1e300, " worth 1e+300 EUR"),
    ],
)
def test_amounts_are_written_as_people_write_them(worth, text):
    assert said(worth=worth).split(";")[0] == f"reaches 41 customers{text}"


def test_shares_are_in_whole_per_cent():
    shares = pl.DataFrame({"x": [0.0, 0.0099, 0.01, 0.126, 1.0]}).select(share_word("x")).to_series()
    assert shares.to_list() == ["under 1 %", "under 1 %", "1 %", "13 %", "100 %"]


def test_the_longest_usual_sentence_is_short():
    long = said(
        people=1_234,
        customers=1_100,
        worth=1_234_567.0,
        referred=12,
        referred_share=0.6,
        seen=1_001,
        item=True,
        away=12,
    )
    assert len(long) <= 180, long


def test_kinds_that_count_alike_are_all_named():
    """A reply and a share are one credit each; a like less."""
    times = [NOON + dt.timedelta(days=day) for day in (0, 0, 1, 90)]
    events = pl.DataFrame(
        {
            "source": ["bob", "cy", "cy", "dee"],
            "target": ["ann", "ann", "ann", "ann"],
            "type": ["share", "reply", "like", "like"],
            "timestamp": times,
        }
    )
    text = influence.rank(interactions=events).frame["reasons"][0]
    assert text.endswith("; all reacted (replies and shares count most)")
    two = influence.rank(interactions=events.head(2)).frame["reasons"][0]
    assert two.endswith("; all reacted (replies and shares)")


def test_a_complaint_that_is_worth_nothing_yet_is_nobody_reached():
    """Who has no value and no listener contributes nothing, and is not counted."""
    events = pl.DataFrame(
        {"source": ["bob", "cy"], "target": ["ann", "ann"], "type": ["reply"] * 2, "timestamp": [NOON] * 2}
    )
    customers = pl.DataFrame({"id": ["ann", "bob", "cy"], "clv": [1.0, 0.0, 5.0]})
    frame = influence.rank(interactions=events, customers=customers).frame
    assert frame["reasons"][0] == "reaches 1 customer worth 5; 1 reacted (replies)"
    assert frame["people_influenced"][0] == 2


def test_money_is_in_the_currency_of_the_input():
    events = pl.DataFrame({"source": ["bob"], "target": ["ann"], "type": ["reply"], "timestamp": [NOON]})
    customers = pl.DataFrame({"id": ["ann", "bob"], "clv": [1.0, 5.5], "currency": ["EUR", "EUR"]})
    frame = influence.rank(interactions=events, customers=customers).frame
    assert frame["reasons"][0] == "reaches 1 customer worth 5.50 EUR; 1 reacted (replies)"


def test_the_past_alone_is_seen():
    """What happens after the moment that is asked about is in no sentence."""
    rows = [("bob", "ann", "reply", NOON), ("cy", "ann", "share", NOON + dt.timedelta(days=30))]
    events = pl.DataFrame(rows, schema=["source", "target", "type", "timestamp"], orient="row")
    follows = pl.DataFrame({"source": ["cy"], "target": ["ann"], "since": [NOON - dt.timedelta(days=9)]})
    now = influence.rank(follows=follows, interactions=events).frame["reasons"][0]
    then = influence.rank(follows=follows, interactions=events, as_of="2024-01-10").frame["reasons"][0]
    assert "; all reacted (replies and shares)" in now
    assert "; 1 reacted (replies)" in then


def test_learned_kinds_are_those_that_were_seen():
    """With a learned rate the shares of the kinds are expected ones; the sentence counts what was observed."""
    tables = influence.demo_tables()
    ranking = influence.rank(tables, settings=Settings(rate="learned"))
    assert ranking.facts["rate"] == "learned"
    ledger = ranking.reasons.ledger
    texts = dict(ranking.frame.select("id", "reasons").drop_nulls().head(30).rows())
    credits = pl.DataFrame(
        {
            "id": ledger.history.ids.ids(ledger.influencer[ledger.credits.tie]),
            "listener": ledger.history.ids.ids(ledger.listener[ledger.credits.tie]),
            "amount": ranking.reasons.amount[ledger.credits.tie],
            "kind": pl.Series(ledger.history.kinds).gather(ledger.credits.kind.astype(np.uint32)),
            "credit": ledger.credits.credit,
        }
    ).filter(pl.col("amount") != 0)
    words = {"item": "same items", "reply": "replies", "share": "shares", "mention": "mentions", "answer": "answers"}
    for person, text in texts.items():
        hers = credits.filter(id=person)
        by_kind = hers.group_by("kind").agg(pl.col("credit").sum()).sort("credit", descending=True)
        verb = "acted later" if "item" in by_kind["kind"] else "reacted"
        assert f"; {hers['listener'].n_unique():,} {verb} (" in text
        most = by_kind.filter(pl.col("credit") >= pl.col("credit").max() * (1 - 1e-9))["kind"]
        *others, last = (words[kind] for kind in sorted(most, key=ledger.history.kinds.index))
        assert f"({', '.join(others)}{' and ' if others else ''}{last} count most)" in text


def test_nobody_is_named_unless_asked():
    named = influence.rank(influence.demo_tables(), show_counterparts=True).frame
    masked = influence.rank(influence.demo_tables()).frame
    assert masked.drop("reasons").equals(named.drop("reasons"))
    for short, long in zip(masked["reasons"].drop_nulls(), named["reasons"].drop_nulls(), strict=True):
        assert long.startswith(short + "; most: ")
    assert masked["reasons"].drop_nulls().str.len_chars().max() <= 160


def test_ids_that_are_unknown_get_a_suggestion():
    ids = IdIndex.of(pl.Series(["anna", "Hanna", "bob", "x" * 30]))
    assert find_person(ids, " bob ") == ids.codes(pl.Series(["bob"]))[0]
    with pytest.raises(UsageError, match=r"nobody has the id 'ana'; did you mean 'anna' or 'Hanna'\?"):
        find_person(ids, "ana")
    with pytest.raises(UsageError, match=r"nobody has the id 'BOB'; did you mean 'bob'\?"):
        find_person(ids, "BOB")
    with pytest.raises(UsageError, match=r"nobody has the id 'zoe'$"):
        find_person(ids, "zoe")
    with pytest.raises(UsageError, match=r"nobody has the id ''$"):
        find_person(ids, "")
    numbers = IdIndex.of(pl.Series([7, 1204, 99]))
    assert find_person(numbers, 99) == find_person(numbers, "99") == 1
    with pytest.raises(UsageError, match=r"nobody has the id '1205'; did you mean '1204'\?"):
        find_person(numbers, 1205)


def test_a_suggestion_among_a_million_ids_takes_no_time():
    ids = IdIndex.of(pl.Series(range(1_000_000)).cast(pl.String).str.zfill(9).str.replace("^", "u"))
    began = time.process_time()
    with pytest.raises(UsageError, match="did you mean"):
        find_person(ids, "u00012345")
    assert time.process_time() - began < 3.0


def test_reasons_of_a_snapshot_of_follows():
    crowd = pl.DataFrame({"source": [f"fan{number:03}" for number in range(200)], "target": ["star"] * 200})
    assert influence.rank(follows=crowd).frame["reasons"][0] == "reaches 200 people; none seen to react yet"


def test_weights_of_zero_show_nothing():
    """An event that counts nothing was no follow-on."""
    log = Log(3, [(1, 0, START), (2, 0, START)], [(1, 0, "reply", START), (2, 0, "like", START + DAY)])
    settings = Settings(reaction_weights={"reply": 1.0, "like": 0.0})
    ranking = influence.rank(**log.frames(), settings=settings)
    assert ranking.frame["reasons"][0].endswith("; 1 reacted (replies)")


@pytest.mark.slow
@pytest.mark.data
def test_sentences_on_reviews_are_what_can_be_counted_there(data_folder):
    """The best ten of ciao, by joins: who trusts them, and reviewed the same within 90 days after them."""
    trust = pl.read_parquet(data_folder / "ciao" / "trust.parquet").select(pl.all().cast(pl.String))
    reviews = pl.read_parquet(data_folder / "ciao" / "reviews.parquet").group_by("user", "item")
    first = reviews.agg(time=pl.col("timestamp").min()).with_columns(pl.col("user").cast(pl.String))
    sources = (f"follows={data_folder}/ciao/trust.parquet", f"actions={data_folder}/ciao/reviews.parquet")
    ranking = influence.rank(*sources, intervals=False)
    for person, text in ranking.frame.select("id", "reasons").head(10).rows():
        listeners = trust.filter((pl.col("trustee") == person) & (pl.col("truster") != person))["truster"].unique()
        hers = first.filter(user=person).select("item", begun="time")
        after = pl.col("time") - pl.col("begun")
        later = first.filter(pl.col("user").is_in(listeners.implode())).join(hers, on="item")
        seen = set(later.filter((after > 0) & (after <= 90 * 86_400))["user"])
        parts = ranking.contributions(person).group_by("listener").agg(pl.col("value").sum())
        top = seen & set(parts.top_k(5, by="value")["listener"])
        incl = {0: "none", 5: "incl. all"}.get(len(top), f"incl. {len(top)}")
        assert text == (
            f"reaches {len(listeners)} people; {len(seen)} acted on the same items later, {incl} of the top 5"
        )
