"""Chances learned from logs: against plain Python, against planted chances, and against leaks."""

import dataclasses
import math
import random

import numba
import numpy as np
import oracles_logs as oracle
import pytest

from influence.errors import LeakError, UsageError
from influence.graph import Graph
from influence.reach import learn
from influence.reach import log as logs
from influence.reach.credit_distribution import credit_per_cascade, credit_reach, credit_seeds, credit_spread
from influence.reach.learn import METHODS, estimate, fit_prior, learn_probabilities
from influence.reach.log import ActionLog, Exposures, Split, split_log
from influence.reach.saito import log_likelihood, saito

WINDOW = 6


def case(seed, n=6, n_items=5):
    rng = random.Random(seed)
    pairs = [(u, v) for u in range(n) for v in range(n)]
    arcs = set(rng.sample(pairs, rng.choice([4, 12, 20])))
    rows = [(rng.randrange(n), rng.randrange(n_items), rng.randint(0, 20)) for _ in range(rng.choice([5, 20, 40]))]
    return arcs, rows


def built(arcs, rows, n=6, end=None, window=WINDOW):
    names = sorted(arcs)
    graph = Graph.from_edges([u for u, _ in names], [v for _, v in names], n_nodes=n, self_loops=True)
    log = ActionLog.of(*columns(rows), n_people=n, end=end)
    return graph, Exposures.of(graph, log, window=window)


def columns(rows):
    return [[row[i] for row in rows] for i in range(3)]


def by_arc(exposures, values):
    graph = exposures.graph
    arcs = zip(graph.edge_sources().tolist(), graph.out_targets.tolist(), strict=True)
    return dict(zip(arcs, exposures.by_arc(np.asarray(values, float)).tolist(), strict=True))


@pytest.mark.parametrize("seed", range(30))
def test_parents_trials_and_all_estimates_against_plain_python(seed):
    arcs, rows = case(seed)
    last = max(t for _, _, t in rows)
    end = last + seed % 3
    graph, found = built(arcs, rows, end=end)
    acts = found.log.acts
    of_act = np.split(graph.in_sources[found.arc_of_row], found.parents.offsets[1:-1])
    given = {
        (int(v), int(i)): sorted(those.tolist()) for v, i, those in zip(acts.actor, acts.item, of_act, strict=True)
    }
    assert given == oracle.parents(rows, arcs, WINDOW)
    assert (acts.actor[found.parents.act] == graph.in_sources[found.arc_of_row]).all()
    successes, tried = oracle.trials(rows, arcs, WINDOW, end)
    assert by_arc(found, found.successes) == {a: successes[a] for a in arcs}
    assert by_arc(found, found.trials) == pytest.approx({a: tried[a] for a in arcs}, abs=1e-12)

    prior = (0.3, 1.7)
    credit = oracle.partial_credits(rows, arcs, WINDOW)
    expected = {
        "bernoulli": {a: (0.3 + successes[a]) / (2 + tried[a]) for a in arcs},
        "partial": {a: (0.3 + credit[a]) / (2 + tried[a]) for a in arcs},
    }
    expected["em"] = oracle.em(rows, arcs, WINDOW, end, prior, expected["partial"], 7)
    for method, chances in expected.items():
        got, _ = estimate(found, method, prior=prior, max_iterations=7, tolerance=0.0)
        assert by_arc(found, got) == pytest.approx(chances, rel=1e-12), method
        assert log_likelihood(found, got) == pytest.approx(
            oracle.log_likelihood(rows, arcs, WINDOW, end, chances), rel=1e-10, abs=1e-10
        )


def test_expectation_maximisation_never_falls_and_ends():
    for seed in range(10):
        _, found = built(*case(seed))
        fit = saito(found, np.full(found.trials.size, 0.4), prior=(0.2, 0.5), max_iterations=2000, tolerance=1e-9)
        assert (np.diff(fit.log_posterior) >= -1e-9).all()
        assert fit.change <= 1e-9


def test_one_influencer_has_the_share_that_followed():
    """An arc alone: 2 of 4 followed; the maximum of the likelihood is ½, whatever the method."""
    rows = [(0, i, 1) for i in range(4)] + [(1, 0, 2), (1, 1, 3), (1, 2, 30)]
    _, found = built({(0, 1)}, rows, n=2)
    for method in METHODS:
        assert estimate(found, method, prior=(0.0, 0.0))[0].tolist() == pytest.approx([0.5])


def test_em_tells_the_influencer_from_who_was_there_too():
    """Both act before each success, but 2 alone is never followed: the credit of 1 rises above a half."""
    rows = [(0, i, 1) for i in range(10)] + [(1, i, 1) for i in range(20)] + [(2, i, 3) for i in range(10)]
    _, found = built({(0, 2), (1, 2)}, rows, n=3, end=99)
    partial = by_arc(found, estimate(found, "partial", prior=(0.0, 0.0))[0])
    em = by_arc(found, estimate(found, "em", prior=(0.0, 0.0), max_iterations=5000, tolerance=1e-10)[0])
    assert partial == {(0, 2): 0.5, (1, 2): 0.25}
    assert em[0, 2] == pytest.approx(1.0, abs=1e-3)
    assert em[1, 2] < 0.05


def planted(seed, items=1500, n=12):
    rng = random.Random(seed)
    pairs = rng.sample([(u, v) for u in range(n) for v in range(n) if u != v], 36)
    return {pair: rng.choice([0.05, 0.2, 0.5]) for pair in pairs}, rng, n, items


def test_em_recovers_planted_chances_and_the_truth_is_best_held_out():
    arcs, rng, n, items = planted(1)
    rows = oracle.play(arcs, n, items, rng, starters=2)
    names = sorted(arcs)
    graph = Graph.from_edges([u for u, _ in names], [v for _, v in names], n_nodes=n)
    truth = np.array([arcs[a] for a in names])
    errors = {}
    for method in ("em", "partial", "bernoulli"):
        learned = learn_probabilities(graph, *columns(rows), window=5, method=method, held_out=0.3)
        errors[method] = float(np.abs(learned.values - truth).mean())
    assert errors["em"] < 0.025
    assert errors["em"] < errors["bernoulli"]
    assert errors["em"] < errors["partial"]
    held = split_log(ActionLog.of(*columns(rows), n_people=n), share=0.3).held_out
    judged = Exposures.of(graph, held, window=5)
    of_truth = log_likelihood(judged, truth[graph.in_edges])
    assert learned.held_out.keys() == set(METHODS)
    for method, found in learned.held_out.items():
        assert found < of_truth, method  # nothing foretells better than the truth, within noise
    assert learned.held_out["em"] == max(learned.held_out.values())
    assert of_truth - learned.held_out["em"] < 0.02 * abs(of_truth)
    assert learned.comparison()["method"][0] == "em"


def test_censored_windows_are_not_failures():
    """Half the trials are cut off in the middle of their window: counted as failures, they would halve the chance."""
    rng = random.Random(3)
    rows = []
    for i in range(4000):
        begin = i // 2000 * 100
        rows.append((0, i, begin))
        delay = rng.randint(1, 20)
        if rng.random() < 0.4 and begin + delay <= 110:
            rows.append((1, i, begin + delay))
    _, found = built({(0, 1)}, rows, n=2, end=110, window=20)
    chance = float(estimate(found, "bernoulli", prior=(0.0, 0.0))[0][0])
    assert chance == pytest.approx(0.4, abs=0.03)
    assert found.successes[0] / 4000 < 0.32


def test_prior_is_that_of_the_arcs():
    rng = np.random.default_rng(1)
    n = 1500
    graph = Graph.from_edges(np.zeros(n, int), np.arange(1, n + 1))
    chance = rng.beta(2.0, 6.0, n)
    followed = rng.random((30, n)) < chance
    item, listener = np.nonzero(followed)
    person = np.concatenate([np.zeros(30, int), listener + 1])
    log = ActionLog.of(person, np.concatenate([np.arange(30), item]), (person > 0).astype(int), n_people=n + 1, end=50)
    alpha, beta = fit_prior(Exposures.of(graph, log, window=5))
    assert alpha / (alpha + beta) == pytest.approx(0.25, abs=0.01)
    assert alpha + beta == pytest.approx(8.0, rel=0.15)


def test_nothing_learned_from_what_is_held_out():
    """Whoever acts from the cut on, nothing learned changes."""
    arcs, rng, n, items = planted(2, items=80)
    rows = oracle.play(arcs, n, items, rng, starters=3, gap=1)  # many are under way at the cut
    graph = Graph.from_edges(*zip(*sorted(arcs), strict=True), n_nodes=n)
    learned = learn_probabilities(graph, *columns(rows), window=5)
    assert learned.cut is not None
    begins = {i: min(t for _, j, t in rows if j == i) for _, i, _ in rows}
    assert sum(t >= learned.cut > begins[i] for _, i, t in rows) > 10
    # the same moments, so that the cut stays where it is
    other = [((u + 1) % n, i, t) if t >= learned.cut else (u, i, t) for u, i, t in rows]
    again = learn_probabilities(graph, *columns(other), window=5)
    assert again.values.tobytes() == learned.values.tobytes()
    assert again.held_out != learned.held_out


@pytest.mark.parametrize("by", ["time", "random"])
def test_a_planted_leak_is_seen(by, monkeypatch):
    arcs, rng, n, items = planted(2, items=80)
    rows = oracle.play(arcs, n, items, rng)
    graph = Graph.from_edges(*zip(*sorted(arcs), strict=True), n_nodes=n)
    fair = split_log(ActionLog.of(*columns(rows), n_people=n), by=by)
    fair.check()
    whole = ActionLog.of(*columns(rows), n_people=n)
    for leaky in (
        Split(whole, fair.held_out, fair.cut),
        Split(fair.train, whole, fair.cut),
        *([dataclasses.replace(fair, train=dataclasses.replace(fair.train, end=fair.cut))] if by == "time" else []),
    ):
        with pytest.raises(LeakError):
            leaky.check()
    later = Split(fair.held_out, fair.train, fair.cut)  # learned from the future
    monkeypatch.setattr(learn, "split_log", lambda *_, **__: later)
    if by == "time":
        with pytest.raises(LeakError, match="the cut is"):
            learn_probabilities(graph, *columns(rows), window=5)


def test_split_goes_by_cascade():
    arcs, rng, n, items = planted(4, items=400)
    log = ActionLog.of(*columns(oracle.play(arcs, n, items, rng)), n_people=n)
    for by in ("time", "random"):
        split = split_log(log, share=0.25, by=by)
        assert split.held_out.n_acts + split.train.n_acts == log.n_acts
        assert abs(np.unique(split.held_out.acts.item).size - 100) < (1 if by == "time" else 30)
    assert split_log(log, by="random", seed=1).held_out.acts.item.tolist() != split.held_out.acts.item.tolist()
    assert split_log(log, share=0.0).train is log


def test_same_bytes_on_any_threads_and_slices(monkeypatch):
    arcs, rng, n, items = planted(5, items=100)
    rows = columns(oracle.play(arcs, n, items, rng))
    graph = Graph.from_edges(*zip(*sorted(arcs), strict=True), n_nodes=n)

    def outcome():
        found = learn_probabilities(graph, *rows, window=5)
        return found.values.tobytes(), found.trials.tobytes(), found.held_out

    expected = outcome()
    monkeypatch.setattr(logs, "slices", lambda total, label, first: ((i, i + 1) for i in range(total)))
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        assert outcome() == expected
    finally:
        numba.set_num_threads(before)


@pytest.mark.parametrize("seed", range(20))
def test_credit_distribution_against_the_paper_by_recursion(seed):
    arcs, rows = case(seed, n_items=3)
    _, found = built(arcs, rows)
    rng = random.Random(seed)
    for k in (1, 2, 4):
        seeds = rng.sample(range(6), k)
        assert credit_spread(found, seeds) == pytest.approx(oracle.credit_spread(rows, arcs, WINDOW, seeds), abs=1e-12)
    alone = credit_reach(found).values
    assert alone == pytest.approx([oracle.credit_spread(rows, arcs, WINDOW, [u]) for u in range(6)], abs=1e-12)
    picked = credit_seeds(found, 3)
    for i in range(3):  # each is the best addition, and its gain is what it adds
        before = picked.seeds[:i].tolist()
        base = credit_spread(found, before)
        gains = [credit_spread(found, [*before, u]) - base if u not in before else -1.0 for u in range(6)]
        assert picked.gain[i] == pytest.approx(max(gains), abs=1e-12)
        assert gains[picked.seeds[i]] == pytest.approx(max(gains), abs=1e-12)
    seed_set = np.zeros(6, bool)
    seed_set[picked.seeds] = True
    worth = credit_per_cascade(found, seed_set)
    assert worth.sum() >= picked.spread - 1e-9
    assert picked.to_polars().columns == ["rank", "id", "gain", "spread"]


def test_credit_is_worth_the_value_of_who_acted():
    rows = [(0, 0, 1), (1, 0, 2), (2, 0, 3), (2, 1, 1)]
    _, found = built({(0, 1), (1, 2)}, rows, n=3)
    assert credit_spread(found, [0], value=[1.0, 10.0, 100.0]) == 1 + 10 + 50
    assert credit_reach(found, value=[1.0, 10.0, 100.0]).values.tolist() == [61, 60, 100]
    assert credit_seeds(found, 1, value=[1.0, 10.0, 100.0]).seeds.tolist() == [2]


def test_table():
    g = Graph.from_edges([0, 0], [1, 2])
    learned = learn_probabilities(g, [0, 1, 0], [0, 0, 1], [1, 2, 1], window=5, held_out=0, prior=(0, 0))
    table = learned.to_polars()
    assert table.columns == ["source", "target", "probability", "successes", "trials"]
    assert table["successes"].to_list() == [1, 0]
    assert learned.cascade(hops=2).probability.tolist() == learned.values.tolist()
    assert learned.comparison().height == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window": 0}, "window must be"),
        ({"window": 1.5}, "window must be"),
        ({"method": "best"}, "method must be one of"),
        ({"held_out": 1.0}, r"\[0, 1\)"),
        ({"split": "person"}, "by time or by random"),
        ({"prior": (-1, 2)}, "prior must be"),
        ({"person": [0, 1, 7]}, "nodes of the graph"),
        ({"person": [0, 1]}, "must match"),
        ({"item": [0.5, 1.0, 2.0]}, "whole numbers"),
        ({"end": 1}, "the log ends at 1"),
        ({"item": [0, 0, 0]}, "one side would be empty"),
    ],
)
def test_errors(options, words):
    given = {"person": [0, 1, 0], "item": [0, 0, 1], "time": [1, 2, 9], "window": 5, **options}
    with pytest.raises(UsageError, match=words):
        learn_probabilities(Graph.from_edges([0, 1], [1, 2]), **given)


def test_an_empty_log():
    g = Graph.from_edges([0], [1])
    learned = learn_probabilities(g, [], [], [], window=5, held_out=0)
    assert learned.values.tolist() == [0.5]  # the prior alone
    assert math.isclose(sum(learned.prior), 2.0)
