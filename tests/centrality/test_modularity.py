"""Modularity against its matrix, NetworkX and published values."""

import networkx as nx
import numba
import numpy as np
import oracles_communities as slow
import pytest
from cases import CASES

from influence.centrality.modularity import modularity
from influence.errors import UsageError
from influence.graph import Graph

WITH_WEIGHT = [name for name in CASES if CASES[name].source]


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", WITH_WEIGHT)
def test_definition_and_networkx(name, loops):
    case, rng = CASES[name], np.random.default_rng(1)
    graph, theirs, matrix = case.graph(loops=loops), case.networkx(loops=loops), case.dense(loops=loops)
    if not graph.n_arcs:
        return
    for parts in (1, 2, 5, case.n):
        labels = rng.integers(0, parts, case.n)
        sets = [set(np.flatnonzero(labels == k).tolist()) for k in np.unique(labels)]
        for resolution in (1.0, 0.3, 2.5):
            found = modularity(graph, labels, resolution=resolution)
            assert found == pytest.approx(slow.modularity(matrix, labels, case.directed, resolution), abs=1e-12)
            assert found == pytest.approx(nx.community.modularity(theirs, sets, resolution=resolution), abs=1e-12)
            bare = modularity(graph, labels, resolution=resolution, weighted=False)
            wanted = nx.community.modularity(theirs, sets, weight=None, resolution=resolution)
            assert bare == pytest.approx(wanted, abs=1e-12)


def test_published():
    """Zachary's club split as it did: 0.371 (Newman and Girvan 2004, section V.B has 0.37 for the two halves)."""
    club = nx.karate_club_graph()
    graph = Graph.from_edges(*zip(*club.edges(), strict=True), directed=False)
    sides = [int(club.nodes[v]["club"] != "Mr. Hi") for v in range(34)]
    assert modularity(graph, sides) == pytest.approx(0.3582, abs=5e-5)  # member 8 sided against his neighbours
    # The best there is (Brandes et al., "On modularity clustering", 2008, figure 5)
    best = [{0, 1, 2, 3, 7, 11, 12, 13, 17, 19, 21}, {4, 5, 6, 10, 16}, {23, 24, 25, 27, 28, 31}]
    labels = np.full(34, 3)
    for number, part in enumerate(best):
        labels[list(part)] = number
    assert modularity(graph, labels) == pytest.approx(0.4198, abs=5e-5)


def test_numbers_of_parts_do_not_matter():
    graph = CASES["asymmetric"].graph()
    labels = np.array([0, 0, 1, 1, 2, 3, 3, 2])
    assert modularity(graph, labels * 10**12 + 7) == modularity(graph, labels)
    assert modularity(graph, labels.astype(np.uint8)) == modularity(graph, labels)


def test_without_weight():
    assert np.isnan(modularity(Graph.from_edges([], [], n_nodes=3), [0, 1, 2]))
    assert np.isnan(modularity(Graph.from_edges([], []), np.empty(0, int)))
    assert np.isnan(modularity(Graph.from_edges([0], [1], [0.0]), [0, 0]))


def test_threads_do_not_change_a_byte():
    rng = np.random.default_rng(0)
    ends, labels = rng.integers(0, 5000, (2, 20_000)), rng.integers(0, 9, 5000)
    graph = Graph.from_edges(*ends, rng.random(20_000), n_nodes=5000)
    before, found = numba.get_num_threads(), []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            found.append(modularity(graph, labels))
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        ([0, 1], {}, "labels must hold 3 whole numbers"),
        ([0, 1, -1], {}, "labels must hold 3"),
        ([0.0, 1.0, 1.0], {}, "labels must hold 3"),
        ([0, 0, 0], {"resolution": np.inf}, "resolution must be a finite number, not inf"),
    ],
)
def test_refused(labels, options, message):
    with pytest.raises(UsageError, match=message):
        modularity(Graph.from_edges([0, 1], [1, 2]), labels, **options)
    with pytest.raises(UsageError, match="negative weights"):
        modularity(Graph.from_edges([0], [1], [-1.0]), [0, 0])
