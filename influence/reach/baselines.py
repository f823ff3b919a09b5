"""Seeds by rules of thumb: what a guarantee has to be worth more than."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.kernels.discount import discount
from influence.reach.model import arc_chance

if TYPE_CHECKING:
    from influence.reach.budget import Constraint
    from influence.reach.model import Cascade

__all__ = ["BASELINES", "baseline", "degree_discount", "single_discount", "top"]

Floats = npt.NDArray[np.float64]
Nodes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


def top(score: npt.ArrayLike, k: int) -> Nodes:
    """Return the k nodes of the greatest score, ties by node number.

    Examples
    --------
    >>> top([1.0, 3.0, 3.0], 2).tolist()
    [1, 2]
    """
    scores = np.asarray(score, np.float64)
    _check_k(k, scores.size)
    return np.argsort(-scores, kind="stable")[:k].astype(np.int32)


def single_discount(cascade: Cascade, k: int, *, open_: Mask | None = None) -> Nodes:
    """Return k seeds by the number of their listeners who are no seeds (Chen, Wang and Yang, KDD 2009, section 3.1)."""
    return _discount(cascade, k, None, open_, single=True)


def degree_discount(cascade: Cascade, k: int, *, value: Floats | None = None, open_: Mask | None = None) -> Nodes:
    """Return k seeds by what each adds within one step to the seeds before her.

    score(v) = Π_{seeds s → v} (1 - p_sv) · (c_v + Σ_{v → u, u no seed} p_vu c_u), which with one chance p for all arcs
    of an undirected graph is (1 - p)^t (1 + (d - t) p): the degree discount of Chen, Wang and Yang (KDD 2009, theorem
    4), before they drop terms of order p².
    """
    return _discount(cascade, k, value, open_, single=False)


def _discount(cascade: Cascade, k: int, value: Floats | None, open_: Mask | None, *, single: bool) -> Nodes:
    graph = cascade.graph
    n = graph.n_nodes
    _check_k(k, n)
    seeds = np.empty(k, np.int32)
    found = discount(
        graph.out_offsets,
        graph.out_targets,
        arc_chance(cascade),
        graph.in_offsets,
        graph.in_sources,
        graph.in_edges,
        np.ones(n) if value is None else np.array(value, np.float64),
        single,
        np.ones(n, np.bool_) if open_ is None else open_,
        seeds,
    )
    return seeds[:found]


def _degree(cascade: Cascade, k: int, open_: Mask | None) -> Nodes:
    return _best(cascade.graph.out_degree, k, open_)


def _strength(cascade: Cascade, k: int, open_: Mask | None) -> Nodes:
    graph = cascade.graph
    return _best(np.bincount(graph.edge_sources(), arc_chance(cascade), minlength=graph.n_nodes), k, open_)


def _cores(cascade: Cascade, k: int, open_: Mask | None) -> Nodes:
    from influence.centrality.core_number import core_number

    graph = cascade.graph
    # many share a core: within it by degree
    return _best(core_number(graph).values + graph.out_degree / (1.0 + graph.n_nodes), k, open_)


def _pagerank(cascade: Cascade, k: int, open_: Mask | None) -> Nodes:
    from influence.centrality.pagerank import pagerank

    return _best(pagerank(cascade.graph.reverse()).values, k, open_)  # from listeners to whom they hear


def _voterank(cascade: Cascade, k: int, open_: Mask | None) -> Nodes:
    from influence.centrality.voterank import voterank

    elected = voterank(cascade.graph, k=k).nodes
    return elected if open_ is None else elected[open_[elected]]


def _imrank(cascade: Cascade, k: int, open_: Mask | None) -> Nodes:
    from influence.reach.imrank import imrank

    return _best(imrank(cascade, k=k).values, k, open_)


def _best(score: npt.ArrayLike, k: int, open_: Mask | None) -> Nodes:
    return top(score if open_ is None else np.where(open_, score, -np.inf), k)


#: Rules by name: functions of a cascade, the number of seeds, and who may be picked.
BASELINES: dict[str, Callable[[Cascade, int, Mask | None], Nodes]] = {
    "degree": _degree,
    "strength": _strength,
    "single discount": lambda cascade, k, open_: single_discount(cascade, k, open_=open_),
    "degree discount": lambda cascade, k, open_: degree_discount(cascade, k, open_=open_),
    "k-core": _cores,
    "PageRank": _pagerank,
    "VoteRank": _voterank,
    "IMRank": _imrank,
}


def baseline(cascade: Cascade, name: str, k: int, *, constraint: Constraint | None = None) -> Nodes:
    """Return the seeds of a rule by its name, one of ``BASELINES``.

    Under a constraint they are the first that still fit, in the order of the rule, and ``k`` is the constraint's.
    """
    if name not in BASELINES:
        raise UsageError(f"there is no baseline {name!r}: take one of {', '.join(BASELINES)}")
    graph = cascade.graph
    if constraint is None:
        _check_k(k, graph.n_nodes)
        return BASELINES[name](cascade, k, None)
    most = min(int(np.count_nonzero(constraint.open)), 2 * constraint.k + 8)  # some may cost too much
    found = BASELINES[name](cascade, most, constraint.open)
    return constraint.trim(np.concatenate([found, np.argsort(-graph.out_degree, kind="stable")]))


def _check_k(k: int, n: int) -> None:
    if int(k) != k or k < 1:
        raise UsageError(f"k must be a whole number of 1 or more, not {k!r}")
    if k > n:
        raise UsageError(f"k is {k}, but there are {n:,} people: ask for at most so many")
