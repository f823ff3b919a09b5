"""Which measures, on which graphs, and when two answers are the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from graphs import EdgeList

from peers.answers import Answer, communities, direction, largest, listed, parts, top, total

__all__ = ["CASES", "Case"]


@dataclasses.dataclass(frozen=True)
class Case:
    """A measure to be timed.

    Attributes
    ----------
    name : str
        As the libraries' tables call it.
    graphs : tuple of str
        From small to large.
    answer : Answer
    options : callable
        Of the graph; to what all libraries are told.
    unlike : dict
        Libraries that do the same work for another answer, and why it is another.
    note : str
        What to know before times are compared.
    quick : str
        A small graph.
    grows : bool
        Whether ours is timed on three sizes.
    """

    name: str
    graphs: tuple[str, ...]
    answer: Answer
    options: Callable[[EdgeList], dict[str, Any]] = lambda edges: {}
    unlike: dict[str, str] = dataclasses.field(default_factory=dict)
    note: str = ""
    quick: str = "rmat12"
    grows: bool = False


def _residual(edges: EdgeList) -> dict[str, Any]:
    return {"residual": 1e-6}


def _personal(edges: EdgeList) -> dict[str, Any]:
    # people whom others know, spread over all numbers
    known = np.flatnonzero(np.bincount(edges.source, minlength=edges.n) > 0)
    return {"residual": 1e-6, "seeds": known[:: max(1, known.size // 100)][:100]}


def _katz(edges: EdgeList) -> dict[str, Any]:
    """Return an α of nine tenths of one over the largest eigenvalue."""
    import scipy.sparse as sp

    matrix = sp.csr_array((np.ones(edges.m), (edges.target, edges.source)), shape=(edges.n, edges.n))
    x, size = np.ones(edges.n), 1.0
    for _ in range(50):
        x = matrix @ x
        size = float(np.linalg.norm(x)) or 1.0
        x /= size
    return {"alpha": 0.9 / size, "tolerance": 1e-6}


def _pivots(count: int) -> Callable[[EdgeList], dict[str, Any]]:
    def options(edges: EdgeList) -> dict[str, Any]:
        return {"sources": np.sort(np.random.default_rng(1).choice(edges.n, min(count, edges.n), replace=False))}

    return options


RANDOM = "other random pivots"
PAGERANK = (
    "All stop at a residual of 1e-6 (L1), but igraph, which solves to 1e-12. scikit-network lets no surfer start anew "
    "who is stuck."
)
HALF = "NetworKit's own estimate from its own pivots; igraph and NetworkX are given ours."

CASES = (
    Case("degree", ("rmat17", "rmat20"), largest(1e-12)),
    Case("pagerank", ("rmat17", "rmat20"), total(1e-5), _residual, note=PAGERANK, grows=True),
    Case("pagerank, personal", ("rmat17",), total(1e-5), _personal, note="100 seeds."),
    Case("katz", ("rmat17",), direction(1e-5), _katz, note="α is 0.9 of its limit.", grows=True),
    Case("eigenvector", ("rmat17u",), direction(1e-4), lambda edges: {"tolerance": 1e-7}, quick="rmat12u"),
    Case(
        "HITS",
        ("rmat17",),
        direction(1e-4),
        lambda edges: {"tolerance": 1e-8},
        note="Authorities. NetworkX, igraph and scikit-network solve to the last digits.",
    ),
    Case("betweenness", ("rmat12", "rmat14"), largest(1e-9), grows=True),
    Case(
        "betweenness, pivots",
        ("rmat17",),
        largest(1e-9),
        _pivots(256),
        {"networkit": RANDOM},
        note="256 pivots. " + HALF,
        grows=True,
    ),
    Case(
        "betweenness, KADABRA",
        ("plaw17u", "rmat17u"),
        Answer(lambda a, b, _: float(np.abs(a - b).max()), 0.02, "largest difference, of 2 ε allowed"),
        lambda edges: {"epsilon": 0.01, "delta": 0.1},
        note="ε = 0.01, δ = 0.1, of values between 0 and 1. NetworKit has it for undirected graphs.",
        quick="plaw12u",
    ),
    Case("edge betweenness", ("rmat12",), largest(1e-9)),
    Case(
        "closeness",
        ("rmat12u", "rmat14u"),
        largest(1e-9),
        note="NetworkX's, with Wasserman and Faust's correction, which igraph's values are given outside the timing.",
        quick="rmat12u",
    ),
    Case("closeness, top 100", ("plaw17u",), top(1e-9), lambda edges: {"k": 100}, quick="plaw12u"),
    Case("harmonic", ("rmat14u", "rmat17u"), largest(1e-9), quick="rmat12u", grows=True),
    Case("harmonic, top 100", ("rmat17u", "plaw17u"), top(1e-9), lambda edges: {"k": 100}, quick="rmat12u"),
    Case(
        "harmonic, HyperBall",
        ("rmat17u", "rmat20u"),
        largest(1e-9),
        note="No peer has it; p = 8.",
        quick="rmat12u",
        grows=True,
    ),
    Case("core numbers", ("rmat17u", "plaw17u", "rmat20u"), largest(0.0), quick="rmat12u", grows=True),
    Case("clustering", ("rmat17u", "plaw17u"), largest(1e-9), quick="rmat12u", grows=True),
    Case("constraint", ("rmat17u",), largest(1e-9), quick="rmat12u"),
    Case("effective size", ("rmat12u", "rmat17u"), largest(1e-9), quick="rmat12u"),
    Case("reciprocity", ("rmat17",), largest(1e-12)),
    Case("weak components", ("rmat17", "rmat20"), parts(), grows=True),
    Case("components", ("rmat17u", "rmat20u"), parts(), quick="rmat12u", grows=True),
    Case("strong components", ("rmat17", "rmat20"), parts(), grows=True),
    Case("Louvain", ("plaw17u", "rmat17u"), communities(0.005), quick="plaw12u", grows=True),
    Case(
        "Leiden",
        ("plaw17u", "rmat17u"),
        communities(0.005),
        note="Two iterations; NetworKit's default of three. Answers show modularity, as for the other communities.",
        quick="plaw12u",
        grows=True,
    ),
    Case("label propagation", ("plaw17u",), communities(0.1), quick="plaw12u"),
    Case(
        "VoteRank",
        ("rmat12", "rmat17"),
        listed(0.0),
        lambda edges: {"k": 100},
        note="The first 100.",
    ),
    Case("global reaching", ("rmat12",), largest(1e-9)),
)
