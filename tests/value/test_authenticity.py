"""Authenticity: seeds, the graph of trust, and trust relative to PageRank, against dense solutions and by hand."""

import numpy as np
import oracles
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import DAY
from ties.tie_histories import TIME, frame
from value.trust_cases import farm, honest, ledger_of, people, ring

from influence.centrality.trustrank import trustrank
from influence.config import Settings
from influence.graph import Graph
from influence.value.authenticity import assess_authenticity, choose_seeds, relative_trust, trust_graph

SIX = [(v, (v + 1) % 6, "reply", 0) for v in range(6)]


def slow(matrix, seeds):
    """Return authenticity by dense solutions; None where trust reaches less than half."""
    n = len(matrix)
    moves = np.array([row / row.sum() if row.sum() > 0 else np.zeros(n) for row in matrix])
    plain = moves.T @ oracles.pagerank(matrix)
    trust = moves.T @ oracles.pagerank(matrix, restart=np.asarray(seeds, float))
    reached = [u for u in range(n) if trust[u] > 1e-15 and plain[u] > 0]
    total = sum(plain[u] for u in reached)
    assume(abs(total - 0.5 * plain.sum()) > 1e-9)
    if not reached or total < 0.5 * plain.sum():
        return None
    plain = plain / total
    scale = quartile([(trust[u] / plain[u], plain[u]) for u in reached])
    prior = 0.1 / len(reached)
    return [1.0 if seeds[u] else min(1.0, (trust[u] / scale + prior) / (plain[u] + prior)) for u in range(n)]


def quartile(pairs):
    """Return the mean of what stands from 0.2 to 0.3 where (value, weight) lie side by side, smallest value first."""
    before, total = 0.0, 0.0
    for value, weight in sorted(pairs):
        total += value * max(0.0, min(0.3, before + weight) - max(0.2, before))
        before += weight
    return total / 0.1


@st.composite
def graphs(draw, *, whole=False):
    """Draw people, edges and seeds; ``whole``: a cycle goes through everybody, so that trust reaches all."""
    n = draw(st.integers(6 if whole else 2, 12))
    edges = [(v, (v + 1) % n, 1) for v in range(n)] if whole else []
    edges += draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.integers(1, 5)), max_size=40))
    edges = [edge for edge in edges if edge[0] != edge[1]]
    seeds = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    assume(seeds.any())
    return n, edges, seeds


def graph_of(n, edges):
    columns = [np.array(column, np.int64) for column in zip(*edges, strict=True)] or [np.empty(0, np.int64)] * 3
    return Graph.from_edges(columns[0], columns[1], columns[2].astype(float), n_nodes=n)


@given(graphs())
def test_as_the_dense_solution(case):
    n, edges, seeds = case
    matrix = np.zeros((n, n))
    for source, target, weight in edges:
        matrix[source, target] += weight
    expected = slow(matrix, seeds)
    found = relative_trust(graph_of(n, edges), seeds)
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(expected, abs=1e-6)
        assert (found[seeds] == 1.0).all()
        assert (found > 0).all()
        assert (found <= 1).all()


@pytest.mark.slow
@given(graphs(), st.randoms(use_true_random=False))
def test_relabelling_permutes(case, random):
    n, edges, seeds = case
    new = list(range(n))
    random.shuffle(new)
    moved = np.zeros(n, np.bool_)
    moved[np.array(new)[seeds]] = True
    one = relative_trust(graph_of(n, edges), seeds)
    other = relative_trust(graph_of(n, [(new[u], new[v], w) for u, v, w in edges]), moved)
    assert (one is None) == (other is None)
    if one is not None:
        assert other[new] == pytest.approx(one, abs=1e-6)


@pytest.mark.slow
@given(graphs(whole=True), st.integers(2, 5))
def test_an_isolated_ring_changes_nobody_and_is_not_trusted(case, size):
    n, edges, seeds = case
    before = relative_trust(graph_of(n, edges), seeds)
    more = [(n + i, n + j, 1) for i in range(size) for j in range(size) if i != j]
    after = relative_trust(graph_of(n + size, edges + more), np.concatenate([seeds, np.zeros(size, np.bool_)]))
    assert after[:n] == pytest.approx(before, abs=1e-6)
    assert (after[n:] < 0.5).all()


@pytest.mark.slow
@given(graphs(), st.data())
def test_a_reaction_never_lowers_the_trust_in_whom_it_is_to(case, data):
    """Trust itself; authenticity is relative to others, whose trust moves too, and may lose a little by it."""
    n, edges, seeds = case
    source, target = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, n - 1))
    assume(source != target)
    before, after = (
        trustrank(graph_of(n, some), seeds, tolerance=1e-12).values for some in (edges, [*edges, (source, target, 1)])
    )
    assert after[target] >= before[target] - 1e-9


@pytest.mark.slow
def test_a_reaction_of_a_seed_hardly_ever_lowers_authenticity():
    n, rng = 300, np.random.default_rng(0)
    edges = [(v, u, 1) for v, u, *_ in honest(n, 0)]
    seeds = rng.random(n) < 0.1
    before = relative_trust(graph_of(n, edges), seeds)
    for _ in range(40):
        source, target = rng.choice(np.flatnonzero(seeds)), rng.choice(np.flatnonzero(before < 0.9))
        after = relative_trust(graph_of(n, [*edges, (source, target, 1)]), seeds)
        assert after[target] >= before[target] - 0.001


def test_nobody_who_is_not_listened_to_is_condemned():
    assert relative_trust(graph_of(3, [(0, 1, 1), (1, 0, 1), (2, 0, 1)]), np.array([True, False, False]))[2] == 1.0


def test_vetted_customers_are_seeds():
    ledger = ledger_of(SIX, n=6, vetted={1, 4})
    seeds, basis = choose_seeds(ledger, np.ones(6, np.bool_))
    assert people(ledger, seeds) == {1, 4}
    assert basis == "2 vetted customers"
    assert assess_authenticity(ledger, np.zeros(6, np.bool_)).values[[1, 4]].tolist() == [1.0, 1.0]


def buyers(rows, discounted=True):
    names = ("customer", "timestamp", "amount", "discounted")
    table = frame(rows, names, (pl.Int64, TIME, pl.Float64, pl.Boolean))
    return table if discounted else table.drop("discounted")


PURCHASES = [
    (0, 0, 5.0, False),
    (0, 181 * DAY, 5.0, False),
    (1, 0, 5.0, False),
    (1, 180 * DAY, 5.0, False),  # not over 180 days
    (2, 0, 5.0, False),
    (2, 90 * DAY, 5.0, True),  # at a discount once
    (2, 300 * DAY, 5.0, False),
    (3, 0, 5.0, False),
    (3, 300 * DAY, -5.0, None),  # a refund
    (4, 0, None, None),
    (4, 300 * DAY, 5.0, False),
]


def test_repeat_buyers_are_seeds_where_nobody_is_vetted():
    ledger = ledger_of(SIX, n=6, vetted=(), transactions=buyers(PURCHASES))
    nobody = np.zeros(6, np.bool_)
    seeds, basis = choose_seeds(ledger, nobody)
    assert people(ledger, seeds) == {0, 4}
    assert basis == "2 repeat buyers over more than 180 days, never at a discount"
    barred = nobody.copy()
    barred[0] = True
    assert people(ledger, choose_seeds(ledger, barred)[0]) == {4}

    ledger = ledger_of(SIX, n=6, transactions=buyers(PURCHASES, discounted=False))
    seeds, basis = choose_seeds(ledger, nobody)
    assert people(ledger, seeds) == {0, 2, 4}
    assert basis == "3 repeat buyers over more than 180 days"
    ledger = ledger_of(SIX, n=6, settings=Settings(seed_days=179.5), transactions=buyers(PURCHASES))
    assert people(ledger, choose_seeds(ledger, nobody)[0]) == {0, 1, 4}


def test_without_seeds_everybody_is_authentic():
    ledger = ledger_of(SIX, n=6)
    found = assess_authenticity(ledger, np.zeros(6, np.bool_))
    assert found.basis == "no seeds: everybody counts as authentic"
    assert (found.values == 1).all()
    assert not found.known


def test_trust_that_reaches_hardly_anybody_says_nothing():
    rows = [*SIX, (6, 7, "reply", 0)]
    found = assess_authenticity(ledger_of(rows, n=8, vetted={6}), np.zeros(8, np.bool_))
    assert found.basis == (
        "1 vetted customers; their trust reaches less than 50% of all attention: everybody counts as authentic"
    )
    assert (found.values == 1).all()
    assert not found.known


def test_the_graph_of_trust_by_hand():
    """0 replies to 1 twice and likes 2; 3 follows 0 and 1; 2 refers 3, which shows no trust of 3's."""
    rows = [(0, 1, "reply", 0), (0, 1, "reply", 9), (0, 2, "like", 0), (2, 3, "referral", 0), (3, 0, "reply", 5)]
    ledger = ledger_of(rows, n=4, follows=[(3, 0, None), (3, 1, None)])
    graph = trust_graph(ledger)
    edges = zip(graph.edge_sources().tolist(), graph.out_targets.tolist(), graph.weight.tolist(), strict=True)
    assert sorted(edges) == [(0, 1, 2.0), (0, 2, 0.05), (3, 0, 1.05), (3, 1, 0.05)]


def crowd(seed, n, k):
    """Return authenticity of k seeds among n honest people, rings and farms, who is honest and heard, and the gangs."""
    rng = np.random.default_rng(seed)
    rows = honest(n, seed)
    gangs = [list(range(n + 10 * i, n + 10 * i + 4 + i % 5)) for i in range(8)]
    for i, gang in enumerate(gangs):
        rows += ring(gang, seed + i)
        # a few honest people fall for it
        rows += [(int(v), gang[0], "reply", 0) for v in rng.choice(n, 3)]
    rows += farm(range(n + 100, n + 120), [n + 120, n + 121], seed)
    seeds = {int(v) for v in rng.choice(n, k, replace=False)}
    ledger = ledger_of(rows, n=n + 122, vetted=seeds)
    values = assess_authenticity(ledger, np.zeros(n + 122, np.bool_)).values
    heard = (trust_graph(ledger).in_degree[:n] > 0) & ~np.isin(np.arange(n), list(seeds))
    return values, np.flatnonzero(heard), gangs, [n + 120, n + 121]


@pytest.mark.slow
@pytest.mark.parametrize("k", [5, 50, 500])
def test_honest_people_are_authentic_and_rings_are_not(k):
    values, heard, gangs, clients = crowd(0, 5000, k)
    assert np.mean(values[heard] >= 0.8) > 0.75
    assert np.mean(values[heard] < 0.5) < 0.02
    # TrustRank's own limit: a ring that somebody close to one of few seeds falls for is trusted
    assert np.median([values[gang].mean() for gang in gangs]) < 0.45
    assert np.mean([values[gang].mean() < 0.6 for gang in gangs]) >= 0.6
    assert values[clients].max() < 0.1
