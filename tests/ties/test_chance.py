"""κ against its definition, on histories where order carries something, nothing, and on real data."""

import dataclasses
import random

import numpy as np
import oracles
import polars as pl
import pytest
from tie_histories import DAY, history_of, naive_acts, naive_ties, random_history

from influence.config import Settings
from influence.io import tables_from_frames
from influence.ties import History, Ledger, measure_chance
from influence.ties.chance import _cohorts, shuffled_share
from influence.ties.history import Follows

SETTINGS = Settings(window_days=30.0)


@pytest.mark.parametrize(("begin", "end"), [(0, 10**6), (150, 300)])
@pytest.mark.parametrize("seed", range(40))
def test_random_histories(seed, begin, end):
    """Acts spread over three years, so that people fall into several cohorts."""
    rows, history = random_history(seed, days=1100)
    ledger = Ledger.of(history, SETTINGS)
    begin, end = begin * DAY, end * DAY
    found = measure_chance(ledger, begin, end)
    acts, ties = naive_acts(rows.actions), naive_ties(rows)
    expected, total = oracles.expected_by_chance(acts, ties, 30 * DAY, begin, end, rows.n)
    assert found.exposed_by_chance == pytest.approx(total, abs=1e-12)
    assert found.expected == pytest.approx(expected, abs=1e-12)
    exposed = {(v, item) for _, v, item, time, _ in oracles.follow_ons(acts, ties, 30 * DAY) if begin <= time < end}
    assert found.exposed == len(exposed)
    assert found.beyond == (pytest.approx(1 - total / len(exposed), abs=1e-12) if exposed else 0.0)


def test_random_histories_are_exposed_in_several_cohorts():
    exposed, cohorts = 0, set()
    for seed in range(40):
        ledger = Ledger.of(random_history(seed, days=1100)[1], SETTINGS)
        exposed += measure_chance(ledger, 0, 10**17).exposed
        cohorts |= set(_cohorts(ledger, 10**17).tolist())
    assert exposed > 150
    assert len(cohorts) >= 5


@pytest.mark.parametrize("seed", range(20))
def test_cohorts(seed):
    rows, history = random_history(seed, days=1100)
    end = 800 * DAY
    found = _cohorts(Ledger.of(history, SETTINGS), end)
    assert found.tolist() == oracles.cohorts(naive_acts(rows.actions), rows.n, end)


def test_cohorts_are_half_years_of_the_lower_median_act():
    half = oracles.HALF_YEAR
    actions = [(0, 0, 100), (1, 0, 100 + half - 1), (2, 0, 100 + half), (2, 1, 100 + 9 * half), (3, 0, None)]
    history = history_of(follows=[], actions=actions, n=5)
    assert _cohorts(Ledger.of(history, SETTINGS), 10**18).tolist() == [0, 0, 1, -1, -1]
    assert _cohorts(Ledger.of(history, SETTINGS), 100).tolist() == [-1] * 5


@pytest.mark.parametrize("seed", range(20))
def test_the_future_changes_nothing(seed):
    rows, history = random_history(seed, days=1100)
    begin, end = 300 * DAY, 700 * DAY
    one = measure_chance(Ledger.of(history, SETTINGS), begin, end)
    other = measure_chance(Ledger.of(history.before(end), SETTINGS), begin, end)
    assert (one.exposed, one.exposed_by_chance) == (other.exposed, other.exposed_by_chance)
    assert one.expected == pytest.approx(other.expected, abs=1e-14)  # running sums: equal but for rounding
    assert rows.n == one.expected.size


def follow_the_leader(obedience, seed=0, people=40, items=120):
    """Return a history in which listeners act on an item a day after their leader with this chance, else whenever."""
    rng = random.Random(seed)
    leaders = 8
    follows = [(v, v % leaders, None) for v in range(leaders, people)]
    actions = []
    for item in range(items):
        leader, start = item % leaders, rng.randint(100, 600)
        actions.append((leader, item, start * DAY))
        for v in range(leaders, people):
            if v % leaders == leader and rng.random() < obedience:
                actions.append((v, item, (start + 1) * DAY))
            elif rng.random() < 0.2:
                actions.append((v, item, rng.randint(0, 700) * DAY))
    return history_of(SETTINGS, follows=follows, actions=actions, n=people)


def test_influence_is_found_where_it_was_planted():
    ledger = Ledger.of(follow_the_leader(0.6), SETTINGS)
    chance = measure_chance(ledger, 0, 10**17)
    assert chance.exposed > 200
    assert chance.beyond > 0.4
    assert chance.expected.sum() == pytest.approx(chance.exposed_by_chance, rel=1e-12)


def test_order_carries_influence_and_the_shuffle_removes_it():
    ledger = Ledger.of(follow_the_leader(0.6), SETTINGS)
    beyond = measure_chance(ledger, 0, 10**17).beyond
    shuffled = [shuffled_share(ledger, 0, 10**17, seed) for seed in range(5)]
    assert np.mean(shuffled) < beyond - 0.1
    assert len(set(shuffled)) == 5
    assert shuffled_share(ledger, 0, 10**17, 3) == shuffled[3]


def test_nothing_is_found_where_nothing_was_planted():
    found = []
    for seed in range(5):
        chance = measure_chance(Ledger.of(follow_the_leader(0.0, seed=seed, items=300), SETTINGS), 0, 10**17)
        found.append(chance.beyond)
    assert abs(np.mean(found)) < 0.15


def test_shuffle_without_exposure():
    """One act an item: no order can expose anybody."""
    history = history_of(follows=[(0, 1, None)], actions=[(0, 1, 5), (1, 2, 6)], n=2)
    ledger = Ledger.of(history, SETTINGS)
    assert shuffled_share(ledger, 0, 100, 0) is None
    chance = measure_chance(ledger, 0, 100)
    assert (chance.exposed, chance.exposed_by_chance, chance.beyond) == (0, 0.0, 0.0)


def test_without_acts_on_items():
    ledger = Ledger.of(history_of(interactions=[(0, 1, "reply", 5)], n=2), SETTINGS)
    chance = measure_chance(ledger, 0, 100)
    assert (chance.exposed, chance.exposed_by_chance, chance.expected.tolist()) == (0, 0.0, [0.0, 0.0])


# real data


@pytest.fixture(scope="module")
def ciao(data_folder):
    folder = data_folder / "ciao"
    if not (folder / "reviews.parquet").is_file():
        pytest.skip(f"{folder} is not here")
    trust = pl.read_parquet(folder / "trust.parquet").select(source="truster", target="trustee")
    reviews = pl.read_parquet(folder / "reviews.parquet").select("timestamp", customer="user", item="item")
    tables = tables_from_frames(follows=trust, actions=reviews, time_unit="s")
    return Ledger.of(History.from_tables(tables, Settings()), Settings())


@pytest.mark.data
def test_ciao_as_published_in_the_design(ciao):
    """282,650 first reviews; within 90 days 19,194 follow one of a trusted author, 37 % of them beyond chance."""
    assert len(ciao.history.acts) == 282_650
    begin, end = ciao.history.span
    chance = measure_chance(ciao, begin, end + 1)
    assert chance.exposed == 19_194
    assert chance.beyond == pytest.approx(0.3679, abs=0.001)


@pytest.mark.data
def test_ciao_on_ties_dealt_anew(ciao):
    """No influence is left where everybody listens to somebody else's influencers."""
    begin, end = ciao.history.span
    found = []
    for seed in range(5):
        influencer = np.random.default_rng(seed).permutation(ciao.influencer)
        rows = influencer != ciao.listener
        follows = Follows(ciao.listener[rows], influencer[rows], ciao.known[rows])._sorted()
        ledger = Ledger.of(dataclasses.replace(ciao.history, follows=follows), Settings())
        found.append(measure_chance(ledger, begin, end + 1).beyond)
    assert abs(np.mean(found)) < 0.06
