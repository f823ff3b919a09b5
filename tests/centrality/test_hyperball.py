"""HyperBall against a plain twin of its counters, and against exact values within its stated error."""

import math
from itertools import pairwise

import networkx as nx
import numba
import numpy as np
import pytest
from cases import CASES, random_case

from influence.centrality.closeness import closeness
from influence.centrality.harmonic import harmonic
from influence.centrality.hyperball import _empty, hyperball
from influence.errors import UsageError
from influence.graph import Graph

LARGER = {
    "directed": random_case(1, n=1200, m=4000),
    "undirected": random_case(2, n=1200, m=4000, directed=False),
}
MASK = 2**64 - 1


def mix(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def register_of(node, p, seed):
    """Return which register a node goes to, and its rank: the first bits, and the first 1 among the rest."""
    start = mix((mix((seed + 0x9E3779B97F4A7C15) & MASK) + 0x9E3779B97F4A7C15) & MASK)
    bits = format(mix((start + (node + 1) * 0x9E3779B97F4A7C15) & MASK), "064b")
    rest = bits[p:]
    return int(bits[:p], 2), rest.index("1") + 1 if "1" in rest else len(rest) + 1


def sigma(x):
    """Return Ertl's σ, x + Σ_k x^(2^k) 2^(k - 1)."""
    return x + sum(x ** (2**k) * 2.0 ** (k - 1) for k in range(1, 60))


def size_of(nodes, p, seed):
    """Return the estimated size of a set, by Ertl's estimator."""
    m = 2**p
    registers = [0] * m
    for node in nodes:
        place, rank = register_of(node, p, seed)
        registers[place] = max(registers[place], rank)
    empty = registers.count(0)
    return m * m / (2 * math.log(2)) / (m * sigma(empty / m) + sum(2.0**-r for r in registers if r))


def balls(case, node):
    """Return the sets of nodes at most 0, 1, 2, … hops from where they get to the node."""
    away = nx.single_source_shortest_path_length(nx.reverse_view(case.networkx()), node)
    return [[v for v, d in away.items() if d <= step] for step in range(max(away.values()) + 1)]


@pytest.mark.parametrize("seed", [0, 12345])
@pytest.mark.parametrize("p", [6, 7])
def test_plain_twin(p, seed):
    """Nodes that no hub knows of have their balls estimated one by one, and nothing taken off."""
    # 0 → 1 and back is the hub, with far the highest degrees; a chain of layers apart from it is estimated
    layers = [range(10 + 30 * i, 40 + 30 * i) for i in range(4)]
    arcs = [(u, v) for one, other in pairwise(layers) for u in one for v in other if (u + v) % 3]
    hub = [(0, 200 + i) for i in range(200)] + [(200 + i, 0) for i in range(200)]
    graph = Graph.from_edges([u for u, _ in arcs + hub], [v for _, v in arcs + hub], n_nodes=400)
    found = hyperball(graph, p=p, seed=seed)
    other = nx.DiGraph(arcs + hub)
    for node in (10, 45, 75, 100, 129):
        away = nx.single_source_shortest_path_length(other.reverse(), node)
        sizes = [1.0, 1.0 + sum(d == 1 for d in away.values())]
        for step in range(2, max(away.values()) + 1):
            sizes.append(max(sizes[-1], size_of([v for v, d in away.items() if d <= step], p, seed)))
        wanted = sum((big - small) / step for step, (small, big) in enumerate(pairwise(sizes), 1))
        assert found.values[node] == pytest.approx(wanted, rel=1e-9)
        assert found.reach[node] == pytest.approx(sizes[-1] - 1, rel=1e-9)
        far = sum((big - small) * step for step, (small, big) in enumerate(pairwise(sizes), 1))
        reach = sizes[-1] - 1
        assert found.closeness[node] == pytest.approx(reach * reach / far / 399 if far else 0.0, rel=1e-9)


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("name", LARGER)
def test_errors_are_as_stated(name, direction):
    """Over ten seeds: no bias to speak of, and less error than that of a ball."""
    graph = LARGER[name].graph()
    exact, near = harmonic(graph, direction=direction).values, closeness(graph, direction=direction).values
    live = exact > 0
    errors, others = [], []
    for seed in range(10):
        found = hyperball(graph, p=8, direction=direction, seed=seed)
        errors.append(found.values[live] / exact[live] - 1)
        others.append(found.closeness[live] / near[live] - 1)
    assert found.standard_error == 1.04 / 16
    for error in (np.array(errors), np.array(others)):
        assert np.sqrt((error**2).mean()) < found.standard_error
        assert abs(error.mean()) < 3 * found.standard_error / math.sqrt(10)


def test_more_registers_err_less():
    graph = LARGER["undirected"].graph()
    exact = harmonic(graph).values
    live = exact > 0
    errors = [
        np.mean([np.abs(hyperball(graph, p=p, seed=seed).values[live] / exact[live] - 1) for seed in range(8)])
        for p in (6, 8, 10)
    ]
    assert errors[0] > 1.4 * errors[1] > 1.4 * 1.4 * errors[2]


@pytest.mark.parametrize("name", CASES)
def test_small_graphs(name):
    """With many registers for few nodes the counters are nearly exact."""
    for loops in (False, True):
        graph = CASES[name].graph(loops=loops)
        found = hyperball(graph, p=14, seed=1)
        assert found.values == pytest.approx(harmonic(graph).values, rel=0.03, abs=1e-9)
        assert found.closeness == pytest.approx(closeness(graph).values, rel=0.05, abs=1e-9)


@pytest.mark.parametrize("name", LARGER)
def test_neighbourhood_and_effective_diameter(name):
    case = LARGER[name]
    found = hyperball(case.graph(), p=12)
    steps = [d for _, row in nx.all_pairs_shortest_path_length(case.networkx()) for d in row.values()]
    wanted = np.cumsum(np.bincount(steps))
    assert found.neighbourhood[0] == case.n
    size = min(wanted.size, found.neighbourhood.size)
    assert found.neighbourhood[:size] == pytest.approx(wanted[:size], rel=0.05)
    at = int(np.argmax(wanted >= 0.9 * wanted[-1]))
    exact = at - 1 + (0.9 * wanted[-1] - wanted[at - 1]) / (wanted[at] - wanted[at - 1])
    assert found.effective_diameter() == pytest.approx(exact, abs=0.15)
    assert found.effective_diameter(1.0) == found.neighbourhood.size - 1


def test_reach_is_exact_where_undirected():
    case = LARGER["undirected"]
    sizes = {node: len(part) for part in nx.connected_components(case.networkx()) for node in part}
    assert hyperball(case.graph(), p=6).reach.tolist() == [sizes[node] - 1 for node in range(case.n)]


def test_no_register_of_0():
    assert _empty(64)[0] == 0.0
    assert _empty(64)[64] == np.inf
    assert _empty(64)[32] == pytest.approx(64 * sigma(0.5), rel=1e-12)
    assert _empty(1 << 16)[-2] == pytest.approx((1 << 16) * sigma(1 - 2.0**-16), rel=1e-9)


def test_columns():
    table = hyperball(CASES["star in"].graph()).to_polars()
    assert table.columns == ["id", "harmonic", "closeness", "reach"]
    assert table["id"].to_list() == [0, 1, 2, 3, 4]


def test_same_bytes_for_a_seed():
    graph = LARGER["directed"].graph()
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            result = hyperball(graph, seed=7)
            found.append(b"".join(a.tobytes() for a in (result.values, result.closeness, result.neighbourhood)))
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]
    assert hyperball(graph, seed=8).values.tobytes() != result.values.tobytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": 5}, "p must be a whole number in 6 … 16, not 5"),
        ({"p": 17}, "p must"),
        ({"p": 8.0}, "p must"),
        ({"seed": -1}, "seed must"),
        ({"seed": None}, "seed must"),
        ({"direction": "x"}, "direction"),
    ],
)
def test_refused(options, message):
    with pytest.raises(UsageError, match=message):
        hyperball(CASES["chain"].graph(), **options)


def test_refused_part():
    with pytest.raises(UsageError, match="part must lie in"):
        hyperball(CASES["chain"].graph()).effective_diameter(0.0)
