"""Seeds by lazy greedy search on simulated cascades: CELF++, for small graphs."""

from __future__ import annotations

import dataclasses
import heapq
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.progress import rounds
from influence.reach.model import Cascade
from influence.reach.simulate import Simulator

if TYPE_CHECKING:
    import polars as pl

    from influence.io import IdIndex

__all__ = ["CelfSeeds", "celf"]


@dataclasses.dataclass(frozen=True, eq=False)
class CelfSeeds:
    """Seeds in the order in which they were taken.

    Attributes
    ----------
    seeds : ndarray of int32, shape (k,)
    gain : ndarray of float64, shape (k,)
        What each added to the mean spread of those before, in the worlds searched: a little more than it would add in
        fresh ones, since they were picked in these.
    runs : int
        Worlds.
    evaluations : int
        Sets of seeds that were simulated; plain greedy search takes about n k.
    ids : IdIndex or None
        Who the nodes are.
    """

    seeds: npt.NDArray[np.int32]
    gain: npt.NDArray[np.float64]
    runs: int
    evaluations: int
    ids: IdIndex | None

    @property
    def spread(self) -> float:
        """The mean spread of all of them in the worlds searched."""
        return float(self.gain.sum())

    def to_polars(self) -> pl.DataFrame:
        """Return a table: rank, id, gain, spread of the seeds so far."""
        import polars as pl

        ids = pl.Series("id", self.seeds) if self.ids is None else self.ids.ids(self.seeds).alias("id")
        rank = pl.Series("rank", np.arange(1, self.seeds.size + 1))
        return pl.DataFrame([rank, ids, pl.Series("gain", self.gain), pl.Series("spread", np.cumsum(self.gain))])


@dataclasses.dataclass
class _Candidate:
    gain: float
    best: int  # the best candidate when the gain was found
    gain_after: float  # the gain if that one is taken
    size: int  # how many seeds there were


def celf(cascade: Cascade, k: int, *, runs: int = 1000, value: npt.ArrayLike | None = None, seed: int = 0) -> CelfSeeds:
    """Return k seeds that greedily maximise the mean spread over a fixed set of simulated worlds.

    The result is that of plain greedy search in these worlds, of equal gains the lower node number: the spread there is
    submodular, so that a gain found before is a bound of the gain now, and most need not be found again (CELF). Along
    with each gain, the gain after the best candidate so far is found, which saves finding it if that one is taken
    (CELF++). Every world costs a simulation for every set that is tried: take
    :func:`influence.reach.seeds.select_seeds` on large graphs.

    Parameters
    ----------
    k : int
    runs : int
        Worlds.
    value : array_like of float, shape (n_nodes,), optional
        What each person is worth; 1 by default.
    seed : int

    Raises
    ------
    UsageError
        ``k`` is less than 1 or more than there are nodes, or ``runs`` is less than 1.

    References
    ----------
    Leskovec et al., "Cost-effective outbreak detection in networks", KDD 2007.
    Goyal, Lu and Lakshmanan, "CELF++: optimizing the greedy algorithm for influence maximization in social networks",
    WWW 2011, algorithm 1.

    Examples
    --------
    >>> from influence.graph import Graph
    >>> from influence.reach.model import constant
    >>> g = Graph.from_edges([0, 0, 0, 4], [1, 2, 3, 5])
    >>> celf(constant(g, 1.0), 2, runs=10).to_polars().rows()
    [(1, 0, 4.0, 4.0), (2, 4, 2.0, 6.0)]
    """
    n = cascade.graph.n_nodes
    if not 1 <= k <= n:
        raise UsageError(f"k must lie in 1 … {n:,}, not {k}: there are no more nodes")
    if runs < 1:
        raise UsageError(f"runs must be 1 or more, not {runs}")
    worlds = _Worlds(Simulator.of(cascade, [], value, seed), runs)
    candidates: dict[int, _Candidate] = {}
    seeds: list[int] = []
    gains: list[float] = []
    best = -1

    def look(u: int) -> _Candidate:
        gain = worlds.total([*seeds, u]) - worlds.total(seeds)
        after = gain
        if best >= 0:
            after = worlds.total([*seeds, best, u]) - worlds.total([*seeds, best])
        return _Candidate(gain, best, after, len(seeds))

    for u in rounds(n, "simulating each node"):
        candidates[u] = look(u)
        if best < 0 or candidates[u].gain > candidates[best].gain:
            best = u
    heap = [(-found.gain, u) for u, found in candidates.items()]
    heapq.heapify(heap)
    last = -1
    for _ in rounds(n * k + k, "picking seeds"):
        if len(seeds) == k:
            break
        _, u = heapq.heappop(heap)
        found = candidates[u]
        if found.size == len(seeds):
            seeds.append(u)
            gains.append(found.gain)
            last, best = u, -1
            worlds.forget()
            continue
        if found.best == last and found.size == len(seeds) - 1:
            candidates[u] = _Candidate(found.gain_after, -1, found.gain_after, len(seeds))
        else:
            candidates[u] = look(u)
        if best < 0 or candidates[u].gain > candidates[best].gain:
            best = u
        heapq.heappush(heap, (-candidates[u].gain, u))
    return CelfSeeds(np.array(seeds, np.int32), np.array(gains) / runs, runs, worlds.evaluations, cascade.graph.ids)


class _Worlds:
    """Totals over the runs, kept for the sets that are asked for again and again."""

    def __init__(self, simulator: Simulator, runs: int) -> None:
        self.simulator = simulator
        self.runs = runs
        self.evaluations = 0
        self._known: dict[tuple[int, ...], float] = {(): 0.0}

    def total(self, seeds: list[int]) -> float:
        key = tuple(seeds)
        if key not in self._known:
            self.evaluations += 1
            found = dataclasses.replace(self.simulator, seeds=np.array(seeds, np.int32)).run(0, self.runs)[1]
            self._known[key] = float(found.sum())
        return self._known[key]

    def forget(self) -> None:
        self._known = {(): 0.0}
