"""Simulate cascades: how many people, and how much value, a set of seeds reaches."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from influence.centrality.result import NodeValues
from influence.errors import UsageError
from influence.kernels.cascade import FIXED, Arcs, Space, lay_out, picks, spread
from influence.kernels.cascade_time import TimeSpace, spread_in_time
from influence.progress import claim_memory, slices
from influence.reach.model import Cascade

if TYPE_CHECKING:
    import polars as pl

    from influence.io import IdIndex

__all__ = ["Simulator", "Spread", "checked_seeds", "checked_value", "expected_spread", "reach_probability"]

Floats = npt.NDArray[np.float64]

_FIRST_RUNS = 256
_BATCH = 64  # the runs that a kernel takes at a time
_ROOM = 8192  # that fits a cache


@dataclasses.dataclass(frozen=True, eq=False)
class Spread:
    """What a set of seeds reaches, on average over simulated runs.

    Attributes
    ----------
    people, people_low, people_high : float
        Expected number of people, the seeds among them, and its confidence interval.
    value, value_low, value_high : float
        Expected value of those people; the same numbers where no values are given.
    runs : int
    confidence : float
        Of each interval.
    people_by_run, value_by_run : ndarray of float64, shape (runs,)
    seeds : ndarray of int32
    ids : IdIndex or None
        Who the nodes are.
    """

    people: float
    people_low: float
    people_high: float
    value: float
    value_low: float
    value_high: float
    runs: int
    confidence: float
    people_by_run: Floats
    value_by_run: Floats
    seeds: npt.NDArray[np.int32]
    ids: IdIndex | None

    def to_polars(self) -> pl.DataFrame:
        """Return a table of two rows: what is counted, expected, low, high, runs."""
        import polars as pl

        rows = [
            ("people", self.people, self.people_low, self.people_high, self.runs),
            ("value", self.value, self.value_low, self.value_high, self.runs),
        ]
        return pl.DataFrame(rows, schema=["reached", "expected", "low", "high", "runs"], orient="row")

    def __repr__(self) -> str:
        chance = f"{100 * self.confidence:g} %"
        text = f"{self.people:.6g} people ({chance}: {self.people_low:.6g} … {self.people_high:.6g})"
        if self.value_by_run is not self.people_by_run:
            text += f", value {self.value:.6g} ({self.value_low:.6g} … {self.value_high:.6g})"
        return f"<Spread of {self.seeds.size:,} seeds: {text} in {self.runs:,} runs>"


def expected_spread(
    cascade: Cascade,
    seeds: npt.ArrayLike,
    *,
    runs: int | None = None,
    value: npt.ArrayLike | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    relative_error: float | None = None,
    max_runs: int = 1_000_000,
) -> Spread:
    """Return how many people a set of seeds reaches, and how much value, with confidence intervals.

    σ(S) = Σ_v P(v is reached from S), and Σ_v value_v P(v is reached from S); the seeds count. Influence travels along
    the arcs. Run r of a seed is the same world whatever the seeds are, so that two sets can be compared run by run.

    Parameters
    ----------
    seeds : array_like of int
        Distinct node numbers.
    runs : int, optional
        Simulated cascades; 1,000 by default.
    value : array_like of float, shape (n_nodes,), optional
        What each person is worth, 0 or more; 1 by default.
    seed : int
    confidence : float
        Of each interval, by Student's t.
    relative_error : float, optional
        Instead of ``runs``: go on, doubling them, until half an interval is at most this share of the mean. The
        confidence then holds for all looks together: each takes an equal part of what is left of 1.
    max_runs : int
        With ``relative_error``: no more than these.

    Raises
    ------
    UsageError
        A seed is not a node or is given twice, a value is negative, or a number is out of range.

    References
    ----------
    Kempe, Kleinberg and Tardos, "Maximizing the spread of influence through a social network", KDD 2003.

    Examples
    --------
    >>> from influence.graph import Graph
    >>> from influence.reach.model import constant
    >>> g = Graph.from_edges([0, 0, 1], [1, 2, 3])
    >>> found = expected_spread(constant(g, 0.5), [0], runs=10_000)
    >>> found  # exactly 1 + ½ + ½ + ¼
    <Spread of 1 seeds: 2.2315 people (95 %: 2.21245 … 2.25055) in 10,000 runs>
    """
    if not 0.0 < confidence < 1.0:
        raise UsageError(f"confidence must lie between 0 and 1, not {confidence!r}")
    if runs is not None and relative_error is not None:
        raise UsageError("give runs or relative_error, not both")
    if relative_error is not None and not relative_error > 0:
        raise UsageError(f"relative_error must be over 0, not {relative_error!r}")
    target = 1000 if runs is None and relative_error is None else runs
    for name, number in (("runs", target), ("max_runs", max_runs)):
        if number is not None and number < 1:
            raise UsageError(f"{name} must be 1 or more, not {number}")
    simulator = Simulator.of(cascade, seeds, value, seed)
    if target is not None:
        people, worth = simulator.run(0, target)
        return simulator.result(people, worth, confidence, 1)
    assert relative_error is not None  # noqa: S101
    looks = 1 + max(0, math.ceil(math.log2(max_runs / _FIRST_RUNS)))
    people, worth = simulator.run(0, min(_FIRST_RUNS, max_runs))
    while True:
        found = simulator.result(people, worth, confidence, looks)
        half = max(
            (high - mean) / mean if mean else 0.0
            for mean, high in ((found.people, found.people_high), (found.value, found.value_high))
        )
        if half <= relative_error or people.size >= max_runs:
            return found
        more = simulator.run(people.size, min(2 * people.size, max_runs))
        people, worth = np.concatenate([people, more[0]]), np.concatenate([worth, more[1]])


def reach_probability(cascade: Cascade, seeds: npt.ArrayLike, *, runs: int = 1000, seed: int = 0) -> NodeValues:
    """Return how likely each person is to be reached from a set of seeds: the share of runs in which she is.

    With a quality below 1: how likely she is to be reached and positive. The standard error of a chance p is
    √(p (1 − p) / runs).

    Raises
    ------
    UsageError
        A seed is not a node or is given twice, or ``runs`` is less than 1.

    Examples
    --------
    >>> from influence.graph import Graph
    >>> from influence.reach.model import constant
    >>> g = Graph.from_edges([0, 0, 1], [1, 2, 3])
    >>> reach_probability(constant(g, 0.5), [0], runs=10_000).values.round(2).tolist()
    [1.0, 0.5, 0.49, 0.25]
    """
    if runs < 1:
        raise UsageError(f"runs must be 1 or more, not {runs}")
    simulator = Simulator.of(cascade, seeds, None, seed)
    simulator.run(0, runs, node_sums=True)
    return NodeValues("reach_probability", simulator.hits() / (FIXED * runs), cascade.graph.ids)


@dataclasses.dataclass(frozen=True, eq=False)
class Simulator:
    """A cascade laid out for its kernel, with its work space."""

    cascade: Cascade
    seeds: npt.NDArray[np.int32]
    value: Floats  # empty where people are counted alone
    seed: int
    arcs: Arcs
    space: Any

    @classmethod
    def of(cls, cascade: Cascade, seeds: npt.ArrayLike, value: npt.ArrayLike | None, seed: int) -> Simulator:
        """Check what is given, and lay it out."""
        graph = cascade.graph
        if int(seed) != seed or seed < 0:
            raise UsageError(f"seed must be a whole number of 0 or more, not {seed!r}")
        chosen = checked_seeds(seeds, graph.n_nodes)
        worth = np.empty(0) if value is None else checked_value(value, graph.n_nodes)
        lanes, n = numba.get_num_threads(), graph.n_nodes
        claim_memory("simulating cascades", lanes * n * 44 + graph.n_arcs * (8 if cascade.kind == "lt" else 16))
        return cls(cascade, chosen, worth, int(seed), _lay_out(cascade), _space(cascade, lanes))

    def run(self, begin: int, end: int, *, node_sums: bool = False) -> tuple[Floats, Floats]:
        """Simulate the runs begin … end - 1; return people and value of each."""
        # the kernels write at a run's number; these hold the runs from 0, of which the first are not touched
        people, worth = np.zeros(end), np.zeros(end if self.value.size else 0)
        cascade = self.cascade
        lanes = self.space.hits.shape[0]
        step = _BATCH * lanes if cascade.kind != "ct" else lanes
        for low, high in slices(-(-(end - begin) // step), "simulating cascades"):
            first, last = begin + low * step, min(end, begin + high * step)
            if cascade.kind == "ct":
                spread_in_time(
                    self.arcs,
                    float(cascade.horizon or 0.0),
                    self.seeds,
                    self.value,
                    cascade.quality,
                    self.seed,
                    first,
                    last,
                    self.space,
                    people,
                    worth,
                    node_sums,
                )
            else:
                spread(
                    self.arcs,
                    cascade.kind == "lt",
                    self.seeds,
                    self.value,
                    -1 if cascade.hops is None else int(cascade.hops),
                    cascade.quality,
                    self.seed,
                    first,
                    last,
                    self.space,
                    people,
                    worth,
                    node_sums,
                )
        people = people[begin:]
        return people, (worth[begin:] if self.value.size else people)

    def hits(self) -> npt.NDArray[np.int64]:
        """Return how often each node was reached in runs with node sums, in units of 1 / FIXED."""
        total: npt.NDArray[np.int64] = self.space.hits.sum(axis=0)
        return total

    def result(self, people: Floats, worth: Floats, confidence: float, looks: int) -> Spread:
        """Return the means over runs with intervals that hold at all of some looks."""
        if not self.value.size:
            worth = people
        bounds = [_interval(values, 1.0 - (1.0 - confidence) / looks) for values in (people, worth)]
        return Spread(
            *bounds[0],
            *bounds[1],
            runs=int(people.size),
            confidence=confidence,
            people_by_run=people,
            value_by_run=worth,
            seeds=self.seeds,
            ids=self.cascade.graph.ids,
        )


def _interval(values: Floats, confidence: float) -> tuple[float, float, float]:
    mean = float(values.mean())
    if values.size < 2:
        return mean, 0.0, math.inf
    from scipy.special import stdtrit

    half = float(stdtrit(values.size - 1, 0.5 + 0.5 * confidence)) * float(values.std(ddof=1)) / math.sqrt(values.size)
    return mean, max(0.0, mean - half), mean + half


def _lay_out(cascade: Cascade) -> Arcs:
    graph, chance, size = cascade.graph, cascade.probability, cascade.probability
    if cascade.kind == "lt":
        chosen = picks(graph.in_offsets, graph.in_edges, chance)
        return Arcs(graph.out_offsets, graph.out_targets, chosen, chance, np.empty(0))
    if cascade.kind == "ct" and cascade.rate is not None and cascade.horizon is not None:
        size = cascade.rate
        chance = chance * -np.expm1(-size * cascade.horizon)
        chance.setflags(write=False)  # as that of a cascade, for one compilation
    end, silent = lay_out(graph.out_offsets, chance)
    return Arcs(graph.out_offsets, graph.out_targets, end, size, silent)


def _space(cascade: Cascade, lanes: int) -> Any:
    n = cascade.graph.n_nodes
    one, two, three, four = (np.zeros((lanes, n), np.int32) for _ in range(4))
    hits = np.zeros((lanes, n), np.int64)
    if cascade.kind == "ct":
        return TimeSpace(np.full((lanes, n), np.inf), one, two, three, four, hits)
    room = np.zeros((lanes, max(_ROOM, int(cascade.graph.out_degree.max(initial=0)))), np.int64)
    return Space(np.zeros((lanes, n, 2), np.uint64), np.zeros((lanes, n), np.uint64), one, two, three, hits, room)


def checked_seeds(seeds: npt.ArrayLike, n_nodes: int) -> npt.NDArray[np.int32]:
    """Return seeds as node numbers, in the order given, or raise."""
    chosen = np.atleast_1d(np.asarray(seeds))
    if chosen.size == 0:
        return np.empty(0, np.int32)
    if chosen.ndim != 1 or chosen.dtype.kind not in "iu":
        raise UsageError(f"seeds must be a list of node numbers, not of {chosen.dtype} with {chosen.ndim} dimensions")
    outside = (chosen < 0) | (chosen >= n_nodes)
    if outside.any():
        raise UsageError(f"seed {chosen[outside][0]} is not a node: numbers must lie in 0 … {n_nodes - 1}")
    numbers, times = np.unique(chosen, return_counts=True)
    if numbers.size < chosen.size:
        raise UsageError(f"seed {numbers[times > 1][0]} is given twice")
    return chosen.astype(np.int32)


def checked_value(value: npt.ArrayLike, n_nodes: int) -> Floats:
    """Return what each person is worth, or raise."""
    worth = np.ascontiguousarray(value, dtype=np.float64)
    if worth.shape != (n_nodes,):
        raise UsageError(f"value has the shape {worth.shape}, but the graph has {n_nodes:,} nodes: give one for each")
    wrong = np.flatnonzero(~(np.isfinite(worth) & (worth >= 0.0)))
    if wrong.size:
        raise UsageError(f"the value of node {wrong[0]} is {worth[wrong[0]]:.6g}: it must be finite and 0 or more")
    return worth
