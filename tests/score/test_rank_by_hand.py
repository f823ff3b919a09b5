"""A small community whose every number is worked out here by hand."""

import datetime as dt
import math

import polars as pl
import pytest

import influence
from influence.config import Settings
from influence.errors import UsageError
from influence.score.columns import COLUMNS

DAY = dt.timedelta(days=1)
T0 = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
T90 = T0 + 90 * DAY  # the newest event, one half-life after the first

FOLLOWS = pl.DataFrame({"source": ["bob", "cy", "eve"], "target": ["ann", "ann", "bob"]})
REPLIES = [
    ("bob", "ann", "reply", T90),
    ("cy", "ann", "reply", T0),
    ("dee", "bob", "reply", T90),
    ("dee", "bob", "reply", T90),
    ("dee", "bob", "reply", T90),
    ("dee", "bob", "reply", T90),  # one week counts three at most
    ("fay", "ann", "like", T90),
    ("ann", "bob", "reply", T0),  # a circle: ann listens to bob, who listens to ann
    ("gus", "ann", "share", T0),
    ("eve", "gus", "reply", T0),  # gus is no customer, but eve is, and listens to him
    ("ann", "hal", "referral", T0),
]
INTERACTIONS = pl.DataFrame(REPLIES, schema=["source", "target", "type", "timestamp"], orient="row")
CLV = {"ann": 10.0, "bob": 40.0, "cy": 80.0, "dee": 100.0, "eve": 60.0, "fay": 500.0, "hal": 30.0}
CUSTOMERS = pl.DataFrame({"id": list(CLV), "clv": list(CLV.values())})

# The horizon is a third of ninety days; a stock of one is then this many events in it.
L = 30 * math.log(2) / 90
K = 0.25  # κ of reactions and follows


def share(evidence, acts, heard):
    """Return W: evidence of the tie, decayed acts of the listener, all evidence that she listens by."""
    return K * evidence * L / (5 + max(acts, heard) * L)


# listener: her acts, and the evidence of each of her ties
P = share(1 + 0.05, 1, 1.05)  # ann → bob: a reply now and a follow; bob acted once
CY = share(0.5 + 0.05, 0.5, 0.55)  # ann → cy: a reply a half-life ago and a follow
DEE = share(3, 4, 3)  # bob → dee: four replies count three, but are four acts
EVE_BOB = share(0.05, 0.5, 0.55)  # bob → eve: a follow; eve listens to gus too
EVE_GUS = share(0.5, 0.5, 0.55)
FAY = share(0.05, 1, 0.05)  # ann → fay: a like; to like is an act
Q = share(0.5, 0.5, 0.5)  # bob → ann: a reply a half-life ago
GUS = share(0.5, 0.5, 0.5)  # ann → gus: a share a half-life ago
HAL = 0.5  # ann brought hal

G_GUS = 0 + EVE_GUS * 60
A = 10 + CY * 80 + FAY * 500 + GUS * G_GUS + HAL * 30
B = 40 + DEE * 100 + EVE_BOB * 60
G_ANN = (A + P * B) / (1 - P * Q)
G_BOB = (B + Q * A) / (1 - P * Q)

NETWORK = {"ann": G_ANN - 10, "bob": G_BOB - 40, "gus": G_GUS, **dict.fromkeys(("cy", "dee", "eve", "fay", "hal"), 0.0)}
DIRECT = {
    "ann": P * 40 + CY * 80 + FAY * 500 + GUS * 0 + HAL * 30,
    "bob": Q * 10 + DEE * 100 + EVE_BOB * 60,
    "gus": EVE_GUS * 60,
}
OWED = {"ann": Q, "bob": P, "cy": CY, "dee": DEE, "eve": EVE_BOB + EVE_GUS, "fay": FAY, "hal": HAL, "gus": GUS}


def ranked(**options):
    return influence.rank(follows=FOLLOWS, interactions=INTERACTIONS, customers=CUSTOMERS, **options)


def row(ranking, person):
    return ranking.frame.row(by_predicate=pl.col("id") == person, named=True)


def test_every_value():
    ranking = ranked()
    assert ranking.unit == "money"
    for person, clv in CLV.items():
        found = row(ranking, person)
        gross = clv + NETWORK[person]
        assert found["network_value"] == pytest.approx(NETWORK[person], rel=1e-9, abs=1e-12), person
        assert found["direct_value"] == pytest.approx(DIRECT.get(person, 0.0), rel=1e-9), person
        assert found["own_value"] == clv
        assert found["total_value"] == pytest.approx(gross, rel=1e-9)
        assert found["conserved_value"] == pytest.approx((1 - OWED[person]) * gross, rel=1e-9), person
        assert found["own_value_origin"] == "given"


def test_the_order_and_the_columns():
    frame = ranked().frame
    # ann and bob by value; the others are worth nothing to anybody and stand by id
    assert NETWORK["ann"] > NETWORK["bob"] > 0
    assert frame["id"].to_list() == ["ann", "bob", "cy", "dee", "eve", "fay", "hal"]
    assert frame["rank"].to_list() == [1, 2, 3, 4, 5, 6, 7]
    kinds = dict(frame.schema)
    assert list(kinds) == list(COLUMNS)
    texts = [
        "id",
        "quadrant",
        "trust_codes",
        "nps_group",
        "survey_gap",
        "suggested_reward",
        "own_value_origin",
        "reasons",
    ]
    assert [name for name, kind in kinds.items() if kind == pl.String] == texts
    values = [name for name in kinds if name.endswith(("value", "share")) and not name.startswith("rank")]
    assert all(kinds[name] == pl.Float64 for name in (*values, "low", "high", "p_top", "percentile"))
    assert list(frame.schema) == frame.columns
    # fay 500, dee 100, cy 80, eve 60, bob 40, hal 30, ann 10
    assert frame["rank_by_own_value"].to_list() == [7, 5, 3, 2, 4, 1, 6]
    assert frame["rank_shift"].to_list() == [6, 3, 0, -2, -1, -5, -1]
    assert frame["percentile"].to_list() == pytest.approx([100 * (7 - r) / 7 for r in range(1, 8)])


def test_the_counts():
    frame = ranked().frame
    # reacted to her at least once: ann by bob, cy, fay, gus; bob by dee and ann
    assert frame["people_influenced"].to_list() == [4, 2, 0, 0, 0, 0, 0]
    # tied at all: ann also to hal, whom she brought; bob also to eve, who follows
    assert frame["audience"].to_list() == [5, 3, 0, 0, 0, 0, 0]
    assert frame["followers"].to_list() == [2, 1, 0, 0, 0, 0, 0]


def test_non_customers_count_but_are_not_listed():
    ranking = ranked()
    assert "gus" not in ranking.frame["id"].to_list()
    everybody = ranked(include_non_customers=True)
    assert everybody.frame["id"].to_list() == ["ann", "bob", "gus", "cy", "dee", "eve", "fay", "hal"]
    gus = row(everybody, "gus")
    assert gus["own_value"] == 0.0
    assert gus["own_value_origin"] == "not a customer"
    assert gus["network_value"] == pytest.approx(G_GUS, rel=1e-9)
    # what is paid to him is passed on: without eve's reply to him, ann would be worth less
    without = INTERACTIONS.filter(~((pl.col("source") == "eve") & (pl.col("target") == "gus")))
    less = influence.rank(follows=FOLLOWS, interactions=without, customers=CUSTOMERS)
    assert row(less, "ann")["network_value"] < row(ranking, "ann")["network_value"]
    assert row(everybody, "ann")["network_value"] == row(ranking, "ann")["network_value"]


def test_what_a_value_is_made_of():
    ranking = ranked()
    found = {(who, kind): value for who, kind, value in ranking.contributions("ann").rows()}
    reply = K * 1.0 * L / (5 + 1.05 * L)
    expected = {
        ("bob", "reply"): reply * G_BOB,
        ("bob", "follow"): reply * 0.05 * G_BOB,
        ("cy", "reply"): CY * 0.5 / 0.55 * 80,
        ("cy", "follow"): CY * 0.05 / 0.55 * 80,
        ("fay", "like"): FAY * 500,
        ("gus", "share"): GUS * G_GUS,
        ("hal", "referral"): 15.0,
    }
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-9), key
    assert sum(found.values()) == pytest.approx(NETWORK["ann"], rel=1e-12)
    values = ranking.contributions("ann")["value"].to_list()
    assert values == sorted(values, reverse=True)
    # people who are not listed have one too; those whom nobody hears have none
    assert ranking.contributions("gus").rows() == [("eve", "reply", pytest.approx(G_GUS))]
    assert ranking.contributions("hal").height == 0
    with pytest.raises(UsageError, match="nobody has the id 'zoe'"):
        ranking.contributions("zoe")


def test_reasons_in_words():
    # ann: bob 40, cy 80, fay 500, hal 30, and gus who is no customer; she brought hal, and two replies count 2, a
    # share 1, a like 0.05. bob: dee 100, ann 10, and eve 60 who only follows. gus: eve.
    frame = ranked(include_non_customers=True).frame
    hal = f"{100 * 15 / NETWORK['ann']:.0f} %"
    assert dict(frame.select("id", "reasons").drop_nulls().rows()) == {
        "ann": f"reaches 5 people (4 customers) worth 650; 1 referred counts for {hal}; 4 reacted (replies count most)",
        "bob": "reaches 3 customers worth 170; 2 reacted (replies)",
        "gus": "reaches 1 customer worth 60; 1 reacted (replies)",
    }


def test_reasons_name_nobody_unless_asked():
    everybody = set(CLV) | {"gus"}
    for text in ranked().frame["reasons"].drop_nulls():
        assert not everybody & set(text.replace(",", " ").replace(";", " ").split())
    parts = {"hal": 15.0, "bob": P * G_BOB, "cy": CY * 80, "fay": FAY * 500, "gus": GUS * G_GUS}
    total = sum(parts.values())
    order = sorted(parts, key=parts.get, reverse=True)
    shares = {who: f"{100 * parts[who] / total:.0f} %" for who in order} | {"gus": "under 1 %"}
    assert parts["gus"] < 0.01 * total
    named = row(ranked(show_counterparts=True), "ann")["reasons"]
    assert named == row(ranked(), "ann")["reasons"] + "; most: " + ", ".join(f"{w} {shares[w]}" for w in order)


def test_people_without_an_audience_have_no_reasons():
    frame = ranked().frame
    assert frame["reasons"].is_null().to_list() == [False, False, True, True, True, True, True]


def test_as_of_leaves_later_events_out():
    earlier = ranked(as_of="2024-01-01")
    past = INTERACTIONS.filter(pl.col("timestamp") == T0)
    alone = influence.rank(follows=FOLLOWS, interactions=past, customers=CUSTOMERS, as_of="2024-01-01")
    columns = ["id", "network_value", "direct_value", "total_value", "conserved_value", "reasons"]
    people = past.select("source", "target").unpivot()["value"].unique()
    assert set(CLV) - set(people) - {"bob"} == {"dee", "fay"}
    assert earlier.frame.select(columns).equals(alone.frame.select(columns))
    assert earlier.facts["as_of"] == "2024-01-01T23:59:59.999999Z"
    assert row(earlier, "fay")["own_value"] == 500.0
    assert row(earlier, "bob")["people_influenced"] == 1  # ann alone: dee came later
    assert ranked(as_of="2024-03-31").facts["as_of"] == "2024-03-31T23:59:59.999999Z"
    assert row(ranked(as_of="2024-03-31"), "bob")["people_influenced"] == 2


def test_settings_change_the_result():
    plain = row(ranked(), "ann")["network_value"]
    changed = {
        "kappa_default": 0.5,
        "prior_acts_rule": 1.0,
        "half_life_days": 20.0,
        "horizon_days": 10.0,
        "follow_weight": 0.5,
        "referral_share": 0.1,
        "reaction_weights": {"like": 1.0},
    }
    for name, value in changed.items():
        assert row(ranked(settings=Settings().replace(**{name: value})), "ann")["network_value"] != pytest.approx(plain)
    capped = row(ranked(settings=Settings(weekly_cap=4.0)), "bob")["network_value"]
    assert capped > row(ranked(), "bob")["network_value"]
    assert row(ranked(settings=Settings(seed=9)), "ann")["network_value"] == plain


def test_without_money_a_hop_is_a_share_of_the_follow_ons():
    ranking = influence.rank(follows=FOLLOWS, interactions=INTERACTIONS)
    assert ranking.unit == "acts"
    assert len(ranking) == 8
    # κ λ of her ties; her referral of hal is φ of his five acts
    expected = K * L * (1.05 + 0.55 + 0.05 + 0.5) + 0.5 * 5
    assert row(ranking, "ann")["direct_value"] == pytest.approx(expected, rel=1e-9)
    assert row(ranking, "dee")["own_value"] == pytest.approx(5 + 4 * L, rel=1e-9)
    assert set(ranking.frame["own_value_origin"]) == {"expected acts"}


def test_follows_alone():
    ranking = influence.rank(follows=FOLLOWS)
    assert ranking.unit == "people"
    evidence = 365 * math.log(2) / 90  # a follow is all there is, and has no age
    one = K * evidence / (5 + evidence)
    assert ranking.frame["id"].to_list() == ["ann", "bob", "cy", "eve"]
    assert ranking.frame["network_value"].to_list() == pytest.approx([one * (1 + one) + one, one, 0, 0])
    assert ranking.facts["as_of"] is None
    assert any("follows alone say who could be heard" in note for note in ranking.notes)
    assert any("without decay" in note for note in ranking.notes)


def test_transposed_follows_turn_the_ranking():
    turned = influence.rank(follows=FOLLOWS.rename({"source": "target", "target": "source"}))
    assert turned.frame["id"].to_list() == ["eve", "bob", "cy", "ann"]


def test_notes_and_facts():
    ranking = ranked()
    notes = "\n".join(ranking.notes)
    assert "rate: rule" in notes
    assert "horizon: 30 days, a third of what the data spans, instead of 365" in notes
    facts = ranking.facts
    assert facts["unit"] == "money"
    assert facts["as_of"] == "2024-03-31T12:00:00Z"
    assert facts["horizon_days"] == pytest.approx(30, rel=1e-12)
    assert (facts["people"], facts["listed"], facts["ties"], facts["acts"]) == (8, 7, 9, 10)
    assert facts["follow_ons"] == pytest.approx(9 * 1.0 + 0.05)
    assert facts["rate"] == "rule"
    assert facts["kappa"]["direct"] == 0.25
    assert facts["sum_of_own_value"] == pytest.approx(820.0)
    assert facts["sum_of_conserved_value"] == pytest.approx(820.0, rel=1e-12)
    assert facts["solver"]["norm"] == 0.5
    assert facts["solver"]["residual"] <= 1e-12 * 820
    assert facts["learned"] is None


def test_missing_clv_is_noted():
    customers = CUSTOMERS.with_columns(clv=pl.when(pl.col("id") == "cy").then(None).otherwise("clv"))
    ranking = influence.rank(follows=FOLLOWS, interactions=INTERACTIONS, customers=customers)
    assert any("1 customers have no clv" in note for note in ranking.notes)
    assert row(ranking, "cy")["own_value_origin"] == "no value known"


def test_an_empty_customers_table_lists_nobody():
    nobody = pl.DataFrame(schema={"id": pl.String, "clv": pl.Float64})
    with pytest.raises(UsageError, match="nobody to list"):
        influence.rank(follows=FOLLOWS, customers=nobody)
    everybody = influence.rank(follows=FOLLOWS, customers=nobody, include_non_customers=True)
    assert len(everybody) == 4
