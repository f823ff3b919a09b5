"""Core numbers and s-cores against their definition, NetworkX and published values."""

import csv
import importlib

import networkx as nx
import numpy as np
import pytest
from cases import CASES, random_case, reference

from influence.centrality.core_number import core_number, s_core
from influence.errors import UsageError
from influence.graph import Graph


def strength(matrix, inside, direction):
    """Return the strength of each node within a part of the graph, loops left aside."""
    part = matrix * np.outer(inside, inside)
    np.fill_diagonal(part, 0.0)
    return {"in": part.sum(0), "out": part.sum(1), "total": part.sum(0) + part.sum(1)}[direction]


def cores_by_definition(matrix, direction):
    """Prune for each strength that occurs: a node's core is the strongest that it survives."""
    n = len(matrix)
    found, level, inside = np.zeros(n), 0.0, np.ones(n, bool)
    while inside.any():
        level = max(level, strength(matrix, inside, direction)[inside].min())
        weak = inside.copy()
        while weak.any():  # whoever falls below what comes next
            weak = inside & (strength(matrix, inside, direction) <= level * (1 + 1e-12))
            found[weak] = level
            inside = inside & ~weak
    return found


def forms(name, loops):
    case = CASES[name]
    matrix = case.dense(loops=loops)
    return case.graph(loops=loops), matrix, case.directed


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_definition(name, loops):
    graph, matrix, directed = forms(name, loops)
    for direction in ("total", "in", "out"):
        counted = direction if directed else "in"
        wanted = cores_by_definition((matrix > 0).astype(float), counted)
        found = core_number(graph, direction=direction)
        assert found.values.tolist() == wanted.tolist(), direction
        assert found.values.dtype == np.int64
        weighted = s_core(graph, direction=direction)
        assert weighted.values == pytest.approx(cores_by_definition(matrix, counted), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_definition_at_random(seed):
    case = random_case(100 + seed, n=18, m=15 + 9 * seed, directed=seed % 3 > 0, integers=seed % 2 == 0)
    graph, matrix = case.graph(loops=True), case.dense(loops=True)
    for direction in ("total", "in", "out"):
        counted = direction if case.directed else "in"
        wanted = cores_by_definition((matrix > 0).astype(float), counted)
        assert core_number(graph, direction=direction).values.tolist() == wanted.tolist()
        found = s_core(graph, direction=direction).values
        assert found == pytest.approx(cores_by_definition(matrix, counted), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_networkx(name):
    wanted = nx.core_number(CASES[name].networkx())
    assert core_number(CASES[name].graph()).values.tolist() == [wanted[v] for v in range(CASES[name].n)]


@pytest.mark.parametrize("directed", [False, True])
def test_networkx_larger(directed):
    case = random_case(7, n=400, m=4000, directed=directed)
    wanted = nx.core_number(case.networkx())
    assert core_number(case.graph(loops=True)).values.tolist() == [wanted[v] for v in range(case.n)]


def test_unit_weights_make_the_s_core_the_core():
    case = random_case(8, n=60, m=400)
    graph = Graph.from_edges(case.source, case.target, n_nodes=case.n, merge="max")
    for direction in ("total", "in", "out"):
        assert (
            s_core(graph, direction=direction).values.tolist()
            == core_number(graph, direction=direction).values.tolist()
        )


@pytest.mark.data
@pytest.mark.parametrize("name", ["karate", "les_miserables", "krackhardt_kite"])
def test_published(name, data_folder):
    """Core numbers that NetworkX and python-igraph agree on."""
    wanted = reference(name, "core_number", data_folder)
    if not wanted:
        pytest.skip(f"{name} is not among the references")
    place = {node: number for number, node in enumerate(wanted)}
    with (data_folder / "small-ground-truth" / f"{name}_edges.csv").open(encoding="utf-8") as file:
        ends = [(place[row["source"]], place[row["target"]]) for row in csv.DictReader(file)]
    graph = Graph.from_edges(*zip(*ends, strict=True), n_nodes=len(place), directed=False)
    assert core_number(graph).values.tolist() == list(wanted.values())


def test_karate_main_core():
    """Zachary's club: ten members in the 4-core, as in Batagelj and Zaveršnik's method on the unweighted club."""
    club = nx.karate_club_graph()
    found = core_number(Graph.from_edges(*zip(*club.edges(), strict=True), directed=False)).values
    assert np.bincount(found).tolist() == [0, 1, 11, 12, 10]
    assert np.flatnonzero(found == 4).tolist() == [0, 1, 2, 3, 7, 8, 13, 30, 32, 33]


def test_any_cut_is_the_same(monkeypatch):
    case = random_case(9, n=80, m=600)
    graph = case.graph()
    whole = [f(graph, direction=d).values.tobytes() for f in (core_number, s_core) for d in ("total", "in", "out")]
    module = importlib.import_module("influence.centrality.core_number")  # the package has a function of that name
    monkeypatch.setattr(module, "slices", lambda total, label, first=1: ((i, i + 1) for i in range(total)))
    cut = [f(graph, direction=d).values.tobytes() for f in (core_number, s_core) for d in ("total", "in", "out")]
    assert cut == whole


def test_refused():
    graph = Graph.from_edges([0, 1], [1, 2], [1.0, -1.0])
    with pytest.raises(UsageError, match="direction must be one of total, in, out, not 'both'"):
        core_number(graph, direction="both")
    with pytest.raises(UsageError, match="direction"):
        s_core(Graph.from_edges([0], [1]), direction="")
    with pytest.raises(UsageError, match="the s-core is not defined for negative weights"):
        s_core(graph)
    assert core_number(graph).values.tolist() == [1, 1, 1]
