"""What one person's network value is made of, by listener, type, channel and hop."""

import dataclasses
import datetime as dt
import json
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score.signed_scores import Parts, sentence, signed_score
from value.oracles_value import START, Log, logs

import influence
from influence import api
from influence.config import Settings
from influence.errors import DataError, UsageError
from influence.score import rank_people, score_history
from influence.score.explain import BREAKDOWNS, Explanation, explain_person, explain_scored

NOON = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def parts_of(explanation, breakdown):
    return dict(explanation.frame.filter(breakdown=breakdown).select("name", "value").rows())


@pytest.mark.slow
@settings(max_examples=70)
@given(
    log=logs(money=True, most_people=10),
    seed=st.integers(0, 2**32),
    channels=st.booleans(),
    zeros=st.sampled_from([0.0, 0.3, 0.9]),
)
def test_every_breakdown_is_what_plain_loops_give(log, seed, channels, zeros):
    log.clv[next(iter(log.clv))] = 5.0  # in money
    check(log, seed, channels, zeros)


@pytest.mark.parametrize("seed", range(6))
def test_every_breakdown_of_a_star(seed):
    """More listeners than are told apart, some of whom take away."""
    n = 13
    follows = [(v, 0, START) for v in range(1, n)]
    kinds = ["reply", "share", "like"]
    reactions = [(v, 0, kinds[v % 3], START + v * 86_400_000_000) for v in range(1, 9)] + [(1, 2, "reply", START)]
    scored = check(Log(n, follows, reactions, clv=dict.fromkeys(range(n - 2), 10.0)), seed, channels=True, zeros=0.0)
    names = set(parts_of(explain_scored(scored, 0), "listener"))
    assert {"listener 5", "others"} <= names
    assert "listener 6" not in names


def check(log, seed, channels, zeros):
    scored, said = signed_score(log, seed, channels=channels, zeros=zeros)
    parts = Parts(scored, log, said)
    scale = max(1.0, np.abs(parts.own).sum())
    near = {"rel": 1e-9, "abs": 1e-11 * scale}

    def without_zeros(values):
        return {name: pytest.approx(value, **near) for name, value in values.items() if abs(value) > 1e-11 * scale}

    for u in range(log.n):
        found = explain_scored(scored, u, show_counterparts=True)
        assert found.sentence == sentence(parts, log, u, named=True)
        assert found.facts["network_value"] == pytest.approx(parts.network[u], **near)
        if found.sentence is None:
            assert not found.frame.height
            continue
        for breakdown in BREAKDOWNS:
            rows = found.frame.filter(breakdown=breakdown)
            assert math.fsum(rows["value"]) == pytest.approx(parts.network[u], **near), breakdown
            size = rows["value"].abs().sum()
            assert rows["share"].to_list() == pytest.approx((rows["value"] / size).to_list())
            assert rows["name"].n_unique() == rows.height
        amounts = {v: part for v, part in enumerate(parts.amount[u]) if part}
        largest = sorted(amounts, key=lambda v: (-abs(amounts[v]), v))[:5]
        expected = {str(v): amounts[v] for v in largest}
        rest = [part for v, part in amounts.items() if v not in largest]
        expected["others"] = sum(part for part in rest if part > 0)
        expected["others who take away"] = sum(part for part in rest if part < 0)
        assert parts_of(found, "listener") == {v: pytest.approx(a, **near) for v, a in expected.items() if a}
        assert list(parts_of(found, "listener"))[: len(largest)] == [str(v) for v in largest]
        for breakdown, values in (("type", parts.types(u)), ("channel", parts.channels(u))):
            kept = {name: v for name, v in parts_of(found, breakdown).items() if abs(v) > 1e-11 * scale}
            assert kept == without_zeros(values), breakdown
            sizes = [abs(value) for value in kept.values()]
            assert sizes == sorted(sizes, reverse=True)
        hops = parts_of(found, "hop")
        further = hops.pop("further", 0.0)
        for place, (name, value) in enumerate(hops.items(), start=1):
            assert name == f"hop {place}"
            assert value == pytest.approx(parts.hop(u, place), rel=1e-8, abs=1e-8 * scale)
        assert hops["hop 1"] == pytest.approx(float(found.facts["direct_value"]), rel=1e-8, abs=1e-8 * scale)
        assert abs(further) <= 0.005 * max(abs(parts.network[u]), sum(map(abs, hops.values()))) * (1 + 1e-9)
    return scored


@settings(max_examples=15)
@given(log=logs(money=True, most_people=8))
def test_rank_and_values_are_those_of_the_ranking(log):
    history = log.history()
    ranking = rank_people(history, Settings())
    rows = {row["id"]: row for row in ranking.frame.iter_rows(named=True)}
    scored = score_history(history, Settings())
    for u in range(log.n):
        found = explain_scored(scored, u)
        facts, row = found.facts, rows.get(str(u))
        assert facts["listed"] == len(ranking)
        if row is None:
            assert facts["rank"] is None
            continue
        for name in ("id", "rank", "network_value", "direct_value", "own_value", "total_value", "conserved_value"):
            assert facts[name] == row[name], name
        assert found.sentence == row["reasons"]


EVENTS = [
    ("bob", "ann", "reply", NOON, "forum"),
    ("bob", "ann", "reply", NOON, "forum"),
    ("bob", "ann", "reply", NOON, "mail"),
    ("cy", "ann", "reply", NOON, None),
    ("cy", "ann", "share", NOON, "social"),
    ("dee", "bob", "like", NOON, "forum"),
]
INTERACTIONS = pl.DataFrame(EVENTS, schema=["source", "target", "type", "timestamp", "channel"], orient="row")
FOLLOWS = pl.DataFrame({"source": ["eve"], "target": ["ann"]})
CUSTOMERS = pl.DataFrame({"id": ["ann", "bob", "cy", "dee", "eve"], "clv": [1.0, 60.0, 40.0, 900.0, 20.0]})
FRAMES = {"follows": FOLLOWS, "interactions": INTERACTIONS, "customers": CUSTOMERS}


def test_by_hand():
    """All at one moment: a stock of one is a rate of 365 ln 2 / 90 in the year ahead, and m₀ is five acts."""
    rate = 365 * math.log(2) / 90

    def share(evidence, acts):
        return 0.25 * evidence * rate / (5 + max(acts, evidence) * rate)

    bob, cy, eve, dee = share(3, 3), share(2, 2), share(0.05, 0), share(0.05, 1)
    g_bob = 60 + dee * 900
    network = bob * g_bob + cy * 40 + eve * 20
    found = influence.api.explain("ann", **FRAMES, show_counterparts=True)
    assert isinstance(found, Explanation)
    near = pytest.approx
    assert parts_of(found, "listener") == {"bob": near(bob * g_bob), "cy": near(cy * 40), "eve": near(eve * 20)}
    assert parts_of(found, "type") == {
        "reply": near(bob * g_bob + cy / 2 * 40),
        "share": near(cy / 2 * 40),
        "follow": near(eve * 20),
    }
    assert parts_of(found, "channel") == {
        "forum": near(bob * g_bob * 2 / 3),
        "mail": near(bob * g_bob / 3),
        "social": near(cy / 2 * 40),
        "unknown": near(cy / 2 * 40),
        "follows": near(eve * 20),
    }
    assert parts_of(found, "hop") == {"hop 1": near(bob * 60 + cy * 40 + eve * 20), "hop 2": near(bob * dee * 900)}
    assert found.facts["network_value"] == near(network)
    assert (found.facts["rank"], found.facts["listed"]) == (1, 5)
    assert found.facts["contributors"] == {
        "people": 3,
        "customers": 3,
        "worth": 120.0,
        "referred": 0,
        "seen": 2,
        "top_seen": 2,
        "away": 0,
    }
    observed = found.facts["observed"]
    assert observed["follow_ons"] == 5.0
    assert observed["by_type"] == {"reply": 4.0, "share": 1.0}
    assert observed["first"] == observed["last"] == "2024-01-01T12:00:00Z"
    assert found.sentence == (
        "reaches 3 customers worth 120; 2 reacted (replies count most); most: "
        f"bob {100 * bob * g_bob / network:.0f} %, cy {100 * cy * 40 / network:.0f} %, eve under 1 %"
    )


def test_nobody_is_named_unless_asked():
    found = influence.api.explain("ann", **FRAMES)
    assert list(parts_of(found, "listener")) == ["listener 1", "listener 2", "listener 3"]
    text = found.frame.write_csv() + json.dumps(found.facts) + "".join(found.notes) + str(found.sentence)
    assert not {"bob", "cy", "dee", "eve"} & set(text.replace('"', " ").replace(",", " ").split())
    named = influence.api.explain("ann", **FRAMES, show_counterparts=True)
    assert named.frame["value"].equals(found.frame["value"])


def test_who_nobody_listens_to():
    found = influence.api.explain("eve", **FRAMES)
    assert found.sentence is None
    assert found.frame.height == 0
    assert found.frame.columns == ["breakdown", "name", "value", "share"]
    assert found.facts["contributors"]["people"] == 0
    assert found.facts["observed"]["follow_ons"] == 0.0
    assert found.facts["observed"]["first"] is None
    json.dumps(found.facts, allow_nan=False)


def test_who_is_no_customer_has_no_rank():
    found = influence.api.explain("bob", follows=FOLLOWS, interactions=INTERACTIONS, customers=CUSTOMERS.head(1))
    assert found.facts["rank"] is None
    assert found.facts["listed"] == 1


def test_unknown_and_suppressed_people_are_not_told_apart():
    with pytest.raises(UsageError) as unknown:
        influence.api.explain("zyx", **FRAMES)
    for person in ("cy", "bob"):
        with pytest.raises(UsageError) as hidden:
            influence.api.explain(person, **FRAMES, suppress=pl.DataFrame({"id": [person]}))
        assert str(hidden.value) == str(unknown.value).replace("zyx", person)
    with pytest.raises(UsageError, match="nobody has the id 'an'; did you mean 'ann'"):
        influence.api.explain("an", **FRAMES)
    # nor is a suppressed person suggested
    with pytest.raises(UsageError) as near:
        influence.api.explain("an", **FRAMES, suppress=pl.DataFrame({"id": ["ann"]}))
    assert "ann" not in str(near.value).removeprefix("nobody has the id 'an'")


def test_sources_and_moments_as_for_a_ranking():
    assert influence.api.explain(7, follows=pl.DataFrame({"source": [1], "target": [7]})).facts["id"] == "7"
    later = pl.concat([INTERACTIONS, INTERACTIONS.with_columns(pl.col("timestamp") + 30 * DAY, source=pl.lit("zoe"))])
    then = influence.api.explain("ann", follows=FOLLOWS, interactions=later, as_of="2024-01-02")
    assert then.facts["observed"]["follow_ons"] == 5.0
    now = influence.api.explain("ann", follows=FOLLOWS, interactions=later)
    assert now.facts["observed"]["follow_ons"] == 10.0
    stages = api.Stages()
    influence.api.explain("ann", **FRAMES, stages=stages)
    assert set(stages.seconds) == {"read", "load", "score"}
    with pytest.raises(UsageError, match="no ISO date"):
        influence.api.explain("ann", **FRAMES, as_of="soon")
    with pytest.raises(DataError, match="no ties"):
        influence.api.explain("ann", customers=CUSTOMERS)
    with pytest.raises(UsageError, match="nothing to read"):
        influence.api.explain("ann")


def test_ids_in_any_case_where_case_is_folded():
    options = influence.ReadOptions(fold_case=True)
    assert influence.api.explain("ANN", **FRAMES, options=options).facts["id"] == "ann"
    with pytest.raises(UsageError, match="did you mean 'ann'"):
        influence.api.explain("ANN", **FRAMES)


def days(*counts):
    """Return events that react to ann: how many in each of these stretches of thirty days."""
    rows = [
        (f"fan{number}", "ann", "reply", NOON + (30 * stretch + 1 + 28 * number / (count + 1)) * DAY)
        for stretch, count in enumerate(counts)
        for number in range(count)
    ]
    ends = [("x", "y", "like", NOON), ("x", "y", "like", NOON + 30 * len(counts) * DAY)]
    return pl.DataFrame(rows + ends, schema=["source", "target", "type", "timestamp"], orient="row")


@pytest.mark.parametrize(
    ("counts", "movement"),
    [
        ((5, 5, 20), "growing"),
        ((5, 20, 5), "fading"),
        ((5, 12, 9), "active"),
        ((5, 9, 12), "active"),
        ((5, 5, 0), "silent"),
    ],
)
def test_movement_is_told_from_chance(counts, movement):
    found = influence.api.explain("ann", interactions=days(*counts))
    observed = found.facts["observed"]
    assert found.facts["horizon_days"] == pytest.approx(30, rel=1e-6)
    assert (observed["horizon_before"], observed["last_horizon"]) == counts[1:]
    assert observed["movement"] == movement


def test_nothing_dated_has_no_movement():
    observed = influence.api.explain("ann", follows=FOLLOWS).facts["observed"]
    assert observed == {
        "follow_ons": 0.0,
        "by_type": {},
        "first": None,
        "last": None,
        "last_horizon": None,
        "horizon_before": None,
        "movement": None,
    }


def test_a_tie_that_only_is_expected_to_react_has_the_channels_of_the_influencer():
    """With a learned rate a listener who never reacted is expected to, in the influencer's own channels."""
    ranking = influence.rank(influence.demo_tables(), settings=Settings(rate="learned"))
    best = ranking.frame["id"][0]
    found = influence.api.explain(best, influence.demo_tables(), settings=Settings(rate="learned"))
    assert any("as expected" in note for note in found.notes)
    value = ranking.frame["network_value"][0]
    for breakdown in BREAKDOWNS:
        assert math.fsum(parts_of(found, breakdown).values()) == pytest.approx(value, rel=1e-12)
    assert found.sentence == ranking.frame["reasons"][0]


def test_is_frozen_and_a_table():
    found = influence.api.explain("ann", **FRAMES)
    assert found.to_polars() is found.frame
    assert repr(found).startswith("<Explanation of ")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.sentence = ""


def test_explain_person_takes_a_history():
    from influence.io import tables_from_frames
    from influence.ties import History

    history = History.from_tables(tables_from_frames(**FRAMES), Settings())
    found = explain_person(history, Settings(), "ann")
    assert found.frame.equals(influence.api.explain("ann", **FRAMES).frame)
