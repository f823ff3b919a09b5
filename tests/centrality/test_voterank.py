"""VoteRank against exact fractions, NetworkX and published examples."""

import networkx as nx
import oracles_local
import pytest
from cases import CASES, random_case
from oracles_local import ends, same_however_run

from influence.centrality.voterank import voterank
from influence.errors import UsageError
from influence.graph import Graph


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_exact_fractions(name, loops):
    case = CASES[name]
    found = voterank(case.graph(loops=loops))
    wanted = oracles_local.voterank(case.networkx(loops=loops))
    assert found.nodes.tolist() == [node for node, _ in wanted]
    assert found.scores == pytest.approx([float(votes) for _, votes in wanted], rel=1e-15)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_networkx_where_its_numbers_are_exact(seed, directed):
    """A mean degree that is a power of two loses no digits, so equal votes are equal there too."""
    n = 64
    drawn = nx.gnm_random_graph(n, 4 * n, seed=seed, directed=directed)
    found = voterank(Graph.from_edges(*ends(drawn), n_nodes=n, directed=directed))
    assert found.nodes.tolist() == nx.voterank(drawn)


def test_published():
    """The example of Zhang et al. 2016, and NetworkX's directed one."""
    edges = [(7, 8), (7, 5), (7, 9), (5, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 6), (2, 6), (3, 6), (4, 6)]
    found = voterank(Graph.from_edges(*zip(*edges, strict=True), directed=False))
    assert found.nodes.tolist() == [0, 7, 6]
    assert voterank(Graph.from_edges([0, 2, 2, 3], [1, 1, 3, 4])).nodes.tolist() == [2, 3]


def test_ability_is_never_negative():
    """The centre's three elected neighbours would take more than it has, and give the leaf's votes a sign."""
    case = random_case(3, n=30, m=60, directed=False)
    scores = voterank(case.graph()).scores
    assert (scores > 0).all()
    assert (scores[1:] <= scores[:-1]).all()


def test_some_of_them():
    graph = CASES["random undirected"].graph()
    whole, some = voterank(graph), voterank(graph, k=3)
    assert some.nodes.tolist() == whole.nodes[:3].tolist()
    assert len(voterank(graph, k=0)) == 0
    assert voterank(graph, k=10_000).nodes.tolist() == whole.nodes.tolist()
    table = some.to_polars()
    assert (table.columns, table["rank"].to_list()) == (["rank", "id", "score"], [1, 2, 3])
    assert "voterank" in repr(some)
    assert "<table" in some._repr_html_()


@pytest.mark.parametrize("directed", [False, True])
def test_same_bytes_however_run(directed):
    graph = random_case(6, n=100, m=900, directed=directed).graph()
    assert same_however_run(lambda: voterank(graph).nodes)
    assert same_however_run(lambda: voterank(graph).scores)


def test_errors():
    with pytest.raises(UsageError, match="k must"):
        voterank(CASES["chain"].graph(), k=-1)
