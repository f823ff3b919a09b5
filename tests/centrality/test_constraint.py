"""Constraint against its sums, NetworkX and published values."""

import networkx as nx
import numpy as np
import oracles_local
import pytest
from cases import CASES, random_case
from oracles_local import BORGATTI, in_order, same_however_run

from influence.centrality.constraint import constraint, local_constraint
from influence.errors import UsageError
from influence.graph import Graph


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].n])
def test_networkx_and_sums(name, weighted):
    case = CASES[name]
    found = constraint(case.graph(), weighted=weighted).values
    wanted, _ = oracles_local.holes(case.dense() if case.directed else case.dense() / 2, weighted=weighted)
    assert found == pytest.approx(wanted, rel=1e-12, nan_ok=True)
    if case.graph().n_edges:
        wanted = nx.constraint(case.networkx(), weight="weight" if weighted else None)
        assert found == pytest.approx(in_order(wanted, case.n), rel=1e-12, nan_ok=True)


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["asymmetric", "random undirected", "dense directed", "dense undirected"])
def test_loops_as_networkx_has_them(name, weighted):
    case = CASES[name]
    found = constraint(case.graph(loops=True), weighted=weighted).values
    wanted = nx.constraint(case.networkx(loops=True), weight="weight" if weighted else None)
    assert found == pytest.approx(in_order(wanted, case.n), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["asymmetric", "random undirected", "dense directed"])
def test_of_a_pair(name, weighted):
    case = CASES[name]
    graph, reference = case.graph(), case.networkx()
    for u in range(case.n):
        for v in range(case.n):
            if u != v:
                wanted = nx.local_constraint(reference, u, v, weight="weight" if weighted else None)
                assert local_constraint(graph, u, v, weighted=weighted) == pytest.approx(wanted, abs=1e-14)


def test_published():
    """Borgatti's worked example of Burt's measures: G 0.400, A 0.595, C 1."""
    found = constraint(Graph.from_edges(*zip(*BORGATTI, strict=True), directed=False)).values
    assert found[[6, 0, 2]] == pytest.approx([0.400, 0.595, 1.0], abs=5e-4)


def test_nobody_but_oneself():
    """Who has only a loop has no contacts, whatever its weight (NetworkX says so for a weight of 1 alone)."""
    graph = Graph.from_edges([0, 1], [0, 2], [2.0, 1.0], n_nodes=4, self_loops=True)
    assert constraint(graph, weighted=True).values == pytest.approx([np.nan, 1.0, 1.0, np.nan], nan_ok=True)
    weightless = Graph.from_edges([0, 1], [1, 2], [0.0, 1.0])
    assert constraint(weightless, weighted=True).values == pytest.approx([np.nan, 1.0, 1.0], nan_ok=True)
    assert local_constraint(weightless, 0, 1, weighted=True) == 0.0


@pytest.mark.parametrize("directed", [False, True])
def test_same_bytes_however_run(directed):
    graph = random_case(6, n=100, m=1500, directed=directed).graph()
    assert same_however_run(lambda: constraint(graph, weighted=True).values)


def test_errors():
    graph = Graph.from_edges([0, 1], [1, 2], [1.0, -2.0])
    with pytest.raises(UsageError, match="negative"):
        constraint(graph, weighted=True)
    with pytest.raises(UsageError, match="not in the graph"):
        local_constraint(graph, 0, 3)
    assert constraint(graph).values == pytest.approx([1.0, 0.5, 1.0])
    assert constraint(CASES["empty"].graph()).values.size == 0
