"""How many people, and how much value, each person reaches by herself, with bounds that hold for everybody at once."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from numba import get_num_threads

from influence.centrality.result import NodeValues
from influence.errors import UsageError
from influence.progress import claim_memory
from influence.reach.bounds import lower_share, upper_share
from influence.reach.model import Cascade
from influence.reach.rrsets import OutOfTime, Sampler
from influence.reach.seeds import checked_value

__all__ = ["Reach", "expected_reach"]

Floats = npt.NDArray[np.float64]

# Bounds are looked at after 2^14, 2^15 … sets, and hold at all of these numbers at once.
_FIRST, _LOOKS = 1 << 14, 17
_PEOPLE, _VALUE = 3, 4
_ABOVE = 0.1
_INT64 = 8


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Reach(NodeValues):
    """What each person reaches by herself; the value is the expected number of people, she among them if asked for.

    Attributes
    ----------
    low, high : ndarray of float64, shape (n_nodes,)
        Bounds of the number of people.
    reached_value, value_low, value_high : ndarray of float64, shape (n_nodes,), or None
        Expected value reached, and its bounds.
    samples : int
        Reverse reachable sets drawn, for each of people and value.
    delta : float
        All bounds hold together with a probability of at least 1 - delta.
    stopped : str
        Why no more were drawn.
    top : ndarray of int32, or None
        Asked for the best: those who are certain to be, or were when it ended, in order.
    """

    low: Floats
    high: Floats
    reached_value: Floats | None
    value_low: Floats | None
    value_high: Floats | None
    samples: int
    delta: float
    stopped: str
    top: npt.NDArray[np.int32] | None

    def columns(self) -> Mapping[str, Floats]:
        """Return reach, low, high, and reached_value with its bounds if values were given."""
        found = {"reach": self.values, "low": self.low, "high": self.high}
        if self.reached_value is not None and self.value_low is not None and self.value_high is not None:
            found |= {"reached_value": self.reached_value, "value_low": self.value_low, "value_high": self.value_high}
        return found


def expected_reach(
    cascade: Cascade,
    *,
    value: npt.ArrayLike | None = None,
    count_herself: bool = True,
    delta: float = 0.01,
    target: float = 0.1,
    above: float | None = None,
    top: int | None = None,
    seed: int = 0,
    time_limit: float | None = None,
    max_samples: int = 1 << 30,
) -> Reach:
    """Estimate the expected number of people, and the expected value, that each person reaches by herself.

    σ_v = c_v + C · P[v ∈ R, v not the root of R], with R a reverse reachable set in which somebody reaches the root.
    The root is drawn in proportion to her value times the chance of that, and C is the sum of these. Sets are counted
    and not kept, so memory is O(n).

    Parameters
    ----------
    cascade : Cascade
    value : array_like of float, shape (n_nodes,), optional
        What reaching each person is worth, 0 or more.
    count_herself : bool
        Whether she is among those whom she reaches: σ_v without c_v if not.
    delta : float
        The bounds of all people hold together with a probability of at least 1 - delta.
    target : float
        Sampling goes on until nobody's bounds are further from her estimate than this share of it, those apart who
        are certain to stay below ``above``.
    above : float, optional
        In people, or in value if values are given; by default a tenth of the greatest reach that is certain.
    top : int, optional
        Stop as soon as it is certain who the best so many are (by value if values are given), in place of ``target``.
    seed : int
        The same one leads to the same numbers, on any number of threads.
    time_limit : float, optional
        Seconds after which no more sets are drawn. Results then depend on the machine.
    max_samples : int
        Sets at most, for each of people and value.

    Raises
    ------
    UsageError
        The graph is empty, or an argument is out of its range.

    References
    ----------
    Borgs, Brautbar, Chayes and Lucier, "Maximizing social influence in nearly optimal time", SODA 2014.

    Examples
    --------
    >>> from influence.graph import Graph
    >>> from influence.reach import constant, expected_reach
    >>> reach = expected_reach(constant(Graph.from_edges([0, 1], [1, 2]), 0.5), target=0.02)
    >>> reach.values.round(1).tolist()
    [1.8, 1.5, 1.0]
    """
    n = cascade.graph.n_nodes
    _check(n, delta, target, above, top, seed, max_samples)
    worth = checked_value(value, n)
    claim_memory("expected reach", (2 * get_num_threads() + 12) * _INT64 * n * (1 if worth is None else 2))
    people = _Count(cascade, None, count_herself, seed, _PEOPLE, delta if worth is None else delta / 2.0)
    counts = [people]
    if worth is not None:
        counts.append(_Count(cascade, worth, count_herself, seed, _VALUE, delta / 2.0, like=people.sampler))
    stop_at = None if time_limit is None else time.monotonic() + time_limit
    stopped, order, look = "", None, 0
    while not stopped:
        size = min(_FIRST << look, max_samples)
        try:
            for count in counts:
                count.extend(size, stop_at if look else None)
        except OutOfTime:
            stopped = "the time limit"
            break
        ranked = counts[-1]
        if top is not None:
            order = ranked.certain_top(top)
            stopped = "the best are certain" if order is not None else ""
        elif all(count.is_close(target, above if count is ranked else None) for count in counts):
            stopped = "the target is met"
        look += 1
        if not stopped and (size == max_samples or look == _LOOKS):
            stopped = "max_samples"
    if top is not None and order is None:
        order = np.argsort(-counts[-1].estimate, kind="stable")[:top].astype(np.int32)
    by_value = counts[1] if worth is not None else None
    return Reach(
        "reach",
        people.estimate,
        cascade.graph.ids,
        low=people.low,
        high=people.high,
        reached_value=None if by_value is None else by_value.estimate,
        value_low=None if by_value is None else by_value.low,
        value_high=None if by_value is None else by_value.high,
        samples=people.drawn,
        delta=delta,
        stopped=stopped,
        top=order,
    )


def _check(
    n: int, delta: float, target: float, above: float | None, top: int | None, seed: int, max_samples: int
) -> None:
    if n == 0:
        raise UsageError("the graph is empty: there is nobody to reach")
    for name, number in (("delta", delta), ("target", target)):
        if not 0.0 < number < 1.0:
            raise UsageError(f"{name} must lie between 0 and 1, not {number!r}")
    if above is not None and not above > 0.0:
        raise UsageError(f"above must be over 0, not {above!r}")
    if top is not None and (int(top) != top or not 1 <= top <= n):
        raise UsageError(f"top must lie in 1 … {n:,}, not {top!r}")
    if seed < 0:
        raise UsageError(f"seed must be 0 or more, not {seed}")
    if not 1 <= max_samples < 2**31:
        raise UsageError(f"max_samples must lie in 1 … 2³¹ - 1, not {max_samples!r}")


class _Count:
    """Counts of one kind of sets, and the bounds that follow from them."""

    def __init__(
        self,
        cascade: Cascade,
        value: Floats | None,
        herself: bool,
        seed: int,
        stream: int,
        delta: float,
        like: Sampler | None = None,
    ) -> None:
        n = cascade.graph.n_nodes
        self.sampler = Sampler(cascade, seed, value, like)
        self.own = self.sampler.own * float(herself)
        self.all = float(self.sampler.own.sum())
        # of n people two bounds each, at every look
        self.level = delta / (2.0 * n * _LOOKS)
        self.stream, self.drawn = stream, 0
        self.counts = np.zeros((get_num_threads(), n), np.int64)
        self.estimate, self.low, self.high = self.own, self.own, self.own

    def extend(self, size: int, stop_at: float | None) -> None:
        self.sampler.count(self.counts, self.stream, self.drawn, size, stop_at=stop_at)
        self.drawn = size
        hits, total = self.counts.sum(axis=0), self.sampler.total
        # Nobody reaches more than there is.
        self.estimate = np.minimum(self.own + total * (hits / size), self.all)
        self.low = np.minimum(self.own + total * lower_share(hits, size, self.level), self.all)
        self.high = np.minimum(self.own + total * upper_share(hits, size, self.level), self.all)

    def is_close(self, target: float, above: float | None) -> bool:
        least = _ABOVE * float(self.low.max()) if above is None else above
        counted = self.high > least
        width = np.maximum(self.high - self.estimate, self.estimate - self.low)[counted]
        return bool((width <= target * self.estimate[counted]).all())

    def certain_top(self, k: int) -> npt.NDArray[np.int32] | None:
        """Return the best k if nobody else can be among them."""
        best = np.argsort(-self.low, kind="stable")[:k]
        rest = np.ones(self.low.size, np.bool_)
        rest[best] = False
        if rest.any() and self.low[best[-1]] < self.high[rest].max():
            return None
        return best[np.argsort(-self.estimate[best], kind="stable")].astype(np.int32)
