"""Triangles against a dense matrix, NetworkX and published counts."""

import networkx as nx
import numpy as np
import polars as pl
import pytest
from cases import CASES, random_case
from oracles_local import ends, in_order, same_however_run

from influence.centrality.triangles import triangle_weights, triangles
from influence.errors import UsageError
from influence.graph import Graph

#: SNAP's pages of these networks: triangles, average clustering.
SNAP = {
    "ego_facebook": (1612010, 0.6055),
    "email_eu_core": (105461, 0.3994),
    "wiki_vote": (608389, 0.1409),
    "soc_slashdot0902": (602592, 0.0603),
}


def snap(name, folder):
    frame = pl.read_parquet(folder / "graphs" / f"{name}.parquet")
    source, target = (frame.to_series(i).to_numpy() for i in (0, 1))
    nodes, number = np.unique(np.concatenate([source, target]), return_inverse=True)
    return Graph.from_edges(number[: source.size], number[source.size :], n_nodes=nodes.size, directed=False)


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_networkx_and_dense(name, loops):
    case = CASES[name]
    found = triangles(case.graph(loops=loops).undirected()).values
    assert found.dtype == np.int64
    assert found.tolist() == list(nx.triangles(case.networkx(loops=loops).to_undirected()).values())
    a = case.dense() + case.dense().T != 0
    assert found.tolist() == (np.diag(np.linalg.matrix_power(a.astype(int), 3)) // 2).tolist()


def test_weights_add_up_over_triangles():
    case = random_case(9, n=30, m=300, directed=False)
    graph, a = case.graph(loops=True), case.dense()
    wanted = np.diag(np.linalg.matrix_power(a, 3)) / 2
    assert triangle_weights(graph, graph.weight) == pytest.approx(wanted, rel=1e-13)


def test_hubs():
    """A wheel: every edge of the rim makes a triangle with the hub; and a complete graph."""
    wheel = nx.wheel_graph(500)
    assert triangles(Graph.from_edges(*ends(wheel), directed=False)).values.tolist() == [499, *[2] * 499]
    full = nx.complete_graph(40)
    assert triangles(Graph.from_edges(*ends(full), directed=False)).values.tolist() == [39 * 38 // 2] * 40


def test_karate_has_45():
    karate = Graph.from_edges(*ends(nx.karate_club_graph()), directed=False)
    assert triangles(karate).values.sum() == 3 * 45


@pytest.mark.data
@pytest.mark.parametrize("name", SNAP)
def test_published_counts(name, data_folder):
    assert triangles(snap(name, data_folder)).values.sum() == 3 * SNAP[name][0]


def test_random_graph_against_networkx():
    drawn = nx.gnm_random_graph(300, 4000, seed=5)
    found = triangles(Graph.from_edges(*ends(drawn), n_nodes=300, directed=False))
    assert found.values.tolist() == in_order(nx.triangles(drawn), 300).tolist()
    assert found.to_polars().columns == ["id", "triangles"]


def test_same_bytes_however_run():
    graph = random_case(6, n=200, m=3000, directed=False).graph()
    assert same_however_run(lambda: triangles(graph).values)
    assert same_however_run(lambda: triangle_weights(graph, graph.weight))


def test_directed_is_refused():
    with pytest.raises(UsageError, match="undirected"):
        triangles(CASES["chain"].graph())
