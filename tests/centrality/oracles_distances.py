"""Distances the slow way: Floyd and Warshall on dense matrices."""

import numpy as np


def lengths_of(case, *, loops=False, distance=None):
    """Return the length of each arc, infinite where there is none: 1, the weight, or one over it."""
    weight = case.dense(loops=loops)
    made = {None: np.ones_like(weight), "weight": weight, "inverse": 1.0 / np.where(weight > 0, weight, 1.0)}
    return np.where(weight > 0, made[distance], np.inf)


def distances(lengths):
    """Return d[u, v] of a matrix of lengths."""
    away = lengths.copy()
    np.fill_diagonal(away, 0.0)
    for via in range(len(away)):
        away = np.minimum(away, away[:, via, None] + away[None, via, :])
    return away


def closeness(away, *, improved=True):
    """Return closeness by d[u, v], of distances to the node."""
    n = len(away)
    values = []
    for u in range(n):
        near = [d for v, d in enumerate(away[:, u]) if v != u and np.isfinite(d)]
        value = len(near) / sum(near) if sum(near) > 0 else 0.0
        values.append(value * (len(near) / (n - 1) if improved and n > 1 else 1.0))
    return values


def harmonic(away, sources=None):
    """Return harmonic centrality by d[u, v], of distances to the node."""
    n = len(away)
    sources = range(n) if sources is None else sources
    return [sum(1 / away[v, u] for v in sources if np.isfinite(away[v, u]) and away[v, u] > 0) for u in range(n)]
