"""Generations of referrals against plain Python, by hand, and their laws."""

import math
import random
import time

import numpy as np
import pytest
from referral_histories import Program, day, random_program

from influence.config import Settings
from influence.errors import LeakError, UsageError
from influence.kernels.forest import roll_up
from influence.ties.history import DAY, UNDATED
from influence.ties.ledger import NEVER, joined
from influence.value.generations import k_factor, referral_forest

SEEDS = range(40)
SETTINGS = Settings(referral_days=300.0)


def naive(parent, marked, value):
    """Return (generation, descendants, marked ones, value, depth, in ring), walking up from everybody."""
    n = len(parent)

    def ring(v):
        """Return whether going up from v leads back to v."""
        seen, u = set(), parent[v]
        while u >= 0 and u not in seen:
            if u == v:
                return True
            seen.add(u)
            u = parent[u]
        return False

    in_ring = [ring(v) for v in range(n)]
    generation, descendants, marks, depth = ([0] * n for _ in range(4))
    below = [0.0] * n
    for v in range(n):
        u, steps = v, 0
        while not in_ring[u] and parent[u] >= 0:
            u, steps = parent[u], steps + 1
            descendants[u] += 1
            marks[u] += bool(marked[v])
            below[u] += value[v]
            depth[u] = max(depth[u], steps)
        generation[v] = steps
    return generation, descendants, marks, below, depth, in_ring


def roll(parent, marked=None, value=None):
    n = len(parent)
    return roll_up(
        np.array(parent, np.int32),
        np.ones(n, np.bool_) if marked is None else np.array(marked, np.bool_),
        np.ones(n) if value is None else np.array(value, np.float64),
    )


def check(parent, marked, value):
    for mine, slow in zip(roll(parent, marked, value), naive(parent, marked, value), strict=True):
        assert mine.tolist() == pytest.approx(slow, rel=1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_any_graph_with_one_parent_each(seed):
    """Random parents hold rings of every length, also of one, with trees upon them."""
    rng = random.Random(seed)
    n = rng.randint(1, 25)
    none = rng.choice([0.0, 0.1, 0.5])
    parent = [-1 if rng.random() < none else rng.randrange(n) for _ in range(n)]
    check(parent, [rng.random() < 0.5 for _ in range(n)], [round(rng.uniform(-5, 50), 2) for _ in range(n)])


def test_random_graphs_hold_rings():
    lengths = set()
    for seed in range(60):
        rng = random.Random(seed)
        n = rng.randint(1, 25)
        none = rng.choice([0.0, 0.1, 0.5])
        parent = [-1 if rng.random() < none else rng.randrange(n) for _ in range(n)]
        lengths.add(int(roll(parent)[5].sum()))
    assert {0, 1, 2, 3} < lengths


def test_by_hand():
    """0 brought 1 and 2, 1 brought 3, 3 brought 4 and invited 6 in vain; 5 came alone. Worth 1, 2, 4, 8, 16, 32, 64.

    Below 0: 2 + 4 + 8 + 16 = 30, in three generations; below 1: 8 + 16 = 24; below 3: 16.
    """
    program = Program(
        7,
        [(0, 1, 1, None), (0, 2, 2, None), (1, 3, 20, None), (3, 4, 40, None), (3, 6, 41, None)],
        [(1, 10, 5.0, None), (2, 11, 5.0, None), (3, 30, 5.0, None), (4, 50, 5.0, None), (5, 1, 1.0, None)],
    )
    forest = referral_forest(program.ledger(), np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]))
    assert forest.referrer.tolist() == [-1, 0, 0, 1, 3, -1, -1]
    assert forest.generation.tolist() == [0, 1, 1, 2, 3, 0, 0]
    assert forest.descendants.tolist() == [4, 2, 0, 1, 0, 0, 0]
    assert forest.customers.tolist() == [4, 2, 0, 1, 0, 0, 0]
    assert forest.descendants_value.tolist() == [30.0, 24.0, 0.0, 16.0, 0.0, 0.0, 0.0]
    assert forest.depth.tolist() == [3, 2, 0, 1, 0, 0, 0]
    assert not forest.in_ring.any()


@pytest.mark.parametrize("acted", [False, True])
def test_tracked_referrals_can_form_a_ring(acted):
    """0 → 1 → 2 → 0, all of them before anybody bought, or without a purchase at all; 2 brought 3, who brought 4."""
    program = Program(
        5,
        [(0, 1, 1, None), (1, 2, 2, None), (2, 0, 3, None), (2, 3, 4, None), (3, 4, 5, None)],
        [(who, 10, 1.0, None) for who in range(5)] if acted else [],
    )
    forest = referral_forest(program.ledger(), np.array([1.0, 2.0, 4.0, 8.0, 16.0]))
    assert forest.in_ring.tolist() == [True, True, True, False, False]
    assert forest.generation.tolist() == [0, 0, 0, 1, 2]
    assert forest.descendants.tolist() == [0, 0, 2, 1, 0]
    assert forest.descendants_value.tolist() == [0.0, 0.0, 24.0, 16.0, 0.0]
    assert forest.depth.tolist() == [0, 0, 2, 1, 0]


def test_a_long_chain_neither_recurses_nor_takes_long():
    n = 100_000
    roll([-1, 0])  # compiled before the clock starts
    for step in (1, -1):  # along the order of ids, and against it
        parent = np.arange(n) - step
        parent[0 if step > 0 else -1] = -1
        begun = time.perf_counter()
        generation, descendants, _, below, depth, in_ring = roll(parent)
        assert time.perf_counter() - begun < 1.0
        assert generation.tolist() == list(range(n))[::step]
        assert descendants.tolist() == depth.tolist() == below.tolist() == list(range(n))[::-step]
        assert not in_ring.any()
    parent = np.roll(np.arange(n), 1)
    generation, descendants, *_, in_ring = roll(parent)
    assert in_ring.all()
    assert not generation.any()
    assert not descendants.any()


@pytest.mark.parametrize("seed", SEEDS)
def test_is_the_definition(seed):
    program = random_program(seed)
    own = [round(random.Random(seed).uniform(0, 100), 2) for _ in range(program.n)]
    forest = referral_forest(program.ledger(SETTINGS), np.array(own))
    referrer = program.referrer(SETTINGS)
    parent = [referrer.get(v, -1) for v in range(program.n)]
    first = program.joined()
    slow = naive(parent, [v in first for v in range(program.n)], own)
    assert forest.referrer.tolist() == parent
    found = (forest.generation, forest.descendants, forest.customers, forest.descendants_value, forest.depth)
    for mine, wanted in zip((*found, forest.in_ring), slow, strict=True):
        assert mine.tolist() == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_laws(seed):
    """Roots hold all who were referred, once; only members of a ring are both referred and roots."""
    program = random_program(seed)
    own = np.round(np.random.default_rng(seed).uniform(0, 100, program.n), 2)
    forest = referral_forest(program.ledger(SETTINGS), own)
    root = forest.generation == 0
    assert forest.descendants_value[root].sum() == pytest.approx(own[~root].sum())
    assert forest.descendants[root].sum() == (~root).sum()
    assert np.array_equal(~root, (forest.referrer >= 0) & ~forest.in_ring)
    assert (forest.customers <= forest.descendants).all()
    assert (forest.depth <= forest.descendants).all()
    assert np.array_equal(forest.depth > 0, forest.descendants > 0)


@pytest.mark.parametrize("seed", range(10))
def test_relabelling_permutes(seed):
    program = random_program(seed, distinct=True)
    new = list(range(program.n))
    random.Random(seed).shuffle(new)
    own = np.random.default_rng(seed).uniform(0, 100, program.n)
    again = np.empty(program.n)
    again[new] = own
    one = referral_forest(program.ledger(SETTINGS), own)
    other = referral_forest(program.renamed(new).ledger(SETTINGS), again)
    for name in ("generation", "descendants", "customers", "depth", "in_ring", "descendants_value"):
        assert getattr(other, name)[new].tolist() == pytest.approx(getattr(one, name).tolist(), rel=1e-12)


def test_who_has_joined():
    """A purchase counts, not an act nor a refund, where there are purchases; else the first act does."""
    program = Program(
        4,
        [(0, 1, 1, None)],
        [(0, 30, -5.0, None), (0, 40, 5.0, None), (1, 20, None, None), (2, 30, -5.0, None)],
        [(0, 1, 10), (1, 1, 10), (3, 2, 10)],
        items=False,
    )
    assert joined(program.history()).tolist() == [day(40), day(20), NEVER, NEVER]
    program.purchases = []
    program.actions.append((2, 2, None))
    assert joined(program.history()).tolist() == [day(10), day(10), UNDATED, day(10)]


@pytest.mark.parametrize(
    ("when", "purchases", "actions", "items"),
    [
        (5 + 10 / 24, [(1, 5 + 15 / 24, 9.0, None)], [], False),  # on the day of the purchase, before it
        (5, [(1, 9, 9.0, None)], [(1, 1, 1)], False),  # after she posted, before she bought
        (5, [(1, 1, -9.0, None), (1, 9, 9.0, None)], [], True),  # a refund is no purchase
    ],
)
def test_the_first_purchase_decides_what_is_tracked(when, purchases, actions, items):
    ledger = Program(2, [(0, 1, when, None)], purchases, actions, items).ledger()
    assert ledger.referral.tolist() == [True]


def test_a_referral_after_the_first_purchase_is_not_tracked():
    """She bought on day 1, was referred on day 5, and posted on day 9."""
    ledger = Program(2, [(0, 1, 5, None)], [(1, 1, 9.0, None)], [(1, 1, 9)], items=False).ledger()
    assert ledger.referral.tolist() == [False]


@pytest.mark.parametrize("own", [np.ones(3), np.array([1.0, math.nan])])
def test_values_are_checked(own):
    program = Program(2, [(0, 1, 1, None)], [(1, 2, 10.0, None)])
    with pytest.raises(UsageError, match="own"):
        referral_forest(program.ledger(), own)


# the k-factor


def factor(program, cut, days, settings=SETTINGS):
    ledger = program.ledger(settings, cut)
    return k_factor(ledger, referral_forest(ledger, np.ones(program.n)), day(cut), days * DAY)


def naive_k(program, cut, days, settings):
    """Return {generation: [customers, invites, conversions, pending]} of the last ``days`` before a cut."""
    past = program.before(cut)
    first, referrer = past.joined(), past.referrer(settings)
    parent = [referrer.get(v, -1) for v in range(program.n)]
    generation = naive(parent, [True] * program.n, [0] * program.n)[0]
    table = {}
    for u in range(program.n):
        if first.get(u) is None or first[u] > cut - days:
            continue
        row = table.setdefault(generation[u], [0, 0, 0, 0])
        row[0] += 1
        for v in range(program.n):
            sent = [
                when
                for one, other, when, _ in past.referrals
                if (one, other) == (u, v) and when is not None and when >= cut - days
            ]
            if sent:
                row[1] += 1
                begun = first.get(v, -1)
                row[2] += begun is not None and parent[v] == u and begun >= min(sent)
                row[3] += v not in first and cut - max(sent) <= settings.referral_days
    return table


@pytest.mark.parametrize("days", [201, 501])  # referrals come at the horizon's very beginning too
@pytest.mark.parametrize("seed", SEEDS)
def test_k_is_the_definition(seed, days):
    program = random_program(seed)
    found = factor(program, 901, days)
    slow = naive_k(program, 901, days, SETTINGS)
    rows = [slow.get(generation, [0, 0, 0, 0]) for generation in range(max(slow, default=-1) + 1)]
    columns = (found.customers, found.invites, found.conversions, found.pending)
    assert [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)] == rows
    if sum(row[0] for row in rows):
        assert found.k == pytest.approx(sum(row[2] for row in rows) / sum(row[0] for row in rows))
    if found.invites.sum():
        assert found.k == pytest.approx(found.invites_per_customer * found.conversion_rate)


def test_random_programs_convert():
    found = [factor(random_program(seed), 901, 500) for seed in SEEDS]
    assert sum(one.conversions.sum() for one in found) > 15
    assert sum(one.conversions[1:].sum() for one in found) > 3
    assert sum(one.pending.sum() for one in found) > 15


def test_k_by_hand():
    """Over days 100 to 200, 0 and 1 are customers of before; 0 came alone and 1 was brought by 0.

    0 invited 2 (twice), 3 and 4: 2 joined, 3 joined with an invite of 1, 4 has not. 1 invited 3, who joined.
    5 joined on day 150 and invited 6, who joined: he was no customer all the time, so neither counts.
    i = 4 / 2, c = 2 / 4, k = 1; for generation 0: 3 and 1/3, k = 1; for generation 1: 1 and 1, k = 1.
    """
    program = Program(
        7,
        [
            (0, 1, 5, None),
            (0, 2, 110, None),
            (0, 2, 120, None),
            (0, 3, 130, None),
            (0, 4, 140, None),
            (1, 3, 135, None),
            (5, 6, 160, None),
        ],
        [(0, 1, 9, None), (1, 10, 9, None), (2, 125, 9, None), (3, 170, 9, None), (5, 150, 9, None), (6, 170, 9, None)],
    )
    found = factor(program, 200, 100)
    assert (found.begin, found.end) == (day(100), day(200))
    assert (found.invites_per_customer, found.conversion_rate, found.k) == (2.0, 0.5, 1.0)
    assert found.by_generation().to_dicts() == [
        {
            "generation": 0,
            "customers": 1,
            "invites": 3,
            "conversions": 1,
            "pending": 1,
            "invites_per_customer": 3.0,
            "conversion_rate": 1 / 3,
            "k": 1.0,
        },
        {
            "generation": 1,
            "customers": 1,
            "invites": 1,
            "conversions": 1,
            "pending": 0,
            "invites_per_customer": 1.0,
            "conversion_rate": 1.0,
            "k": 1.0,
        },
    ]


def test_an_invite_after_joining_converts_nobody():
    program = Program(2, [(0, 1, 50, None), (0, 1, 150, None)], [(0, 1, 9.0, None), (1, 60, 9.0, None)])
    found = factor(program, 200, 100)
    assert (found.invites.sum(), found.conversions.sum(), found.pending.sum()) == (1, 0, 0)


def test_k_without_customers_or_invites():
    program = Program(2, [(0, 1, 150, None)], [(1, 160, 9.0, None)])
    found = factor(program, 200, 100)
    assert math.isnan(found.k)
    assert math.isnan(found.conversion_rate)
    assert found.by_generation().height == 0
    program = Program(2, [(0, 1, 50, None)], [(0, 1, 9.0, None), (1, 60, 9.0, None)])
    found = factor(program, 200, 100)
    assert found.k == 0.0
    assert found.by_generation()["conversion_rate"].null_count() == 2


def test_k_reads_nothing_later():
    program = Program(2, [(0, 1, 150, None)], [(0, 1, 9.0, None), (1, 160, 9.0, None)])
    ledger = program.ledger()
    forest = referral_forest(ledger, np.ones(2))
    with pytest.raises(LeakError):
        k_factor(ledger, forest, day(155), 100 * DAY)
    with pytest.raises(UsageError, match="horizon"):
        k_factor(ledger, forest, day(200), 0)
