"""The learned rate: Poisson regressions over people and over ties, fitted on earlier cuts."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import sum_by
from influence.kernels.poisson import cholesky_solve, poisson_sums
from influence.ties import Ledger, PersonFeatures, TieFeatures
from influence.ties.features import CHANNELS, acts_between

__all__ = ["LearnedRate", "PoissonFit", "fit_rate", "poisson_regression"]

Floats = npt.NDArray[np.float64]

_RIDGE = 1e-6
_LARGEST_LOG = 80.0


@dataclasses.dataclass(frozen=True)
class PoissonFit:
    """Coefficients of a Poisson regression by name, and whether the fit settled.

    ``levels`` are the constants of older strata relative to the first; a prediction is on the level of the first.
    """

    coefficients: dict[str, float]
    levels: tuple[float, ...]
    converged: bool
    iterations: int
    rows: int

    def predict(self, design: Floats) -> Floats:
        """Return the expected count of each row without offset, shape (m,)."""
        beta = np.array(list(self.coefficients.values()))
        eta = np.zeros(design.shape[0])
        for place, value in enumerate(beta):  # in fixed order: a matrix product may not be
            eta += design[:, place] * value
        return np.exp(np.minimum(eta, _LARGEST_LOG))


def poisson_regression(
    design: Floats,
    outcome: Floats,
    offset: Floats,
    names: tuple[str, ...],
    non_negative: tuple[str, ...] = (),
    stratum: npt.NDArray[np.int64] | None = None,
) -> PoissonFit:
    """Fit E[y] = exp(X β + offset) by iteratively reweighted least squares.

    The first column is the constant. A tiny ridge (1e-6) on the others keeps equal columns solvable. Coefficients
    of ``non_negative`` columns that come out below zero are set to zero, the most negative first, and the rest is
    fitted again. Sums are taken in a fixed order, so the result does not depend on threads.

    Parameters
    ----------
    design : ndarray of float64, shape (m, p)
    outcome : ndarray of float64, shape (m,)
        0 or more.
    offset : ndarray of float64, shape (m,)
        Logarithm of the exposure, finite.
    names : tuple of str
        Names of the columns.
    non_negative : tuple of str
        Names of the columns whose coefficient may not be negative.
    stratum : ndarray of int64, shape (m,), optional
        Rows of a stratum above 0 get a constant of their own, so that a level that drifts over time does not bend the
        other coefficients.

    References
    ----------
    McCullagh and Nelder, Generalized Linear Models, 2nd ed. 1989, section 2.5.

    Examples
    --------
    >>> X = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    >>> fit = poisson_regression(X, np.array([1.0, 3.0, 8.0, 4.0]), np.zeros(4), ("constant", "x"))
    >>> {name: round(value, 4) for name, value in fit.coefficients.items()}
    {'constant': 0.6931, 'x': 1.0986}
    """
    if stratum is not None:
        older = [(stratum == number).astype(np.float64) for number in range(1, int(stratum.max()) + 1)]
        design = np.column_stack([design, *older])
    p = len(names)
    kept = list(range(design.shape[1]))
    beta = np.zeros(design.shape[1])
    iterations = 0
    while True:
        values, converged, steps = _newton(np.ascontiguousarray(design[:, kept]), outcome, offset)
        iterations += steps
        beta[:] = 0.0
        beta[kept] = values
        below = [place for place in kept if place < p and names[place] in non_negative and beta[place] < 0.0]
        if not below:
            coefficients = {name: float(value) for name, value in zip(names, beta[:p], strict=True)}
            return PoissonFit(coefficients, tuple(beta[p:].tolist()), converged, iterations, design.shape[0])
        kept.remove(min(below, key=lambda place: beta[place]))


def _newton(design: Floats, outcome: Floats, offset: Floats) -> tuple[Floats, bool, int]:
    p = design.shape[1]
    ridge = np.full(p, _RIDGE)
    ridge[0] = 0.0
    beta = np.zeros(p)
    beta[0] = np.log((float(outcome.sum()) + 0.5) / float(np.exp(offset).sum()))

    def objective(at: Floats) -> tuple[float, Floats, Floats]:
        value, gradient, information = poisson_sums(design, outcome, offset, at)
        return value - 0.5 * float(ridge @ (at * at)), gradient - ridge * at, information + np.diag(ridge)

    value, gradient, information = objective(beta)
    for iteration in range(1, 101):
        step = cholesky_solve(information, gradient)
        if not np.isfinite(step).all():
            return beta, False, iteration
        size = 1.0
        while True:
            proposal = objective(beta + size * step)
            if proposal[0] >= value - 1e-12 * abs(value) or size < 1e-8:
                break
            size /= 2.0
        beta = beta + size * step
        value, gradient, information = proposal
        if float(np.abs(size * step).max()) < 1e-9:
            return beta, True, iteration
    return beta, False, 100


@dataclasses.dataclass(frozen=True)
class LearnedRate:
    """What was fitted, by channel: acts of people and follow-ons of ties, over one horizon.

    Attributes
    ----------
    horizon : int
        Microseconds that a rate covers.
    cuts : tuple of int
        Moments at which features were taken; the horizon after each is what was fitted.
    acts, follow_ons : dict of PoissonFit
        Expected acts of a person; expected credited follow-ons of a tie for each act of its listener.
    """

    horizon: int
    cuts: tuple[int, ...]
    acts: dict[str, PoissonFit]
    follow_ons: dict[str, PoissonFit]

    def expected_acts(self, ledger: Ledger, cut: int) -> dict[str, Floats]:
        """Return a_v by channel: expected acts in the horizon after ``cut``, shape (n_people,) each."""
        return {
            channel: fit.predict(PersonFeatures.at(ledger, cut, self.horizon, channel).design())
            for channel, fit in self.acts.items()
        }

    def rates(self, ledger: Ledger, cut: int, acts: dict[str, Floats]) -> dict[str, Floats]:
        """Return λ by channel: expected credited follow-ons in the horizon after ``cut``, shape (n_ties,) each."""
        rates = {}
        for channel, fit in self.follow_ons.items():
            features = TieFeatures.at(ledger, cut, self.horizon, channel)
            rate = np.zeros(ledger.ties.n_edges)
            rate[features.ties] = fit.predict(features.design) * acts[channel][ledger.listener[features.ties]]
            rates[channel] = rate
        return rates


def fit_rate(ledger: Ledger, until: int, horizon: int) -> LearnedRate | None:
    """Fit on outcomes before ``until``: features at earlier cuts, outcomes in the horizon after each.

    The last cut is one horizon before ``until``; up to ``settings.fit_cuts`` are pooled, half a horizon apart, as
    far as half a horizon of history stands before each. None where there is no history to fit on, or no follow-on.
    """
    span = ledger.history.span
    if span is None:
        return None
    cuts = [until - horizon - place * horizon // 2 for place in range(ledger.settings.fit_cuts)]
    cuts = [cut for place, cut in enumerate(cuts) if cut - span[0] >= horizon // 2 or (place == 0 and cut > span[0])]
    if not cuts:
        return None
    acts: dict[str, PoissonFit] = {}
    follow_ons: dict[str, PoissonFit] = {}
    for channel in CHANNELS:
        people, done, designs, outcomes, offsets = [], [], [], [], []
        for cut in cuts:
            acted = acts_between(ledger, channel, cut, cut + horizon)
            people.append(PersonFeatures.at(ledger, cut, horizon, channel).design())
            done.append(acted)
            features = TieFeatures.at(ledger, cut, horizon, channel, only=acted > 0)
            credits = ledger.credits.between(cut, cut + horizon)
            rows = (credits.kind == 0) if channel == "item" else (credits.kind > 0)
            followed = sum_by(credits.tie[rows], credits.credit[rows], ledger.ties.n_edges)
            designs.append(features.design)
            outcomes.append(followed[features.ties])
            offsets.append(np.log(acted[ledger.listener[features.ties]]))
        outcome = np.concatenate(outcomes)
        if not outcome.sum() > 0:
            continue
        acts[channel] = poisson_regression(
            np.concatenate(people),
            np.concatenate(done),
            np.zeros(ledger.n_people * len(cuts)),
            PersonFeatures.names,
            PersonFeatures.non_negative,
            np.repeat(np.arange(len(cuts)), ledger.n_people),
        )
        follow_ons[channel] = poisson_regression(
            np.concatenate(designs),
            outcome,
            np.concatenate(offsets),
            TieFeatures.names,
            TieFeatures.non_negative,
            np.repeat(np.arange(len(cuts)), [part.shape[0] for part in designs]),
        )
    return LearnedRate(horizon, tuple(cuts), acts, follow_ons) if follow_ons else None
