"""How influence spreads: the graph, the chance of every arc, and the rules."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph import Graph
from influence.kernels.random import uniforms

__all__ = ["Cascade", "arc_chance", "constant", "continuous_time", "linear_threshold", "trivalency", "weighted_cascade"]

Floats = npt.NDArray[np.float64]

KINDS = ("ic", "lt", "ct")
#: In-weights of a linear threshold may add up to this much more than 1, by rounding.
_ROUNDING = 1e-9
_TRIVALENCY = (0.1, 0.01, 0.001)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Cascade:
    """A model of spread: influence travels along the arcs of the graph, from who influences to who is influenced.

    - ``"ic"``, independent cascade: who is reached influences each of her listeners once, with the chance of the arc.
    - ``"lt"``, linear threshold: a person is reached when the weights of those who reached her add up to her
      threshold, which is uniform on [0, 1]. The same distribution has: everybody picks at most one arc into her, with
      chances that are its weights (Kempe, Kleinberg and Tardos 2003, theorem 2.5).
    - ``"ct"``, continuous time: an arc works with its chance, and then takes an exponential time of its rate; who is
      reached within the horizon counts.

    Self-loops have no effect: their chance is set to 0.

    Attributes
    ----------
    graph : Graph
        Arcs from influencer to influenced.
    probability : ndarray of float64, shape (n_arcs,)
        In [0, 1], in the order of the out-rows; of a linear threshold, the weights.
    kind : {"ic", "lt", "ct"}
    hops : int, optional
        A person is reached at most this many steps from a seed. Not with "ct".
    rate : ndarray of float64, shape (n_arcs,), optional
        Of "ct": arcs take 1 / rate units of time on average.
    horizon : float, optional
        Of "ct": a person counts who is reached within this time.
    quality : float
        In (0, 1]: the chance that a newly reached person, a seed too, stays positive. Who is reached through a
        negative person is negative, so a person reached after d steps (seeds: 0) is positive with the chance
        quality^(d + 1) (Chen et al. 2011), and only positive ones count. Steps are those of the way by which she is
        reached first.

    Raises
    ------
    UsageError
        An array has the wrong length, a chance lies outside [0, 1] (the arc is named), weights into a node add up to
        more than 1, or an option does not go with the kind.

    References
    ----------
    Kempe, Kleinberg and Tardos, "Maximizing the spread of influence through a social network", KDD 2003.
    Gomez-Rodriguez, Balduzzi and Schölkopf, "Uncovering the temporal dynamics of diffusion networks", ICML 2011.
    Chen et al., "Influence maximization in social networks when negative opinions may emerge", SDM 2011, section 2.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0, 1], [1, 2, 2])
    >>> Cascade(g, [0.5, 0.2, 0.1])
    <Cascade ic: 3 nodes, 3 arcs, mean chance 0.267>
    """

    graph: Graph
    probability: Floats
    kind: str = "ic"
    hops: int | None = None
    rate: Floats | None = None
    horizon: float | None = None
    quality: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        graph = self.graph
        chance = self._array(self.probability, "probability").copy()
        outside = np.flatnonzero(~((chance >= 0.0) & (chance <= 1.0)))  # also where it is NaN
        if outside.size:
            raise UsageError(
                f"the probability of {_arc(graph, int(outside[0]))} is {chance[outside[0]]:.6g}: it must lie in [0, 1]"
            )
        chance[graph.edge_sources() == graph.out_targets] = 0.0
        chance.setflags(write=False)
        object.__setattr__(self, "probability", chance)
        if self.kind == "lt":
            self._check_in_weights()
        self._check_time()
        if self.hops is not None and (int(self.hops) != self.hops or self.hops < 0):
            raise UsageError(f"hops must be a whole number of 0 or more, not {self.hops!r}")
        if not 0.0 < self.quality <= 1.0:
            raise UsageError(f"quality must lie in (0, 1], not {self.quality!r}")

    def _array(self, values: npt.ArrayLike, name: str) -> Floats:
        array = np.ascontiguousarray(values, dtype=np.float64)
        if array.shape != (self.graph.n_arcs,):
            raise UsageError(
                f"{name} has the shape {array.shape}, but the graph has {self.graph.n_arcs:,} arcs: give one for each"
            )
        return array

    def _check_in_weights(self) -> None:
        total = np.bincount(self.graph.out_targets, self.probability, minlength=self.graph.n_nodes)
        over = np.flatnonzero(total > 1.0 + _ROUNDING)
        if over.size:
            node = int(over[0])
            raise UsageError(
                f"the weights into {_name(self.graph, node)} add up to {total[node]:.6g}: "
                "for a linear threshold they must not exceed 1; divide them by their sum, or leave them out"
            )

    def _check_time(self) -> None:
        if self.kind != "ct":
            for name in ("rate", "horizon"):
                if getattr(self, name) is not None:
                    raise UsageError(f'{name} goes with the kind "ct" only, not with {self.kind!r}')
            return
        if self.hops is not None:
            raise UsageError('hops does not go with the kind "ct": the horizon limits how far influence goes')
        if self.horizon is None or not (math.isfinite(self.horizon) and self.horizon > 0):
            raise UsageError(f'the kind "ct" needs a horizon over 0, not {self.horizon!r}')
        if self.rate is None:
            raise UsageError('the kind "ct" needs the rate of every arc')
        rate = self._array(self.rate, "rate").copy()
        wrong = np.flatnonzero(~(np.isfinite(rate) & (rate > 0.0)))
        if wrong.size:
            raise UsageError(
                f"the rate of {_arc(self.graph, int(wrong[0]))} is {rate[wrong[0]]:.6g}: it must be over 0"
            )
        rate.setflags(write=False)
        object.__setattr__(self, "rate", rate)

    def __repr__(self) -> str:
        mean = float(self.probability.mean()) if self.graph.n_arcs else 0.0
        arcs = f"{self.graph.n_nodes:,} nodes, {self.graph.n_arcs:,} arcs"
        return f"<Cascade {self.kind}: {arcs}, mean chance {mean:.3g}>"


def arc_chance(cascade: Cascade) -> Floats:
    """Return the chance of each arc by itself: of continuous time, to work within the horizon."""
    p = np.array(cascade.probability, np.float64)
    if cascade.rate is not None and cascade.horizon is not None:
        p *= -np.expm1(-cascade.rate * cascade.horizon)
    return p


def _name(graph: Graph, node: int) -> str:
    return f"node {node}" if graph.ids is None else repr(graph.ids.ids(np.array([node]))[0])


def _arc(graph: Graph, arc: int) -> str:
    source = int(np.searchsorted(graph.out_offsets, arc, side="right")) - 1
    return f"the arc {_name(graph, source)} → {_name(graph, int(graph.out_targets[arc]))}"


def _shares(graph: Graph, weights: npt.ArrayLike | None) -> Floats:
    """Return each arc's share in what leads into its target, self-loops apart."""
    weight = np.ones(graph.n_arcs) if weights is None else np.array(weights, np.float64)
    if weight.shape != (graph.n_arcs,):
        raise UsageError(
            f"weights has the shape {weight.shape}, but the graph has {graph.n_arcs:,} arcs: give one for each"
        )
    wrong = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0.0)))
    if wrong.size:
        raise UsageError(f"the weight of {_arc(graph, int(wrong[0]))} is {weight[wrong[0]]:.6g}: it must be 0 or more")
    weight[graph.edge_sources() == graph.out_targets] = 0.0
    total = np.bincount(graph.out_targets, weight, minlength=graph.n_nodes)[graph.out_targets]
    return np.divide(weight, total, out=np.zeros(graph.n_arcs), where=total > 0)


def weighted_cascade(graph: Graph, *, weighted: bool = False, hops: int | None = None, quality: float = 1.0) -> Cascade:
    """Return the independent cascade in which everybody hears from one of her influencers, on average.

    p_uv = 1 / (in-degree of v), or w_uv / Σ_k w_kv.

    Parameters
    ----------
    weighted : bool
        Take the share of the arc's weight; the number of arcs counts by default.
    hops, quality
        See :class:`Cascade`.

    References
    ----------
    Kempe, Kleinberg and Tardos, KDD 2003, section 3.1.

    Examples
    --------
    >>> weighted_cascade(Graph.from_edges([0, 1, 0], [2, 2, 1])).probability.tolist()
    [1.0, 0.5, 0.5]
    """
    return Cascade(graph, _shares(graph, graph.weight if weighted else None), hops=hops, quality=quality)


def constant(graph: Graph, p: float, *, hops: int | None = None, quality: float = 1.0) -> Cascade:
    """Return the independent cascade with one chance for all arcs.

    Examples
    --------
    >>> constant(Graph.from_edges([0, 1], [1, 2]), 0.1).probability.tolist()
    [0.1, 0.1]
    """
    if not 0.0 <= p <= 1.0:
        raise UsageError(f"p must lie in [0, 1], not {p!r}")
    return Cascade(graph, np.full(graph.n_arcs, float(p)), hops=hops, quality=quality)


def trivalency(graph: Graph, *, seed: int = 0, hops: int | None = None, quality: float = 1.0) -> Cascade:
    """Return the independent cascade whose chances are drawn from 0.1, 0.01 and 0.001.

    References
    ----------
    Chen, Wang and Wang, "Scalable influence maximization for prevalent viral marketing", KDD 2010, section 4.

    Examples
    --------
    >>> sorted(set(trivalency(Graph.from_edges([0] * 50, range(1, 51))).probability.tolist()))
    [0.001, 0.01, 0.1]
    """
    if seed < 0:
        raise UsageError(f"seed must be 0 or more, not {seed}")
    third = np.ceil(uniforms(seed, 0, graph.n_arcs) * 3.0).astype(np.int64) - 1
    return Cascade(graph, np.array(_TRIVALENCY)[third], hops=hops, quality=quality)


def linear_threshold(
    graph: Graph, *, weights: npt.ArrayLike | None = None, hops: int | None = None, quality: float = 1.0
) -> Cascade:
    """Return the linear threshold model.

    Parameters
    ----------
    weights : array_like of float, shape (n_arcs,), optional
        In the order of the out-rows; those into a node add up to at most 1. By default 1 / in-degree.
    hops, quality
        See :class:`Cascade`.

    Raises
    ------
    UsageError
        Weights into a node add up to more than 1: the node is named.

    Examples
    --------
    >>> linear_threshold(Graph.from_edges([0, 1, 0], [2, 2, 1])).probability.tolist()
    [1.0, 0.5, 0.5]
    """
    share = _shares(graph, None) if weights is None else weights
    return Cascade(graph, np.asarray(share, np.float64), kind="lt", hops=hops, quality=quality)


def continuous_time(
    graph: Graph,
    *,
    rate: npt.ArrayLike,
    horizon: float,
    probability: npt.ArrayLike | None = None,
    quality: float = 1.0,
) -> Cascade:
    """Return the continuous-time model: arcs take exponential times, and there is a horizon.

    Parameters
    ----------
    rate : float or array_like of float, shape (n_arcs,)
        Of each arc, per unit of time.
    horizon : float
        In the same unit.
    probability : array_like of float, shape (n_arcs,), optional
        The chance that an arc works at all; 1 by default.
    quality
        See :class:`Cascade`.

    Examples
    --------
    >>> continuous_time(Graph.from_edges([0, 1], [1, 2]), rate=0.5, horizon=3.0)
    <Cascade ct: 3 nodes, 2 arcs, mean chance 1>
    """
    rates = np.asarray(rate, np.float64)
    if rates.ndim == 0:
        rates = np.full(graph.n_arcs, float(rates))
    chance = np.ones(graph.n_arcs) if probability is None else np.asarray(probability, np.float64)
    return Cascade(graph, chance, kind="ct", rate=rates, horizon=float(horizon), quality=quality)
