"""Expected follow-ons under dealt ties: running sums against the sum that defines them."""

import random

import numpy as np
import oracles
import pytest
from kernel_inputs import act_rows, offsets_of

from influence.kernels.chance import expected_by_chance


def expected(acts, ties, window, begin, end, n, n_items, cohort):
    """Call the kernel with the ties known before ``end``."""
    items = act_rows(acts, n, n_items)
    known = [tie for tie, since in ties.items() if since < end]
    n_cohorts = max(1, max(cohort) + 1)
    audience = sorted({(u, cohort[v]) for u, v in known if cohort[v] >= 0})
    count = [sum(u == one and cohort[v] == s for one, v in known) for u, s in audience]
    values, total = expected_by_chance(
        items.offsets,
        items.actor,
        items.time,
        np.array(cohort, np.int32),
        n_cohorts,
        np.array([sum(v == person for _, v in known) for person in range(n)], np.int64),
        offsets_of([u for u, _ in audience], n),
        np.array([s for _, s in audience], np.int32),
        np.array(count, np.float64),
        np.array([sum(cohort[v] == s for _, v in known) for s in range(n_cohorts)], np.float64),
        window,
        begin,
        end,
    )
    return values, total


def random_case(seed):
    rng = random.Random(seed)
    n, n_items = rng.choice([1, 5, 8, 10]), rng.randint(1, 4)
    pairs = [(u, i) for u in range(n) for i in range(n_items)]
    acts = [(u, i, rng.randint(0, 20)) for u, i in rng.sample(pairs, len(pairs) // rng.randint(1, 3))]
    couples = [(u, v) for u in range(n) for v in range(n) if u != v]
    ties = {
        couple: rng.choice([oracles.UNDATED, rng.randint(0, 20)])
        for couple in rng.sample(couples, rng.randint(len(couples) // 3, len(couples)))
    }
    cohort = [rng.randint(-1, 2) for _ in range(n)]
    begin = rng.randint(-2, 8)
    return acts, ties, rng.randint(0, 12), begin, begin + rng.randint(0, 25), n, n_items, cohort


@pytest.mark.parametrize("block", range(3))
def test_random_histories_with_several_cohorts(block):
    exposed = 0
    for seed in range(100 * block, 100 * (block + 1)):
        acts, ties, window, begin, end, n, n_items, cohort = random_case(seed)
        values, total = expected(acts, ties, window, begin, end, n, n_items, cohort)
        wanted, wanted_total = oracles.expected_by_chance(acts, ties, window, begin, end, n, cohort)
        assert total == pytest.approx(wanted_total, abs=1e-12), seed
        assert values == pytest.approx(wanted, abs=1e-12), seed
        assert values.sum() == pytest.approx(total, abs=1e-12)
        exposed += wanted_total > 0
    assert exposed > 30  # the cases are not empty ones


ALWAYS = oracles.UNDATED


def test_worked_by_hand():
    """u = 0 has 2 of the 3 ties into the cohort, and v = 3 has 2: her act is exposed with 1 − (1/3)² = 8/9."""
    ties = {(0, 3): ALWAYS, (1, 3): ALWAYS, (0, 2): ALWAYS}
    acts = [(0, 0, 0), (3, 0, 5)]
    values, total = expected(acts, ties, 90, 0, 100, 4, 1, [0, 0, 0, 0])
    assert total == pytest.approx(8 / 9, abs=1e-15)
    assert values == pytest.approx([8 / 9, 0, 0, 0], abs=1e-15)
    # both influencers acted: all ties of the cohort, so v is surely exposed, and 0 is paid two thirds
    values, total = expected([*acts, (1, 0, 1)], ties, 90, 0, 100, 4, 1, [0, 0, 0, 0])
    assert total == pytest.approx(1.0, abs=1e-15)
    assert values == pytest.approx([2 / 3, 1 / 3, 0, 0], abs=1e-15)


def test_listeners_of_another_cohort_do_not_count():
    ties = {(0, 1): ALWAYS, (0, 2): ALWAYS, (3, 2): ALWAYS}
    acts = [(0, 0, 0), (2, 0, 5)]
    # cohort 1 holds 2 alone: one of the two ties into it comes from 0, and 2 listens to two people
    values, total = expected(acts, ties, 90, 0, 100, 4, 1, [0, 0, 1, 0])
    assert total == pytest.approx(3 / 4, abs=1e-15)
    assert values.tolist() == pytest.approx([3 / 4, 0, 0, 0], abs=1e-15)


def test_sums_of_one_item_do_not_reach_the_next():
    ties = {(0, 1): ALWAYS, (2, 1): ALWAYS}
    first = [(0, 0, 0), (1, 0, 1)]
    alone = expected(first, ties, 90, 0, 100, 3, 3, [0, 0, 0])
    both = expected([*first, (2, 1, 2), (1, 2, 3)], ties, 90, 0, 100, 3, 3, [0, 0, 0])
    assert both[1] == alone[1] > 0
    assert both[0].tolist() == alone[0].tolist()


@pytest.mark.parametrize(("gap", "exposed"), [(90, 1.0), (91, 0.0), (0, 0.0)])
def test_window_edge_and_one_moment(gap, exposed):
    _, total = expected([(0, 0, 0), (1, 0, gap)], {(0, 1): ALWAYS}, 90, 0, 1000, 2, 1, [0, 0])
    assert total == exposed


def test_only_acts_of_the_period_count_but_earlier_ones_expose():
    acts = [(0, 0, 0), (1, 0, 10), (2, 0, 20)]
    ties = {(0, 1): ALWAYS, (0, 2): ALWAYS}
    for begin, end, total in ((10, 20, 1), (11, 21, 1), (10, 21, 2), (0, 10, 0), (21, 30, 0)):
        assert expected(acts, ties, 90, begin, end, 3, 1, [0, 0, 0])[1] == pytest.approx(total, abs=1e-12)


def test_nobody():
    values, total = expected([], {}, 90, 0, 1, 1, 1, [-1])
    assert (values.tolist(), total) == ([0.0], 0.0)
