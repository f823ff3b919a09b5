"""Shortest paths listed one by one, for the measures that count them."""

import itertools
import math


def lengths(case, *, weighted, loops=False):
    """Return {(u, v): length} of a case, parallel edges added up, both ways where undirected."""
    found = {}
    for u, v, w in zip(case.source, case.target, case.weight, strict=True):
        if u != v or loops:
            for arc in {(u, v)} if case.directed else {(u, v), (v, u)}:
                found[arc] = found.get(arc, 0.0) + w
    return found if weighted else dict.fromkeys(found, 1.0)


def shortest_paths(n, length, s, t):
    """Return every shortest path from s to t as a list of nodes, found by walking all ways that never get longer."""
    far = [math.inf] * n
    far[s] = 0.0
    for _ in range(n):
        for (u, v), way in length.items():
            far[v] = min(far[v], far[u] + way)
    if math.isinf(far[t]):
        return []
    paths, open_ = [], [[t]]
    while open_:
        path = open_.pop()
        if path[0] == s:
            paths.append(path)
            continue
        for (u, v), way in length.items():
            if v == path[0] and u != v and math.isclose(far[u] + way, far[v], rel_tol=1e-12):
                open_.append([u, *path])
    return paths


def betweenness(n, length, *, sources=None, targets=None, endpoints=False):
    """Return sums over ordered pairs: of nodes as a list, of arcs as {(u, v): value}."""
    nodes, arcs = [0.0] * n, dict.fromkeys(length, 0.0)
    sources = range(n) if sources is None else sources
    targets = range(n) if targets is None else targets
    for s, t in itertools.product(sources, targets):
        paths = shortest_paths(n, length, s, t) if s != t else []
        for path in paths:
            for v in path if endpoints else path[1:-1]:
                nodes[v] += 1 / len(paths)
            for arc in itertools.pairwise(path):
                arcs[arc] += 1 / len(paths)
    return nodes, arcs
