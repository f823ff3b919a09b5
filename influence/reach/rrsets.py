"""Reverse reachable sets: sampled, stored or only counted.

A set holds those who would have reached a person drawn at random, in one random world in which somebody reaches her:
what everybody counts for when nobody does is known, and is not drawn. Seeds reach what they are ``alone``, and the
share of the sets that hold one of them, times the ``total``. Sets are numbered, and set i of a stream is the same one
whoever draws it, in whatever order.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numba import get_num_threads

from influence.errors import UsageError
from influence.kernels import rrsets as kernels
from influence.kernels.alias import fill_alias
from influence.kernels.liverows import fill_rows, survey_rows
from influence.progress import slices
from influence.reach.model import arc_chance

if TYPE_CHECKING:
    from influence.reach.model import Cascade

__all__ = ["OutOfTime", "RRSets", "Sampler", "live_rows"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_LANES = 16
_SHORT = 3  # arcs that are sooner tossed for than jumped over
_FULL = 1 << 61
_LISTS = 60
_NOBODY = kernels.Watch(np.empty(0, np.int64), 0, _FULL, kernels.ROOT_MEMBER)


class RRSets:
    """The first sets of a stream, stored one after the other.

    Attributes
    ----------
    n : int
    drawn : int
        Sets drawn, whatever they hold.
    caught : int
        Sets that hold one of certain nodes, and are counted only.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.drawn = self.caught = 0
        self._counts = np.zeros((get_num_threads(), n), np.int64)
        self._offsets, self._nodes = np.zeros(1, np.int64), np.empty(0, np.int32)
        self._sets = self._members = 0

    @property
    def offsets(self) -> Ints:
        """Where each stored set begins, and the last one ends, shape (n_sets + 1,)."""
        return self._offsets[: self._sets + 1]

    @property
    def nodes(self) -> npt.NDArray[np.int32]:
        """Members of the stored sets, the root of each first, shape (offsets[-1],)."""
        return self._nodes[: self._members]

    @property
    def counts(self) -> Ints:
        """Number of stored sets that hold each node, shape (n_nodes,)."""
        return np.asarray(self._counts.sum(axis=0))

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._offsets.nbytes + self._nodes.nbytes + self._counts.nbytes

    def reserve(self, share: float) -> None:
        """Make room for so many times what is held."""
        self._offsets = _grown(self._offsets, int(share * self._sets) + 1)
        self._nodes = _grown(self._nodes, int(share * self._members))

    def append(self, space: kernels.Space) -> None:
        """Store what was drawn next."""
        kept = space.kept[:, :2]
        ends = np.cumsum(kept, axis=0) + np.array([self._sets, self._members])
        sets, members = (int(x) for x in ends[-1])
        if sets + 1 > self._offsets.size:
            self._offsets = _grown(self._offsets, int(1.3 * sets) + 1)
        if members > self._nodes.size:
            self._nodes = _grown(self._nodes, int(1.3 * members))
        kernels.collect(space, ends - kept, self._offsets, self._nodes, self._counts)
        self._sets, self._members = sets, members
        self.drawn += int((space.done - space.first[:-1]).sum())
        self.caught += int(space.kept[:, 2].sum())

    def drop(self, nodes: npt.NDArray[np.int32]) -> None:
        """Only count the sets that hold one of these nodes."""
        sizes = np.diff(self.offsets)
        caught = np.zeros(self.n, np.bool_)
        caught[nodes] = True
        held = np.logical_or.reduceat(caught[self.nodes], self.offsets[:-1]) if sizes.size else np.empty(0, np.bool_)
        self.caught += int(held.sum())
        self._nodes = self.nodes[np.repeat(~held, sizes)]
        self._offsets = np.concatenate([[0], np.cumsum(sizes[~held])])
        self._sets, self._members = self._offsets.size - 1, self._nodes.size
        self._counts[:] = 0
        self._counts[0] = np.bincount(self._nodes, minlength=self.n)


def _grown(array: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    if size <= array.size:
        return array
    larger = np.empty(size, array.dtype)
    larger[: array.size] = array
    return larger


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.setflags(write=False)
    return array


def live_rows(cascade: Cascade) -> tuple[kernels.Rows, Floats]:
    """Return the in-arcs that can be live as the kernel of the kind wants them, and the chance that a node has one."""
    graph = cascade.graph
    n = graph.n_nodes
    p = _frozen(np.ascontiguousarray(cascade.probability))
    if cascade.rate is not None and cascade.horizon is not None:
        chance, rate = arc_chance(cascade), cascade.rate[graph.in_edges]
        with np.errstate(divide="ignore"):
            none = np.bincount(graph.out_targets, np.log1p(-chance), minlength=n)
        rows = kernels.Rows(graph.in_offsets, graph.in_sources, _frozen(chance[graph.in_edges]), _frozen(rate))
        return rows, -np.expm1(none)
    arcs = graph.in_offsets, graph.in_sources, graph.in_edges, p
    kept, low, high, some = np.empty(n, np.int64), np.empty(n), np.empty(n), np.empty(n)
    survey_rows(*arcs, kept, low, high, some)
    even = low >= high
    jump = np.empty((n, 2))
    jump[:, 0], jump[:, 1] = np.where(even, 0.0, 1.0), np.where(even, high, some)
    whole = int(kept.sum()) == graph.n_arcs
    if cascade.kind == "lt":
        from influence.kernels.rrwalks import running_sums

        even &= whole
        jump[~even, 0] = 1.0
        total = np.empty(0 if even.all() else graph.n_arcs)
        if not even.all():
            running_sums(graph.in_offsets, graph.in_edges, p, total)
        sums = np.bincount(graph.out_targets, p, minlength=n)
        rows = kernels.Rows(graph.in_offsets, graph.in_sources, _frozen(total), _frozen(jump))
        return rows, np.minimum(sums, 1.0)
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(kept, out=offsets[1:])
    sources, chance = graph.in_sources, np.empty(0)
    if not (even.all() and whole):
        sources = np.empty(int(offsets[-1]), np.int32)
        chance = np.empty(0 if even.all() else int(offsets[-1]))
        fill_rows(*arcs, offsets, sources, chance, even)
    far = even & (high < kernels.TOSS) & (kept > _SHORT)
    jump[far, 0] = 1.0 / np.log1p(-high[far])
    jump[far, 1] = some[far]
    return kernels.Rows(_frozen(offsets), _frozen(sources), _frozen(chance), _frozen(jump)), some


class Sampler:
    """Draws the reverse reachable sets of a cascade.

    Parameters
    ----------
    cascade : Cascade
    seed : int
    value : ndarray of float64, shape (n_nodes,), optional
        What reaching each node is worth; 1 by default.
    like : Sampler, optional
        Of the same cascade: what does not depend on values is taken over.

    Attributes
    ----------
    n : int
    own : ndarray of float64, shape (n_nodes,)
        What each node reaches of herself.
    alone : ndarray of float64, shape (n_nodes,)
        The part of it that she has when nobody else reaches her: the rest is in the sets.
    total : float
        The sum of these rests: who is in a share x of the sets reaches x · total besides what she is alone. It is 0
        where nobody can reach anybody; then there are no sets.
    """

    def __init__(
        self,
        cascade: Cascade,
        seed: int,
        value: npt.NDArray[np.float64] | None = None,
        like: Sampler | None = None,
    ) -> None:
        n = self.n = cascade.graph.n_nodes
        self.seed = seed
        self._rows: kernels.Rows
        self._some: Floats
        self._rows, self._some = live_rows(cascade) if like is None else (like._rows, like._some)
        quality, hops = float(cascade.quality), cascade.hops
        self.own = quality * (np.ones(n) if value is None else value)
        drawn = self.own * self._some * (quality if hops is None or hops > 0 else 0.0)
        self.alone = self.own - drawn
        self.total = float(drawn.sum())
        self._roots = np.empty((n, 2))
        if self.total > 0.0:
            fill_alias(drawn, self._roots)
        self._limits = kernels.Limits(-1 if hops is None else int(hops), quality)
        self._kind, self._horizon = cascade.kind, cascade.horizon
        # what a set stores on average, and room that the longest so far would have had
        self._mean, self._room = 4.0, 1024

    def _space(self, first: int, stop: int, capacity: int, stored: bool, lists: int) -> kernels.Space:
        lanes = min(_LANES, stop - first)
        return kernels.Space(
            np.linspace(first, stop, lanes + 1).astype(np.int64),
            np.empty(lanes, np.int64),
            np.empty((lanes, capacity), np.int32),
            np.empty(stop - first if stored else 0, np.int32),
            np.zeros((lanes, (self.n + 63) // 64), np.uint64),
            np.zeros((lanes, 3), np.int64),
            np.zeros((lanes, lists), np.int64),
        )

    def _draw(
        self, stream: int, first: int, stop: int, capacity: int, watch: kernels.Watch, stored: bool, lists: int
    ) -> Iterator[kernels.Space]:
        """Draw sets first … stop - 1; yield spaces whose lanes, from first to done, follow one another."""
        space = self._space(first, stop, capacity, stored, lists)
        how = self._roots, self._limits, _key(self.seed, stream), watch, space
        if self._kind == "ic":
            kernels.draw_cascade(self._rows, *how)
        elif self._kind == "lt":
            from influence.kernels.rrwalks import draw_walks

            draw_walks(self._rows, *how)
        else:
            from influence.kernels.rrdelays import draw_delays

            lanes = space.done.size
            heaps = np.empty((lanes, capacity)), np.empty((lanes, capacity, 2), np.int32)
            draw_delays(self._rows, float(self._horizon or 0.0), *how, *heaps)
        ends = space.first[1:]
        if (space.done == ends).all():
            yield space
            return
        # a set that is spoilt in the end is stored until then: its length shows here only
        self._room = min(2 * self._room, max(1024, self.n))
        for lane in range(space.done.size):
            yield _lane(space, lane)
            begin, end = int(space.done[lane]), int(ends[lane])
            if begin < end:
                yield from self._draw(stream, begin, end, 2 * capacity, watch, stored, lists)

    def _spaces(
        self, stream: int, first: int, stop: int, watch: kernels.Watch, label: str, stop_at: float | None, lists: int
    ) -> Iterator[kernels.Space]:
        stored = lists == 0
        if self.total == 0.0:
            return
        for begin, end in slices(stop - first, label, first=4096):
            if stop_at is not None and time.monotonic() > stop_at:
                raise OutOfTime
            capacity = self._room
            if stored:
                capacity += int(1.3 * self._mean * (end - begin) / _LANES)
            members = 0
            for space in self._draw(stream, first + begin, first + end, capacity, watch, stored, lists):
                members += int(space.size.sum())
                yield space
            if stored:
                self._mean = max(1.0, members / (end - begin))

    def extend(
        self,
        sets: RRSets,
        stream: int,
        stop: int,
        *,
        spoil: npt.NDArray[np.bool_] | None = None,
        stop_at: float | None = None,
    ) -> None:
        """Draw more sets of a stream, up to set ``stop - 1``; those that hold somebody of ``spoil`` are only counted.

        Raises
        ------
        OutOfTime
            The clock shows more than ``stop_at``; what was drawn by then is stored.
        """
        watch = _NOBODY
        if spoil is not None:
            watch = kernels.Watch(spoil.astype(np.int64), 1, _FULL, kernels.ROOT_MEMBER)
        for space in self._spaces(stream, sets.drawn, stop, watch, "drawing reverse reachable sets", stop_at, 0):
            sets.append(space)

    def count(
        self,
        counts: npt.NDArray[np.int64],
        stream: int,
        first: int,
        stop: int,
        *,
        stop_at: float | None = None,
    ) -> None:
        """Add to ``counts``, shape (parts, n_nodes), in how many of the sets each node is, not being their root."""
        for space in self._spaces(stream, first, stop, _NOBODY, "counting reverse reachable sets", stop_at, 0):
            kernels.tally(space, counts)

    def known(
        self, nodes: npt.NDArray[np.integer], *, invited: npt.NDArray[np.bool_] | None = None, count_seeds: bool = True
    ) -> float:
        """Return what these nodes reach besides what :meth:`hits` counts of them."""
        if not count_seeds:
            return 0.0
        return float((self.own if invited is None else self.alone)[nodes].sum())

    def hits(
        self,
        lists: list[npt.NDArray[np.integer]],
        stream: int,
        first: int,
        stop: int,
        *,
        invited: npt.NDArray[np.bool_] | None = None,
        count_seeds: bool = True,
        stop_at: float | None = None,
    ) -> npt.NDArray[np.int64]:
        """Return how many of the sets hold somebody of each list of nodes.

        A set whose root is on a list does not count for it: that its people reach themselves is known. Where somebody
        is ``invited``, it is not; then it does count, unless the set holds somebody invited. Where seeds do not count
        for themselves, the root is no member: a set counts where somebody else in it is on the list.
        """
        if len(lists) > _LISTS:
            raise UsageError(f"at most {_LISTS} lists can be judged at once, not {len(lists)}")
        mask = np.zeros(self.n, np.int64)
        for i, nodes in enumerate(lists):
            mask[nodes] |= 1 << i
        full, spoil = (1 << len(lists)) - 1, 0
        if invited is not None:
            spoil = full = _FULL
            mask[invited] |= spoil
        root = kernels.ROOT_KNOWN if invited is None else kernels.ROOT_MEMBER
        watch = kernels.Watch(mask, spoil, full, root if count_seeds else kernels.ROOT_APART)
        found = np.zeros(len(lists), np.int64)
        for space in self._spaces(stream, first, stop, watch, "judging", stop_at, len(lists)):
            found += space.hits.sum(axis=0)
        return found


class OutOfTime(Exception):
    """The time given is over."""


def _key(seed: int, stream: int) -> np.uint64:
    """Return what the draws of a stream are keyed by (the finaliser of SplitMix64, twice)."""
    word = 0
    for number in (seed, stream):
        word = (word + (number + 1) * 0x9E3779B97F4A7C15) % 2**64
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) % 2**64
        word ^= word >> 31
    return np.uint64(word)


def _lane(space: kernels.Space, lane: int) -> kernels.Space:
    """Return a space that holds one lane of another as far as it came."""
    first, done = int(space.first[lane]), int(space.done[lane])
    begin = first - int(space.first[0])
    one = slice(lane, lane + 1)
    size = space.size[begin : begin + done - first]
    ends = np.array([first, done], np.int64)
    return kernels.Space(
        ends, space.done[one], space.nodes[one], size, space.seen[one], space.kept[one], space.hits[one]
    )
