"""Leiden and Louvain: the best partition where it is known, what they promise, NetworkX and published values."""

import networkx as nx
import numba
import numpy as np
import oracles_communities as slow
import pytest
from cases import CASES, random_case

from influence.centrality import communities
from influence.centrality.leiden import leiden
from influence.centrality.louvain import louvain
from influence.centrality.modularity import modularity
from influence.errors import UsageError
from influence.graph import Graph


def of_networkx(theirs, weight="weight"):
    ends = [(u, v, d.get(weight, 1.0)) for u, v, d in theirs.edges(data=True)]
    return Graph.from_edges(*zip(*ends, strict=True), n_nodes=len(theirs), directed=theirs.is_directed())


def blocks(seed, sizes, within, between, directed=False):
    """Return edges of a graph with planted communities, and whose each node is."""
    rng = np.random.default_rng(seed)
    side = np.repeat(np.arange(len(sizes)), sizes)
    chance = np.where(np.equal.outer(side, side), within, between)
    ties = rng.random(chance.shape) < chance
    source, target = np.nonzero(ties if directed else np.triu(ties, 1))
    return Graph.from_edges(source, target, n_nodes=side.size, directed=directed), side


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("measure", [leiden, louvain])
@pytest.mark.parametrize("name", CASES)
def test_what_is_reported(name, measure, loops):
    """Modularity is that of the labels, which are numbered by size; Leiden's communities hang together."""
    case = CASES[name]
    graph, matrix = case.graph(loops=loops), case.dense(loops=loops)
    for options in ({}, {"weighted": False}, {"resolution": 0.4}, {"resolution": 3.0, "seed": 5}):
        found = measure(graph, **options)
        assert np.bincount(found.values, minlength=found.n_communities).tolist() == found.sizes.tolist()
        assert (np.diff(found.sizes) <= 0).all() and (found.sizes > 0).all()
        least = [int(np.flatnonzero(found.values == k)[0]) for k in range(found.n_communities)]
        assert sorted(zip(-found.sizes, least, strict=True)) == list(zip(-found.sizes, least, strict=True))
        taken = matrix if options.get("weighted", True) else (matrix > 0).astype(float)
        if matrix.any():
            wanted = slow.modularity(taken, found.values, case.directed, options.get("resolution", 1.0))
            assert found.modularity == pytest.approx(wanted, abs=1e-12)
            alone = slow.modularity(taken, np.arange(case.n), case.directed, options.get("resolution", 1.0))
            assert found.modularity >= alone - 1e-12
        else:
            assert np.isnan(found.modularity)
            assert found.n_communities == case.n
        if measure is leiden:
            assert slow.connected(matrix, found.values.tolist())


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_best_of_all_partitions(seed, directed):
    """On eight nodes every partition can be tried: Leiden finds the best from some of a few seeds, never a better."""
    case = random_case(300 + seed, n=8, m=12 + seed, directed=directed, integers=True)
    graph, matrix = case.graph(loops=True), case.dense(loops=True)
    for resolution in (1.0, 1.6):
        best = max(slow.modularity(matrix, np.array(p), directed, resolution) for p in slow.partitions(8))
        found = [leiden(graph, resolution=resolution, seed=s, iterations=10).modularity for s in range(12)]
        assert max(found) == pytest.approx(best, abs=1e-12)
        assert np.mean(found) > best - 0.05


@pytest.mark.parametrize("directed", [False, True])
def test_gains_add_up(directed):
    """What the moves say they gain is what modularity gains."""
    case = random_case(6, n=60, m=300, directed=directed)
    graph = case.graph(loops=True)
    for resolution in (0.7, 1.0, 2.0):
        search = communities.Search("test", resolution, True, 0, refining=True)
        level = communities.Level.of_graph(graph, search)
        alone = np.arange(60, dtype=np.int32)
        for start in (alone, alone // 7):
            label, gained = level.moved(start, np.uint64(3), "test")
            before = modularity(graph, start, resolution=resolution)
            assert gained == pytest.approx(modularity(graph, label, resolution=resolution) - before, abs=1e-12)
            assert gained > 0
            while gained > 0:
                label, gained = level.moved(label, np.uint64(3), "test")
            # nobody gains by moving to any community, or by leaving for an empty one
            settled = modularity(graph, label, resolution=resolution)
            for v in range(60):
                for c in [*set(label), 60]:
                    other = label.copy()
                    other[v] = c
                    assert modularity(graph, other, resolution=resolution) <= settled + 1e-9


@pytest.mark.parametrize("directed", [False, True])
def test_smaller_graph_keeps_modularity(directed):
    case = random_case(16, n=40, m=200, directed=directed)
    graph = case.graph(loops=True)
    level = communities.Level.of_graph(graph, communities.Search("test", 1.0, True, 0, refining=True))
    group = (np.arange(40) * 7 % 11).astype(np.int32)
    joined = level.joined(group, 11)
    dense = np.zeros((11, 11))
    dense[np.repeat(np.arange(11), np.diff(joined.offsets)), joined.targets] = joined.weight
    matrix = case.dense(loops=True)
    both = matrix + matrix.T if directed else matrix
    wanted = np.array([[both[np.ix_(group == a, group == b)].sum() for b in range(11)] for a in range(11)])
    np.fill_diagonal(wanted, 0.0)
    assert dense == pytest.approx(wanted, abs=1e-12)
    loops = 0.0 if directed else np.diag(matrix)
    assert joined.strength[0] == pytest.approx(np.bincount(group, matrix.sum(1) + loops), abs=1e-12)
    assert joined.strength[1] == pytest.approx(np.bincount(group, matrix.sum(0) + loops), abs=1e-12)


def test_karate_reaches_the_maximum():
    """0.4198 is the maximum (Brandes et al., "On modularity clustering", IEEE TKDE 20 (2008), figure 5)."""
    graph = of_networkx(nx.karate_club_graph(), weight=None)
    found = [leiden(graph, iterations=10, seed=s).modularity for s in range(10)]
    assert found == pytest.approx([0.4197896] * 10, abs=1e-6)
    assert leiden(graph, iterations=10).n_communities == 4
    assert max(louvain(graph, seed=s).modularity for s in range(10)) > 0.415


def test_les_miserables():
    """At least the 0.54 of Newman and Girvan (2004), section V.C, on the unweighted co-appearances."""
    graph = of_networkx(nx.convert_node_labels_to_integers(nx.les_miserables_graph()), weight=None)
    assert leiden(graph, iterations=5).modularity > 0.54


@pytest.mark.parametrize("measure", [leiden, louvain])
@pytest.mark.parametrize("directed", [False, True])
def test_planted_communities_are_found(measure, directed):
    graph, side = blocks(1, [40, 30, 30, 20], 0.5, 0.02, directed)
    found = measure(graph)
    assert found.values.tolist() == side.tolist()  # by size, then by least node, as planted


def test_cliques_on_a_ring():
    """Thirty cliques of five: modularity joins them in pairs, the resolution limit; at γ = 3 each is one
    (Fortunato and Barthélemy, PNAS 104 (2007), 36)."""
    theirs = nx.ring_of_cliques(30, 5)
    graph = of_networkx(theirs)
    pairs = np.arange(150) // 10
    assert modularity(graph, pairs) == pytest.approx(0.888, abs=5e-4)
    assert modularity(graph, np.arange(150) // 5) == pytest.approx(0.876, abs=5e-4)
    for seed in range(10):
        joined = leiden(graph, seed=seed)
        assert 0.876 + 0.005 < joined.modularity <= 0.8879
        assert (joined.values.reshape(30, 5) == joined.values[::5, None]).all()  # no clique is torn
    fine = leiden(graph, resolution=3.0)
    assert fine.values.tolist() == (np.arange(150) // 5).tolist()


@pytest.mark.parametrize("directed", [False, True])
def test_as_good_as_networkx(directed):
    graph, _ = blocks(3, [30] * 8, 0.2, 0.04, directed)
    source = graph.edge_sources()
    theirs = (nx.DiGraph if directed else nx.Graph)()
    theirs.add_nodes_from(range(graph.n_nodes))
    theirs.add_edges_from(zip(source.tolist(), graph.out_targets.tolist(), strict=True))
    wanted = np.mean(
        [nx.community.modularity(theirs, nx.community.louvain_communities(theirs, seed=s)) for s in range(5)]
    )
    assert np.mean([louvain(graph, seed=s).modularity for s in range(5)]) > wanted - 0.01
    assert np.mean([leiden(graph, seed=s).modularity for s in range(5)]) > wanted - 0.003


def test_scale_of_weights_does_not_matter():
    case = random_case(8, n=50, m=250)
    small, large = (Graph.from_edges(case.source, case.target, np.array(case.weight) * k) for k in (2.0**-40, 2.0**40))
    assert leiden(small).values.tolist() == leiden(large).values.tolist()


def test_levels_and_threshold():
    graph, _ = blocks(5, [15] * 12, 0.4, 0.05)
    one, all_levels = louvain(graph, levels=1), louvain(graph)
    assert one.n_communities >= all_levels.n_communities
    assert one.modularity <= all_levels.modularity
    assert louvain(graph, threshold=1.0).values.tolist() == one.values.tolist()
    assert louvain(graph, seed=1).values.tobytes() == louvain(graph, seed=1).values.tobytes()
    assert len({leiden(graph, seed=s).values.tobytes() for s in range(8)}) > 1


@pytest.mark.parametrize("directed", [False, True])
def test_what_falls_apart_is_split(monkeypatch, directed):
    """When refining joins nobody, what moved together is still split where it falls apart."""
    alone = lambda self, label, k, key, what: np.arange(self.n, dtype=np.int32)  # noqa: E731
    together = lambda self, label, key, what: (np.zeros(self.n, np.int32), 1.0)  # noqa: E731
    monkeypatch.setattr(communities.Level, "refined", alone)
    monkeypatch.setattr(communities.Level, "moved", together)
    graph = Graph.from_edges([0, 1, 4], [2, 3, 1], n_nodes=6, directed=directed)
    assert leiden(graph).values.tolist() == [1, 0, 1, 0, 0, 2]
    monkeypatch.undo()
    monkeypatch.setattr(communities.Level, "moved", together)
    search = communities.Search("test", 1.0, True, 0, refining=True, levels=1)
    assert search.communities(graph).values.tolist() == [1, 0, 1, 0, 0, 2]


def test_threads_and_cuts_do_not_change_a_byte(monkeypatch):
    rng = np.random.default_rng(0)
    ends = rng.integers(0, 3000, (2, 12_000))
    graph = Graph.from_edges(*ends, rng.random(12_000), n_nodes=3000, directed=False)
    before, found = numba.get_num_threads(), []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append([f(graph, seed=3).values.tobytes() for f in (leiden, louvain)])
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]
    monkeypatch.setattr(communities, "_BUDGET", 500)
    assert [f(graph, seed=3).values.tobytes() for f in (leiden, louvain)] == found[0]


def test_runs_of_a_large_graph():
    """From 16,384 nodes on they are taken in runs; every node is still taken."""
    n = 1 << 14
    side = np.arange(n) // 8
    source = np.repeat(np.arange(n), 7)
    target = source // 8 * 8 + (source + np.tile(np.arange(1, 8), n)) % 8
    found = leiden(Graph.from_edges(source, target, n_nodes=n, directed=False))
    assert found.values.tolist() == side.tolist()
    assert sorted(communities.shuffling(n + 7, np.uint64(1)).tolist()) == list(range(n + 7))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resolution": -1.0}, "resolution must be a number of 0 or more, not -1.0"),
        ({"resolution": float("nan")}, "resolution"),
        ({"randomness": 0.0}, "randomness must be a number above 0"),
        ({"iterations": 0}, "must be 1 or more"),
        ({"seed": -1}, "seed must be a whole number of 0 or more, not -1"),
        ({"seed": 1.5}, "seed"),
    ],
)
def test_refused(options, message):
    with pytest.raises(UsageError, match=message):
        leiden(Graph.from_edges([0], [1]), **options)


def test_louvain_refused():
    with pytest.raises(UsageError, match="threshold must be 0 or more"):
        louvain(Graph.from_edges([0], [1]), threshold=-1.0)
    with pytest.raises(UsageError, match="1 or more"):
        louvain(Graph.from_edges([0], [1]), levels=0)
    with pytest.raises(UsageError, match="not defined for negative weights"):
        louvain(Graph.from_edges([0], [1], [-1.0]))
