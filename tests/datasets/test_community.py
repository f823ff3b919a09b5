"""The generator plants what it says, and nothing gives the planted away but their influence."""

from __future__ import annotations

import bisect
import dataclasses
import datetime as dt
import inspect
import math
from collections import Counter, defaultdict

import polars as pl
import pytest

from influence.config import REACTION_WEIGHTS, REFERRAL_TYPES
from influence.datasets.community import Community, synthetic_community
from influence.datasets.community.plan import SHARES, Plan
from influence.errors import UsageError

TABLES = ("follows", "interactions", "actions", "customers", "identities", "transactions")
START, END = dt.date(1997, 1, 1), dt.date(1998, 6, 30)
SIZE = {"n_people": 2_000, "n_influencers": 60, "n_guests": 100}
#: No part beside planted influencers.
PLAIN = dict.fromkeys(
    ("bribed", "farms", "referrals", "referral_rings", "self_referrals", "detractors", "duplicates"), 0
)


def credited(community: Community) -> dict[int, float]:
    """Credit of acts within 90 days after an act of somebody followed, split equally: slow, in plain Python."""
    since = {(v, u): when for v, u, when in community.follows.rows()}
    by_item: dict[str, list[tuple[dt.datetime, int]]] = defaultdict(list)
    for person, item, when in community.actions.rows():
        by_item[item].append((when, person))
    credit: dict[int, float] = defaultdict(float)
    for acts in by_item.values():
        acts.sort()
        for when, v in acts:
            begin = bisect.bisect_left(acts, (when - dt.timedelta(days=90), -1))
            before = acts[begin : bisect.bisect_left(acts, (when, -1))]
            followed = [u for earlier, u in before if (v, u) in since and since[v, u] <= earlier]
            for u in followed:
                credit[u] += 1 / len(followed)
    return credit


def planted_and_matched(community: Community) -> tuple[float, float]:
    """Mean credit of the planted, and of as many others with the most similar followers and acts."""
    followers = Counter(community.follows["target"].to_list())
    acts = Counter(community.actions["customer"].to_list())
    credit = credited(community)

    def traits(person: int) -> tuple[float, float]:
        return math.log1p(followers[person]), math.log1p(acts[person])

    others = set(range(1, community.n_people + 1)) - set(community.planted)
    matched = []
    for person in community.planted:
        twin = min(others, key=lambda other: (math.dist(traits(person), traits(other)), other))
        others.remove(twin)
        matched.append(twin)

    def mean(people: list[int]) -> float:
        return sum(credit.get(person, 0.0) for person in people) / len(people)

    return mean(list(community.planted)), mean(matched)


@pytest.fixture(scope="module")
def community() -> Community:
    """Everything on, by the ids of members."""
    return synthetic_community(**SIZE, seed=7, transactions=True, merged=True)


@pytest.fixture(scope="module")
def plain() -> Community:
    return synthetic_community(**SIZE, seed=7, **PLAIN)


def test_same_seed_same_bytes(community: Community) -> None:
    again = synthetic_community(**SIZE, seed=7, transactions=True, merged=True)
    for field in dataclasses.fields(again.truth):
        one, other = getattr(again.truth, field.name), getattr(community.truth, field.name)
        assert one.equals(other) if isinstance(one, pl.DataFrame) else one == other
    for table in TABLES:
        assert getattr(again, table).write_csv() == getattr(community, table).write_csv()


def test_other_seed_differs(community: Community) -> None:
    other = synthetic_community(**SIZE, seed=8, transactions=True)
    assert other.planted != community.planted
    for part in ("bribed", "rings", "referral_rings", "self_referrals", "detractors", "pull"):
        assert getattr(other.truth, part) != getattr(community.truth, part)
    for table in TABLES:
        assert not getattr(other, table).equals(getattr(community, table))


def test_parts_have_their_own_streams(plain: Community) -> None:
    louder = synthetic_community(**SIZE, seed=7, **PLAIN, interactions_per_person=12.0, pull=0.4)
    assert louder.planted == plain.planted
    assert louder.follows.equals(plain.follows)
    assert louder.customers.equals(plain.customers)
    assert louder.actions.height > plain.actions.height
    assert louder.interactions.height == pytest.approx(2 * plain.interactions.height, rel=0.01)


def test_tables_have_the_canonical_columns(community: Community) -> None:
    time = pl.Datetime("us", "UTC")
    assert dict(community.follows.schema) == {"source": pl.Int64, "target": pl.Int64, "since": time}
    assert dict(community.interactions.schema) == {
        "source": pl.Int64,
        "target": pl.Int64,
        "type": pl.String,
        "timestamp": time,
        "sentiment": pl.Float64,
        "incentivised": pl.Boolean,
        "channel": pl.String,
        "id": pl.Int64,
    }
    assert dict(community.actions.schema) == {"customer": pl.Int64, "item": pl.String, "timestamp": time}
    assert dict(community.customers.schema) == {
        "id": pl.Int64,
        "segment": pl.String,
        "signup": time,
        "nps": pl.Int64,
        "vetted": pl.Boolean,
        "region": pl.String,
    }
    assert dict(community.transactions.schema) == {"customer": pl.Int64, "timestamp": time, "amount": pl.Float64}
    assert dict(community.identities.schema) == {"customer": pl.Int64, "channel": pl.String, "handle": pl.Int64}
    for table in TABLES:
        frame = getattr(community, table).drop("sentiment", "nps", strict=False)
        assert sum(frame.null_count().row(0), 0) == 0
    assert community.interactions["id"].to_list() == list(range(1, community.interactions.height + 1))


def test_sizes(plain: Community, community: Community) -> None:
    assert plain.follows.height == 21_000
    assert plain.interactions.height == pytest.approx(12_600, rel=0.01)
    assert plain.actions.height == pytest.approx(16_000, rel=0.15)
    assert plain.customers["id"].to_list() == list(range(1, 2_001))
    assert plain.identities.is_empty()
    assert plain.transactions is None
    assert len(plain.planted) == 60
    # what the other parts add is a modest share
    assert community.follows.height == pytest.approx(21_000, rel=0.02)
    assert community.interactions.height == pytest.approx(12_600, rel=0.2)
    assert community.actions.height == pytest.approx(16_000, rel=0.15)


def test_times_are_whole_seconds_of_the_span_in_order(community: Community) -> None:
    for table, column in (("follows", "since"), ("interactions", "timestamp"), ("actions", "timestamp")):
        times = getattr(community, table)[column]
        assert times.is_sorted()
        assert times.dt.date().is_between(START, END).all()
        assert (times.dt.microsecond() == 0).all()
        assert times.dt.date().n_unique() > 400  # spread over the 546 days


def test_ties_are_sound(community: Community, plain: Community) -> None:
    follows, interactions = community.follows, community.interactions
    assert follows.select("source", "target").is_unique().all()
    loops = interactions.filter(pl.col("source") == pl.col("target"))
    assert set(loops["type"]) == {"referral"}  # of people who refer themselves
    assert (follows["source"] != follows["target"]).all()
    for frame in (follows, interactions):
        for column in ("source", "target"):
            assert frame[column].is_between(1, 2_100).all()
    assert set(interactions["type"]) == {"reply", "share", "mention", "answer", "like", "referral"}
    assert set(interactions["type"]) <= {*REACTION_WEIGHTS, *REFERRAL_TYPES}
    # nine in ten react to somebody they follow, after the follow began
    known = plain.interactions.join(plain.follows, on=["source", "target"])
    assert known.height >= 0.9 * plain.interactions.height
    assert (known["since"] <= known["timestamp"]).mean() > 0.98


def test_guests_talk_and_never_act(community: Community) -> None:
    assert community.actions["customer"].max() <= 2_000
    assert community.transactions["customer"].max() <= 2_000
    assert community.actions.select("customer", "item").is_unique().all()
    assert community.interactions.filter(pl.col("source") > 2_000).height > 0
    assert community.interactions.filter(pl.col("target") > 2_000).height > 0
    assert max(community.planted) <= 2_000
    assert list(community.planted) == sorted(set(community.planted))


def test_planted_influencers_are_followed_beyond_people_like_them(community: Community) -> None:
    planted, matched = planted_and_matched(community)
    assert matched > 0.5  # chance makes follow-ons too
    assert planted > 4 * matched


def test_no_pull_plants_nothing() -> None:
    made = synthetic_community(**SIZE, seed=7, pull=0.0, merged=True)
    planted, matched = planted_and_matched(made)
    assert planted < 1.5 * matched
    assert made.truth.follow_ons.is_empty()


def test_the_truth_names_every_follow_on(community: Community) -> None:
    truth = community.truth
    acts = {(who, item): when for who, item, when in community.actions.rows()}
    since = {(v, u): when for v, u, when in community.follows.rows()}
    assert truth.follow_ons.height > 500
    led = set()
    for influencer, who, item, when in truth.follow_ons.rows():
        assert acts[who, item] == when
        earlier = acts[influencer, item]
        assert dt.timedelta(days=1) - dt.timedelta(seconds=1) <= when - earlier <= dt.timedelta(days=60, seconds=1)
        assert since[who, influencer] <= earlier + dt.timedelta(seconds=1)
        led.add(influencer)
    assert led <= set(truth.planted)
    assert len(led) > 0.8 * len(truth.planted)


def test_followers_pick_up_as_much_as_was_planted() -> None:
    made = synthetic_community(**SIZE, seed=3, **PLAIN, taste=0)
    pull = dict(zip(made.planted, made.truth.pull, strict=True))
    assert all(0.075 <= strength <= 0.225 for strength in pull.values())
    # later ones have no time left to be followed
    acts = made.actions.filter(pl.col("timestamp") < dt.datetime(1998, 5, 1, tzinfo=dt.UTC))
    influencers = acts.filter(pl.col("customer").is_in(made.planted)).rename({"customer": "influencer"})
    have = made.actions.join(made.truth.follow_ons.select("customer", "item"), on=["customer", "item"], how="anti")
    exposed = (
        influencers.join(made.follows.filter(pl.col("source") <= 2_000), left_on="influencer", right_on="target")
        .filter(pl.col("since") <= pl.col("timestamp"))
        .join(have, left_on=["source", "item"], right_on=["customer", "item"], how="anti")
    )
    expected = sum(count * pull[person] for person, count in exposed.group_by("influencer").len().rows())
    found = made.truth.follow_ons.join(influencers, on=["influencer", "item"], how="semi")
    taken = found.join(exposed, left_on=["influencer", "customer", "item"], right_on=["influencer", "source", "item"])
    assert expected > 500
    # an item that two influencers led to is taken once; 1,000 draws at 0.15 stay within 15 %
    assert taken.height == pytest.approx(expected, rel=0.15)


def test_follow_ons_come_1_to_60_days_later(community: Community) -> None:
    acts = community.actions
    planted = acts.filter(pl.col("customer").is_in(community.planted))
    pairs = (
        planted.rename({"customer": "target", "timestamp": "earlier"})
        .join(community.follows, on="target")
        .filter(pl.col("since") <= pl.col("earlier"))
        .join(acts.rename({"customer": "source"}), on=["source", "item"])
        .select(days=(pl.col("timestamp") - pl.col("earlier")).dt.total_seconds() / 86_400)
    )
    inside = pairs.filter(pl.col("days").is_between(1, 60)).height / 59
    after = pairs.filter(pl.col("days").is_between(60, 119, closed="right")).height / 59
    before = pairs.filter(pl.col("days").is_between(-59, 0)).height / 59
    assert inside > 4 * after
    assert inside > 4 * before


def test_attention_is_heavy_tailed_and_does_not_give_the_planted_away(community: Community) -> None:
    followers = Counter(community.follows["target"].to_list())
    ranked = sorted(range(1, 2_101), key=lambda person: (-followers[person], person))
    assert sum(followers[person] for person in ranked[:21]) > 0.08 * community.follows.height
    overlap = len(set(ranked[:60]) & set(community.planted))
    assert 3 <= overlap <= 30


@pytest.mark.parametrize("seed", range(4))
def test_small_communities_work(seed: int) -> None:
    tiny = synthetic_community(2, 0, seed=seed, transactions=True)
    assert tiny.planted == ()
    assert tiny.follows.height <= 2
    assert tiny.transactions["customer"].n_unique() == 2
    assert len(synthetic_community(12, 12, seed=seed, n_items=1, transactions=True).planted) == 12
    most = synthetic_community(60, 3, seed=seed, **{**SHARES, "pull": 0.5}, n_guests=5)
    assert most.customers["id"].to_list() == list(range(1, 61))


def test_members_join_when_told() -> None:
    days = [float(day) for day in range(300)]
    made = synthetic_community(300, 5, seed=1, joined=days, merged=True)
    begun = dict(made.customers.select("id", pl.col("signup").dt.date()).rows())
    assert begun == {day + 1: START + dt.timedelta(days=day) for day in range(300)}
    for frame, who, when in (
        (made.follows, "source", "since"),
        (made.follows, "target", "since"),
        (made.interactions.filter(pl.col("type") != "referral"), "source", "timestamp"),
        (made.interactions.filter(pl.col("type") != "referral"), "target", "timestamp"),
        (made.actions, "customer", "timestamp"),
    ):
        assert frame.height > 1_000
        assert (frame[when].dt.date() >= frame[who].replace_strict(begun)).all()


def test_the_documented_arguments_are_those_of_the_plan() -> None:
    assert set(inspect.signature(synthetic_community).parameters) == {field.name for field in dataclasses.fields(Plan)}
    for name in inspect.signature(synthetic_community).parameters:
        assert name in synthetic_community.__doc__


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_people": 1}, "n_people must be a whole number of at least 2"),
        ({"n_people": 10, "n_influencers": 11}, "more than n_people"),
        ({"n_people": 10, "n_influencers": -1}, "n_influencers"),
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
        ({"n_guests": 1.5}, "n_guests"),
        ({"n_items": 0}, "n_items"),
        ({"group_size": 1}, "group_size must be a whole number of at least 2"),
        ({"start": dt.date(1998, 1, 1), "end": dt.date(1998, 1, 1)}, "must come after"),
        ({"acts_per_person": 0.0}, "acts_per_person must be above 0"),
        ({"follows_per_person": math.nan}, "follows_per_person"),
        ({"pull": 0.51}, r"pull must lie in \[0, 0.5\]"),
        *(({name: most + 0.01}, rf"{name} must lie in \[0, {most:g}\]") for name, most in SHARES.items()),
        *(({name: math.nan}, name) for name in SHARES),
        *(({name: True}, name) for name in SHARES),
        ({"joined": [1.0]}, "joined must hold a number for each of 2000 people"),
        ({"n_people": 2, "n_influencers": 0, "joined": [0.0, 546.0]}, "joined holds days that don't lie between"),
        ({"n_people": 2, "n_influencers": 0, "joined": [0.0, -1.0]}, "joined holds days"),
        ({"n_people": 2, "n_influencers": 0, "joined": [0.0, math.nan]}, "joined holds days"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        synthetic_community(**arguments)
