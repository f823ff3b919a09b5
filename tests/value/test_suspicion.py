"""Suspicion: what is planted is found, honest people are not, and each limit is where it is said to be."""

import dataclasses
import random

import networkx as nx
import numpy as np
import pytest
from oracles import DAY
from value.trust_cases import DAYS, burst, farm, honest, ledger_of, people, ring

import influence
from influence.config import Settings
from influence.ties import History, Ledger
from influence.value.authenticity import relative_trust, trust_graph
from influence.value.suspicion import (
    bursts,
    reciprocal_rings,
    referral_rings,
    reply_farms,
    self_referrers,
    telling,
)

N = 800
COMMUNITY = honest(N, seed=1)
PATTERNS = (bursts, reply_farms, reciprocal_rings)


def trust_of(ledger, k=40, seed=0):
    seeds = np.zeros(ledger.n_people, np.bool_)
    seeds[np.random.default_rng(seed).choice(N, k, replace=False)] = True
    return relative_trust(trust_graph(ledger), seeds)


@pytest.fixture(scope="module")
def gamed():
    """A community with rings of 4, 6 and 8, a farm of 12 bots with two clients, and a client of a burst of 5."""
    rings = [list(range(1000, 1004)), list(range(1010, 1016)), list(range(1020, 1028))]
    rows = list(COMMUNITY)
    for number, members in enumerate(rings):
        rows += ring(members, number)
        rows += [(7 * number, members[0], "reply", DAY)]
    rows += farm(range(1100, 1112), [1112, 1113], 0)
    rows += burst(range(1200, 1205), 1205, 0, day=77)
    planted = {"rings": {person for members in rings for person in members}, "farm": {1112, 1113}, "burst": {1205}}
    return ledger_of(rows, n=1210), planted


@pytest.mark.parametrize("with_trust", [False, True])
def test_what_is_planted_is_found_and_nobody_else(gamed, with_trust):
    ledger, planted = gamed
    trust = trust_of(ledger) if with_trust else None
    assert not with_trust or telling(ledger, trust)
    assert people(ledger, bursts(ledger, trust)) == planted["burst"]
    assert (
        people(ledger, reply_farms(ledger, trust)) == planted["farm"]
    )  # four reactions of each bot of the burst say too little
    assert people(ledger, reciprocal_rings(ledger, trust)) == planted["rings"]


@pytest.mark.parametrize("seed", [2, 3])
def test_honest_people_are_not_suspected(seed):
    ledger = ledger_of(honest(N, seed), n=N)
    for trust in (None, trust_of(ledger)):
        assert sum(int(found(ledger, trust).sum()) for found in PATTERNS) == 0


def test_whom_trusted_people_listen_to_is_not_suspected(gamed):
    ledger, _ = gamed
    for found in PATTERNS:
        assert not found(ledger, np.ones(ledger.n_people)).any()
    assert bursts(ledger, np.full(ledger.n_people, 0.6)).any()
    assert not bursts(ledger, np.full(ledger.n_people, 0.61)).any()


# bursts

FANS = range(1, 6)


def burst_rows(day=77, times=4, elsewhere=0, before=0):
    """Return a burst at 0 of five fans, some of whose reactions go elsewhere, and reactions to 0 on other days."""
    rows = burst(FANS, 0, 0, day=day, times=times)
    rows += [(fan, 50, "reply", 400 * DAY) for fan in FANS for _ in range(elsewhere)]
    rows += [(60 + i, 0, "reply", 10 * i * DAY) for i in range(before)]
    return [*rows, (99, 98, "reply", 0), (99, 98, "reply", (DAYS - 1) * DAY)]


def suspected(rows, found, trust=None):
    ledger = ledger_of(rows)
    return people(ledger, found(ledger, trust))


def test_a_burst_by_hand():
    assert suspected(burst_rows(), bursts) == {0}
    assert suspected(burst_rows(elsewhere=1), bursts) == {0}  # four of five are for her
    assert suspected(burst_rows(elsewhere=2), bursts) == set()
    assert suspected(burst_rows(before=20), bursts) == {0}  # half of all, in one burst
    assert suspected(burst_rows(before=21), bursts) == set()
    assert suspected(burst_rows(times=3), bursts) == set()  # too little to say anything


def test_a_burst_of_many_who_react_once_is_what_goes_round():
    rows = [(fan, 0, "share", 77 * DAY + fan) for fan in range(1, 200)]
    assert suspected([*rows, (99, 98, "reply", 0), (99, 98, "reply", (DAYS - 1) * DAY)], bursts) == set()


def test_an_evening_of_two_friends_is_no_burst():
    rows = [(1 + i % 2, 0, "reply", 77 * DAY + i) for i in range(60)]
    assert suspected([*rows, (99, 98, "reply", 0), (99, 98, "reply", (DAYS - 1) * DAY)], bursts) == set()


@pytest.mark.parametrize(("step", "expected"), [(DAY // 20, set()), (DAY // 100, {0})])
def test_a_day_is_not_short_in_a_week_of_data(step, expected):
    """Twenty reactions within a day, and within five hours."""
    rows = [(1 + i % 5, 0, "share", i * step) for i in range(20)]
    assert suspected([*rows, (99, 98, "reply", 0), (99, 98, "reply", 7 * DAY)], bursts) == expected
    assert suspected([*rows, (99, 98, "reply", 0), (99, 98, "reply", DAYS * DAY)], bursts) == {0}


# farms


def test_a_farm_by_hand():
    served = [(bot, client, "like", DAY * (bot + i)) for bot in range(10, 16) for client in (1, 2, 3) for i in range(7)]
    assert suspected(served, reply_farms) == {1, 2, 3}  # six accounts, three clients
    assert suspected([row for row in served if row[0] < 15], reply_farms) == set()  # five accounts for three
    hidden = [(bot, 100 + 2 * bot + i, "like", 0) for bot in range(10, 16) for i in (0, 1)]
    assert suspected(served + hidden, reply_farms) == {1, 2, 3}  # 21 of the 23 that each gives
    busy = [(30, u, "reply", 0) for u in (1, *range(200, 240))] + [(1, 201, "reply", 0)]
    assert suspected(served + busy, reply_farms) == {1, 2, 3}  # one among her listeners is nobody's servant
    some = [(20 + i, 1, "reply", 0) for i in range(10)]
    assert suspected(served + some, reply_farms) == {1, 2, 3}  # 42 of 52
    assert suspected(served + some + [(31, 1, "reply", 0)], reply_farms) == {2, 3}  # 42 of 53


def test_friends_with_few_contacts_are_no_farm():
    """Eight people who give all they give to the same person and to two friends each."""
    rows = [(v, u, "reply", DAY * i) for v in range(10, 18) for u in (1, 100 + v, 200 + v) for i in range(4)]
    assert suspected(rows, reply_farms) == set()


# rings


def test_friends_who_meet_at_any_time_are_no_ring_without_low_trust():
    rng = random.Random(0)
    friends = [
        (v, u, "reply", rng.randrange(DAYS * DAY)) for v in range(5) for u in range(5) if u != v for _ in "12345"
    ]
    assert suspected(friends, reciprocal_rings) == set()
    ledger = ledger_of(friends)
    assert reciprocal_rings(ledger, np.full(5, 0.6)).all()
    assert not reciprocal_rings(ledger, np.full(5, 0.61)).any()
    told = ring(range(5), 0)
    assert suspected(told, reciprocal_rings) == set(range(5))
    assert reciprocal_rings(ledger_of(told), np.full(5, 0.8)).all()
    assert not reciprocal_rings(ledger_of(told), np.full(5, 0.81)).any()


def test_two_are_no_ring_and_a_crowd_is_none():
    assert suspected(ring(range(2), 0, times=20), reciprocal_rings) == set()
    assert suspected(ring(range(3), 0), reciprocal_rings) == set(range(3))
    assert suspected(ring(range(50), 0, times=8), reciprocal_rings) == set(range(50))
    assert suspected(ring(range(51), 0, times=8), reciprocal_rings) == set()


def test_a_ring_that_others_listen_to_is_none():
    rows = ring(range(4), 0)  # 72 reactions
    outside = [(100 + i, i % 4, "reply", i * DAY) for i in range(24)]
    assert suspected(rows + outside, reciprocal_rings) == set(range(4))  # three quarters
    assert suspected([*rows, *outside, (200, 0, "reply", 0)], reciprocal_rings) == set()
    given = [(i % 4, 100 + i, "reply", i * DAY) for i in range(72)]
    assert suspected(rows + given, reciprocal_rings) == set(range(4))  # half
    assert suspected([*rows, *given, (0, 200, "reply", 0)], reciprocal_rings) == set()


def test_a_month_is_no_long_time():
    month = [(v, u, kind, time % (40 * DAY)) for v, u, kind, time in ring(range(5), 0)]
    assert suspected(month, reciprocal_rings) == set()


def test_a_ring_that_answers_those_who_answer_many_is_found():
    """Each of a ring of twelve talks with somebody who says little else; those all talk with each other."""
    members, others = range(12), range(100, 160)
    rows = ring(members, 0)
    for member in members:
        rows += [(member, 100 + member, "reply", 0)] * 2 + [(100 + member, member, "reply", 0)] * 2
    for one, other in zip(others, [*others[1:], others[0]], strict=True):
        rows += [(one, other, "reply", 0)] * 2 + [(other, one, "reply", 0)] * 2
    assert suspected(rows, reciprocal_rings) == set(members)


def test_bots_that_nobody_answers_are_no_reciprocal_ring():
    assert suspected(farm(range(10), [10], 0), reciprocal_rings) == set()


# referrals


@pytest.mark.parametrize("seed", range(12))
def test_referral_rings_as_networkx(seed):
    rng = random.Random(seed)
    pairs = [(rng.randrange(15), rng.randrange(15)) for _ in range(rng.choice([0, 8, 16, 30]))]
    pairs = [pair for pair in pairs if pair[0] != pair[1]]
    rows = [(u, v, rng.choice(["referral", "invite"]), rng.randrange(9)) for u, v in pairs]
    rows += [(v, u, "reply", 0) for u, v in pairs] + [(0, 1, "reply", 0), (1, 0, "reply", 0)]
    ledger = ledger_of(rows, n=15)
    wanted = [group for group in nx.strongly_connected_components(nx.DiGraph(pairs)) if len(group) > 1]
    found, ties = referral_rings(ledger)
    assert people(ledger, found) == set().union(*wanted)
    inside = {(u, v) for u, v in pairs if any({u, v} <= group for group in wanted)}
    marked = zip(ledger.influencer[ties].tolist(), ledger.listener[ties].tolist(), strict=True)
    assert set(marked) == inside


def test_who_is_brought_by_a_ring_is_not_in_it():
    rows = [(1, 2, "referral", 0), (2, 3, "referral", 1), (3, 1, "referral", 2), (3, 4, "referral", 3)]
    ledger = ledger_of(rows)
    found, ties = referral_rings(ledger)
    assert people(ledger, found) == {1, 2, 3}
    assert int(ties.sum()) == 3


def test_self_referrals():
    ledger = ledger_of([(1, 1, "referral", 0), (1, 2, "referral", 0), (3, 3, "reply", 0)])
    assert people(ledger, self_referrers(ledger.history)) == {1}


# laws


@pytest.mark.parametrize("seed", range(3))
def test_names_and_the_order_of_rows_do_not_matter(gamed, seed):
    ledger, _ = gamed
    history = ledger.history
    new = np.random.default_rng(seed).permutation(history.n_people)
    reactions = history.reactions
    moved = dataclasses.replace(
        history,
        reactions=dataclasses.replace(
            reactions,
            listener=new[reactions.listener].astype(np.int32),
            influencer=new[reactions.influencer].astype(np.int32),
        ),
    )
    other = Ledger.of(moved, Settings())
    for found in PATTERNS:
        assert found(other, None)[new].tolist() == found(ledger, None).tolist()


def test_low_trust_is_evidence_only_where_it_is_rare(gamed):
    ledger, _ = gamed
    heard = np.flatnonzero(ledger.ties.out_degree > 0)
    trust = np.ones(ledger.n_people)
    trust[heard[: heard.size // 5]] = 0.6
    assert telling(ledger, trust)
    trust[heard[: heard.size // 5 + 1]] = 0.6
    assert not telling(ledger, trust)


def test_nobody_reacts():
    ledger = ledger_of([(1, 2, "referral", 0)])
    for found in PATTERNS:
        assert found(ledger, None).tolist() == [False, False]


# real people


def real(sources, settings, **options):
    return Ledger.of(History.from_tables(influence.read_tables(sources, **options), settings), settings)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize("name", ["college", "higgs-mini", "bitcoin"])
def test_real_people_are_hardly_suspected(data_folder, tmp_path, name):
    """Whoever it is, less than 1 % of those who ever got a reaction, with seeds and without."""
    import polars as pl

    if name == "higgs-mini":
        folder = data_folder / "higgs-mini"
        ledger = real(
            [f"follows={folder / 'follows.csv.gz'}", f"interactions={folder / 'interactions.csv.gz'}"], Settings()
        )
    else:
        path = {"college": "graphs/college_msg.parquet", "bitcoin": "bitcoin-alpha/bitcoin_alpha.parquet"}[name]
        frame = pl.read_parquet(data_folder / path).select("source", "target", "timestamp", type=pl.lit("reply"))
        frame.write_parquet(tmp_path / "rows.parquet")
        ledger = real([f"interactions={tmp_path / 'rows.parquet'}"], Settings())
    active = np.unique(ledger.history.reactions.influencer).size
    seeds = np.zeros(ledger.n_people, np.bool_)
    seeds[np.random.default_rng(0).choice(ledger.n_people, 50, replace=False)] = True
    trust = relative_trust(trust_graph(ledger), seeds)
    for known in (None, trust if telling(ledger, trust) else None):
        for found in PATTERNS:
            assert found(ledger, known).sum() < 0.01 * active
