"""Reverse reachable sets against every world of small graphs, and against themselves cut otherwise."""

import numba
import numpy as np
import pytest
from worlds import Small, random_small

from influence.graph import Graph
from influence.reach import Cascade, constant, continuous_time, weighted_cascade
from influence.reach.rrsets import OutOfTime, RRSets, Sampler

SETS = 60_000
MODELS = {
    "cascade": {},
    "two hops": {"hops": 2},
    "no hops": {"hops": 0},
    "negative opinion": {"quality": 0.7},
    "negative opinion, two hops": {"quality": 0.8, "hops": 2},
    "threshold": {"kind": "lt"},
    "threshold, one hop": {"kind": "lt", "hops": 1},
    "threshold, negative opinion": {"kind": "lt", "quality": 0.6},
}


def sets_of(cascade, number, seed=1, stream=0, value=None, **options):
    sets = RRSets(cascade.graph.n_nodes)
    Sampler(cascade, seed, value).extend(sets, stream, number, **options)
    return sets


def near_reach(found, sampler, known, expected):
    """Say whether so many of the sets, and what is known, agree with what is reached."""
    if sampler.total == 0.0:
        return found == 0 and known == pytest.approx(expected)
    return near(found / SETS, SETS, expected - known, sampler.total)


def same(a, b):
    return all(getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in ("offsets", "nodes", "counts"))


def near(share, sets, expected, total):
    """Say whether a share of sets agrees with an expectation within five standard errors."""
    p = expected / total
    return abs(share - p) < 5.0 * np.sqrt(max(p * (1.0 - p), 1e-6) / sets)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("seed", [1, 2])
def test_sets_hold_who_reaches(name, seed):
    small = random_small(seed, **MODELS[name])
    cascade = small.cascade()
    sets = sets_of(cascade, SETS)
    sampler = Sampler(cascade, 3)
    for v in range(small.n):
        assert near_reach(sets.counts[v], sampler, sampler.alone[v], small.spread([v]))
    lists = [np.array(pair) for pair in ([0, 1], [2, 3, 4], [5])]
    hits = sampler.hits(lists, 0, 0, SETS)
    for nodes, found in zip(lists, hits, strict=True):
        # whose root is on the list is left out
        assert near_reach(found, sampler, nodes.size * small.quality, small.spread(nodes.tolist()))
    counts = np.zeros((2, small.n), np.int64)
    sampler.count(counts, 0, 0, SETS)
    for v in range(small.n):
        assert near_reach(counts.sum(axis=0)[v], sampler, small.quality, small.spread([v]))


@pytest.mark.parametrize("kind", ["ic", "lt"])
def test_values_draw_roots(kind):
    small = random_small(4, kind=kind)
    value = np.array([0.0, 3.0, 0.5, 10.0, 0.0, 1.0])
    sets = sets_of(small.cascade(), SETS, value=value)
    sampler = Sampler(small.cascade(), 1, value)
    for v in range(small.n):
        assert near_reach(sets.counts[v], sampler, sampler.alone[v], small.spread([v], value=value))


def test_invited_spoil():
    small = random_small(7, n=6, m=10)
    invited = np.array([False, False, True, False, False, False])
    sets = sets_of(small.cascade(), SETS, spoil=invited)
    sampler = Sampler(small.cascade(), 5)
    hits = sampler.hits([np.array([0, 1])], 0, 0, SETS, invited=invited)
    beyond = small.spread([0, 1], invited=[2])
    found = np.add.reduceat(np.isin(sets.nodes, [0, 1]), sets.offsets[:-1]).astype(bool).sum()
    assert near_reach(found, sampler, sampler.alone[:2].sum(), beyond)
    assert near_reach(hits[0], sampler, sampler.alone[:2].sum(), beyond)
    assert sets.counts[2] == 0
    whole = sets_of(small.cascade(), SETS)
    assert sets.caught == whole.counts[2]
    whole.drop(np.array([2], np.int32))
    assert same(sets, whole)
    assert whole.caught == sets.caught


@pytest.mark.parametrize("p", [0.001, 0.02, 0.15, 0.5])
@pytest.mark.parametrize("even", [True, False])
def test_long_rows(p, even):
    """The number of live in-arcs of one node with many is binomial, whether the chances are one or nearly one."""
    n = 2001
    chance = np.full(n - 1, p)
    if not even:
        chance *= np.linspace(1.0, 0.2, n - 1)
    cascade = Cascade(Graph.from_edges(np.arange(1, n), np.zeros(n - 1, int)), chance)
    value = np.zeros(n)
    value[0] = 1.0
    some = -np.expm1(np.log1p(-chance).sum())
    assert Sampler(cascade, 1, value).total == pytest.approx(some)
    # of so many draws, some would have no live arc
    kept = 4000
    draws = round(kept / some)
    sets = sets_of(cascade, kept, value=value)
    live = np.zeros(draws)
    live[:kept] = np.diff(sets.offsets) - 1
    mean, variance = chance.sum(), (chance * (1.0 - chance)).sum()
    assert abs(live.mean() - mean) < 5.0 * np.sqrt(variance / draws)
    assert abs(live.var() / variance - 1.0) < 5.0 * np.sqrt((2.0 + 1.0 / variance) / draws)
    first, last = sets.counts[1:201].sum(), sets.counts[-200:].sum()
    for found, part in ((first, chance[:200]), (last, chance[-200:])):
        assert abs(found / draws - part.sum()) < 5.0 * np.sqrt(part.sum() / draws)


def test_time_runs_out():
    """A chain of exponential delays: both within the horizon with the chance of an Erlang variable."""
    rate, horizon = 0.8, 1.5
    cascade = continuous_time(Graph.from_edges([0, 1], [1, 2]), rate=rate, horizon=horizon)
    sets = sets_of(cascade, SETS)
    x = rate * horizon
    one, two = 1.0 - np.exp(-x), 1.0 - np.exp(-x) * (1.0 + x)
    sampler = Sampler(cascade, 1)
    for v, expected in enumerate((1.0 + one + two, 1.0 + one, 1.0)):
        assert near_reach(sets.counts[v], sampler, sampler.alone[v], expected)


def test_every_arc_into_a_root_is_live_by_its_own_chance():
    """Though at least one of them is for sure, in continuous time too."""
    chance, rate, horizon = np.array([0.7, 0.2, 0.6, 0.4]), 2.0, 0.8
    cascade = continuous_time(
        Graph.from_edges([1, 2, 3, 4], [0, 0, 0, 0]), rate=rate, horizon=horizon, probability=chance
    )
    sets, sampler = sets_of(cascade, SETS), Sampler(cascade, 1)
    for v in range(4):
        expected = 1.0 + chance[v] * -np.expm1(-rate * horizon)
        assert near_reach(sets.counts[v + 1], sampler, sampler.alone[v + 1], expected)


def _slow_times(arcs, seeds, rng):
    """Return who is reached when, and over how many steps, by relaxing until nothing changes."""
    live = [(u, v, rng.exponential(1.0 / rate)) for u, v, p, rate in arcs if rng.random() < p]
    best = dict.fromkeys(seeds, (0.0, 0))
    changed = True
    while changed:
        changed = False
        for u, v, delay in live:
            if u in best and (v not in best or best[u][0] + delay < best[v][0]):
                best[v] = (best[u][0] + delay, best[u][1] + 1)
                changed = True
    return best


@pytest.mark.parametrize("quality", [1.0, 0.6])
def test_delays_against_a_slow_simulation(quality):
    arcs = [(0, 1, 0.9, 1.0), (0, 2, 1.0, 0.3), (1, 2, 0.7, 2.0), (2, 3, 0.8, 1.0), (1, 3, 0.2, 0.5), (3, 0, 1.0, 1.0)]
    graph = Graph.from_edges([a[0] for a in arcs], [a[1] for a in arcs])
    ordered = sorted(arcs)
    cascade = continuous_time(
        graph, rate=[a[3] for a in ordered], horizon=1.7, probability=[a[2] for a in ordered], quality=quality
    )
    sampler, counts = Sampler(cascade, 1), np.zeros((1, 4), np.int64)
    sampler.count(counts, 0, 0, SETS)
    rng, runs = np.random.default_rng(1), 4000
    for v in range(4):
        reached = [
            sum(quality ** (steps + 1) for time, steps in _slow_times(ordered, [v], rng).values() if time <= 1.7)
            for _ in range(runs)
        ]
        found = sampler.own[v] + sampler.total * counts[0, v] / SETS
        assert abs(found - np.mean(reached)) < 5.0 * (np.std(reached) / np.sqrt(runs) + 2.0 / np.sqrt(SETS))


def _mixed(kind, seed=11, n=120, m=900):
    rng = np.random.default_rng(seed)
    graph = Graph.from_edges(rng.integers(0, n, m), rng.integers(0, n, m), n_nodes=n)
    if kind == "even":
        return weighted_cascade(graph)
    if kind == "constant":
        return constant(graph, 0.12)
    if kind == "time":
        return continuous_time(graph, rate=rng.uniform(0.2, 2.0, graph.n_arcs), horizon=0.4)
    if kind == "threshold":
        return Cascade(graph, rng.random(graph.n_arcs) / graph.in_degree[graph.out_targets], kind="lt")
    return Cascade(graph, rng.random(graph.n_arcs) ** 4, quality=0.95)


@pytest.mark.parametrize("kind", ["even", "constant", "uneven", "threshold", "time"])
def test_same_bytes_however_drawn(kind):
    cascade = _mixed(kind)
    whole = sets_of(cascade, 3000)
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        single = sets_of(cascade, 3000)
    finally:
        numba.set_num_threads(threads)
    assert same(whole, single)
    parts, sampler = RRSets(120), Sampler(cascade, 1)
    for stop in (1, 2, 17, 1000, 1001, 3000):
        sampler.extend(parts, 0, stop)
    assert same(whole, parts)
    # so little room that most lanes have to go on elsewhere
    narrow, roomless = RRSets(120), Sampler(cascade, 1)
    roomless._draw = lambda stream, first, stop, capacity, *rest: sampler._draw(stream, first, stop, 1, *rest)
    roomless.extend(narrow, 0, 3000)
    assert same(whole, narrow)
    lists = [np.arange(3), np.array([7])]
    assert roomless.hits(lists, 9, 0, 3000).tolist() == sampler.hits(lists, 9, 0, 3000).tolist()
    assert not same(whole, sets_of(cascade, 3000, seed=2))
    assert not same(whole, sets_of(cascade, 3000, stream=1))


def test_hits_agree_with_sets():
    cascade = _mixed("uneven")
    stored = sets_of(cascade, 5000, stream=4)
    nodes = np.array([3, 50, 51, 119])
    on = np.isin(stored.nodes, nodes)
    hit = np.logical_or.reduceat(on, stored.offsets[:-1]) & ~on[stored.offsets[:-1]]
    assert Sampler(cascade, 1).hits([nodes], 4, 0, 5000)[0] == hit.sum()


def test_loops_and_dead_arcs():
    small = Small(3, [(0, 0, 1.0), (0, 1, 0.0), (1, 2, 1.0), (2, 2, 0.5)])
    sets = sets_of(small.cascade(), 2000)
    assert set(np.diff(sets.offsets)) == {2}
    assert sets.counts[0] == 0
    assert sets.counts[1] == sets.counts[2]
    threshold = Small(3, [(0, 0, 0.5), (0, 1, 0.5), (1, 2, 1.0)], kind="lt")
    sets, sampler = sets_of(threshold.cascade(), SETS), Sampler(threshold.cascade(), 1)
    assert near_reach(sets.counts[0], sampler, sampler.alone[0], threshold.spread([0]))


@pytest.mark.parametrize(("arcs", "hops"), [([(0, 1, 0.5), (1, 2, 0.5)], 0), ([], None)])
def test_nothing_is_drawn_where_nobody_reaches_anybody(arcs, hops):
    small = Small(3, arcs, quality=0.7, hops=hops)
    sampler, sets = Sampler(small.cascade(), 1), RRSets(3)
    sampler.extend(sets, 0, 100)
    assert (sampler.total, sets.drawn, sets.offsets.tolist()) == (0.0, 0, [0])
    assert sampler.alone.tolist() == sampler.own.tolist() == [0.7] * 3
    assert sampler.hits([np.array([0])], 0, 0, 100).tolist() == [0]


def test_clock():
    with pytest.raises(OutOfTime):
        sets_of(_mixed("even"), 10_000_000, stop_at=0.0)
