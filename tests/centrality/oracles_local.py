"""Slow truths about neighbourhoods, and what any measure must be indifferent to."""

import contextlib
import importlib
from fractions import Fraction

import networkx as nx
import numba
import numpy as np

from influence import progress

#: The graph of Borgatti, "Structural holes: unpacking Burt's redundancy measures", Connections 20 (1997): A … G.
BORGATTI = [(0, 1), (0, 5), (0, 6), (0, 4), (4, 6), (5, 6), (1, 6), (1, 3), (3, 6), (6, 2)]


def ends(graph):
    """Return the edges of a NetworkX graph as two columns."""
    pairs = [(int(u), int(v)) for u, v in graph.edges()]
    return [u for u, _ in pairs], [v for _, v in pairs]


def in_order(found, n):
    return np.array([float(found[node]) for node in range(n)])


@contextlib.contextmanager
def threads(count):
    before = numba.get_num_threads()
    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
    try:
        yield
    finally:
        numba.set_num_threads(before)


@contextlib.contextmanager
def finest_slices():
    """Cut all work into single steps."""
    module = importlib.import_module("influence.centrality.triangles")
    before = progress._SLICE, module._FIRST
    progress._SLICE, module._FIRST = 0.0, 1
    try:
        yield
    finally:
        progress._SLICE, module._FIRST = before


def same_however_run(measure):
    """Say whether what a call returns as an array has the same bytes on one thread, on two, and cut finely."""
    wanted = np.asarray(measure()).tobytes()
    found = []
    for count in (1, 2):
        with threads(count):
            found.append(np.asarray(measure()).tobytes())
            with finest_slices():
                found.append(np.asarray(measure()).tobytes())
    return all(one == wanted for one in found)


def clustering(a, *, directed, weighted):
    """Return clustering by its formula from a dense matrix, a[u, v] ≠ 0 where there is an arc."""
    greatest = a.max() if a.size else 1.0
    ties = (a != 0).astype(float)
    x = np.cbrt(a / greatest) if weighted and a.any() else ties
    ties, x = ties - np.diag(np.diag(ties)), x - np.diag(np.diag(x))
    if directed:
        around = np.diag(np.linalg.matrix_power(x + x.T, 3)) / 2
        degree = ties.sum(0) + ties.sum(1)
        pairs = degree * (degree - 1) - 2 * np.diag(ties @ ties)
    else:
        around, degree = np.diag(np.linalg.matrix_power(x, 3)), ties.sum(1)
        pairs = degree * (degree - 1)
    return np.divide(around, pairs, out=np.zeros(len(a)), where=pairs > 0)


def holes(a, *, weighted):
    """Return constraint and effective size from their sums, from a dense matrix without a diagonal."""
    a = a if weighted else (a != 0).astype(float)
    mutual, n = a + a.T, len(a)
    constraint, size = np.full(n, np.nan), np.full(n, np.nan)
    total, greatest = mutual.sum(1), mutual.max(1, initial=0.0)
    for i in range(n):
        contacts = [j for j in range(n) if mutual[i, j] > 0]
        if contacts:
            p = mutual[i] / total[i]
            constraint[i] = sum((p[j] + sum(p[q] * mutual[q, j] / total[q] for q in contacts)) ** 2 for j in contacts)
            size[i] = sum(1 - sum(p[q] * mutual[j, q] / greatest[j] for q in contacts) for j in contacts)
    return constraint, size


def h_index(neighbours, steps):
    """Return h^steps from the lists of neighbours, and whether the next would be the same."""
    values = [len(row) for row in neighbours]
    for _ in range(steps):
        seen = [sorted((values[j] for j in row), reverse=True) for row in neighbours]
        values = [sum(value > rank for rank, value in enumerate(row)) for row in seen]
    return values


def voterank(graph):
    """Return VoteRank in exact fractions, as Zhang et al. and NetworkX describe it, the least of equal nodes first."""
    nodes, directed = list(graph), graph.is_directed()
    total = sum(d for _, d in (graph.out_degree() if directed else graph.degree()))
    ability, chosen = dict.fromkeys(nodes, Fraction(1)), []
    while True:
        votes = dict.fromkeys(nodes, Fraction(0))
        for u, v in graph.edges():
            votes[u] += ability[v]
            if not directed:
                votes[v] += ability[u]
        left = [node for node in nodes if node not in dict(chosen)]
        best = max(left, key=lambda node: (votes[node], -node), default=None)
        if best is None or votes[best] == 0:
            return chosen
        chosen.append((best, votes[best]))
        ability[best] = Fraction(0)
        for _, v in graph.edges(best):
            ability[v] = max(Fraction(0), ability[v] - Fraction(len(nodes), total))


def collective(graph, radius):
    """Return collective influence of the nodes of a NetworkX graph without loops."""
    degree, found = dict(graph.degree()), {}
    for node in graph:
        steps = nx.single_source_shortest_path_length(graph, node, cutoff=radius)
        surface = sum(degree[j] - 1 for j, far in steps.items() if far == radius)
        found[node] = (degree[node] - 1) * surface if degree[node] > 1 else 0
    return found


def degree_discount(arcs, n, p, directed):
    """Choose all nodes, counting the discounts of everybody anew each time."""
    arcs = {(u, v) for u, v in arcs if u != v}
    arcs |= set() if directed else {(v, u) for u, v in arcs}
    chosen = []
    while len(chosen) < n:
        score = {}
        for node in set(range(n)) - {c for c, _ in chosen}:
            d = sum(u == node for u, _ in arcs)
            s = sum((node, c) in arcs for c, _ in chosen)
            t = sum((c, node) in arcs for c, _ in chosen)
            score[node] = d - s - t - (d - s) * t * p
        best = min(score, key=lambda node: (-score[node], node))
        chosen.append((best, score[best]))
    return chosen
