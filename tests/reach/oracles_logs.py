"""What logs say, in plain Python. A log is a list of (person, item, time), arcs are a set of (influencer, listener)."""

import itertools
import math
from collections import Counter, defaultdict


def first_acts(log):
    first = {}
    for person, item, time in log:
        first[person, item] = min(time, first.get((person, item), math.inf))
    return first


def parents(log, arcs, window):
    """Return those whom each (person, item) may have followed."""
    first = first_acts(log)
    return {
        (v, i): sorted(u for (u, j), s in first.items() if j == i and (u, v) in arcs and 0 < t - s <= window and u != v)
        for (v, i), t in first.items()
    }


def trials(log, arcs, window, end):
    """Return the successes and the trials of each arc."""
    first = first_acts(log)
    follows = parents(log, arcs, window)
    delays = [
        first[v, i] - first[u, i] for (v, i), those in follows.items() for u in those if first[u, i] + window <= end
    ]
    successes, tried = Counter(), Counter()
    for u, v in arcs:
        for (w, i), t in first.items():
            if w != u or u == v or first.get((v, i), math.inf) <= t:
                continue
            if u in follows.get((v, i), []):
                successes[u, v] += 1
                tried[u, v] += 1
            elif t + window <= end:
                tried[u, v] += 1
            elif delays:
                tried[u, v] += sum(d <= end - t for d in delays) / len(delays)
    return successes, tried


def partial_credits(log, arcs, window):
    credit = Counter()
    for (v, _), those in parents(log, arcs, window).items():
        for u in those:
            credit[u, v] += 1 / len(those)
    return credit


def em(log, arcs, window, end, prior, chance, iterations):
    """Iterate Saito's equation 8 with added successes and failures."""
    _, tried = trials(log, arcs, window, end)
    for _ in range(iterations):
        total = defaultdict(lambda: prior[0])
        for (v, _), those in parents(log, arcs, window).items():
            some = 1 - math.prod(1 - chance[u, v] for u in those)
            for u in those:
                total[u, v] += chance[u, v] / some
        chance = {arc: total[arc] / (sum(prior) + tried[arc]) if sum(prior) + tried[arc] else 0.0 for arc in arcs}
    return chance


def log_likelihood(log, arcs, window, end, chance):
    successes, tried = trials(log, arcs, window, end)
    total = sum(
        math.log(1 - math.prod(1 - chance[u, v] for u in those))
        for (v, _), those in parents(log, arcs, window).items()
        if those
    )
    return total + sum((tried[a] - successes[a]) * math.log(1 - chance[a]) for a in arcs)


def credit_spread(log, arcs, window, seeds):
    """Goyal, Bonchi and Lakshmanan 2011, equations 4 and 5, by recursion."""
    first = first_acts(log)
    follows = parents(log, arcs, window)

    def credit(u, item):
        if u in seeds:
            return 1.0
        those = follows[u, item]
        return sum(credit(w, item) for w in those) / len(those) if those else 0.0

    acts = Counter(u for u, _ in first)
    return sum(credit(u, i) / acts[u] for u, i in first)


def trees(log, arcs, window):
    """Return (starter, item, size, depth, mean distance) of each tree, distances by breadth-first search."""
    first = first_acts(log)
    parent = {}
    for (v, i), those in parents(log, arcs, window).items():
        parent[v, i] = (max(those, key=lambda u: (first[u, i], u)), i) if those else None
    members = defaultdict(list)
    for node in parent:
        root = node
        while parent[root]:
            root = parent[root]
        members[root].append(node)
    found = []
    for (starter, item), nodes in members.items():
        edges = defaultdict(set)
        for node in nodes:
            if parent[node]:
                edges[node].add(parent[node])
                edges[parent[node]].add(node)
        distance = {}
        for node in nodes:
            seen, frontier = {node: 0}, [node]
            while frontier:
                frontier = [(w, seen[x] + 1) for x in frontier for w in edges[x] if w not in seen]
                seen.update(frontier)
                frontier = [w for w, _ in frontier]
            distance.update({(node, other): d for other, d in seen.items()})
        n = len(nodes)
        mean = sum(distance.values()) / (n * (n - 1)) if n > 1 else 0.0
        depth = max(distance[(starter, item), node] for node in nodes)
        found.append((starter, item, n, depth, mean))
    return sorted(found)


def play(arcs, n, items, rng, *, starters=1, delay=5, gap=100):
    """Simulate a log from chances: items ``gap`` apart, each from some starters, with delays of 1 … ``delay``."""
    log = []
    by_source = defaultdict(list)
    for (u, v), p in arcs.items():
        by_source[u].append((v, p))
    for item in range(items):
        begin = gap * item
        when = dict.fromkeys(rng.sample(range(n), starters), begin)
        for now in itertools.count(begin):
            if now > begin + 60:
                break
            for u in [u for u, t in when.items() if t == now]:
                for v, p in by_source[u]:
                    if rng.random() < p:
                        arrival = now + rng.randint(1, delay)
                        if arrival < when.get(v, math.inf):
                            when[v] = arrival
        log += [(u, item, t) for u, t in when.items()]
    return log
