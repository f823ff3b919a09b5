"""What the linear-algebra measures share: rows ready for rounds, bounds on a spectral radius, and x = αMx + β."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.errors import InfluenceError, UsageError
from influence.graph import Graph
from influence.graph.arrays import sum_by
from influence.kernels.linear import affine
from influence.progress import claim_memory, rounds

__all__ = [
    "SHIFT",
    "Rows",
    "Solution",
    "Tally",
    "copied",
    "out_strength",
    "solve",
    "spectral_below",
    "spectral_bounds",
    "vector",
]

Floats = npt.NDArray[np.float64]
_BLOCK = 32768  # edges and rows: many blocks to a thread, and a few microseconds each
SHIFT = 0.25  # of the eigenvalue: turns the −λ of a bipartite graph into 0.6 λ
_NONE = np.zeros(1)


@dataclasses.dataclass(frozen=True)
class Tally:
    """What a round y of an iteration x saw: ‖y − x‖₁, ‖y‖₁, ‖y‖₂², x·y, max|y − x| / own, max y / x."""

    change: float
    total: float
    square: float
    dot: float
    relative: float
    high: float


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """A matrix M = unit · weight by rows, cut into blocks of about as many entries each.

    Attributes
    ----------
    bounds : ndarray of int64, shape (blocks + 1,)
    offsets : ndarray of int64, shape (n + 1,)
    neighbours : ndarray of int32, shape (k,)
    weight : ndarray of float64, shape (k,)
        Not read where `weighted` is false: all entries are alike, and ``unit`` is what they are.
    weighted : bool
    unit : float
    """

    bounds: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    neighbours: npt.NDArray[np.int32]
    weight: Floats
    weighted: bool
    unit: float

    @classmethod
    def of(cls, graph: Graph, weight: Floats, *, incoming: bool = True, symmetric: bool | None = None) -> Rows:
        """Return the rows of Aᵀ, which sum over in-edges, or of A; the weights are in the order of the out-rows.

        They are taken to be alike both ways where the graph is undirected, unless ``symmetric`` says otherwise.
        """
        claim_memory("the vectors of a linear measure", 6 * 8 * graph.n_nodes)
        offsets = graph.in_offsets if incoming else graph.out_offsets
        neighbours = graph.in_sources if incoming else graph.out_targets
        work = offsets + np.arange(offsets.size)
        cuts = np.searchsorted(work, np.arange(0, int(work[-1]) + 1, _BLOCK))
        bounds = np.unique(np.append(cuts, graph.n_nodes)).astype(np.int64)
        bounds = bounds[bounds <= graph.n_nodes]
        unit = float(weight[0]) if weight.size else 1.0
        weighted = bool(weight.size) and bool((weight != unit).any())
        if weighted and incoming and (graph.directed if symmetric is None else not symmetric):
            claim_memory("putting weights in the order of in-edges", weight.nbytes)
            weight = weight[graph.in_edges]
            weight.setflags(write=False)
        return cls(bounds, offsets, neighbours, weight, weighted, 1.0 if weighted else unit)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.offsets.size) - 1

    def round(self, x: Floats, y: Floats, *, scale: float = 1.0, shift: float = 0.0, own: Floats = _NONE) -> Tally:
        """Set y = scale · M x + shift · x + own, and tell what was seen."""
        tally = np.empty((self.bounds.size - 1, 6))
        affine(
            self.bounds, self.offsets, self.neighbours, self.weight, self.weighted, x, y,
            float(scale * self.unit), float(shift), own, tally,
        )  # fmt: skip
        change, total, square, dot = tally[:, :4].sum(axis=0).tolist()
        relative, high = tally[:, 4:].max(axis=0).tolist()
        return Tally(change, total, square, dot, relative, high)


def out_strength(graph: Graph, weight: Floats) -> Floats:
    """Return the outgoing weight of each node, each sum in the order of its row, shape (n_nodes,)."""
    if not weight.size:
        return np.zeros(graph.n_nodes)
    first = float(weight[0])
    if (weight == first).all():
        return graph.out_degree.astype(np.float64) * first
    return sum_by(graph.edge_sources(), weight, graph.n_nodes)


def copied(graph: Graph, values: npt.ArrayLike, name: str, *, positive: bool = True) -> Floats:
    """Return a copy of one number for each node, not negative and not all 0 where asked.

    Raises
    ------
    UsageError
        The shape is another, or a number is not finite or negative, or they add up to 0.
    """
    found = np.array(values, np.float64)
    n = graph.n_nodes
    wanted = "numbers of 0 or more that do not add up to 0" if positive else "finite numbers"
    wrong = found.shape != (n,) or not np.isfinite(found).all()
    if wrong or (positive and (found.min(initial=0.0) < 0 or (n > 0 and not found.sum() > 0))):
        raise UsageError(f"{name} must hold {n:,} {wanted}")
    return found


def vector(graph: Graph, values: npt.ArrayLike, name: str) -> Floats:
    """Return one number for all nodes, shape (1,), or one for each, shape (n_nodes,); a copy."""
    if np.ndim(values) == 0:
        number = float(np.asarray(values, np.float64))
        if not np.isfinite(number):
            raise UsageError(f"{name} must be finite, not {number!r}")
        return np.full(1, number)
    return copied(graph, values, name, positive=False)


def spectral_bounds(rows: Rows, *, symmetric: bool, most: int = 200) -> tuple[float, float]:
    """Return bounds below and above the spectral radius of a matrix without negative entries.

    Above: max (Mx)_i / x_i for any x > 0 (Collatz and Wielandt). Below: the same quotient's minimum over a set of
    nodes with x zeroed outside, for any set; or xᵀMx / xᵀx where M is symmetric.
    """
    if not rows.neighbours.size or (not rows.weighted and rows.unit == 0.0):
        return 0.0, 0.0
    x, y = np.ones(rows.n), np.empty(rows.n)
    seen = rows.round(x, y)
    upper, growth = seen.high, seen.total / rows.n
    size = float(rows.n)
    for number in rounds(most, "bounding the spectral radius"):
        shift = SHIFT * growth
        total = growth + shift
        if number:  # the first round has shown M·1 already
            seen = rows.round(x, y, scale=1.0 / total, shift=shift / total)
            upper = min(upper, seen.high * total - shift)
            growth = max(seen.total / size * total - shift, upper * 1e-12)
            size = seen.total
            if upper <= 1.0001 * growth:
                break
            x, y = y, x
    return spectral_below(rows, x, upper, symmetric), upper


def spectral_below(rows: Rows, x: Floats, upper: float, symmetric: bool) -> float:
    """Return a bound below the spectral radius from an x near its eigenvector, and a bound above."""
    y = np.empty(rows.n)
    if symmetric:
        seen = rows.round(x, y)
        return min(upper, seen.dot / float(np.dot(x, x)))
    best = 0.0
    for slack in (1e-12, 1e-9, 1e-6, 1e-4, 1e-2, 0.1, 0.3, 0.6):
        held, wanted = x.copy(), (1.0 - slack) * upper
        for _ in rounds(50, "bounding the spectral radius"):
            rows.round(held, y)
            kept = held > 0
            if not kept.any():
                break
            best = max(best, float((y[kept] / held[kept]).min()))
            if best >= wanted:
                return min(upper, best)
            held[y < wanted * held] = 0.0
    return best


@dataclasses.dataclass(frozen=True)
class Solution:
    """The solution of x = αMx + β.

    Attributes
    ----------
    values : ndarray of float64, shape (n,)
    margin : ndarray of float64, shape (n,)
        No value is off by more than ``error`` times this.
    error : float
    iterations : int
    converged : bool
    """

    values: Floats
    margin: Floats
    error: float
    iterations: int
    converged: bool


def solve(
    rows: Rows, alpha: float, own: Floats, start: Floats | None, tolerance: float, most: int, symmetric: bool, name: str
) -> Solution:
    """Solve x = αMx + β for M without negative entries, and prove that there is a solution.

    If u ≥ 0 and αMu + 1 − u ≤ c for a c < 1, then αMu < u: so the spectral radius of αM is below 1, and the solution
    v of v = αMv + |r| is at most max|r| u / (1 − c). With r the residual of x, v bounds its error. Where β > 0, x/β
    is such a u itself, and the error of x is at most c / (1 − c) of x, with c = max|r| / β.

    Raises
    ------
    UsageError
        αM has a spectral radius of 1 or more, or it could not be shown that it has not.
    """
    if float(own.min()) > 0 and (start is None or float(start.min()) >= 0):
        return _solve_positive(rows, alpha, own, start, tolerance, most, symmetric, name)
    proof = _solve_positive(rows, alpha, np.ones(1), None, 0.5, most, symmetric, name)
    margin, least = proof.values, 1.0 / (1.0 + proof.error)
    x = np.broadcast_to(own, rows.n).copy() if start is None else start
    y = np.empty(rows.n)
    iterations, error = 0, np.inf
    span = float(margin.max())
    for _ in rounds(most, name):
        rows.round(x, y, scale=alpha, own=own)
        iterations += 1
        error = float(np.abs(y - x).max()) / least
        x, y = y, x
        if error * span <= tolerance * float(np.abs(x).max()):
            break
    return Solution(x, margin, error, iterations, bool(error * span <= tolerance * float(np.abs(x).max())))


def _solve_positive(
    rows: Rows, alpha: float, own: Floats, start: Floats | None, tolerance: float, most: int, symmetric: bool, name: str
) -> Solution:
    x = np.broadcast_to(own, rows.n).copy() if start is None else start
    y = np.empty(rows.n)
    iterations, c, bounds, leap = 0, np.inf, None, _Leap()
    for _ in rounds(most, name):
        seen = rows.round(x, y, scale=alpha, own=own)
        iterations, c = iterations + 1, seen.relative
        x, y = y, x
        # The error of y = αMx + β is αM times that of x, which is at most c / (1 − c) of x; and αMx < y.
        if c < 1.0 and c / (1.0 - c) <= tolerance:
            return Solution(x, x, c / (1.0 - c), iterations, True)
        if bounds is None and (not np.isfinite(seen.square) or (iterations >= 12 and not c < 1.0)):
            bounds = spectral_bounds(rows, symmetric=symmetric)
            _refuse_divergent(alpha, bounds, name)
        ahead = leap.after(seen.change) if iterations < most else 0.0  # what is returned must be what was proved
        if ahead:  # no step below 0: the bound needs x ≥ 0, and x ≥ β in the end
            y -= x
            y *= -ahead
            x += y
            np.maximum(x, own, out=x)
    if not c < 1.0:
        bounds = spectral_bounds(rows, symmetric=symmetric) if bounds is None else bounds
        _refuse_divergent(alpha, bounds, name)
        if alpha * bounds[1] < 1.0:
            return Solution(x, x, np.inf, iterations, False)
        raise InfluenceError(
            f"{name} is not known to converge with a factor of {alpha:g} after {iterations:,} iterations; take one "
            f"further below {1.0 / bounds[1]:.6g}, or more iterations"
        )
    return Solution(x, x, c / (1.0 - c), iterations, False)


class _Leap:
    """Says when changes have come to shrink by the same factor θ each round, and how much is still to come of them.

    The next changes then add up to about θ / (1 − θ) times the last. What a leap is worth shows in the next residual:
    it is proved as any other, and there are no more leaps where one did not help.
    """

    def __init__(self) -> None:
        self.changes: list[float] = []
        self.least = np.inf

    def after(self, change: float) -> float:
        """Return how many times the last change to go ahead; 0 for not now."""
        self.changes.append(change)
        if len(self.changes) < 6 or not 0.0 < change < np.inf:
            return 0.0
        before, last = self.changes[-2] / self.changes[-3], change / self.changes[-2]
        if not last < 0.999 or abs(last - before) > 0.02 * (1.0 - last):
            return 0.0
        if change > 0.5 * self.least:
            return 0.0
        self.least, self.changes = change, []
        return last / (1.0 - last)


def _refuse_divergent(alpha: float, bounds: tuple[float, float], name: str) -> None:
    if alpha * bounds[0] >= 1.0 or not np.isfinite(alpha * bounds[1]):
        raise UsageError(
            f"{name} diverges with a factor of {alpha:g}: the largest eigenvalue is at least {bounds[0]:.6g}; "
            f"take a factor below {_below_inverse(bounds[1]):.6g}"
        )


def _below_inverse(value: float) -> float:
    digits = 10.0 ** (5 - np.floor(np.log10(1.0 / value)))
    return float(np.floor(digits / value) / digits)
