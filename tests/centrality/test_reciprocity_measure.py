"""Reciprocity against a dense matrix, NetworkX and the dyad census."""

import networkx as nx
import numpy as np
import polars as pl
import pytest
from cases import CASES, random_case
from oracles_local import same_however_run

from influence.centrality.reciprocity import overall_reciprocity, reciprocity
from influence.errors import UsageError
from influence.graph import Graph

DIRECTED = [name for name in CASES if CASES[name].directed]


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", DIRECTED)
def test_networkx_and_dense(name, loops):
    case = CASES[name]
    graph, reference = case.graph(loops=loops), case.networkx(loops=loops)
    found = reciprocity(graph).values
    wanted = nx.reciprocity(reference, nodes=list(reference))
    assert found == pytest.approx([np.nan if wanted[v] is None else wanted[v] for v in range(case.n)], nan_ok=True)
    a = (case.dense(loops=loops) != 0).astype(int)
    arcs = a.sum(0) + a.sum(1)
    assert found == pytest.approx(
        np.divide(2 * (a * a.T).sum(0), arcs, out=np.full(case.n, np.nan), where=arcs > 0), nan_ok=True
    )
    if graph.n_arcs:
        assert overall_reciprocity(graph) == pytest.approx(nx.overall_reciprocity(reference))
        assert overall_reciprocity(graph) == pytest.approx(((a * a.T).sum() - np.trace(a)) / a.sum())


@pytest.mark.data
def test_published_dyads(data_folder):
    """Lazega's lawyers, advice: 892 arcs (Lazega 2001); the census counts the pairs tied both ways another way."""
    frame = pl.read_csv(data_folder / "small-ground-truth" / "law_firm_advice_edges.csv")
    source, target = (frame.to_series(i).to_numpy() for i in (0, 1))
    least = int(min(source.min(), target.min()))
    graph = Graph.from_edges(source - least, target - least, n_nodes=71)
    assert graph.n_arcs == 892
    reference = nx.DiGraph(list(zip(source.tolist(), target.tolist(), strict=True)))
    mutual = sum(reference.has_edge(v, u) for u, v in reference.edges())
    assert overall_reciprocity(graph) == mutual / 892


def test_same_bytes_however_run():
    graph = random_case(6, n=100, m=1500).graph()
    assert same_however_run(lambda: reciprocity(graph).values)


def test_errors():
    with pytest.raises(UsageError, match="both ways"):
        reciprocity(CASES["path undirected"].graph())
    with pytest.raises(UsageError, match="both ways"):
        overall_reciprocity(CASES["path undirected"].graph())
    with pytest.raises(UsageError, match="without edges"):
        overall_reciprocity(CASES["no edges"].graph())
