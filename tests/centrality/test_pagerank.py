"""PageRank against the dense solution, NetworkX and published values."""

import csv
from collections import defaultdict

import cases
import networkx as nx
import numba
import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from influence.centrality import pagerank
from influence.errors import UsageError
from influence.graph import Graph

#: Directed, weighted, asymmetric, with doubles; 4 dangles, 5 and 6 are apart, 7 is alone.
SOURCE = [0, 0, 0, 1, 2, 2, 3, 3, 5, 6, 0]
TARGET = [1, 2, 3, 2, 0, 4, 2, 4, 6, 5, 1]
WEIGHT = [1.0, 2.0, 0.5, 3.0, 1.0, 1.5, 4.0, 0.25, 1.0, 2.0, 2.5]

GRAPHS = {
    "one node": (1, [], [], []),
    "no edges": (4, [], [], []),
    "chain": (3, [0, 1], [1, 2], [1.0, 5.0]),
    "star in": (5, [1, 2, 3, 4], [0, 0, 0, 0], [1.0, 2.0, 3.0, 4.0]),
    "asymmetric": (8, SOURCE, TARGET, WEIGHT),
    "weightless": (4, [0, 0, 1, 2], [1, 2, 3, 3], [0.0, 0.0, 1.0, 1.0]),  # 0 dangles: all its weight is 0
}


def graph_of(n, source, target, weight):
    return Graph.from_edges(source, target, weight, n_nodes=n)


def of_networkx(n, source, target, weight, **options):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    for u, v, w in zip(source, target, weight, strict=True):
        if u != v:
            graph.add_edge(u, v, weight=w + (graph[u][v]["weight"] if graph.has_edge(u, v) else 0.0))
    found = nx.pagerank(graph, tol=1e-14, max_iter=10_000, **options)
    return np.array([found[node] for node in range(n)])


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.85, 0.99])
@pytest.mark.parametrize("name", GRAPHS)
def test_dense_solution(name, alpha):
    n, source, target, weight = GRAPHS[name]
    wanted = oracles.pagerank(oracles.dense(n, source, target, weight), alpha)
    found = pagerank(graph_of(*GRAPHS[name]), alpha=alpha, tolerance=1e-13, max_iterations=10_000)
    assert found.values == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("name", GRAPHS)
def test_networkx(name):
    found = pagerank(graph_of(*GRAPHS[name]), tolerance=1e-13).values
    assert found == pytest.approx(of_networkx(*GRAPHS[name]), abs=1e-11)


@pytest.mark.parametrize("name", ["chain", "asymmetric", "weightless"])
def test_personalised(name):
    """What dangles starts anew where the restart says, as NetworkX has it."""
    n, source, target, weight = GRAPHS[name]
    restart = np.arange(n) ** 2 / 7.0  # not scaled, and 0 for the first
    found = pagerank(graph_of(*GRAPHS[name]), restart=restart, tolerance=1e-13).values
    assert found == pytest.approx(
        of_networkx(n, source, target, weight, personalization=dict(enumerate(restart))), abs=1e-11
    )
    assert found == pytest.approx(oracles.pagerank(oracles.dense(n, source, target, weight), 0.85, restart), abs=1e-12)
    assert restart[1] == 1 / 7.0  # what was given is left alone


@st.composite
def weighted_graphs(draw):
    n = draw(st.integers(1, 6))
    node = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(node, node, st.sampled_from([0.25, 1.0, 2.0, 5.0])), max_size=15))
    return n, [u for u, _, _ in edges], [v for _, v, _ in edges], [w for _, _, w in edges]


@settings(max_examples=40)
@given(weighted_graphs(), st.booleans())
def test_any_graph(case, self_loops):
    n, source, target, weight = case
    matrix = oracles.dense(n, source, target, weight)
    if not self_loops:
        np.fill_diagonal(matrix, 0.0)
    graph = Graph.from_edges(source, target, weight, n_nodes=n, self_loops=self_loops)
    found = pagerank(graph, tolerance=1e-12)
    assert found.values == pytest.approx(oracles.pagerank(matrix), abs=1e-11)


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("name", cases.CASES)
def test_every_case_as_networkx(name, weighted, loops):
    case = cases.CASES[name]
    graph, peer = case.graph(loops=loops), case.networkx(loops=loops)
    weight = "weight" if weighted else None
    rng = np.random.default_rng(7)
    restart, dangling, start = rng.random((3, case.n)) + 0.01
    options = {
        "personalization": dict(enumerate(restart)),
        "dangling": dict(enumerate(dangling)),
        "nstart": dict(enumerate(start)),
    }
    plain = nx.pagerank(peer, weight=weight, tol=1e-15, max_iter=10_000)
    other = nx.pagerank(peer, 0.7, weight=weight, tol=1e-15, max_iter=10_000, **options)
    found = pagerank(graph, weighted=weighted, tolerance=1e-13)
    assert found.values == pytest.approx([plain[u] for u in range(case.n)], abs=1e-12)
    assert found.converged
    found = pagerank(
        graph, alpha=0.7, restart=restart, dangling=dangling, start=start, weighted=weighted, tolerance=1e-13
    )
    assert found.values == pytest.approx([other[u] for u in range(case.n)], abs=1e-12)


def test_start_does_not_change_the_solution():
    graph = cases.ASYMMETRIC.graph()
    start = np.arange(8.0)
    near = pagerank(graph, start=pagerank(graph, tolerance=1e-13).values, tolerance=1e-6)
    far = pagerank(graph, start=start, tolerance=1e-13)
    assert near.iterations == 1
    assert far.values == pytest.approx(pagerank(graph, tolerance=1e-13).values, abs=1e-12)
    assert start.tolist() == list(range(8))


def test_what_has_not_settled_says_so():
    found = pagerank(cases.ASYMMETRIC.graph(), max_iterations=3)
    assert not found.converged
    assert found.error_bound > 1e-10


def test_weights_that_are_alike_are_left_out():
    """The unweighted path gives what the weighted one gives."""
    n, source, target, _ = GRAPHS["asymmetric"]
    matrix = (oracles.dense(n, source, target) > 0) * 3.7
    graph = Graph.from_edges(*np.nonzero(matrix), np.full((matrix > 0).sum(), 3.7), n_nodes=n)
    assert pagerank(graph, tolerance=1e-13).values == pytest.approx(oracles.pagerank(matrix), abs=1e-12)
    nothing = Graph.from_edges([0, 1], [1, 2], [0.0, 0.0], n_nodes=3)
    assert pagerank(nothing).values == pytest.approx([1 / 3] * 3)


def test_score_flows_along_the_edges():
    """Who is pointed to gains; the reversed graph ranks otherwise."""
    graph = graph_of(*GRAPHS["star in"])
    assert pagerank(graph).values.argmax() == 0
    assert pagerank(graph.reverse()).values.argmin() == 0
    graph = graph_of(*GRAPHS["asymmetric"])
    order = np.argsort(-pagerank(graph).values, kind="stable").tolist()
    assert order != np.argsort(-pagerank(graph.reverse()).values, kind="stable").tolist()


def test_worked_by_hand():
    """0 → 1 at α = ½: x₀ = x₁/4 + ¼ and x₁ = x₀/2 + x₁/4 + ¼, so x₀ = 2/5 and x₁ = 3/5."""
    found = pagerank(Graph.from_edges([0], [1]), alpha=0.5, tolerance=1e-15).values
    assert found == pytest.approx([0.4, 0.6], abs=1e-14)


@pytest.mark.parametrize("iterations", [1, 2, 3, 10])
@pytest.mark.parametrize("name", GRAPHS)
def test_each_step_is_that_of_the_dense_map(name, iterations):
    """Scaling the result to 1 would hide mass that is lost at every step; the steps themselves do not."""
    n, source, target, weight = GRAPHS[name]
    restart = np.arange(1.0, n + 1) / (n * (n + 1) / 2)
    matrix = oracles.dense(n, source, target, weight)
    moves = np.array([row / row.sum() if row.sum() > 0 else restart for row in matrix])
    x, before = restart, restart
    for _ in range(iterations):
        x, before = 0.85 * moves.T @ x + 0.15 * restart, x
    found = pagerank(graph_of(*GRAPHS[name]), restart=restart, tolerance=0.0, max_iterations=iterations)
    assert found.values == pytest.approx(x, abs=1e-14)
    assert found.error_bound == pytest.approx(np.abs(x - before).sum() * 0.85 / 0.15, abs=1e-13)


@pytest.mark.parametrize("tolerance", [1e-1, 1e-2, 1e-4, 1e-8])
@pytest.mark.parametrize("alpha", [0.5, 0.85, 0.98])
@pytest.mark.parametrize("name", ["chain", "star in", "asymmetric"])
def test_bound_holds_the_error(name, alpha, tolerance):
    n, source, target, weight = GRAPHS[name]
    wanted = oracles.pagerank(oracles.dense(n, source, target, weight), alpha)
    found = pagerank(graph_of(*GRAPHS[name]), alpha=alpha, tolerance=tolerance, max_iterations=10_000)
    assert found.error_bound <= tolerance
    assert np.abs(found.values - wanted).sum() <= found.error_bound + 1e-14


@pytest.mark.parametrize("iterations", [1, 2, 3, 5, 8])
def test_bound_holds_when_stopped_early(iterations):
    n, source, target, weight = GRAPHS["asymmetric"]
    wanted = oracles.pagerank(oracles.dense(n, source, target, weight))
    found = pagerank(graph_of(*GRAPHS["asymmetric"]), max_iterations=iterations)
    assert found.iterations == iterations
    error = np.abs(found.values - wanted).sum()
    assert found.error_bound > 1e-10  # not settled, and it says so
    assert error <= found.error_bound
    assert found.error_bound < 100 * error  # a bound that tells something


def test_bound_holds_on_random_graphs():
    rng = np.random.default_rng(3)
    for _ in range(20):
        n, m = 30, int(rng.integers(0, 120))
        source, target, weight = rng.integers(0, n, m), rng.integers(0, n, m), rng.random(m)
        matrix = oracles.dense(n, source, target, weight)
        np.fill_diagonal(matrix, 0.0)
        restart = rng.random(n)
        found = pagerank(Graph.from_edges(source, target, weight, n_nodes=n), restart=restart, tolerance=1e-3)
        assert np.abs(found.values - oracles.pagerank(matrix, 0.85, restart)).sum() <= found.error_bound <= 1e-3


def test_karate_order_is_the_published_one():
    graph = nx.karate_club_graph()
    edges = np.array([edge for u, v in graph.edges() for edge in ((u, v), (v, u))])
    found = pagerank(Graph.from_edges(edges[:, 0], edges[:, 1])).values
    assert np.argsort(-found, kind="stable")[:5].tolist() == [33, 0, 32, 2, 1]
    # Zachary's club without weights, as python-igraph and NetworkX give it to ten digits
    assert found[[33, 0]] == pytest.approx([0.1009191823, 0.0969972854], abs=1e-9)


@pytest.mark.data
def test_reference_centralities(data_folder):
    """Values that NetworkX and python-igraph agree on, directed and not."""
    folder = data_folder / "small-ground-truth"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    reference = defaultdict(dict)
    with (folder / "reference_centralities.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            reference[row["graph"]][row["node"]] = row
    assert set(reference) >= {"karate", "les_miserables", "law_firm_advice"}
    for name, rows in reference.items():
        with (folder / f"{name}_edges.csv").open(newline="", encoding="utf-8") as lines:
            edges = [(row["source"], row["target"]) for row in csv.DictReader(lines)]
        if name != "law_firm_advice":
            edges += [(v, u) for u, v in edges]
        number = {node: place for place, node in enumerate(rows)}
        graph = Graph.from_edges([number[u] for u, _ in edges], [number[v] for _, v in edges], merge="max")
        assert graph.n_nodes == len(rows)
        assert graph.out_degree.tolist() == [int(row["out_degree"]) for row in rows.values()], name
        assert graph.in_degree.tolist() == [int(row["in_degree"]) for row in rows.values()], name
        wanted = [float(row["pagerank_085"]) for row in rows.values()]
        assert pagerank(graph, tolerance=1e-13).values == pytest.approx(wanted, abs=1e-9), name


def test_threads_do_not_change_a_byte():
    rng = np.random.default_rng(0)
    graph = Graph.from_edges(rng.integers(0, 3000, 6000), rng.integers(0, 3000, 6000), rng.random(6000), n_nodes=3000)
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append(pagerank(graph, tolerance=1e-4).values.tobytes())
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]


def test_relabelling_permutes_the_values():
    n, source, target, weight = GRAPHS["asymmetric"]
    new = np.random.default_rng(1).permutation(n)
    found = pagerank(Graph.from_edges(new[source], new[target], weight, n_nodes=n), tolerance=1e-13).values
    assert found[new] == pytest.approx(pagerank(graph_of(*GRAPHS["asymmetric"]), tolerance=1e-13).values, abs=1e-12)


def test_empty_graph():
    found = pagerank(Graph.from_edges([], []))
    assert (found.values.size, found.iterations, found.error_bound) == (0, 0, 0.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 1.0}, "alpha"),
        ({"alpha": -0.1}, "alpha"),
        ({"alpha": float("nan")}, "alpha"),
        ({"restart": [1.0, 1.0]}, "restart must hold 3 numbers"),
        ({"restart": [1.0, -1.0, 1.0]}, "restart"),
        ({"restart": [0.0, 0.0, 0.0]}, "add up to 0"),
        ({"restart": [1.0, np.nan, 1.0]}, "restart"),
        ({"dangling": [0.0, 0.0, 0.0]}, "dangling must hold 3 numbers"),
        ({"start": [1.0, -1.0, 1.0]}, "start must hold 3 numbers"),
    ],
)
def test_refused(options, message):
    with pytest.raises(UsageError, match=message):
        pagerank(Graph.from_edges([0, 1], [1, 2]), **options)


def test_negative_weights_are_refused():
    with pytest.raises(UsageError, match="negative weights"):
        pagerank(Graph.from_edges([0, 1], [1, 2], [1.0, -1.0]))
    with pytest.raises(TypeError):
        pagerank(Graph.from_edges([0], [1]), 0.85)
