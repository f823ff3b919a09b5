"""Simulated cascades against the same draws in plain Python, and against all worlds with their chances."""

import math
import random

import numba
import numpy as np
import oracles_spread as oracle
import pytest

from influence.errors import UsageError
from influence.graph import Graph
from influence.reach import simulate
from influence.reach.model import Cascade, constant, continuous_time, linear_threshold, weighted_cascade
from influence.reach.simulate import expected_spread, reach_probability


def case(seed, n=7, m=12, top=1.0):
    """Return a graph, its chances by arc as the engine and as the oracles take them, and seeds."""
    rng = random.Random(seed)
    pairs = rng.sample([(u, v) for u in range(n) for v in range(n) if u != v], m)
    arcs = {pair: rng.choice([0.0, 1.0, rng.random(), rng.random() * 0.3]) * top for pair in pairs}
    return *engine(arcs, n), arcs, rng.sample(range(n), rng.choice([1, 1, 2, 3]))


def engine(arcs, n):
    names = sorted(arcs)
    graph = Graph.from_edges([u for u, _ in names], [v for _, v in names], n_nodes=n)
    return graph, np.array([arcs[a] for a in names])


def thresholds(seed, n=7, m=12):
    """Return the same for a linear threshold: some nodes always pick an arc."""
    _, _, arcs, seeds = case(seed, n, m)
    for v in range(n):
        into = [a for a in arcs if a[1] == v]
        total = sum(arcs[a] for a in into)
        if total:
            arcs.update({a: arcs[a] / total * (1.0 if v % 2 else 0.7) for a in into})
    return *engine(arcs, n), arcs, seeds


@pytest.mark.parametrize("hops", [None, 0, 1, 2])
@pytest.mark.parametrize("kind", ["ic", "lt"])
def test_same_worlds_as_the_twin(kind, hops):
    for seed in range(12):
        graph, chance, arcs, seeds = case(seed) if kind == "ic" else thresholds(seed)
        cascade = Cascade(graph, chance, kind=kind, hops=hops)
        draw = oracle.live_arcs if kind == "ic" else oracle.picked_arcs
        runs = 70  # more than one batch
        reached = [oracle.steps(draw(arcs, 7, seed, run), seeds, hops) for run in range(runs)]
        found = expected_spread(cascade, seeds, runs=runs, seed=seed)
        assert found.people_by_run.tolist() == [len(world) for world in reached]
        chances = reach_probability(cascade, seeds, runs=runs, seed=seed).values
        assert (chances * runs).round(9).tolist() == [sum(v in world for world in reached) for v in range(7)]


def test_same_worlds_as_the_twin_in_continuous_time():
    more = 0
    for seed in range(12):
        graph, chance, arcs, seeds = case(seed)
        rates = np.random.default_rng(seed).uniform(0.2, 3.0, graph.n_arcs)
        horizon = 1.5
        by_arc = dict(zip(sorted(arcs), rates.tolist(), strict=True))
        in_time = {a: p * -math.expm1(-by_arc[a] * horizon) for a, p in arcs.items()}
        cascade = continuous_time(graph, rate=rates, horizon=horizon, probability=chance, quality=0.8)
        expected = []
        for run in range(30):
            live = oracle.live_arcs(in_time, 7, seed, run)
            delays = {
                a: -math.log1p(oracle.uniform(oracle.word(own, draw + (1 << 40))) * math.expm1(-by_arc[a] * horizon))
                / by_arc[a]
                for a, (own, draw) in live.items()
            }
            when, how = oracle.in_time(delays, seeds, horizon)
            expected.append(sum(0.8 ** (how[v] + 1) for v in when))
            more += len(oracle.steps(live, seeds)) > len(when)
        assert expected_spread(cascade, seeds, runs=30, seed=seed).people_by_run == pytest.approx(expected, rel=1e-12)
    assert more > 5  # the horizon does cut ways off


@pytest.mark.parametrize(("hops", "quality"), [(None, 1.0), (2, 1.0), (None, 0.7), (1, 0.5)])
@pytest.mark.parametrize("kind", ["ic", "lt"])
def test_mean_is_that_of_all_worlds(kind, hops, quality):
    runs = 20_000
    for seed in range(5):
        graph, chance, arcs, seeds = case(seed, 6, 9) if kind == "ic" else thresholds(seed, 6, 9)
        worlds = oracle.cascade_worlds(arcs) if kind == "ic" else oracle.threshold_worlds(arcs, 6)
        exact = np.array(oracle.exact_chances(worlds, 6, seeds, hops, quality))
        cascade = Cascade(graph, chance, kind=kind, hops=hops, quality=quality)
        value = np.arange(6.0) ** 2
        found = expected_spread(cascade, seeds, runs=runs, value=value, seed=seed, confidence=0.9999)
        assert found.people_low - 1e-9 <= exact.sum() <= found.people_high + 1e-9
        assert found.value_low - 1e-9 <= exact @ value <= found.value_high + 1e-9
        chances = reach_probability(cascade, seeds, runs=runs, seed=seed).values
        assert np.abs(chances - exact).max() < 4.5 * 0.5 / math.sqrt(runs)
        assert chances.sum() == pytest.approx(found.people, rel=1e-8)


def test_linear_threshold_is_the_model_with_thresholds():
    """Kempe, Kleinberg and Tardos 2003, theorem 2.5: thresholds and picked arcs reach alike."""
    graph, chance, arcs, seeds = thresholds(3)
    rng = random.Random(1)
    sizes = [len(oracle.threshold_run(arcs, 7, seeds, rng)) for _ in range(4000)]
    found = expected_spread(Cascade(graph, chance, kind="lt"), seeds, runs=20_000, confidence=0.9999)
    error = np.std(sizes) / math.sqrt(len(sizes)) + (found.people_high - found.people) / 4
    assert abs(np.mean(sizes) - found.people) < 4 * error


def test_reed_frost_household_of_three():
    """Final sizes of the Reed-Frost chain in a household of three (Bailey 1975, section 14.2): q², 2pq², p² + 2p²q."""
    p, q, runs = 0.4, 0.6, 40_000
    found = expected_spread(constant(Graph.from_edges([0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1]), p), [0], runs=runs)
    share = np.bincount(found.people_by_run.astype(int), minlength=4)[1:] / runs
    assert share == pytest.approx([q**2, 2 * p * q**2, p**2 + 2 * p**2 * q], abs=4 * 0.5 / math.sqrt(runs))


def test_a_chain_in_time_is_erlang():
    """Both of two arcs of rate r within T: 1 - (1 + rT) exp(-rT)."""
    cascade = continuous_time(Graph.from_edges([0, 1], [1, 2]), rate=0.5, horizon=3.0)
    chances = reach_probability(cascade, [0], runs=40_000).values
    first, both = -math.expm1(-1.5), 1 - 2.5 * math.exp(-1.5)
    assert chances == pytest.approx([1, first, both], abs=4 * 0.5 / 200)


def test_spread_is_monotone_and_submodular_in_every_world():
    """Kempe, Kleinberg and Tardos 2003, theorem 2.2; runs of a seed are the same worlds whatever the seeds."""
    graph, chance, _, _ = case(8, n=30, m=90)
    cascade = Cascade(graph, chance)

    def by_run(seeds):
        return expected_spread(cascade, seeds, runs=100).people_by_run

    less, more, x = [3], [3, 11, 20], 5
    assert (by_run(more) >= by_run(less)).all()
    gains = by_run([*less, x]) - by_run(less), by_run([*more, x]) - by_run(more)
    assert (gains[0] >= gains[1]).all()
    assert (gains[0] > gains[1]).any()


def big():
    rng = np.random.default_rng(5)
    return Graph.from_edges(rng.integers(0, 300, 1500), rng.integers(0, 300, 1500), n_nodes=300, self_loops=True)


@pytest.fixture
def one_thread():
    before = numba.get_num_threads()
    yield lambda: numba.set_num_threads(1)
    numba.set_num_threads(before)


def cascades():
    graph = big()
    return [
        weighted_cascade(graph, quality=0.9),
        linear_threshold(graph, hops=4),
        continuous_time(graph, rate=0.3, horizon=2.0, quality=0.9),
    ]


@pytest.mark.parametrize("number", range(3))
def test_same_bytes_on_any_threads_and_slices(number, monkeypatch, one_thread):
    cascade, value = cascades()[number], np.random.default_rng(1).random(300)

    def outcome():
        found = expected_spread(cascade, [1, 7, 30], runs=300, value=value)
        chances = reach_probability(cascade, [1, 7, 30], runs=300).values
        return [found.people_by_run.tobytes(), found.value_by_run.tobytes(), chances.tobytes()]

    expected = outcome()
    monkeypatch.setattr(simulate, "slices", lambda total, label: ((i, i + 1) for i in range(total)))
    assert outcome() == expected
    one_thread()
    assert outcome() == expected
    monkeypatch.undo()
    assert outcome() == expected


def test_many_small_frontiers_and_few_large_ones_agree():
    """A frontier over a sixteenth of the nodes is listed in another order: the worlds stay the same."""
    graph = big()
    crowd = Graph.from_edges(graph.edge_sources(), graph.out_targets, n_nodes=20_000, self_loops=True)
    few = expected_spread(weighted_cascade(graph), [1, 7], runs=200)
    assert (
        few.people_by_run.tolist() == expected_spread(weighted_cascade(crowd), [1, 7], runs=200).people_by_run.tolist()
    )
    assert few.people > 300 / 16


def test_goes_on_until_the_error_is_small_enough():
    cascade = weighted_cascade(big())
    found = expected_spread(cascade, [1, 7], relative_error=0.02)
    assert (found.people_high - found.people) / found.people <= 0.02
    assert found.runs % 256 == 0
    same = expected_spread(cascade, [1, 7], runs=found.runs)
    assert same.people_by_run.tobytes() == found.people_by_run.tobytes()
    assert same.people_high < found.people_high  # one look is surer than many
    assert expected_spread(cascade, [1, 7], relative_error=1e-6, max_runs=700).runs == 700


def test_intervals_cover():
    graph, chance, arcs, seeds = case(3, 6, 9)
    exact = sum(oracle.exact_chances(oracle.cascade_worlds(arcs), 6, seeds))
    assert exact > 2.5
    inside = 0
    for seed in range(400):
        found = expected_spread(Cascade(graph, chance), seeds, runs=100, seed=seed, confidence=0.9)
        inside += found.people_low <= exact <= found.people_high
    assert 0.86 <= inside / 400 <= 0.94


def test_edge_cases():
    empty = Graph.from_edges([], [], n_nodes=3)
    assert expected_spread(constant(empty, 0.5), []).people == 0.0
    assert expected_spread(constant(empty, 0.5), [2, 0]).people == 2.0
    assert reach_probability(constant(empty, 0.5), [2], runs=3).values.tolist() == [0, 0, 1]
    certain = expected_spread(constant(big(), 1.0), [0], runs=1)
    assert (certain.people_low, certain.people_high) == (0.0, math.inf)
    loop = Graph.from_edges([0, 0], [0, 1], self_loops=True)
    assert expected_spread(constant(loop, 1.0), [0], runs=64).people == 2.0


def test_tables():
    found = expected_spread(constant(Graph.from_edges([0], [1]), 1.0), [0], runs=9, value=[1.0, 4.0])
    assert found.to_polars().rows() == [("people", 2.0, 2.0, 2.0, 9), ("value", 5.0, 5.0, 5.0, 9)]
    assert "value 5" in repr(found)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seeds": [9]}, "seed 9 is not a node"),
        ({"seeds": [-1]}, "seed -1 is not a node"),
        ({"seeds": [1, 1]}, "given twice"),
        ({"seeds": [0.5]}, "node numbers"),
        ({"runs": 0}, "runs must be 1 or more"),
        ({"confidence": 1.0}, "confidence"),
        ({"relative_error": 0.0}, "relative_error"),
        ({"relative_error": 0.1, "runs": 5}, "not both"),
        ({"seed": -1}, "seed must be"),
        ({"value": [1.0]}, "3 nodes"),
        ({"value": [1.0, -2.0, 0.0]}, "value of node 1 is -2"),
        ({"value": [1.0, float("nan"), 0.0]}, "value of node 1"),
    ],
)
def test_errors(options, words):
    cascade = constant(Graph.from_edges([0, 1], [1, 2]), 0.5)
    with pytest.raises(UsageError, match=words):
        expected_spread(cascade, **{"seeds": [0], **options})
