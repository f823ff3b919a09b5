"""What finds communities by modularity has in common: the result, and graphs that get smaller level by level."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.centrality.components import Partition, numbered
from influence.centrality.modularity import modularity
from influence.centrality.weights import strengths
from influence.errors import UsageError
from influence.graph import Graph
from influence.graph.arrays import sum_by
from influence.kernels.communities import (
    LANES,
    aggregate,
    gather,
    move_nodes,
    refine,
    row_sums,
    shuffled,
    split,
    squeeze,
)
from influence.kernels.components import renumber
from influence.kernels.cores import loop_arcs
from influence.progress import claim_memory, rounds, slices

__all__ = ["Communities"]

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

_BUDGET = 1 << 22  # arcs looked at in a slice
_VISITS = 100  # times all arcs of a level, at most
_LEVELS = 64
_RUN, _MANY = 64, 1 << 14  # nodes that are taken one after the other, in a graph of many
_TINY = 1e-10  # of the mean weight of an arc


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Communities(Partition):
    """The community of every node; 0 is the largest.

    Attributes
    ----------
    modularity : float
        Of this partition, at the resolution and with the weights that it was found with.
    """

    modularity: float

    @property
    def n_communities(self) -> int:
        """Number of communities."""
        return int(self.sizes.size)


@dataclasses.dataclass(frozen=True, eq=False)
class Level:
    """A graph in which communities are looked for, without self-loops, and with what its nodes give and take."""

    offsets: npt.NDArray[np.int64]
    targets: Labels
    weight: Floats
    strength: Floats
    scale: float
    least: float
    heat: float
    unit: bool
    directed: bool
    share: float  # one over the weight of all edges: a gain times this is one of modularity

    @property
    def n(self) -> int:
        """Number of nodes."""
        return int(self.offsets.size) - 1

    @classmethod
    def of_graph(cls, graph: Graph, search: Search) -> Level:
        """Return the graph itself as the first level."""
        weight = strengths(graph, search.what, weighted=search.weighted)
        n, directed = graph.n_nodes, graph.directed
        strength, inside, loop = np.empty((2, n)), np.empty(n), np.empty(n)
        own = np.arange(n, dtype=np.int32)
        row_sums(graph.out_offsets, graph.out_targets, weight, own, inside, strength[0], loop)
        if not directed:
            strength[0] += loop
        strength[1] = sum_by(graph.out_targets, weight, n) if directed else strength[0]
        whole = float(strength[0].sum())
        if directed:
            graph = dataclasses.replace(graph, weight=weight).undirected(merge="sum")
            weight = graph.weight
        offsets, targets = graph.out_offsets, graph.out_targets
        if loop.any():
            loops = loop_arcs(offsets, targets)
            offsets = offsets - np.append(0, np.cumsum(loops >= 0))
            targets, weight = np.delete(targets, loops[loops >= 0]), np.delete(weight, loops[loops >= 0])
        share = (1.0 if directed else 2.0) / whole if whole > 0 else 0.0
        scale = search.resolution * share * (1.0 if directed else 0.25)
        mean = float(weight.mean()) if weight.size else 1.0
        unit = bool((weight == 1.0).all())
        offsets, targets, weight, strength = _fixed(offsets, targets, weight, strength)
        heat = search.randomness * mean
        return cls(offsets, targets, weight, strength, scale, _TINY * mean, heat, unit, directed, share)

    def starting(self, label: Labels) -> tuple[Floats, Labels]:
        """Return the strengths and the numbers of nodes of communities 0 … n - 1."""
        totals = np.stack([sum_by(label, self.strength[way], self.n) for way in (0, 1)])
        return totals, np.bincount(label, minlength=self.n).astype(np.int32)

    def moved(self, label: Labels, key: np.uint64, what: str) -> tuple[Labels, float]:
        """Return what the labels become when every node may move, and what that gains."""
        n = self.n
        label = label.copy()
        totals, members = self.starting(label)
        queue, waits = shuffling(n, key), np.ones(n, np.uint8)
        near, touched, empty = np.zeros(n), np.empty(n + 1, np.int32), np.empty(n, np.int32)
        free = np.flatnonzero(members == 0)[::-1]
        empty[: free.size] = free
        state, gained = np.array([0, n, free.size, 0]), np.zeros(1)
        most = 1 + _VISITS * (self.targets.size + n) // _BUDGET + _VISITS
        for _ in rounds(most, what):
            move_nodes(
                *(
                    self.offsets,
                    self.targets,
                    self.weight,
                    self.unit,
                    self.directed,
                    self.strength,
                    self.scale,
                    self.least,
                ),
                *(label, totals, members, queue, waits, near, touched, empty, state, gained, _BUDGET),
            )
            if state[1] == 0:
                break
        return label, float(gained[0]) * self.share

    def refined(self, label: Labels, n_communities: int, key: np.uint64, what: str) -> Labels:
        """Return parts of the communities that are well connected, each called by one of its nodes."""
        n = self.n
        totals, _ = self.starting(label)
        first, nodes = gather(label, n_communities, shuffling(n, key))
        part, alone, touched = np.empty(n, np.int32), np.empty(n, np.uint8), np.empty(n, np.int32)
        sums, outside, near, chance = np.empty((2, n)), np.empty(n), np.zeros(n), np.empty(n)
        at_once = 1 + n_communities * _BUDGET // (self.targets.size + _BUDGET)
        for start, stop in slices(n_communities, what, first=at_once):
            refine(
                *(self.offsets, self.targets, self.weight, self.strength, self.scale, self.heat, key),
                *(label, totals, first, nodes, part, sums, outside, alone, near, touched, chance, start, stop),
            )
        return part

    def connected(self, label: Labels) -> Labels:
        """Return the labels with each community split into what hangs together."""
        part, queue = np.full(self.n, -1, np.int32), np.empty(self.n, np.int32)
        split(self.offsets, self.targets, label, part, queue)
        renumbered: Labels = renumber(part, self.n)[0]
        return renumbered

    def joined(self, group: Labels, k: int) -> Level:
        """Return the graph whose nodes are the groups 0 … k - 1."""
        first, nodes = gather(group, k, np.arange(self.n, dtype=np.int32))
        room = np.append(0, np.cumsum(np.diff(self.offsets)[nodes]))[first]
        targets, weight, length = np.empty(room[-1], np.int32), np.empty(room[-1]), np.empty(k, np.int64)
        near, touched = np.zeros((LANES, k)), np.empty((LANES, k), np.int32)
        aggregate(
            *(self.offsets, self.targets, self.weight, group, first, nodes, room, near, touched),
            *(targets, weight, length),
        )
        offsets = np.append(0, np.cumsum(length))
        targets, weight = squeeze(room, offsets, targets, weight)
        strength = np.stack([sum_by(group, self.strength[way], k) for way in (0, 1)])
        offsets, targets, weight, strength = _fixed(offsets, targets, weight, strength)
        return dataclasses.replace(self, offsets=offsets, targets=targets, weight=weight, strength=strength, unit=False)


def _fixed(*arrays: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
    # What a graph holds is read-only, and numba takes that for another type: one kind of level, one compilation.
    for array in arrays:
        array.setflags(write=False)
    return arrays


def key_of(seed: int, *numbers: int) -> np.uint64:
    """Return a key of its own for every place that numbers are drawn at."""
    return np.uint64(np.random.SeedSequence([seed, *numbers]).generate_state(1, np.uint64)[0])


def shuffling(n: int, key: np.uint64) -> Labels:
    """Return 0 … n - 1 in a random order; those of a large graph in runs, which takes half the time."""
    order: Labels = shuffled(n, _RUN if n >= _MANY else 1, key)
    return order


@dataclasses.dataclass(frozen=True)
class Search:
    """How communities are looked for."""

    what: str
    resolution: float
    weighted: bool
    seed: int
    refining: bool
    randomness: float = 0.01
    iterations: int = 1
    threshold: float = 0.0
    levels: int = _LEVELS

    def communities(self, graph: Graph) -> Communities:
        """Return the communities of a graph."""
        if not 0 <= self.resolution < np.inf:
            raise UsageError(f"resolution must be a number of 0 or more, not {self.resolution!r}")
        if not 0 < self.randomness < np.inf:
            raise UsageError(f"randomness must be a number above 0, not {self.randomness!r}")
        if self.iterations < 1 or self.levels < 1:
            raise UsageError("iterations and levels must be 1 or more")
        check_seed(self.seed)
        claim_memory(self.what, (28 if graph.directed else 12) * graph.n_arcs + 24 * graph.n_arcs + 200 * graph.n_nodes)
        level = Level.of_graph(graph, self)
        label = np.arange(graph.n_nodes, dtype=np.int32)
        for iteration in range(self.iterations):
            label, gained = self._climb(level, label, iteration)
            if gained <= _TINY:
                break
        return named(graph, label, resolution=self.resolution, weighted=self.weighted)

    def _climb(self, level: Level, label: Labels, iteration: int) -> tuple[Labels, float]:
        """Return better labels of the nodes of a level, and what they gain."""
        groups: list[Labels] = []
        total = 0.0
        for number in range(self.levels):
            label, gained = level.moved(label, key_of(self.seed, iteration, number, 0), self.what)
            total += gained
            label, sizes = renumber(label, level.n)
            if sizes.size == level.n or (not self.refining and gained <= self.threshold):
                break
            group, k = label, sizes.size
            if self.refining:
                part = level.refined(label, sizes.size, key_of(self.seed, iteration, number, 1), self.what)
                group, parts = renumber(part, level.n)
                k = parts.size
                if k == level.n or number == self.levels - 1:
                    label = level.connected(label)
                    break
            groups.append(group)
            following = np.empty(k, np.int32)
            following[group] = label
            level, label = level.joined(group, k), following if self.refining else np.arange(k, dtype=np.int32)
        for group in reversed(groups):
            label = label[group]
        return label, total


def named(graph: Graph, label: Labels, *, resolution: float, weighted: bool) -> Communities:
    """Return the result for labels in 0 … n_nodes - 1."""
    labels, sizes = numbered(label, graph.n_nodes)
    value = modularity(graph, labels, resolution=resolution, weighted=weighted)
    return Communities("community", labels, graph.ids, sizes, value)


def check_seed(seed: int) -> None:
    """Raise if numbers cannot be drawn from the seed."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise UsageError(f"seed must be a whole number of 0 or more, not {seed!r}")
