"""What seeds reach, exactly: every world of a small graph, one after the other, in plain Python."""

import itertools
import random

import numpy as np

from influence.graph import Graph
from influence.reach import Cascade


class Small:
    """A small graph: arcs (influencer, influenced, chance)."""

    def __init__(self, n, arcs, *, kind="ic", hops=None, quality=1.0):
        self.n, self.arcs, self.kind, self.hops, self.quality = n, sorted(arcs), kind, hops, quality

    def graph(self):
        u, v, _ = zip(*self.arcs, strict=True) if self.arcs else ((), (), ())
        return Graph.from_edges(np.array(u, int), np.array(v, int), n_nodes=self.n, self_loops=True)

    def cascade(self):
        p = [chance for _, _, chance in self.arcs]  # sorted as the out-rows are
        return Cascade(self.graph(), p, kind=self.kind, hops=self.hops, quality=self.quality)

    def worlds(self):
        """Yield (probability, live arcs)."""
        if self.kind == "ic":
            for live in itertools.product((False, True), repeat=len(self.arcs)):
                chance, arcs = 1.0, []
                for (u, v, p), on in zip(self.arcs, live, strict=True):
                    chance *= p if on else 1.0 - p
                    if on:
                        arcs.append((u, v))
                if chance > 0.0:
                    yield chance, arcs
            return
        into = [[(u, p) for u, v, p in self.arcs if v == node and u != v] for node in range(self.n)]
        options = [[*row, (None, 1.0 - sum(p for _, p in row))] for row in into]
        for choice in itertools.product(*options):
            chance = float(np.prod([p for _, p in choice]))
            if chance > 1e-15:
                yield chance, [(u, v) for v, (u, _) in enumerate(choice) if u is not None]

    def spread(self, seeds, *, value=None, invited=(), count_seeds=True):
        """Return the expected value reached, beyond what the invited reach; a seed's only by another one if asked."""
        value = [1.0] * self.n if value is None else value
        total = 0.0
        for chance, arcs in self.worlds():
            lost = self._steps(arcs, invited)
            reached = self._steps(arcs, seeds)
            if not count_seeds:
                from_others = {v: self._steps(arcs, [s for s in seeds if s != v]).get(v) for v in reached}
                reached = {v: steps for v, steps in from_others.items() if steps is not None}
            for v, steps in reached.items():
                # positive by the seeds, and not by the invited, who may be further away
                rest = self.quality ** (lost[v] + 1) if v in lost else 0.0
                total += chance * value[v] * max(0.0, self.quality ** (steps + 1) - rest)
        return total

    def _steps(self, arcs, seeds):
        steps = dict.fromkeys(seeds, 0)
        queue = list(steps)
        for u in queue:
            if steps[u] == self.hops:
                continue
            for a, b in arcs:
                if a == u and b not in steps:
                    steps[b] = steps[u] + 1
                    queue.append(b)
        return steps


def random_small(seed, n=6, m=9, *, kind="ic", **rest):
    """Return a random small graph; of a linear threshold, with weights into a node that add up to at most 1."""
    rng = random.Random(seed)
    pairs = [(u, v) for u in range(n) for v in range(n) if u != v]
    arcs = [(u, v, rng.choice((0.0, 0.05, 0.3, 0.7, 1.0, rng.random()))) for u, v in rng.sample(pairs, m)]
    if kind == "lt":
        total = [sum(p for _, v, p in arcs if v == node) for node in range(n)]
        arcs = [(u, v, p / max(1.0, total[v] * rng.choice((1.0, 1.5)))) for u, v, p in arcs]
    return Small(n, arcs, kind=kind, **rest)
