"""People under several names: the table of identities leads back to the same community without handles."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from influence.datasets.community import Community, synthetic_community
from influence.io import merge_identities, tables_from_frames

SIZE = {"n_people": 2_000, "n_influencers": 60, "n_guests": 100, "seed": 7}
EVENTS = ("follows", "interactions", "actions")
ENDS = {"follows": ("source", "target"), "interactions": ("source", "target"), "actions": ("customer",)}


@pytest.fixture(scope="module")
def disguised() -> Community:
    return synthetic_community(**SIZE, duplicates=0.1)


@pytest.fixture(scope="module")
def plain() -> Community:
    return synthetic_community(**SIZE, duplicates=0.1, merged=True)


def test_merging_gives_the_community_without_handles(disguised: Community, plain: Community) -> None:
    tables = tables_from_frames(**{role: getattr(disguised, role) for role in (*EVENTS, "customers", "identities")})
    merged = merge_identities(tables)
    for role in EVENTS:
        one, other = getattr(merged, role), getattr(plain, role)
        keys = [name for name in one.columns if name != "id"]
        assert one.select(keys).sort(keys).equals(other.select(keys).sort(keys)), role
    assert (
        merged.customers.select("id", "nps")
        .cast(pl.Float64)
        .equals(plain.customers.select("id", "nps").cast(pl.Float64))
    )
    assert plain.identities.is_empty()
    assert not plain.truth.duplicates


def test_handles_are_used_and_belong_to_one_person(disguised: Community) -> None:
    identities, truth = disguised.identities, disguised.truth
    assert identities["handle"].is_unique().all()
    assert identities["handle"].min() > 2_100
    assert identities.select("customer", "channel").is_unique().all()
    assert set(identities["customer"]) <= set(range(1, 2_001))
    listed: dict[int, tuple[int, ...]] = {}
    for person, _, handle in identities.rows():
        listed[person] = (*listed.get(person, ()), handle)
    assert dict(truth.duplicates) == listed
    assert 150 < len(listed) < 250
    assert any(len(handles) > 1 for handles in listed.values())
    known = set(identities["handle"])
    for role, ends in ENDS.items():
        for end in ends:
            strange = getattr(disguised, role).filter(pl.col(end) > 2_100)
            assert strange.height > 10, (role, end)
            assert set(strange[end]) <= known


def test_handles_stand_on_their_channel(disguised: Community) -> None:
    channel = dict(disguised.identities.select("handle", "channel").rows())
    for row in disguised.interactions.iter_rows(named=True):
        for end in ("source", "target"):
            if row[end] in channel and row["type"] != "referral":
                assert channel[row[end]] == row["channel"]


def test_people_are_followed_under_some_of_their_names(disguised: Community) -> None:
    social = disguised.identities.filter(pl.col("channel") == "social").select("customer", "handle").rows()
    followed = disguised.follows["target"].value_counts()
    count = dict(followed.rows())
    under, plainly = (sum(count.get(pair[end], 0) for pair in social) for end in (1, 0))
    assert under == pytest.approx(plainly, rel=0.25)
    both = sum(pair[0] in count and pair[1] in count for pair in social)
    assert both > 0.6 * len(social)


def test_people_refer_themselves_under_a_second_handle(disguised: Community) -> None:
    owner = dict(disguised.identities.select("handle", "customer").rows())
    brought = disguised.interactions.filter(pl.col("type") == "referral")
    loops = [
        (u, v, when)
        for u, v, when in brought.select("source", "target", "timestamp").rows()
        if owner.get(u, u) == owner.get(v, v)
    ]
    assert sorted(u for u, _, _ in loops) == list(disguised.truth.self_referrals)
    first: dict[int, dt.datetime] = dict(disguised.actions.group_by("customer").agg(pl.col("timestamp").min()).rows())
    acting = 0
    for u, v, when in loops:
        assert u != v
        acting += v in first
        assert v not in first or first[v] >= when
    assert acting > 0


def test_without_duplicates_only_self_referrals_have_handles() -> None:
    made = synthetic_community(**SIZE, duplicates=0.0)
    assert tuple(made.truth.duplicates) == made.truth.self_referrals
    made = synthetic_community(**SIZE, duplicates=0.0, self_referrals=0.0)
    assert made.identities.is_empty()
    merged = synthetic_community(**SIZE, duplicates=0.0, self_referrals=0.0, merged=True)
    for role in EVENTS:
        assert getattr(made, role).equals(getattr(merged, role))


def test_handles_do_not_hang_on_the_rest() -> None:
    one = synthetic_community(**SIZE)
    other = synthetic_community(**SIZE, bribed=0.0, pull=0.3, referrals=0.2)
    assert one.identities.equals(other.identities)
