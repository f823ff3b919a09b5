"""Logs of who acted on what and when, and what each act may have followed."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.errors import LeakError, UsageError
from influence.graph import Graph
from influence.graph.arrays import count_by
from influence.kernels.csr import merge_pairs
from influence.kernels.learning import Acts, Exposed, count_trials, find_parents
from influence.kernels.random import uniforms
from influence.progress import claim_memory, slices

__all__ = ["ActionLog", "Exposures", "Split", "split_log"]

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, eq=False)
class ActionLog:
    """The first act of each person on each item, by item and time; acts at one moment go by person.

    Attributes
    ----------
    acts : Acts
        What the kernels take; numbers of people are those of the graph.
    n_people, n_items : int
    end : int
        Until when the log tells what happened, in the unit of its times.
    """

    acts: Acts
    n_people: int
    n_items: int
    end: int

    @classmethod
    def of(
        cls,
        person: npt.ArrayLike,
        item: npt.ArrayLike,
        time: npt.ArrayLike,
        *,
        n_people: int,
        end: int | None = None,
    ) -> ActionLog:
        """Order a log; of a person's acts on an item the first counts.

        Parameters
        ----------
        person, item : array_like of int, shape (rows,)
            Numbers from 0.
        time : array_like of int, shape (rows,)
            In any unit.
        n_people : int
        end : int, optional
            The last act by default.

        Raises
        ------
        UsageError
            Lengths differ, a number is negative or too large, or an act is after ``end``.

        Examples
        --------
        >>> log = ActionLog.of([1, 0, 1], [0, 0, 0], [5, 3, 9], n_people=2)
        >>> log.acts.actor.tolist(), log.acts.time.tolist(), log.end
        ([0, 1], [3, 5], 9)
        """
        who, what, when = (
            _whole(values, name) for values, name in ((person, "person"), (item, "item"), (time, "time"))
        )
        if not who.size == what.size == when.size:
            raise UsageError(f"{who.size:,} people, {what.size:,} items and {when.size:,} times: they must match")
        if who.size and (int(who.min()) < 0 or int(who.max()) >= n_people):
            raise UsageError(f"numbers of people must lie in 0 … {n_people - 1}: they are nodes of the graph")
        if what.size and (int(what.min()) < 0 or int(what.max()) >= 2**31):
            raise UsageError("numbers of items must lie in 0 … 2³¹ - 1: number them from 0")
        last = int(when.max()) if when.size else 0
        if end is not None and last > end:
            raise UsageError(f"an act is at {last}, but the log ends at {end}: cut it, or leave out end")
        claim_memory("ordering the log", 80 * who.size)
        order = np.lexsort((who, when, what))
        who32, what32, when = who[order].astype(np.int32), what[order].astype(np.int32), when[order]
        n_items = int(what32[-1]) + 1 if what32.size else 0
        _, _, group = merge_pairs(who32, what32, max(n_people, n_items))
        first = np.empty(int(group.max()) + 1 if group.size else 0, np.int64)
        first[group[::-1]] = np.arange(who.size)[::-1]  # the first of a group is written last
        first.sort()
        last = last if end is None else int(end)
        return cls._ordered(who32[first], what32[first], when[first], n_people, n_items, last)

    @classmethod
    def _ordered(
        cls,
        who: npt.NDArray[np.int32],
        what: npt.NDArray[np.int32],
        when: Times,
        n_people: int,
        n_items: int,
        end: int,
    ) -> ActionLog:
        offsets = np.zeros(n_items + 1, np.int64)
        np.cumsum(count_by(what, n_items), out=offsets[1:])
        own_offsets, own_item, group = merge_pairs(who, what, max(n_people, n_items))
        own_act = np.empty(who.size, np.int64)
        own_act[group] = np.arange(who.size)
        return cls(Acts(offsets, who, what, when, own_offsets, own_item, own_act), n_people, n_items, end)

    @property
    def n_acts(self) -> int:
        """Number of acts."""
        return int(self.acts.actor.size)

    @property
    def begins(self) -> Times:
        """When each item was first acted on, shape (n_items,); the largest integer where it never was."""
        begins = np.full(self.n_items, np.iinfo(np.int64).max, np.int64)
        used = np.diff(self.acts.offsets) > 0
        begins[used] = self.acts.time[self.acts.offsets[:-1][used]]
        return begins

    def kept(self, rows: npt.NDArray[np.bool_], end: int) -> ActionLog:
        """Return the log of some of its acts."""
        acts = self.acts
        return self._ordered(acts.actor[rows], acts.item[rows], acts.time[rows], self.n_people, self.n_items, end)


def _whole(values: npt.ArrayLike, name: str) -> npt.NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise UsageError(f"{name} must have one dimension, not {array.ndim}")
    if array.size and array.dtype.kind not in "iu":
        raise UsageError(f"{name} must hold whole numbers, not {array.dtype}")
    return array.astype(np.int64, copy=False)


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """Cascades to learn from, and others to judge by.

    Attributes
    ----------
    train, held_out : ActionLog
    cut : int or None
        Of a split by time: what is learned from is before it, and the cascades held out begin at it or later.
    """

    train: ActionLog
    held_out: ActionLog
    cut: int | None

    def check(self) -> None:
        """Raise LeakError if what is learned from knows anything of what is held out."""
        both = np.intersect1d(self.train.acts.item, self.held_out.acts.item)
        if both.size:
            raise LeakError(f"item {both[0]} is both in the cascades to learn from and in those held out")
        if self.cut is None:
            return
        last = int(self.train.acts.time.max()) if self.train.n_acts else self.cut - 1
        if last >= self.cut or self.train.end >= self.cut:
            raise LeakError(
                f"what is learned from reaches until {max(last, self.train.end)}, but the cut is {self.cut}"
            )
        if self.held_out.n_acts and int(self.held_out.acts.time.min()) < self.cut:
            raise LeakError(f"a cascade held out begins before the cut, {self.cut}")


def split_log(log: ActionLog, *, share: float = 0.2, by: str = "time", seed: int = 0) -> Split:
    """Split a log by cascade: all acts on an item go the same way.

    Parameters
    ----------
    share : float
        Of the cascades held out, in [0, 1).
    by : {"time", "random"}
        ``"time"``: the latest cascades are held out, and of the others, what happened after the first of them began is
        left out. ``"random"``: each cascade by a draw; what is learned then comes from the same time.
    seed : int
        Of the draws.

    Raises
    ------
    UsageError
        ``share`` or ``by`` cannot be used, or nothing would be left on one side.
    """
    if not 0.0 <= share < 1.0:
        raise UsageError(f"the share held out must lie in [0, 1), not {share!r}")
    if by not in ("time", "random"):
        raise UsageError(f"a log is split by time or by random, not by {by!r}")
    acts = log.acts
    if share == 0.0:
        return Split(log, log.kept(np.zeros(log.n_acts, np.bool_), log.end), None)
    cut = None
    if by == "random":
        out = uniforms(seed, 0, log.n_items) <= share
        train = log.kept(~out[acts.item], log.end)
    else:
        begins = np.sort(log.begins[np.diff(acts.offsets) > 0])
        cut = int(begins[min(begins.size - 1, int((1.0 - share) * begins.size))]) if begins.size else 0
        out = log.begins >= cut
        train = log.kept(~out[acts.item] & (acts.time < cut), cut - 1)
    split = Split(train, log.kept(out[acts.item], log.end), cut)
    if not train.n_acts or not split.held_out.n_acts:
        raise UsageError(
            f"{np.count_nonzero(np.diff(acts.offsets)):,} cascades cannot be split {share:.0%} by {by}: "
            "one side would be empty; hold out another share, or 0"
        )
    split.check()
    return split


@dataclasses.dataclass(frozen=True, eq=False)
class Exposures:
    """What each act may have followed, and how often every arc was tried.

    Arcs are in the order of the graph's in-rows.

    Attributes
    ----------
    graph : Graph
        From influencer to listener.
    log : ActionLog
    window : int
        An act may follow another for so long.
    parents : Exposed
        Of each act, those that it may have followed.
    successes, trials : ndarray of float64, shape (n_arcs,)
        Trials that the log ended too soon to tell count in part, see :meth:`of`.
    """

    graph: Graph
    log: ActionLog
    window: int
    parents: Exposed
    successes: Floats
    trials: Floats

    @classmethod
    def of(cls, graph: Graph, log: ActionLog, *, window: int) -> Exposures:
        """Find the parents of all acts, and count trials.

        u's act on an item is a trial of u → v if v had not acted on it up to then. It is a success if v does within the
        window, else a failure. Where the log ends before the window, a failure counts for the share of delays (of all
        trials with a whole window) that are at most what is left: the first-order term of a censored likelihood.
        """
        if int(window) != window or window < 1:
            raise UsageError(f"window must be a whole number of 1 or more, in the unit of the times, not {window!r}")
        if log.n_people != graph.n_nodes:
            raise UsageError(f"the log knows {log.n_people:,} people and the graph {graph.n_nodes:,}: they must match")
        window, acts = int(window), log.acts
        rows = np.zeros(log.n_acts + 1, np.int64)
        nothing = np.empty(0, np.int32)
        for low, high in slices(log.n_acts, "counting exposures", first=1024):
            find_parents(acts, graph.in_offsets, graph.in_sources, window, low, high, rows, nothing, nothing)
        np.cumsum(rows, out=rows)
        claim_memory("what acts may have followed", 8 * int(rows[-1]) + 16 * graph.n_arcs)
        parent, slot = np.empty(int(rows[-1]), np.int32), np.empty(int(rows[-1]), np.int32)
        if parent.size:
            for low, high in slices(log.n_acts, "finding exposures", first=1024):
                find_parents(acts, graph.in_offsets, graph.in_sources, window, low, high, rows, parent, slot)
        exposed = Exposed(rows, parent, slot)
        successes, trials = np.zeros(graph.n_arcs), np.zeros(graph.n_arcs)
        known = _known(log, exposed, window)
        for low, high in slices(graph.n_nodes, "counting trials", first=256):
            count_trials(acts, graph.in_offsets, graph.in_sources, window, known, low, high, successes, trials)
        return cls(graph, log, window, exposed, successes, trials)

    @property
    def arc_of_row(self) -> npt.NDArray[np.int64]:
        """The arc of each row of the parents."""
        who = np.repeat(self.log.acts.actor, np.diff(self.parents.offsets))
        arcs: npt.NDArray[np.int64] = self.graph.in_offsets[who] + self.parents.slot
        return arcs

    @property
    def share(self) -> Floats:
        """What each parent of an act gets of its credit, 1 / number of parents, shape (n_acts,); 0 without any."""
        number = np.diff(self.parents.offsets)
        return np.divide(1.0, number, out=np.zeros(number.size), where=number > 0)

    def by_arc(self, values: Floats) -> Floats:
        """Return numbers given in the order of the in-rows in that of the out-rows."""
        placed = np.empty_like(values)
        placed[self.graph.in_edges] = values
        return placed


def _known(log: ActionLog, exposed: Exposed, window: int) -> Floats:
    """Return how much of the window after each act is in the log: the share of delays that would have ended by then."""
    acts = log.acts
    left = log.end - acts.time
    known = np.ones(log.n_acts)
    cut_short = np.flatnonzero(left < window)
    if cut_short.size:
        child = np.repeat(np.arange(log.n_acts), np.diff(exposed.offsets))
        whole = left[exposed.act] >= window
        delays = np.sort((acts.time[child] - acts.time[exposed.act])[whole])
        known[cut_short] = np.searchsorted(delays, left[cut_short], side="right") / max(1, delays.size)
    return known
