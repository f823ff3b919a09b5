"""How close two answers are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from graphs import EdgeList

__all__ = ["Answer", "communities", "direction", "largest", "listed", "parts", "top", "total"]

Array = np.ndarray


@dataclasses.dataclass(frozen=True)
class Answer:
    """A comparison.

    Attributes
    ----------
    compare : callable
        Of our answer, another's and the graph: how far they are apart, in the unit that ``says``.
    tolerance : float
        Answers are the same up to here.
    says : str
    absolute : callable, optional
        Of one answer and the graph: how good it is, where answers may differ.
    """

    compare: Callable[[Array, Array, EdgeList], float]
    tolerance: float
    says: str
    absolute: Callable[[Array, EdgeList], float] | None = None


def _aligned(ours: Array, theirs: Array) -> bool:
    return ours.shape == theirs.shape


def total(tolerance: float) -> Answer:
    """Return the sum of absolute differences."""
    return Answer(
        lambda a, b, _: float(np.abs(a - b).sum()) if _aligned(a, b) else np.inf, tolerance, "sum of differences"
    )


def largest(tolerance: float) -> Answer:
    """Return the largest difference, as a part of the largest value."""

    def compare(a: Array, b: Array, _: EdgeList) -> float:
        if not _aligned(a, b):
            return np.inf
        both = np.isfinite(a) & np.isfinite(b)
        # what is undefined is NaN to some and 0 to others
        if np.any(~both & ((np.nan_to_num(a) != 0) | (np.nan_to_num(b) != 0))):
            return np.inf
        return float(np.abs(a[both] - b[both]).max(initial=0.0) / max(np.abs(a[both]).max(initial=0.0), 1e-300))

    return Answer(compare, tolerance, "largest difference / largest value")


def direction(tolerance: float) -> Answer:
    """Return the largest difference of two vectors of length 1."""

    def compare(a: Array, b: Array, _: EdgeList) -> float:
        if not _aligned(a, b):
            return np.inf
        a, b = (v / max(np.linalg.norm(v), 1e-300) * (np.sign(v.sum()) or 1.0) for v in (a, b))
        return float(np.abs(a - b).max(initial=0.0))

    return Answer(compare, tolerance, "largest difference, vectors of length 1")


def parts() -> Answer:
    """Return whether two partitions are one."""

    def compare(a: Array, b: Array, _: EdgeList) -> float:
        if not _aligned(a, b):
            return np.inf
        pairs = np.unique(np.stack([a, b]).astype(np.int64), axis=1).shape[1] if a.size < 1 << 17 else _pairs(a, b)
        return float(2 * pairs - np.unique(a).size - np.unique(b).size)

    return Answer(compare, 0.0, "parts that differ")


def _pairs(a: Array, b: Array) -> int:
    code = np.sort(a.astype(np.int64) * (int(b.max()) + 2) + b.astype(np.int64))
    return int(np.count_nonzero(np.diff(code))) + 1


def top(tolerance: float) -> Answer:
    """Return the largest difference of the values of the first k, which are sorted: of ties, any may be listed."""

    def compare(a: Array, b: Array, _: EdgeList) -> float:
        k = min(a.size, b.size)
        return float(np.abs(a[:k] - b[:k]).max(initial=0.0) / max(a.max(initial=0.0), 1e-300)) if k else np.inf

    return Answer(compare, tolerance, "largest difference of the k greatest values / the greatest")


def listed(tolerance: float) -> Answer:
    """Return the share of two lists that is not common."""

    def compare(a: Array, b: Array, _: EdgeList) -> float:
        return 1.0 - np.intersect1d(a, b).size / max(a.size, b.size, 1)

    return Answer(compare, tolerance, "share of the lists that differs")


def modularity(label: Array, edges: EdgeList) -> float:
    """Return Newman's modularity of an undirected graph without weights."""
    label = np.unique(label, return_inverse=True)[1]
    degree = np.bincount(edges.source, minlength=edges.n) + np.bincount(edges.target, minlength=edges.n)
    inside = np.count_nonzero(label[edges.source] == label[edges.target]) / edges.m
    return float(inside - ((np.bincount(label, degree) / (2.0 * edges.m)) ** 2).sum())


def communities(within: float) -> Answer:
    """Return by how much another's modularity is less than ours: one that is more is no reason to leave it out."""
    return Answer(
        lambda a, b, edges: max(0.0, modularity(a, edges) - modularity(b, edges)),
        within,
        "by how much the modularity is less than ours",
        modularity,
    )
