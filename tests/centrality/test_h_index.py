"""H-index of nodes against its definition and against the core number it ends in."""

import networkx as nx
import oracles_local
import pytest
from cases import CASES, random_case, reference
from oracles_local import ends, same_however_run

from influence.centrality.h_index import h_index
from influence.errors import UsageError
from influence.graph import Graph


def rows(case, direction):
    graph = case.networkx()
    if not case.directed:
        return [list(graph[v]) for v in range(case.n)]
    return [list(graph.predecessors(v) if direction == "in" else graph.successors(v)) for v in range(case.n)]


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("name", CASES)
def test_definition(name, direction, loops):
    case = CASES[name]
    for steps in range(5):
        found = h_index(case.graph(loops=loops), steps=steps, direction=direction)
        assert found.values.tolist() == oracles_local.h_index(rows(case, direction), steps)
        assert found.steps <= steps
    settled = h_index(case.graph(loops=loops), steps=None, direction=direction)
    assert settled.settled
    assert settled.values.tolist() == oracles_local.h_index(rows(case, direction), case.n + 2)


@pytest.mark.parametrize("seed", range(5))
def test_ends_in_the_core_number(seed):
    """Lü et al. 2016, theorem 1."""
    drawn = nx.gnm_random_graph(120, 60 + 150 * seed, seed=seed)
    graph = Graph.from_edges(*ends(drawn), n_nodes=120, directed=False)
    assert h_index(graph, steps=None).values.tolist() == [nx.core_number(drawn)[v] for v in range(120)]


def test_a_long_path_settles_from_its_ends():
    graph = Graph.from_edges(range(200), range(1, 201), directed=False)
    found = h_index(graph, steps=None)
    # every round takes one more node from either end down to 1, and the last finds nothing to change
    assert (found.steps, found.settled, found.values.tolist()) == (101, True, [1] * 201)


@pytest.mark.data
@pytest.mark.parametrize("name", ["karate", "krackhardt_kite", "les_miserables"])
def test_published_core_numbers(name, data_folder):
    made = {
        "karate": nx.karate_club_graph,
        "krackhardt_kite": nx.krackhardt_kite_graph,
        "les_miserables": nx.les_miserables_graph,
    }[name]()
    wanted = reference(name, "core_number", data_folder)
    nodes = list(made)
    number = {node: i for i, node in enumerate(nodes)}
    source, target = [number[u] for u, _ in made.edges()], [number[v] for _, v in made.edges()]
    found = h_index(Graph.from_edges(source, target, n_nodes=len(nodes), directed=False), steps=None).values
    assert {str(node): float(found[i]) for i, node in enumerate(nodes)} == wanted


@pytest.mark.parametrize("steps", [1, None])
def test_same_bytes_however_run(steps):
    graph = random_case(6, n=100, m=1500).graph()
    assert same_however_run(lambda: h_index(graph, steps=steps).values)


def test_errors():
    with pytest.raises(UsageError, match="steps"):
        h_index(CASES["chain"].graph(), steps=-1)
    with pytest.raises(UsageError, match="direction"):
        h_index(CASES["chain"].graph(), direction="all")
