"""Every covered function on odd graphs, with the backend and without: the same values, or the same exception."""

import inspect
import itertools
import math
import numbers

import networkx as nx
import numpy as np
import pytest

import influence.nx_backend.interface  # noqa: F401 - registers what is covered
from influence.nx_backend.registry import COVERED

pytestmark = pytest.mark.filterwarnings("ignore")

DRAWN = {"leiden_communities", "louvain_communities", "asyn_lpa_communities"}
# of float32 weights NetworkX adds up lengths in float32
LOOSE = {
    "closeness_centrality": 1e-7,
    "harmonic_centrality": 1e-7,
    "pagerank": 1e-5,
    "eigenvector_centrality": 1e-5,
    "katz_centrality": 1e-5,
}
OPTIONS = {"katz_centrality": {"alpha": 0.05}, "katz_centrality_numpy": {"alpha": 0.05}, "pagerank": {"tol": 1e-9}}


class Odd:
    """A node whose hash is that of all others."""

    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return isinstance(other, Odd) and self.number == other.number


class Named(nx.DiGraph):
    """A subclass, as users have them."""


KINDS = (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph, Named)
EDGES = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 0), (0, 1), (3, 4)]
WEIGHTS = {
    "numpy": [np.float32(2), np.int64(3)],
    "integers": [2, 3, 1],
    "missing": [..., 2.0],
    "none": [None, 1.0],
    "text": ["2", "x"],
    "negative": [-1.0, 2.0],
    "all zero": [0],
    "not a number": [math.nan, 1.0],
    "infinite": [math.inf, 1.0],
}


def weighted(kind, values):
    graph = kind()
    for (u, v), value in zip(EDGES, itertools.cycle(values), strict=False):
        graph.add_edge(u, v, **({} if value is ... else {"weight": value}))
    return graph


def shaped(kind, shape):
    graph = kind([(0, 1), (1, 2), (2, 0), (2, 3), (3, 0), (4, 5)])
    match shape:
        case "no nodes":
            return kind()
        case "one node":
            graph = kind()
            graph.add_node("a")
        case "a loop":
            graph = kind([(0, 0)])
        case "loops":
            graph = kind([(0, 1), (1, 2), (2, 0), (2, 3), (3, 3)])
        case "one hash":
            graph = kind([(Odd(u), Odd(v)) for u, v in EDGES])
        case "subgraph":
            return graph.subgraph([0, 1, 2, 4])
        case "some edges":
            return graph.edge_subgraph(list(graph.edges)[:3])
        case "frozen":
            return nx.freeze(graph)
        case "backwards":
            return graph.reverse(copy=False) if graph.is_directed() else graph
    return graph


SHAPES = ("no nodes", "one node", "a loop", "loops", "one hash", "subgraph", "some edges", "frozen", "backwards")


def arguments(name, graph):
    nodes = list(graph)
    first = nodes[:1] or [0]
    if name == "betweenness_centrality_subset":
        return nodes[:1], nodes[1:3]
    if name == "modularity":
        return ([set(nodes[:2]), set(nodes[2:])],)
    return first if name.startswith(("single_", "local_")) else ()


def outcome(call):
    try:
        found = call()
        return list(found) if hasattr(found, "__next__") else found
    except Exception as error:
        return error


def same(ours, theirs, tolerance):
    if isinstance(theirs, Exception):
        return type(ours) is type(theirs) and str(ours) == str(theirs)
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key], tolerance) for key in theirs)
    if isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(
            same(one, other, tolerance) for one, other in zip(ours, theirs, strict=True)
        )
    if isinstance(theirs, numbers.Real) and isinstance(ours, int | float):
        return (theirs != theirs and ours != ours) or abs(ours - float(theirs)) <= tolerance * max(1.0, abs(theirs))
    return ours == theirs


def check(graph, name):
    """Return how many calls the backend answered."""
    covered, function = COVERED[name], getattr(nx, name, None) or getattr(nx.community, name)
    options = OPTIONS.get(name, {})
    variants = [options]
    variants += [options | {key: "weight"} for key in ("weight", "distance") if key in covered.signature.parameters]
    answered = 0
    for variant in variants:
        given = arguments(name, graph)
        ours = outcome(lambda given=given, variant=variant: function(graph, *given, **variant, backend="influence"))
        if isinstance(ours, NotImplementedError):
            continue  # NetworkX is asked
        theirs = outcome(lambda given=given, variant=variant: function(graph, *given, **variant))
        assert same(ours, theirs, LOOSE.get(name, 1e-9)), (variant, ours, theirs)
        answered += 1
    return answered


# the singular vectors of NetworkX's hits are any of several where the largest singular value stands more than once
NAMES = sorted(set(COVERED) - DRAWN - {"hits"})


@pytest.mark.parametrize("name", NAMES)
def test_odd_graphs(name):
    assert sum(check(shaped(kind, shape), name) for kind in KINDS for shape in SHAPES) > 5


@pytest.mark.parametrize("name", NAMES)
def test_odd_weights(name):
    assert sum(check(weighted(kind, values), name) for kind in KINDS for values in WEIGHTS.values()) > 5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [[1.0], [2.0, 3.0, 1.0], [..., 2.0]])
def test_hits(kind, values):
    graph = weighted(kind, values)
    graph.add_edges_from([(4, 0), (1, 4)])
    ours, theirs = nx.hits(graph, backend="influence"), nx.hits(graph, max_iter=10_000)
    assert all(same(one, other, 1e-6) for one, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", sorted(DRAWN))
@pytest.mark.parametrize("shape", SHAPES)
def test_drawn_communities_are_a_partition(name, shape):
    graph = shaped(nx.Graph, shape)
    function = getattr(nx.community, name)
    theirs = inspect.signature(nx.utils.backends._registered_algorithms[name].orig_func).parameters
    options = {"metric": "modularity"} if "metric" in theirs else {}
    found = outcome(lambda: function(graph, backend="influence", **options))
    if not isinstance(found, NotImplementedError):
        assert nx.community.is_partition(graph, found)


def test_an_unfit_weight_falls_back_before_the_first_community():
    graph = nx.Graph()
    graph.add_edge(0, 1, weight=-1.0)
    with nx.config(backend_priority=["influence"]):
        assert list(nx.community.asyn_lpa_communities(graph, weight="weight", seed=1))
    with pytest.raises(NotImplementedError):
        nx.community.asyn_lpa_communities(graph, weight="weight", backend="influence")


def test_complex_numbers_fall_back():
    graph = nx.path_graph(3)
    with pytest.raises(NotImplementedError):
        nx.katz_centrality(graph, alpha=0.1 + 0.2j, backend="influence")
    real = nx.katz_centrality(graph, alpha=complex(0.1), backend="influence")
    assert real == pytest.approx(nx.katz_centrality(graph, alpha=0.1), abs=1e-5)
