"""What only looks like influence, and what is more than it: each part does what it says, and moves no other part."""

from __future__ import annotations

import bisect
import datetime as dt
import random
from collections import Counter, defaultdict
from itertools import pairwise

import polars as pl
import pytest

from influence.datasets.community import Community, synthetic_community

SIZE = {"n_people": 2_000, "n_influencers": 60, "n_guests": 100, "seed": 7, "merged": True}
END = dt.datetime(1998, 7, 1, tzinfo=dt.UTC)
ROW = ["source", "target", "type", "timestamp", "sentiment", "incentivised", "channel"]


@pytest.fixture(scope="module")
def community() -> Community:
    return synthetic_community(**SIZE)


def reactions(made: Community) -> pl.DataFrame:
    return made.interactions.filter(pl.col("type") != "referral")


def referrals(made: Community) -> pl.DataFrame:
    return made.interactions.filter(pl.col("type") == "referral")


def first_deeds(made: Community) -> dict[int, dt.datetime]:
    """When each first acted or reacted."""
    deeds = pl.concat(
        [
            made.actions.select("customer", "timestamp"),
            reactions(made).select(customer="source", timestamp="timestamp"),
        ]
    )
    return dict(deeds.group_by("customer").agg(pl.col("timestamp").min()).rows())


def within(made: Community) -> float:
    """Share of follows within a group."""
    group = dict(made.truth.groups.rows())
    return sum(group[v] == group[u] for v, u, _ in made.follows.rows()) / made.follows.height


def alike(made: Community, *, shuffled: bool) -> float:
    """Acts of the followed on items that the follower acts on within 14 days of them, before or after, per follow."""
    when: dict[int, dict[str, dt.datetime]] = defaultdict(dict)
    for who, item, time in made.actions.rows():
        when[who][item] = time
    sources, targets = made.follows["source"].to_list(), made.follows["target"].to_list()
    if shuffled:
        random.Random(5).shuffle(targets)
    close = sum(
        abs(when[v][item] - time) <= dt.timedelta(days=14)
        for v, u in zip(sources, targets, strict=True)
        if v != u
        for item, time in when[u].items()
        if item in when[v]
    )
    return close / len(sources)


# ----- homophily -----


@pytest.mark.parametrize("homophily", [0.0, 0.3, 0.5, 0.8])
def test_ties_are_mostly_within_groups(homophily: float) -> None:
    made = synthetic_community(**SIZE, homophily=homophily)
    sizes = made.truth.groups["group"].value_counts()["count"]
    assert len(sizes) == 21
    by_chance = sum(int(size) ** 2 for size in sizes) / 2_100**2
    # within a group pairs repeat more often, and a pair is one follow
    assert within(made) == pytest.approx(homophily + (1 - homophily) * by_chance, abs=0.05 + 0.05 * homophily)


def test_people_who_are_tied_act_alike_without_influence() -> None:
    alone = {**SIZE, "pull": 0.0}
    tied, untied = (alike(synthetic_community(**alone), shuffled=shuffled) for shuffled in (False, True))
    assert tied > 1.5 * untied
    for neutral in ({"homophily": 0.0}, {"taste": 0.0}):
        made = synthetic_community(**alone, **neutral)
        assert alike(made, shuffled=False) < 1.2 * alike(made, shuffled=True)


def test_a_group_likes_its_items_in_the_same_weeks() -> None:
    def dense(taste: float) -> float:
        """Of the items that a group often acts on, the share of which most acts come within four weeks."""
        made = synthetic_community(**SIZE, pull=0.0, taste=taste)
        group = dict(made.truth.groups.rows())
        times: dict[tuple[int, str], list[dt.datetime]] = defaultdict(list)
        for who, item, time in made.actions.rows():
            times[group[who], item].append(time)
        often = [sorted(moments) for moments in times.values() if len(moments) >= 6]
        assert len(often) > 100
        month = dt.timedelta(days=28)
        most = [max(bisect.bisect_right(some, t + month) - k for k, t in enumerate(some)) for some in often]
        return sum(count > 0.6 * len(some) for count, some in zip(most, often, strict=True)) / len(often)

    assert dense(0.5) > 0.5
    assert dense(0.0) < 0.25


def test_regions_follow_groups(community: Community) -> None:
    group = community.truth.groups.rename({"group": "of"})
    homes = community.customers.join(group, on="id").group_by("of").agg(pl.col("region").value_counts(sort=True))
    top = sum(regions[0]["count"] for regions in homes["region"].to_list())
    assert 0.7 * 2_000 < top < 0.95 * 2_000


# ----- bribed posters -----


def test_bribed_posters_look_like_influencers_and_pull_nobody(community: Community) -> None:
    truth, told = community.truth, reactions(community)
    assert len(truth.bribed) == 10
    received = Counter(told["target"].to_list())
    acts = Counter(community.actions["customer"].to_list())

    def mean(of: Counter[int], people: tuple[int, ...]) -> float:
        return sum(of[person] for person in people) / len(people)

    everybody = tuple(range(1, 2_001))
    assert mean(received, truth.bribed) > 5 * mean(received, everybody)
    assert mean(received, truth.bribed) > 0.8 * mean(received, truth.planted)
    assert mean(acts, truth.bribed) > 1.5 * mean(acts, everybody)
    # of many people, and nearly all paid
    theirs = told.filter(pl.col("target").is_in(truth.bribed))
    assert theirs["source"].n_unique() > 300
    assert theirs["incentivised"].mean() > 0.7
    others = told.filter(~pl.col("target").is_in(truth.bribed))
    assert 0.002 < others["incentivised"].mean() < 0.03
    assert not set(truth.follow_ons["influencer"]) & set(truth.bribed)
    # in their organic types a bribed poster can't be told from a planted one
    loud = theirs.filter(pl.col("type") != "like").height / theirs.height
    assert loud > 0.6


def test_nobody_follows_a_bribed_poster_beyond_chance(community: Community) -> None:
    """Compared with followers of the same people, dealt anew."""
    acts = {(who, item): time for who, item, time in community.actions.rows()}
    by_person: dict[int, list[tuple[str, dt.datetime]]] = defaultdict(list)
    for (who, item), time in acts.items():
        by_person[who].append((item, time))
    members = list(range(1, 2_001))
    dealt = random.Random(3)

    def followed(people: tuple[int, ...]) -> tuple[int, float]:
        real = chance = 0
        for v, u, since in community.follows.filter(pl.col("target").is_in(people)).rows():
            if v > 2_000:
                continue
            others = dealt.choices(members, k=20)
            for item, time in by_person[u]:
                if time < since:
                    continue
                for who in (v, *others):
                    later = acts.get((who, item))
                    if later is not None and dt.timedelta(0) < later - time <= dt.timedelta(days=60):
                        real, chance = (real + 1, chance) if who == v else (real, chance + 1)
        return real, chance / 20

    pulled, by_chance = followed(community.truth.planted)
    assert pulled > 5 * by_chance
    pulled, by_chance = followed(community.truth.bribed)
    assert by_chance > 2
    assert pulled < 3 * by_chance + 6


# ----- rings -----


def test_reply_farms_react_to_each_other_in_bursts(community: Community) -> None:
    told, follows = reactions(community), community.follows
    rings = community.truth.rings
    assert len(rings) >= 2
    assert all(len(ring) >= 4 for ring in rings)
    for ring in rings:
        inside = told.filter(pl.col("source").is_in(ring) & pl.col("target").is_in(ring))
        outside = told.filter(~pl.col("source").is_in(ring) & pl.col("target").is_in(ring))
        assert inside.height > 5 * outside.height
        pairs = Counter(inside.select("source", "target").rows())
        possible = len(ring) * (len(ring) - 1)
        assert len(pairs) > 0.9 * possible  # nearly all of them, and so in both directions
        assert inside.height > 3 * possible
        days = Counter(inside["timestamp"].dt.date().to_list())
        assert len(days) <= 4 * 3 + 2
        for v in ring:
            assert follows.filter((pl.col("source") == v) & pl.col("target").is_in(ring)).height == len(ring) - 1
    everyone = [person for ring in rings for person in ring]
    assert len(everyone) == len(set(everyone))
    followers = follows.filter(pl.col("target").is_in(everyone) & ~pl.col("source").is_in(everyone))
    assert followers.height < 0.4 * 10 * len(everyone)


def test_rings_refer_in_circles_before_they_act(community: Community) -> None:
    brought = {(u, v): time for u, v, time in referrals(community).select("source", "target", "timestamp").rows()}
    begun = first_deeds(community)
    rings = community.truth.referral_rings
    assert len(rings) >= 2
    for ring in rings:
        assert 3 <= len(ring) <= 7
        for u, v in pairwise((*ring, ring[0])):
            assert brought[u, v] < begun.get(v, END)


def generations(referrer: dict[int, int]) -> list[int]:
    """How many referrals led to each who was referred."""
    depth = []
    for person in referrer:
        steps, at = 0, person
        while at in referrer:
            at, steps = referrer[at], steps + 1
            assert steps < 100, "a circle"
        depth.append(steps)
    return depth


def test_honest_referrals_form_no_circle(community: Community) -> None:
    rogues = {person for ring in community.truth.referral_rings for person in ring}
    honest = referrals(community).filter(
        (pl.col("source") != pl.col("target")) & ~(pl.col("source").is_in(rogues) & pl.col("target").is_in(rogues))
    )
    assert honest["target"].is_unique().all()
    referrer = dict(honest.select("target", "source").rows())
    begun = first_deeds(community)
    for person, time in honest.select("target", "timestamp").rows():
        assert time < begun.get(person, END)
    depth = generations(referrer)
    assert 60 < len(depth) < 140  # 5 % of members, less the earliest
    assert max(depth) >= 2
    signup = dict(community.customers.select("id", "signup").rows())
    for person, who in referrer.items():
        assert signup[who] < signup[person]


def test_more_referrals_form_more_generations() -> None:
    made = synthetic_community(**SIZE, referrals=0.6, referral_rings=0, self_referrals=0)
    referrer = dict(referrals(made).select("target", "source").rows())
    assert 1_000 < len(referrer) < 1_210
    assert max(generations(referrer)) >= 4
    planted = sum(who in set(made.planted) for who in referrer.values())
    assert planted > 2 * 0.03 * len(referrer)


# ----- sentiment, detractors, the survey -----


def test_detractors_are_spoken_against(community: Community) -> None:
    truth, told = community.truth, reactions(community)
    assert len(truth.detractors) == 10
    against = told.filter(pl.col("target").is_in(truth.detractors) & pl.col("sentiment").is_not_null())
    elsewhere = told.filter(~pl.col("target").is_in(truth.detractors) & pl.col("sentiment").is_not_null())
    assert against.height > 100
    assert (against["sentiment"] < 0).mean() > 0.9
    assert elsewhere["sentiment"].mean() > 0.1
    assert elsewhere["sentiment"].is_between(-1, 1).all()
    followers = Counter(community.follows["target"].to_list())
    assert sum(followers[person] for person in truth.detractors) > 10 * len(truth.detractors)


def test_voices_grow_against_some_of_them(community: Community) -> None:
    told, truth = reactions(community), community.truth
    assert len(truth.growing_detractors) == 2
    assert set(truth.growing_detractors) < set(truth.detractors)

    def lately(person: int) -> float:
        times = told.filter(pl.col("target") == person)["timestamp"]
        quarter = ((END - times) <= dt.timedelta(days=90)).sum()
        return quarter / max(1, (((END - times) > dt.timedelta(days=90)) & ((END - times) <= dt.timedelta(180))).sum())

    for person in truth.growing_detractors:
        assert lately(person) > 2
    rest = [lately(person) for person in truth.detractors if person not in truth.growing_detractors]
    assert sum(rest) / len(rest) < 2


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_share_of_reactions_has_a_sentiment(share: float) -> None:
    told = reactions(synthetic_community(**SIZE, sentiment=share))
    assert told["sentiment"].is_not_null().mean() == pytest.approx(share, abs=0.02)


def test_channels_and_types(community: Community) -> None:
    channels = Counter(reactions(community)["channel"].to_list())
    assert set(channels) == {"forum", "social", "email", "store"}
    assert min(channels.values()) > 300
    assert referrals(community)["sentiment"].null_count() == referrals(community).height


def test_the_survey_and_trust(community: Community) -> None:
    truth = community.truth
    nps = dict(community.customers.drop_nulls("nps").select("id", "nps").rows())
    assert len(nps) == pytest.approx(600, rel=0.12)
    assert set(nps.values()) == set(range(11))
    promoters = {person for person, score in nps.items() if score >= 9}
    assert len(promoters - set(truth.planted)) > 0.8 * len(promoters)  # most advocate nothing
    asked = [person for person in truth.planted if person in nps]
    assert sum(person in promoters for person in asked) > 0.4 * len(asked)
    vetted = set(community.customers.filter("vetted")["id"])
    rogues = {*truth.bribed, *truth.self_referrals, *(p for ring in truth.rings + truth.referral_rings for p in ring)}
    assert 20 < len(vetted) < 65
    assert len(rogues) > 30
    assert not vetted & rogues


def test_detractors_say_so_when_asked() -> None:
    made = synthetic_community(**SIZE, nps=1.0, detractors=0.03)
    nps = dict(made.customers.select("id", "nps").rows())
    scores = [nps[person] for person in made.truth.detractors]
    assert len(scores) == 60
    assert sum(scores) / len(scores) < 4.5
    assert made.customers["nps"].mean() > 6.5
    assert synthetic_community(**SIZE, nps=0.0).customers["nps"].null_count() == 2_000


# ----- each part by itself -----


def parts_of(made: Community) -> list[set[int]]:
    truth = made.truth
    return [
        set(truth.planted),
        set(truth.bribed),
        set(truth.detractors),
        set(truth.self_referrals),
        {person for ring in truth.rings for person in ring},
        {person for ring in truth.referral_rings for person in ring},
    ]


def test_whoever_plays_a_part_plays_one(community: Community) -> None:
    parts = parts_of(community)
    assert all(parts)
    assert len(set.union(*parts)) == sum(map(len, parts))


def test_more_of_a_part_begins_with_the_same_people(community: Community) -> None:
    more = synthetic_community(**SIZE, bribed=0.01, detractors=0.01, self_referrals=0.005, farms=0.02)
    for name in ("bribed", "detractors", "self_referrals"):
        assert set(getattr(community.truth, name)) < set(getattr(more.truth, name))


@pytest.mark.parametrize(
    ("part", "people"),
    [
        ("bribed", "bribed"),
        ("farms", "rings"),
        ("detractors", "detractors"),
        ("referral_rings", "referral_rings"),
        ("self_referrals", "self_referrals"),
        ("referrals", None),
    ],
)
def test_a_part_that_is_off_moves_no_other(community: Community, part: str, people: str | None) -> None:
    off = synthetic_community(**SIZE, **{part: 0.0})
    concerned = set()
    if people is not None:
        assert getattr(off.truth, people) == ()
        for entry in getattr(community.truth, people):
            concerned |= set(entry) if isinstance(entry, tuple) else {entry}
    for field in ("planted", "pull", "bribed", "rings", "referral_rings", "self_referrals", "detractors"):
        if field != people:
            assert getattr(off.truth, field) == getattr(community.truth, field)

    assert off.truth.groups.equals(community.truth.groups)
    for role, key in (("follows", ["source", "target", "since"]), ("interactions", ROW), ("actions", None)):
        one, other = getattr(community, role), getattr(off, role)
        key = key or one.columns
        for left, right in ((one, other), (other, one)):
            changed = left.join(right, on=key, how="anti", nulls_equal=True)
            if role == "interactions" and part == "referrals":
                assert set(changed["type"]) <= {"referral"}
            else:
                ends = changed.select(pl.col(c) for c in key if c in ("source", "target", "customer"))
                assert all(set(row) & concerned for row in ends.rows()), (role, changed)
    quiet = ("nps", "vetted") if people else ()
    for column in set(community.customers.columns) - set(quiet):
        assert off.customers[column].equals(community.customers[column])
    rest = ~pl.col("id").is_in(concerned)
    assert off.customers.filter(rest).equals(community.customers.filter(rest))
