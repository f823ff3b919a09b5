"""Learn from timestamped logs how likely each person is to influence each of her listeners."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from influence.centrality.result import EdgeValues
from influence.errors import UsageError
from influence.graph import Graph
from influence.graph.arrays import sum_by
from influence.reach.log import ActionLog, Exposures, split_log
from influence.reach.model import Cascade
from influence.reach.saito import log_likelihood, pooled_chance, saito

if TYPE_CHECKING:
    import polars as pl

__all__ = ["METHODS", "LearnedProbabilities", "estimate", "fit_prior", "learn_probabilities"]

Floats = npt.NDArray[np.float64]

METHODS = ("constant", "bernoulli", "partial", "em")
#: Bounds of the prior's strength, in trials.
_STRENGTHS = 1e-2, 1e6


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class LearnedProbabilities(EdgeValues):
    """The chance of every arc, learned from cascades, and how well others are foretold.

    Attributes
    ----------
    values : ndarray of float64, shape (n_arcs,)
        The chances, in the order of the out-rows: what :class:`influence.reach.Cascade` takes.
    method : str
    window : int
        In the unit of the log's times.
    prior : (float, float)
        Successes and failures added to each arc's.
    successes, trials : ndarray of float64, shape (n_arcs,)
        What was learned from.
    held_out : mapping of str to float
        Log-likelihood of the cascades held out, by method; empty if none were.
    held_out_trials : float
        Trials of these.
    cascades, cascades_held_out : int
    cut : int or None
        Of a split by time.
    iterations : int
        Of expectation-maximisation; 0 with other methods.
    """

    method: str
    window: int
    prior: tuple[float, float]
    successes: Floats
    trials: Floats
    held_out: Mapping[str, float]
    held_out_trials: float
    cascades: int
    cascades_held_out: int
    cut: int | None
    iterations: int

    def cascade(self, *, hops: int | None = None, quality: float = 1.0) -> Cascade:
        """Return the independent cascade with these chances."""
        return Cascade(self.graph, self.values, hops=hops, quality=quality)

    def comparison(self) -> pl.DataFrame:
        """Return a table: method, log-likelihood of what was held out, and per trial; the best first."""
        import polars as pl

        rows = [(name, found, found / max(self.held_out_trials, 1.0)) for name, found in self.held_out.items()]
        rows.sort(key=lambda row: -row[1])
        return pl.DataFrame(
            rows, schema={"method": pl.String, "log_likelihood": pl.Float64, "per_trial": pl.Float64}, orient="row"
        )

    def to_polars(self) -> pl.DataFrame:
        """Return a table: source, target, probability, successes, trials; by probability falling."""
        import polars as pl

        order = np.argsort(-self.values, kind="stable")
        if not self.graph.directed:
            order = order[self.graph.edge_sources()[order] <= self.graph.out_targets[order]]
        table = super().to_polars()
        return table.with_columns(
            pl.Series("successes", self.successes[order]), pl.Series("trials", self.trials[order])
        )


def learn_probabilities(
    graph: Graph,
    person: npt.ArrayLike,
    item: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    window: int,
    method: str = "em",
    prior: tuple[float, float] | None = None,
    held_out: float = 0.2,
    split: str = "time",
    end: int | None = None,
    seed: int = 0,
    max_iterations: int = 200,
    tolerance: float = 1e-5,
) -> LearnedProbabilities:
    """Return the chance that an act of u is followed by v, for every arc u → v of a graph.

    With s successes in n trials of an arc, and a prior (α, β):

    - ``"bernoulli"``: (α + s) / (α + β + n); each of several that v may have followed is credited in full.
    - ``"partial"``: the same with the credit of each act split equally among those that it may have followed.
    - ``"em"``: split by their chances, iterated from there (Saito et al.).
    - ``"constant"``: one chance for all arcs.

    All are fitted on the cascades that are not held out, and judged on those that are. Ties that carry no date may be
    news from the future: then so are these chances.

    Parameters
    ----------
    graph : Graph
        Arcs from influencer to listener.
    person, item, time : array_like of int, shape (rows,)
        The log: who acted (a node) on what (numbered from 0) and when. A cascade is all acts on an item; of a person's
        acts on an item the first counts.
    window : int
        An act may follow another for so long, in the unit of ``time``. Without a window, order carries no information.
    method : {"em", "partial", "bernoulli", "constant"}
    prior : (float, float), optional
        Fitted to the arcs by default, see :func:`fit_prior`.
    held_out : float
        Share of the cascades, in [0, 1).
    split : {"time", "random"}
        Which: see :func:`influence.reach.log.split_log`.
    end : int, optional
        Until when the log tells; its last act by default.
    seed : int
        Of the random split.
    max_iterations, tolerance
        Of "em".

    Raises
    ------
    UsageError
        A number is out of range, or the log cannot be split.
    LeakError
        What is held out was learned from, which would be an error of this program.

    References
    ----------
    Goyal, Bonchi and Lakshmanan, "Learning influence probabilities in social networks", WSDM 2010, section 4.1.
    Saito, Nakano and Kimura, "Prediction of information diffusion probabilities for independent cascade model", KES
    2008.

    Examples
    --------
    >>> g = Graph.from_edges([0, 0], [1, 2])
    >>> person, item, time = [0, 1, 0, 1, 0, 2, 0], [0, 0, 1, 1, 2, 2, 3], [1, 2, 1, 3, 1, 9, 1]
    >>> learned = learn_probabilities(g, person, item, time, window=5, held_out=0, prior=(0, 0), method="bernoulli")
    >>> learned.values.tolist(), learned.trials.tolist()
    ([0.5, 0.0], [4.0, 4.0])
    """
    if method not in METHODS:
        raise UsageError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    log = ActionLog.of(person, item, time, n_people=graph.n_nodes, end=end)
    parts = split_log(log, share=held_out, by=split, seed=seed)
    parts.check()
    train = Exposures.of(graph, parts.train, window=window)
    shape = fit_prior(train) if prior is None else _checked_prior(prior)
    wanted = METHODS if parts.held_out.n_acts else (method,)
    options = {"max_iterations": max_iterations, "tolerance": tolerance}
    chances, iterations = {}, 0
    for name in wanted:
        chances[name], steps = estimate(train, name, prior=shape, **options)  # type: ignore[arg-type]
        iterations = steps if name == method else iterations
    found, tried = {}, 0.0
    if parts.held_out.n_acts:
        judged = Exposures.of(graph, parts.held_out, window=window)
        tried = float(judged.trials.sum())
        found = {name: log_likelihood(judged, chance) for name, chance in chances.items()}
    return LearnedProbabilities(
        "probability",
        train.by_arc(chances[method]),
        graph,
        method=method,
        window=train.window,
        prior=shape,
        successes=train.by_arc(train.successes),
        trials=train.by_arc(train.trials),
        held_out=found,
        held_out_trials=tried,
        cascades=_used(parts.train),
        cascades_held_out=_used(parts.held_out),
        cut=parts.cut,
        iterations=iterations,
    )


def estimate(
    exposures: Exposures,
    method: str,
    *,
    prior: tuple[float, float],
    max_iterations: int = 200,
    tolerance: float = 1e-5,
) -> tuple[Floats, int]:
    """Return the chances by one method, in the order of the in-rows, and the iterations that they took."""
    alpha, beta = prior
    if method == "constant":
        return np.full(exposures.trials.size, pooled_chance(exposures)), 0
    if method == "bernoulli":
        return _ratio(alpha + exposures.successes, alpha + beta + exposures.trials), 0
    rows = np.diff(exposures.parents.offsets)
    credit = sum_by(exposures.arc_of_row, np.repeat(exposures.share, rows), exposures.trials.size)
    partial = _ratio(alpha + credit, alpha + beta + exposures.trials)
    if method == "partial":
        return partial, 0
    fit = saito(exposures, partial, prior=prior, max_iterations=max_iterations, tolerance=tolerance)
    return fit.chance, fit.log_posterior.size - 1


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(part.size), where=whole > 0)


def _used(log: ActionLog) -> int:
    return int(np.count_nonzero(np.diff(log.acts.offsets)))


def _checked_prior(prior: tuple[float, float]) -> tuple[float, float]:
    alpha, beta = (float(x) for x in prior)
    if not (0.0 <= alpha < np.inf and 0.0 <= beta < np.inf):
        raise UsageError(f"prior must be two finite numbers of 0 or more, not {prior!r}")
    return alpha, beta


def fit_prior(exposures: Exposures) -> tuple[float, float]:
    """Return the Beta prior that the arcs of a log share: the most likely one under a beta-binomial distribution.

    Its mean is that of the split credits, so that smoothing does not add credit; its strength that of the counts.
    """
    from scipy.optimize import minimize
    from scipy.special import betaln

    used = exposures.trials > 0
    if not used.any():
        return 1.0, 1.0
    tried = np.rint(np.maximum(exposures.trials[used], 1.0))
    pairs, number = np.unique(np.stack([exposures.successes[used], tried]), axis=1, return_counts=True)
    s, n = pairs
    followed = float((exposures.share > 0).sum())  # the credits of an act add up to 1
    mean = min(max(followed / float(exposures.trials.sum()), 1e-9), 1.0 - 1e-9)

    def loss(x: Floats) -> float:
        m, k = 1.0 / (1.0 + np.exp(-x[0])), np.exp(x[1])
        a, b = m * k, (1.0 - m) * k
        return -float((number * (betaln(a + s, b + n - s) - betaln(a, b))).sum())

    rate = min(max(float((number * s).sum() / (number * n).sum()), 1e-9), 1.0 - 1e-9)
    begin = np.array([np.log(rate / (1.0 - rate)), np.log(10.0)])
    best = minimize(loss, begin, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3, "maxiter": 400})
    strength = float(np.clip(np.exp(best.x[1]), *_STRENGTHS))
    return mean * strength, (1.0 - mean) * strength
