"""Cascades in plain Python: all worlds with their chances, and single worlds from the same draws as the engine's."""

import itertools
import math

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def stream(seed, sample):
    return mix((mix((seed + GOLDEN) & MASK) + (sample + 1) * GOLDEN) & MASK)


def word(start, number):
    return mix((start + (number + 1) * GOLDEN) & MASK)


def uniform(bits):
    return ((bits >> 11) + 1) / 2**53


def exponential(bits):
    return -math.log(uniform(bits))


def length(p):
    return 37.0 if p >= 1 else -math.log1p(-p)


def live_arcs(arcs, n, seed, run):
    """Draw the live arcs of one run; ``arcs`` maps (u, v) to a chance, and rows go by v. Also the draw of each."""
    live = {}
    for u in range(n):
        row = sorted((v, p) for (a, v), p in arcs.items() if a == u)
        own = word(stream(seed, run), u)
        at, begin, draws = exponential(own), 0.0, 0
        for v, p in row:
            if at < begin + length(p):
                live[u, v] = own, draws
                at = begin + length(p) + exponential(word(own, draws))
                draws += 1
            begin += length(p)
    return live


def picked_arcs(arcs, n, seed, run):
    """Draw the arc that everybody picks in one run of a linear threshold."""
    live = []
    for v in range(n):
        x, total = uniform(word(stream(seed, run), v)), 0.0
        for u, w in sorted((u, w) for (u, b), w in arcs.items() if b == v):
            if total < x <= total + w:
                live.append((u, v))
            total += w
    return live


def steps(live, seeds, hops=None):
    """Return how many steps each reached node is from the seeds."""
    found, frontier, level = dict.fromkeys(seeds, 0), list(seeds), 0
    while frontier and (hops is None or level < hops):
        level += 1
        following = sorted({v for u, v in live if u in frontier and v not in found})
        found.update(dict.fromkeys(following, level))
        frontier = following
    return found


def in_time(live, seeds, horizon):
    """Return when each node is reached within the horizon, and in how many steps; ``live`` maps arcs to delays."""
    when, how = dict.fromkeys(seeds, 0.0), dict.fromkeys(seeds, 0)
    for _ in range(len(live) + 1):
        for (u, v), delay in live.items():
            if u in when and when[u] + delay <= horizon and when[u] + delay < when.get(v, math.inf):
                when[v], how[v] = when[u] + delay, how[u] + 1
    return when, how


def cascade_worlds(arcs):
    """Yield the live arcs of every world of an independent cascade, and its chance."""
    names = sorted(arcs)
    for kept in itertools.product([False, True], repeat=len(names)):
        chance = math.prod(arcs[a] if k else 1 - arcs[a] for a, k in zip(names, kept, strict=True))
        if chance:
            yield [a for a, k in zip(names, kept, strict=True) if k], chance


def threshold_worlds(arcs, n):
    """Yield the arcs picked in every world of a linear threshold, and its chance."""
    choices = []
    for v in range(n):
        into = [((u, v), w) for (u, b), w in sorted(arcs.items()) if b == v]
        choices.append([*into, (None, 1 - sum(w for _, w in into))])
    for picked in itertools.product(*choices):
        chance = math.prod(w for _, w in picked)
        if chance > 0:
            yield [a for a, _ in picked if a is not None], chance


def exact_chances(worlds, n, seeds, hops=None, quality=1.0):
    """Return how likely each node is to be reached and positive."""
    total = [0.0] * n
    for live, chance in worlds:
        for v, d in steps(live, seeds, hops).items():
            total[v] += chance * quality ** (d + 1)
    return total


def threshold_run(arcs, n, seeds, rng):
    """Run a linear threshold as it is defined: thresholds, and weights that add up."""
    limit = [rng.random() for _ in range(n)]
    active = set(seeds)
    while True:
        new = [
            v
            for v in range(n)
            if v not in active and sum(w for (u, b), w in arcs.items() if b == v and u in active) > limit[v]
        ]
        if not new:
            return active
        active.update(new)
