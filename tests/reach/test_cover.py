"""Greedy choice and its bound against every allowed choice; bounds of a share against the binomial distribution."""

import itertools
import math

import numpy as np
import pytest

from influence.errors import UsageError
from influence.reach.bounds import lower_share, upper_share
from influence.reach.budget import Constraint
from influence.reach.cover import greedy

N = 9


class Sets:
    """What greedy choice wants of sets, from lists of nodes."""

    def __init__(self, lists, n=N):
        many = [nodes for nodes in lists if len(nodes) > 1]
        self.offsets = np.concatenate([[0], np.cumsum([len(nodes) for nodes in many])]).astype(np.int64)
        self.nodes = np.array([v for nodes in many for v in nodes], np.int32)
        self.alone = np.bincount([nodes[0] for nodes in lists if len(nodes) == 1], minlength=n).astype(np.float64)
        self.counts = np.bincount(self.nodes, minlength=n).astype(np.int64)


def draw(seed, sets=60):
    rng = np.random.default_rng(seed)
    weight = rng.random(N) ** 2
    lists = [rng.choice(N, rng.integers(1, 5), replace=False, p=weight / weight.sum()).tolist() for _ in range(sets)]
    return lists, Sets(lists), rng


def covered(lists, chosen, own=None):
    """Count the sets that hold somebody chosen; with ``own``, roots do not count but their own."""
    if own is None:
        return sum(any(v in nodes for v in chosen) for nodes in lists)
    return sum(any(v in nodes[1:] for v in chosen) for nodes in lists) + sum(own[v] for v in chosen)


def constraints(rng):
    """Yield a constraint and whether a choice is allowed, in plain words."""
    yield "number", Constraint.of(N, 3), lambda s: len(s) <= 3
    exclude, include = [0, 4], [2]
    yield (
        "lists",
        Constraint.of(N, 3, include=include, exclude=exclude),
        lambda s: len(s) <= 3 and 2 in s and not {0, 4} & set(s),
    )
    costs = rng.uniform(0.5, 3.0, N)
    yield "budget", Constraint.of(N, None, costs=costs, budget=4.0), lambda s: sum(costs[list(s)]) <= 4.0
    yield (
        "budget and number",
        Constraint.of(N, 2, costs=costs, budget=4.0),
        lambda s: len(s) <= 2 and sum(costs[list(s)]) <= 4.0,
    )
    groups = rng.integers(0, 3, N)
    groups[:3] = 0, 1, 2
    quotas = {0: 1, 1: 2}

    def within(s):
        return len(s) <= 4 and all(sum(groups[v] == g for v in s) <= q for g, q in quotas.items())

    yield "quotas", Constraint.of(N, 4, groups=groups, quotas=quotas), within


FACTOR = {"number": 1 - 1 / math.e, "lists": 1 - 1 / math.e, "budget": 1 - math.exp(-0.5), "quotas": 0.5}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("known", [False, True])
def test_greedy_and_its_bound(seed, known):
    lists, sets, rng = draw(seed)
    own = rng.uniform(0.0, 4.0, N) if known else None
    alone = sets.alone if own is None else own
    for name, constraint, allowed in constraints(rng):
        found = greedy(sets, constraint, alone, roots=not known)
        assert allowed(found.seeds.tolist()), name
        assert len(set(found.seeds.tolist())) == found.seeds.size
        assert found.gains.size == found.seeds.size
        gained = found.gains.sum()
        assert gained == pytest.approx(covered(lists, found.seeds, own))
        assert found.covered == pytest.approx(gained)
        choices = [s for size in range(1, N + 1) for s in itertools.combinations(range(N), size) if allowed(s)]
        best = max(covered(lists, s, own) for s in choices)
        members = max(covered(lists, s, own) - alone[list(s)].sum() for s in choices)
        assert found.covered <= best + 1e-9 <= found.bound + 2e-9
        assert found.covered >= FACTOR.get(name, 0.0) * best - 1e-9
        assert members <= found.bound_members + 1e-9


def test_sets_that_are_only_counted():
    """Those of the first seed count for her, and for whoever else might have been picked."""
    lists, sets, _ = draw(1)
    allowed = Constraint.of(N, 3)
    whole = greedy(sets, allowed, sets.alone)
    first = whole.seeds[:1]
    rest = Sets([nodes for nodes in lists if first[0] not in nodes or len(nodes) == 1])
    rest.caught = sum(first[0] in nodes and len(nodes) > 1 for nodes in lists)
    found = greedy(rest, allowed, sets.alone, first=first)
    assert found.seeds.tolist() == whole.seeds.tolist()
    assert found.covered == pytest.approx(whole.covered)
    assert found.bound >= whole.covered
    members = max(
        covered(lists, s) - sets.alone[list(s)].sum() for s in itertools.combinations(range(N), 3) if first[0] in s
    )
    assert found.bound_members >= members > found.bound_members - rest.caught


def test_bound_is_tight_where_sets_are_apart():
    lists = [[v, v + 1] for v in range(0, N - 1, 2) for _ in range(v + 1)]
    found = greedy(Sets(lists), Constraint.of(N, 2), np.zeros(N))
    assert (found.covered, found.bound) == (12, pytest.approx(12))
    assert found.seeds.tolist() == [6, 4]


def test_fewer_useful_than_asked_for():
    lists = [[1, 2], [1, 2], [5], [5], [5]]
    sets = Sets(lists)
    found = greedy(sets, Constraint.of(N, 4), sets.alone)
    assert found.seeds.tolist() == [5, 1, 2, 0]
    assert (found.gains.tolist(), found.padded) == ([3, 2, 0, 0], 2)
    assert found.bound == pytest.approx(5)


def test_best_alone_beats_good_for_its_price():
    lists = [[0, 1]] * 2 + [[2, 3]] * 50
    costs = np.array([1.0, 9.0, 50.0, 90.0, *[90.0] * 5])
    found = greedy(Sets(lists), Constraint.of(N, None, costs=costs, budget=50.0), np.zeros(N))
    assert found.seeds[0] == 2
    assert found.covered == 50


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"k": 0}, "k must be a whole number of 1 or more, not 0"),
        ({"k": 10}, "k is 10, but there are 9 people"),
        ({"k": 8, "exclude": [1, 2]}, "there are 7 people who may be picked"),
        ({}, "give the number of seeds k, or costs and a budget"),
        ({"k": 2, "costs": np.ones(N)}, "costs and a budget go together"),
        ({"costs": np.full(N, 3.0), "budget": 2.5}, "the budget of 2.5 buys nobody: the lowest cost is 3"),
        ({"costs": np.zeros(N), "budget": 2.5}, "the cost of node 0 is 0"),
        ({"costs": np.ones(3), "budget": 2.5}, "costs has the shape"),
        ({"costs": np.ones(N), "budget": -1.0}, "budget must be over 0"),
        ({"k": 2, "include": [1, 2, 3]}, "include has 3 people, more than k = 2"),
        ({"k": 2, "include": [1], "exclude": [1]}, "node 1 is both in include and in exclude"),
        ({"k": 2, "include": [1], "invited": [1]}, "node 1 is both in include and in invited"),
        ({"k": 2, "include": [9]}, "include holds 9: node numbers lie in 0 … 8"),
        ({"k": 2, "exclude": [-1]}, "exclude holds -1"),
        ({"k": 2, "include": [0.5]}, "include must hold node numbers"),
        ({"include": [0, 1], "costs": np.ones(N), "budget": 1.5}, "include costs 2, more than the budget of 1.5"),
        ({"k": 2, "groups": ["a"] * N}, "groups and quotas go together"),
        ({"k": 2, "groups": ["a"] * 4, "quotas": {"a": 1}}, "groups has the shape"),
        ({"k": 2, "groups": ["a"] * N, "quotas": {"b": 1}}, "there is a quota for 'b', but nobody"),
        ({"k": 2, "groups": ["a"] * N, "quotas": {"a": -1}}, "the quota of 'a' must be"),
        ({"k": 2, "groups": ["a"] * N, "quotas": {"a": 1}, "include": [0, 1]}, "more people of a group than its quota"),
    ],
)
def test_what_cannot_be_asked_for(options, words):
    with pytest.raises(UsageError, match=words):
        Constraint.of(N, **{"k": None, **options})


@pytest.mark.parametrize("trials", [1, 7, 40])
@pytest.mark.parametrize("delta", [0.3, 0.01, 1e-6])
def test_bounds_of_a_share(trials, delta):
    """Whatever the probability, a bound misses it with a chance of at most delta; and it could not be much nearer."""
    x = np.arange(trials + 1)
    low, high = lower_share(x, trials, delta), upper_share(x, trials, delta)
    for p in np.linspace(0.0, 1.0, 101):
        chance = np.array([math.comb(trials, i) * p**i * (1 - p) ** (trials - i) for i in x])
        assert chance[low > p].sum() <= delta * (1 + 1e-6)
        assert chance[high < p].sum() <= delta * (1 + 1e-6)
    assert (low[0], high[-1]) == (0.0, 1.0)
    for i in range(1, trials + 1):
        p = low[i]
        assert sum(math.comb(trials, j) * p**j * (1 - p) ** (trials - j) for j in range(i, trials + 1)) >= delta * 0.999


def test_many_bounds_are_no_nearer_than_exact_ones():
    trials, delta = 10**8, 1e-10
    x = np.unique(np.geomspace(1, trials, 5000).astype(np.int64))
    low, high = lower_share(x, trials, delta), upper_share(x, trials, delta)
    some = np.arange(0, x.size, 7)
    exact_low, exact_high = lower_share(x[some], trials, delta), upper_share(x[some], trials, delta)
    assert (low[some] <= exact_low).all()
    assert (high[some] >= exact_high).all()
    p = x[some] / trials
    assert (exact_low - low[some] <= 1e-3 * (p - exact_low) + 1e-15).all()
    assert (high[some] - exact_high <= 1e-3 * (exact_high - p) + 1e-15).all()
    assert (np.diff(low) > 0).all()
