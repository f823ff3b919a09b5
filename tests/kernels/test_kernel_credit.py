"""Which acts follow which, against three nested loops."""

import random

import numpy as np
import oracles
import pytest
from kernel_inputs import act_rows, tie_rows

from influence.kernels.credit import follow_ons


def rows_of(acts, ties, window, n, n_items):
    """Return the kernel's rows as the oracle writes them."""
    items = act_rows(acts, n, n_items)
    edges = tie_rows(ties, n)
    arguments = (
        items.offsets,
        items.actor,
        items.time,
        items.own_offsets,
        items.own_item,
        items.own_act,
        edges.in_offsets,
        edges.in_sources,
        edges.in_edges,
        edges.known,
        window,
    )
    count, *nothing = follow_ons(*arguments, 0)
    assert [array.size for array in nothing] == [0, 0, 0]
    again, tie, act, credit = follow_ons(*arguments, count)
    assert again == count
    assert (tie.dtype, act.dtype, credit.dtype) == (np.int64, np.int64, np.float64)
    found = []
    for t, a, c in zip(tie, act, credit, strict=True):
        assert edges.target[t] == items.actor[a]
        found.append((int(edges.source[t]), int(items.actor[a]), int(items.item[a]), int(items.time[a]), float(c)))
    return sorted(found, key=lambda row: (row[3], row[2], row[0], row[1]))


def random_case(seed):
    rng = random.Random(seed)
    n, n_items = rng.choice([1, 4, 6, 9]), rng.randint(1, 3)
    pairs = [(u, i) for u in range(n) for i in range(n_items)]
    acts = [(u, i, rng.randint(0, 12)) for u, i in rng.sample(pairs, rng.choice([0, len(pairs) // 2, len(pairs)]))]
    couples = [(u, v) for u in range(n) for v in range(n) if u != v]
    ties = {
        couple: rng.choice([oracles.UNDATED, oracles.UNDATED, rng.randint(0, 12)])
        for couple in rng.sample(couples, rng.choice([len(couples) // 4, len(couples) // 2, len(couples)]))
    }
    return acts, ties, rng.randint(0, 8), n, n_items


@pytest.mark.parametrize("block", range(5))
def test_random_histories(block):
    follow_ons_seen = 0
    for seed in range(100 * block, 100 * (block + 1)):
        acts, ties, window, n, n_items = random_case(seed)
        expected = oracles.follow_ons(acts, ties, window)
        assert rows_of(acts, ties, window, n, n_items) == expected, seed
        follow_ons_seen += len(expected)
    assert follow_ons_seen > 150  # the cases are not empty ones


ALWAYS = oracles.UNDATED


def test_credit_goes_from_listener_to_influencer_and_not_back():
    acts = [(0, 0, 10), (1, 0, 20)]
    assert rows_of(acts, {(0, 1): ALWAYS}, 90, 2, 1) == [(0, 1, 0, 20, 1.0)]
    assert rows_of(acts, {(1, 0): ALWAYS}, 90, 2, 1) == []  # the earlier listens to the later


def test_acts_at_one_moment_do_not_follow_each_other():
    acts = [(0, 0, 20), (1, 0, 20), (2, 0, 19)]
    ties = {(0, 1): ALWAYS, (1, 0): ALWAYS, (2, 1): ALWAYS}
    assert rows_of(acts, ties, 90, 3, 1) == [(2, 1, 0, 20, 1.0)]


@pytest.mark.parametrize(("gap", "rows"), [(89, 1), (90, 1), (91, 0)])
def test_window_includes_its_edge(gap, rows):
    assert len(rows_of([(0, 0, 0), (1, 0, gap)], {(0, 1): ALWAYS}, 90, 2, 1)) == rows


@pytest.mark.parametrize(("known", "rows"), [(ALWAYS, 1), (49, 1), (50, 0), (51, 0)])
def test_tie_must_be_known_before_the_act(known, rows):
    assert len(rows_of([(0, 0, 0), (1, 0, 50)], {(0, 1): known}, 90, 2, 1)) == rows


def test_items_do_not_mix():
    acts = [(0, 0, 10), (1, 1, 20), (2, 2, 5)]  # item 1 has one act between two others
    assert rows_of(acts, {(0, 1): ALWAYS, (2, 1): ALWAYS}, 90, 3, 3) == []


def test_credit_is_split_among_those_listened_to_only():
    acts = [(0, 0, 1), (1, 0, 2), (2, 0, 3), (3, 0, 4)]
    ties = {(0, 3): ALWAYS, (2, 3): ALWAYS, (1, 2): ALWAYS}
    assert rows_of(acts, ties, 90, 4, 1) == [(1, 2, 0, 3, 1.0), (0, 3, 0, 4, 0.5), (2, 3, 0, 4, 0.5)]


@pytest.mark.parametrize("many", ["actors", "listened to"])
def test_both_ways_of_searching(many):
    """Forty acted and two are listened to, or two acted and forty are: the kernel looks up the fewer."""
    n, v = 42, 41
    window, now = 50, 100
    few = [3, 17]
    actors = few if many == "listened to" else list(range(40))
    heard = few if many == "actors" else list(range(40))
    acts = [(u, 1, 60 + u % 7) for u in actors] + [(v, 1, now), (40, 1, 49), (3, 0, 10), (v, 0, 10)]
    ties = {(u, v): ALWAYS for u in heard} | {(40, v): ALWAYS}
    assert rows_of(acts, ties, window, n, 2) == [(3, v, 1, now, 0.5), (17, v, 1, now, 0.5)]
    # each reason not to count, on each way: too late known, at the same moment, before the window
    late = ties | {(3, v): now}
    assert rows_of(acts, late, window, n, 2) == [(17, v, 1, now, 1.0)]
    same_moment = [(u, i, now if u == 17 and i == 1 else t) for u, i, t in acts]
    assert rows_of(same_moment, ties, window, n, 2) == [(3, v, 1, now, 1.0)]
    too_old = [(u, i, now - window - 1 if u == 17 and i == 1 else t) for u, i, t in acts]
    assert rows_of(too_old, ties, window, n, 2) == [(3, v, 1, now, 1.0)]
    at_the_edge = [(u, i, now - window if u == 17 and i == 1 else t) for u, i, t in acts]
    assert rows_of(at_the_edge, ties, window, n, 2) == [(3, v, 1, now, 0.5), (17, v, 1, now, 0.5)]


@pytest.mark.parametrize(("n", "acts", "ties"), [(1, [], {}), (1, [(0, 0, 5)], {}), (3, [], {(0, 1): ALWAYS})])
def test_nothing_to_find(n, acts, ties):
    assert rows_of(acts, ties, 90, n, 1) == []


def test_credits_of_an_act_add_up_to_one():
    acts = [(u, item, (5 * u + item) % 7) for u in range(8) for item in range(3) if (u + item) % 4]
    ties = {(u, v): ALWAYS for u in range(8) for v in range(8) if u != v}
    total = {}
    for _, v, item, _, credit in rows_of(acts, ties, 90, 8, 3):
        total[v, item] = total.get((v, item), 0.0) + credit
    assert len(total) > 10
    assert all(value == pytest.approx(1.0, abs=1e-12) for value in total.values())
