"""Effective size against its sums, NetworkX and published values."""

import networkx as nx
import numpy as np
import oracles_local
import pytest
from cases import CASES, random_case
from oracles_local import BORGATTI, in_order, same_however_run

from influence.centrality.effective_size import effective_size
from influence.errors import UsageError
from influence.graph import Graph


def of_networkx(graph, weight):
    """Return NetworkX's values node by node, and where they count.

    For all nodes at once it takes m_jq over the greatest tie of q, not of j as its formula has it, which shows where
    these differ (scipy's maxima have one dimension); node by node it calls those without targets alone.
    """
    whole = not graph.is_directed() and weight is None
    found = nx.effective_size(graph, nodes=None if whole else list(graph), weight=weight)
    counts = np.array([not graph.is_directed() or len(graph[v]) > 0 for v in graph])
    return in_order(found, len(graph)), counts


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].n])
def test_networkx_and_sums(name, weighted):
    case = CASES[name]
    found = effective_size(case.graph(), weighted=weighted)
    _, wanted = oracles_local.holes(case.dense(), weighted=weighted)
    assert found.values == pytest.approx(wanted, rel=1e-12, nan_ok=True)
    contacts = ((case.dense() + case.dense().T) > 0).sum(1)
    wanted = np.divide(wanted, contacts, out=np.full(case.n, np.nan), where=contacts > 0)
    assert found.efficiency == pytest.approx(wanted, rel=1e-12, nan_ok=True)
    if case.graph().n_edges:
        wanted, counts = of_networkx(case.networkx(), "weight" if weighted else None)
        assert found.values[counts] == pytest.approx(wanted[counts], rel=1e-12, nan_ok=True)


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["asymmetric", "random undirected", "dense directed", "dense undirected"])
def test_loops_as_networkx_has_them(name, weighted):
    case = CASES[name]
    found = effective_size(case.graph(loops=True), weighted=weighted).values
    wanted, counts = of_networkx(case.networkx(loops=True), "weight" if weighted else None)
    assert found[counts] == pytest.approx(wanted[counts], rel=1e-12, nan_ok=True)


def test_published():
    """Borgatti's worked example: effective size of G 4.67, A 2.5, C 1; efficiency of G 4.67 / 6."""
    found = effective_size(Graph.from_edges(*zip(*BORGATTI, strict=True), directed=False))
    assert found.values[[6, 0, 2]] == pytest.approx([4.67, 2.5, 1.0], abs=5e-3)
    assert found.efficiency[6] == pytest.approx(0.778, abs=5e-4)
    assert found.to_polars().columns == ["id", "effective_size", "efficiency"]


def test_short_form_is_the_long_one():
    case = random_case(6, n=60, m=500, directed=False, loops=0)
    graph = case.graph()
    ones = Graph.from_edges(case.source, case.target, n_nodes=60, merge="max", directed=False)
    long = effective_size(ones, weighted=True).values
    assert effective_size(graph).values == pytest.approx(long, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("directed", [False, True])
def test_same_bytes_however_run(directed):
    graph = random_case(6, n=100, m=1500, directed=directed).graph()
    assert same_however_run(lambda: effective_size(graph, weighted=True).values)


def test_negative_weight_is_refused():
    with pytest.raises(UsageError, match="negative"):
        effective_size(Graph.from_edges([0, 1], [1, 2], [1.0, -2.0]), weighted=True)
