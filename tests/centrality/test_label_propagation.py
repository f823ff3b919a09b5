"""Label propagation against a plain twin that draws the same lots, and against what it promises."""

import importlib

import networkx as nx
import numpy as np
import oracles_communities as slow
import pytest
from cases import CASES, random_case

from influence.centrality.components import numbered
from influence.centrality.label_propagation import label_propagation
from influence.errors import UsageError
from influence.graph import Graph


def in_order(labels):
    return numbered(np.array(labels, np.int32), len(labels))[0].tolist()


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_twin(name, loops):
    case = CASES[name]
    graph, matrix = case.graph(loops=loops), case.dense(loops=loops)
    for seed in range(3):
        for direction in ("out", "in", "total"):
            for weighted in (True, False):
                seen = (
                    {"out": matrix, "in": matrix.T, "total": matrix + matrix.T}[direction] if case.directed else matrix
                )
                if not weighted:
                    some = (matrix > 0).astype(float)
                    seen = {"out": some, "in": some.T, "total": some + some.T}[direction] if case.directed else some
                if case.directed and direction == "total":
                    seen = seen - np.diag(np.diag(seen)) / 2  # a loop is one edge
                found = label_propagation(graph, seed=seed, direction=direction, weighted=weighted)
                assert found.values.tolist() == in_order(slow.label_propagation(seen, seed)), (seed, direction)


@pytest.mark.parametrize("seed", range(5))
def test_everybody_agrees_with_most_around(seed):
    """Where it ends, each node has a label of the greatest weight among its neighbours."""
    case = random_case(500 + seed, n=60, m=240, directed=False, integers=True)
    graph, matrix = case.graph(), case.dense()
    found = label_propagation(graph, seed=seed).values
    for v in range(case.n):
        around = np.bincount(found, matrix[v], minlength=case.n)
        assert around[found[v]] == around.max()


def test_cliques_are_found_and_apart_stays_apart():
    theirs = nx.disjoint_union_all([nx.complete_graph(k) for k in (3, 7, 5)])
    graph = Graph.from_edges(*zip(*theirs.edges(), strict=True), directed=False)
    found = label_propagation(graph)
    assert found.values.tolist() == [2] * 3 + [0] * 7 + [1] * 5
    theirs_too = {frozenset(part) for part in nx.community.asyn_lpa_communities(theirs, seed=1)}
    assert {frozenset(np.flatnonzero(found.values == k).tolist()) for k in range(3)} == theirs_too
    assert found.modularity == pytest.approx(nx.community.modularity(theirs, theirs_too))


def test_karate_modularity_is_in_the_published_range():
    """Raghavan et al. (2007) find between two and four communities of the club, most often like its two halves."""
    club = nx.karate_club_graph()
    graph = Graph.from_edges(*zip(*club.edges(), strict=True), directed=False)
    found = [label_propagation(graph, seed=s) for s in range(30)]
    split = [f.modularity for f in found if f.n_communities > 1]
    assert len(split) > 15
    assert 0.3 < np.mean(split) < 0.42


def test_what_never_settles_ends():
    """Two who copy each other's label across arcs may swap for ever; a limit ends it, and cuts change nothing."""
    graph = CASES["cycle"].graph()
    assert label_propagation(graph, max_rounds=1).values.size == 4
    assert label_propagation(graph, max_rounds=1000).values.size == 4


def test_any_cut_is_the_same(monkeypatch):
    graph = random_case(9, n=80, m=200, directed=False).graph()
    whole = label_propagation(graph, seed=4).values.tobytes()
    module = importlib.import_module("influence.centrality.label_propagation")  # the package has that function too
    monkeypatch.setattr(module, "slices", lambda total, label, first=1: ((i, i + 1) for i in range(total)))
    assert label_propagation(graph, seed=4).values.tobytes() == whole


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "both"}, "direction must be one of out, in, total, not 'both'"),
        ({"max_rounds": 0}, "max_rounds must be 1 or more, not 0"),
        ({"seed": None}, "seed"),
    ],
)
def test_refused(options, message):
    with pytest.raises(UsageError, match=message):
        label_propagation(Graph.from_edges([0], [1]), **options)
    with pytest.raises(UsageError, match="negative weights"):
        label_propagation(Graph.from_edges([0], [1], [-1.0]))
