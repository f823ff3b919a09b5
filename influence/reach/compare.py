"""What several choices of seeds reach, side by side, by samples that none of them was chosen by."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.reach.baselines import BASELINES, baseline
from influence.reach.bounds import lower_share, upper_share
from influence.reach.budget import Constraint
from influence.reach.model import Cascade
from influence.reach.rrsets import Sampler
from influence.reach.seeds import checked_value, invited_mask

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Comparison", "compare_seeds"]

_JUDGED = 5


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What each choice reaches, the best first.

    Attributes
    ----------
    names : tuple of str
    seeds : dict of str to ndarray of int32
    reached, low, high : ndarray of float64
        Expected people reached, or value if values were given.
    seconds : ndarray of float64
        Time that the choice took; NaN for those that were given.
    samples : int
    delta : float
        All bounds hold together with a probability of at least 1 - delta.
    """

    names: tuple[str, ...]
    seeds: Mapping[str, npt.NDArray[np.int32]]
    reached: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    seconds: npt.NDArray[np.float64]
    samples: int
    delta: float

    def to_polars(self) -> pl.DataFrame:
        """Return a table: seeds chosen by, number, reached, low, high, seconds."""
        import polars as pl

        return pl.DataFrame(
            {
                "chosen_by": self.names,
                "seeds": [self.seeds[name].size for name in self.names],
                "reached": self.reached,
                "low": self.low,
                "high": self.high,
                "seconds": self.seconds,
            }
        )

    def __repr__(self) -> str:
        return f"<Comparison by {self.samples:,} samples>\n{self.to_polars()}"

    def _repr_html_(self) -> str:
        return self.to_polars()._repr_html_()


def compare_seeds(
    cascade: Cascade,
    k: int | None = None,
    *,
    given: Mapping[str, npt.ArrayLike] | None = None,
    baselines: Iterable[str] | None = None,
    value: npt.ArrayLike | None = None,
    scores: Mapping[str, npt.ArrayLike] | None = None,
    count_seeds: bool = True,
    invited: Iterable[int] = (),
    delta: float = 0.01,
    samples: int = 1_000_000,
    seed: int = 1,
    **limits: Any,
) -> Comparison:
    """Judge seeds that were given, and those of rules of thumb, by the same independent samples.

    The rules obey the limits, as the seeds do that are compared with them.

    Parameters
    ----------
    cascade : Cascade
    k : int, optional
        How many seeds the rules of thumb choose; needed where there are any, unless there is a budget.
    given : mapping of str to array_like of int, optional
        Node numbers of seeds by name.
    baselines : iterable of str, optional
        Rules of thumb, of ``BASELINES``; all of them if k or a budget is given.
    value : array_like of float, shape (n_nodes,), optional
        What reaching each person is worth; people are counted by default.
    scores : mapping of str to array_like of float, shape (n_nodes,), optional
        More rules: the best by a score.
    count_seeds : bool
        If not, who is a seed counts only where another seed reaches her.
    invited : iterable of int
        Already invited: what counts is who is reached in addition to those whom they reach.
    delta : float
        All bounds hold together with a probability of at least 1 - delta.
    samples : int
        Reverse reachable sets drawn.
    seed : int
        Another one than that by which the seeds were selected, or their samples would judge them.
    **limits
        ``costs``, ``budget``, ``include``, ``exclude``, ``groups`` and ``quotas`` as for
        :func:`influence.reach.select_seeds`; the rules obey them.

    Raises
    ------
    UsageError
        There is nothing to compare, a baseline is unknown, or an argument is out of its range.

    Examples
    --------
    >>> from influence.graph import Graph
    >>> from influence.reach import constant
    >>> g = Graph.from_edges([0, 0, 0, 3, 4], [1, 2, 3, 4, 5])
    >>> found = compare_seeds(constant(g, 0.5), given={"first": [0], "last": [5]}, samples=10_000)
    >>> found.names
    ('first', 'last')
    """
    n = cascade.graph.n_nodes
    if n == 0:
        raise UsageError("the graph is empty: there is nobody to reach")
    if not 0.0 < delta < 1.0:
        raise UsageError(f"delta must lie between 0 and 1, not {delta!r}")
    if not 1 <= samples < 2**31:
        raise UsageError(f"samples must lie in 1 … 2³¹ - 1, not {samples!r}")
    limited = k is not None or limits.get("budget") is not None
    rules = list(BASELINES if limited else ()) if baselines is None else list(baselines)
    if (rules or scores) and not limited:
        raise UsageError("give k, the number of seeds that the baselines choose")
    constraint = Constraint.of(n, k, invited=invited, **limits) if limited else None
    seeds: dict[str, npt.NDArray[np.int32]] = {}
    seconds = []
    for name, nodes in (given or {}).items():
        seeds[name] = _checked(name, nodes, n)
        seconds.append(np.nan)
    for name in rules:
        began = time.perf_counter()
        seeds[name] = baseline(cascade, name, k or 0, constraint=constraint)
        seconds.append(time.perf_counter() - began)
    for name, score in (scores or {}).items():
        assert constraint is not None  # noqa: S101 - for the type checker
        seeds[name] = constraint.trim(np.argsort(-np.asarray(score, np.float64), kind="stable"))
        seconds.append(np.nan)
    if not seeds:
        raise UsageError("there is nothing to compare: give seeds, or k for the baselines")
    worth = checked_value(value, n)
    sampler = Sampler(cascade, seed, worth)
    already = invited_mask(invited, n)
    hits = sampler.hits(list(seeds.values()), _JUDGED, 0, samples, invited=already, count_seeds=count_seeds)
    own = np.array([sampler.known(s, invited=already, count_seeds=count_seeds) for s in seeds.values()])
    level = delta / (2 * len(seeds))
    reached = own + sampler.total * hits / samples
    low = own + sampler.total * lower_share(hits, samples, level)
    high = own + sampler.total * upper_share(hits, samples, level)
    order = np.argsort(-reached, kind="stable")
    names = tuple(np.array(list(seeds), object)[order])
    return Comparison(names, seeds, reached[order], low[order], high[order], np.array(seconds)[order], samples, delta)


def _checked(name: str, nodes: npt.ArrayLike, n: int) -> npt.NDArray[np.int32]:
    array = np.unique(np.asarray(nodes))
    if array.size == 0 or array.dtype.kind not in "iu" or array[0] < 0 or array[-1] >= n:
        raise UsageError(f"the seeds {name!r} must be node numbers in 0 … {n - 1}, one at least")
    return array.astype(np.int32)
