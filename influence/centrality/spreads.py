"""How many nodes lie at each distance of every node, by searches from 512 nodes at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numba
import numpy as np
import numpy.typing as npt

from influence.graph import Graph
from influence.kernels.bfs import bfs, clear_rows, first_steps, lane_totals, renumber, spread
from influence.kernels.csr import transpose
from influence.kernels.lanes import LANES, WORDS
from influence.progress import claim_memory, slices

__all__ = ["SourceSearch", "distance_counts", "worth_counting"]

Ints = npt.NDArray[np.int64]
Nodes = npt.NDArray[np.int32]

_LEVELS = (64, 512)  # of the table of counts: where there are more, a search from each node is less work
_MOST = 1 << 27  # entries of that table, if it need not have less than so many levels
_CODES = 254  # marks are bytes; before a mark's turn comes again, its row and all that pull from it are through
#: Fewest sources of a batch around a hub that all lie at most 1, 2, 3 hops from it: the nearer the hub, the less work.
_LEAST = (192, 256, 320)
_WORTH = 256  # a search from one node takes as long as one of 512 takes for so many
_APART = -1  # depth of what a root does not reach
_NONE = -2  # a depth that there is not


@dataclasses.dataclass(frozen=True)
class _Rows:
    """A graph numbered by falling degree, without nodes of no edge: hubs are near in memory and are asked first."""

    number: Ints  # of the nodes that are kept, in the graph
    out_offsets: Ints
    out_targets: Nodes
    in_offsets: Ints
    in_sources: Nodes

    @property
    def n(self) -> int:
        return self.number.size

    @classmethod
    def of(cls, graph: Graph, outward: bool) -> _Rows:
        degree = graph.out_degree + (graph.in_degree if graph.directed else 0)
        number = np.argsort(-degree, kind="stable")[: np.count_nonzero(degree)]
        rank = np.empty(graph.n_nodes, np.int32)
        rank[number] = np.arange(number.size, dtype=np.int32)
        # turned round twice, each row is in order
        first = transpose(*renumber(graph.out_offsets, graph.out_targets, number, rank))[:2]
        second = transpose(*first)[:2] if graph.directed else first
        return cls(number, *first, *second) if outward else cls(number, *second, *first)


@dataclasses.dataclass(frozen=True)
class _Batch:
    root: int  # -1 for none
    radius: int  # no source is farther from the root
    sources: Nodes


def _batches(rows: _Rows, wanted: npt.NDArray[np.bool_]) -> list[_Batch]:
    """Deal sources to batches around hubs."""
    live = np.flatnonzero(np.diff(rows.out_offsets) > 0)
    best = np.arange(rows.n, dtype=np.int32)
    starts = rows.out_offsets[live]
    open_ = wanted.copy()
    open_[np.diff(rows.out_offsets) == 0] = False
    batches: list[_Batch] = []
    before = best
    for radius, least in enumerate(_LEAST, 1):
        left = np.flatnonzero(open_)
        if left.size < min(_LEAST):
            break
        before, best = best, best.copy()
        best[live] = np.minimum(best[live], np.minimum.reduceat(before[rows.out_targets], starts))
        left = left[np.lexsort((before[left], best[left]))]
        hub, first, size = np.unique(best[left], return_index=True, return_counts=True)
        for h, f, s in zip(hub[size >= least], first[size >= least], size[size >= least], strict=True):
            for at in range(f, f + s, LANES):
                part = left[at : min(at + LANES, f + s)]
                if part.size >= least:
                    batches.append(_Batch(int(h), radius, part.astype(np.int32)))
                    open_[part] = False
    left = np.flatnonzero(open_)
    left = left[np.lexsort((before[left], best[left]))]
    batches += [_Batch(-1, 0, left[at : at + LANES].astype(np.int32)) for at in range(0, left.size, LANES)]
    return batches


def worth_counting(graph: Graph, asked: int) -> bool:
    """Return whether counting the distances of all nodes is less work than a search from each that is asked for."""
    return asked * _WORTH > graph.n_nodes


def distance_counts(
    graph: Graph, label: str, *, outward: bool, sources: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int32] | None:
    """Return how many sources lie at each distance of every node, itself left out; None in a graph of long ways.

    Parameters
    ----------
    label : str
        What is being done, for whoever follows the progress.
    outward : bool
        Count distances from the node to the sources, not from them to it.
    sources : ndarray of bool, shape (n_nodes,)

    Returns
    -------
    ndarray of int32, shape (levels, n_nodes), or None
        Where there are more levels than it pays to go through one by one.
    """
    search = _Search(graph, label, outward)
    rows = search.rows
    batches = _batches(rows, sources[rows.number])
    for start, stop in slices(len(batches), label):
        for batch in batches[start:stop]:
            if not search.run(batch):
                return None
    counts = np.zeros((search.used + 1, graph.n_nodes), np.int32)
    counts[:, rows.number] = search.counts[: search.used + 1]
    return counts


class SourceSearch:
    """Searches from up to 512 nodes at once, in the same arrays again and again."""

    def __init__(self, graph: Graph, label: str, *, outward: bool) -> None:
        # rows are pushed to from the sources, so they are those of the other direction
        self.search = _Search(graph, label, not outward)
        rows = self.search.rows
        self.rank = np.full(graph.n_nodes, -1, np.int32)
        self.rank[rows.number] = np.arange(rows.n, dtype=np.int32)
        self.planes = np.zeros((numba.get_num_threads(), WORDS, 32), np.uint64)

    def counts(self, sources: Ints) -> Ints | None:
        """Return how many nodes lie at each distance of some nodes, shape (levels, k), from 0; None for long ways."""
        places = self.rank[sources]
        linked = np.flatnonzero(places >= 0)
        levels: list[Ints] = [np.zeros(LANES, np.int64)]

        def add(after: npt.NDArray[np.uint64], marks: npt.NDArray[np.uint8], mark: np.uint8) -> None:
            levels.append(np.zeros(LANES, np.int64))
            lane_totals(self.search.order, 0, self.search.stop, after, marks, mark, self.planes, levels[-1])

        if linked.size and not self.search.run(_Batch(-1, 0, places[linked]), add):
            return None
        found = np.zeros((len(levels), sources.size), np.int64)
        found[:, linked] = np.array(levels)[:, : linked.size]
        return found


class _Search:
    """Searches from one batch after another, in the same arrays."""

    def __init__(self, graph: Graph, label: str, outward: bool) -> None:
        self.rows, self.directed = _Rows.of(graph, outward), graph.directed
        n = self.rows.n
        claim_memory(label, n * (3 * 8 * WORDS + 4 * 32 + 40) + 24 * graph.n_arcs)
        self.before, self.seen, self.after = (np.zeros((n, WORDS), np.uint64) for _ in range(3))
        self.marks = np.zeros((2, n), np.uint8)
        # memory that is not written to is not taken
        self.counts = np.zeros((int(np.clip(_MOST // max(n, 1), *_LEVELS)), n), np.int32)
        self.used = 0
        self.root, self.starts = _NONE, np.zeros(1, np.int64)
        self.depth, self.order, self.parent = (np.empty(n, np.int32) for _ in range(3))

    def run(self, batch: _Batch, add: Callable[..., None] | None = None) -> bool:
        """Count what lies at each distance of the sources of a batch; say whether there was room for all levels.

        ``add``, where it is given, is told of the rows that each level came to.
        """
        rows, rooted = self.rows, batch.root >= 0
        self._look_from(batch.root)
        clear_rows(self.seen)
        self.marks[:] = 0
        before, after = self.before, self.after
        lane = np.arange(batch.sources.size)
        everyone = np.zeros(WORDS, np.uint64)
        np.bitwise_or.at(everyone, lane // 64, np.uint64(1) << (lane % 64).astype(np.uint64))
        last = self.starts.size - 2  # the greatest depth
        level, reached = 0, 1
        while True:
            level += 1
            # Nobody is more than the radius farther from a row, or in an undirected graph nearer, than the root is.
            through = level - batch.radius + 1 if rooted and level >= batch.radius - 1 else _NONE
            start = self.starts[min(max(through, 0), last + 1)] if rooted else 0
            near = rooted and not self.directed
            stop = self.starts[min(level + batch.radius, last) + 1] if near else self.stop
            if start >= stop or not (reached or (rooted and through <= last)):
                return True
            if level + 1 >= len(self.counts):
                return False
            self.used = max(self.used, level + (0 <= through <= last))
            mark_before, mark_after = np.uint8(1 + (level - 1) % _CODES), np.uint8(1 + level % _CODES)
            if level == 1:
                done = self.starts[through + 1] if 0 <= through <= last else start
                first_steps(
                    rows.out_offsets, rows.out_targets, batch.sources, self.order, start, done, self.seen, after,
                    self.marks[1], mark_after, self.counts,
                )  # fmt: skip
            else:
                reached = spread(
                    rows.in_offsets, rows.in_sources, self.order, start, stop, self.depth, through, level, everyone,
                    lane.size, before, self.seen, after, self.marks[(level - 1) % 2], mark_before,
                    self.marks[level % 2], mark_after, self.counts,
                )  # fmt: skip
            if add is not None:
                add(after, self.marks[level % 2], mark_after)
            before, after = after, before

    def _look_from(self, root: int) -> None:
        """Order the rows by their depth from a root, and those out of its reach after them."""
        if root == self.root:
            return
        rows, n = self.rows, self.rows.n
        self.root = root
        pulled = np.diff(rows.in_offsets) > 0
        if root < 0:
            self.depth[:] = _APART
            found = 0
            self.starts = np.zeros(1, np.int64)
        else:
            found, last = bfs(
                rows.out_offsets, rows.out_targets, rows.in_offsets, rows.in_sources, root, n, self.depth,
                self.order, self.parent,
            )  # fmt: skip
            many = np.bincount(self.depth[self.order[:found]], minlength=last + 1)
            self.starts = np.concatenate([[0], np.cumsum(many)])
        apart = np.flatnonzero(pulled & (self.depth < 0)) if root < 0 or self.directed else np.zeros(0, np.int64)
        self.order[found : found + apart.size] = apart
        self.stop = found + apart.size
