"""The generator plants what it says, and nothing gives the planted away but their influence."""

from __future__ import annotations

import bisect
import datetime as dt
import math
from collections import Counter, defaultdict

import polars as pl
import pytest

from influence.config import REACTION_WEIGHTS
from influence.datasets.community import Community, synthetic_community
from influence.errors import UsageError

TABLES = ("follows", "interactions", "actions")
START, END = dt.date(1997, 1, 1), dt.date(1998, 6, 30)
SIZE = {"n_people": 2_000, "n_influencers": 60, "n_guests": 100}


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
    return synthetic_community(**SIZE, seed=7)


def test_same_seed_same_bytes(community: Community) -> None:
    again = synthetic_community(**SIZE, seed=7)
    assert again.planted == community.planted
    for table in TABLES:
        assert getattr(again, table).write_csv() == getattr(community, table).write_csv()


def test_other_seed_differs(community: Community) -> None:
    other = synthetic_community(**SIZE, seed=8)
    assert other.planted != community.planted
    for table in TABLES:
        assert not getattr(other, table).equals(getattr(community, table))


def test_parts_have_their_own_streams(community: Community) -> None:
    louder = synthetic_community(**SIZE, seed=7, interactions_per_person=12.0, pull=0.4)
    assert louder.planted == community.planted
    assert louder.follows.equals(community.follows)
    assert louder.actions.height > community.actions.height
    assert louder.interactions.height == pytest.approx(2 * community.interactions.height, rel=0.01)


def test_tables_have_the_canonical_columns(community: Community) -> None:
    time = pl.Datetime("us", "UTC")
    assert dict(community.follows.schema) == {"source": pl.Int64, "target": pl.Int64, "since": time}
    assert dict(community.interactions.schema) == {
        "source": pl.Int64,
        "target": pl.Int64,
        "type": pl.String,
        "timestamp": time,
    }
    assert dict(community.actions.schema) == {"customer": pl.Int64, "item": pl.String, "timestamp": time}
    for table in TABLES:
        assert sum(getattr(community, table).null_count().row(0)) == 0


def test_sizes(community: Community) -> None:
    assert community.follows.height == 21_000
    assert community.interactions.height == pytest.approx(12_600, rel=0.01)
    assert community.actions.height == pytest.approx(16_000, rel=0.15)
    assert len(community.planted) == 60


def test_times_are_whole_seconds_of_the_span_in_order(community: Community) -> None:
    for table, column in (("follows", "since"), ("interactions", "timestamp"), ("actions", "timestamp")):
        times = getattr(community, table)[column]
        assert times.is_sorted()
        assert times.dt.date().is_between(START, END).all()
        assert (times.dt.microsecond() == 0).all()
        assert times.dt.date().n_unique() > 400  # spread over the 546 days


def test_ties_are_sound(community: Community) -> None:
    follows, interactions = community.follows, community.interactions
    assert follows.select("source", "target").is_unique().all()
    for frame in (follows, interactions):
        assert (frame["source"] != frame["target"]).all()
        for column in ("source", "target"):
            assert frame[column].is_between(1, 2_100).all()
    assert set(interactions["type"].unique()) == {"reply", "share", "mention", "answer", "like"}
    assert set(interactions["type"].unique()) <= set(REACTION_WEIGHTS)
    # nine in ten react to somebody they follow, after the follow began
    known = interactions.join(follows, on=["source", "target"])
    assert known.height >= 0.9 * interactions.height
    assert (known["since"] <= known["timestamp"]).mean() > 0.98


def test_guests_talk_and_never_act(community: Community) -> None:
    assert community.actions["customer"].max() <= 2_000
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
    planted, matched = planted_and_matched(synthetic_community(**SIZE, seed=7, pull=0.0))
    assert planted < 1.5 * matched


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
    tiny = synthetic_community(2, 0, seed=seed)
    assert tiny.planted == ()
    assert tiny.follows.height <= 2
    assert len(synthetic_community(12, 12, seed=seed, n_items=1).planted) == 12


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
        ({"start": dt.date(1998, 1, 1), "end": dt.date(1998, 1, 1)}, "must come after"),
        ({"acts_per_person": 0.0}, "acts_per_person must be above 0"),
        ({"follows_per_person": math.nan}, "follows_per_person"),
        ({"pull": 0.51}, r"pull must lie in \[0, 0.5\]"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        synthetic_community(**arguments)
