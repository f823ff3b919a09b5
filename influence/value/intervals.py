"""How sure a network value is: intervals from earlier errors of prediction, and the chance to be among the best."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import sum_by
from influence.kernels.replicates import replicate_sums
from influence.ties import Ledger
from influence.value.attribution import Attribution
from influence.value.contest import Rates, expected_follow_ons
from influence.value.network import NetworkValue

__all__ = ["Intervals", "Residuals", "intervals", "measure_residuals"]

Floats = npt.NDArray[np.float64]

_LEVELS = (0.05, 0.95)
#: Classes of the expectation, by quantiles: finer at the top, where scores are used.
_CLASSES = (0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
_LEAST_PEOPLE = 100
_ROUNDS = 2
_HALF = 0.5
_CELLS = 1 << 23  # numbers that are held at once
_NORMAL_SPAN = 3.2897072539  # from the 5 % to the 95 % quantile of the standard normal


@dataclasses.dataclass(frozen=True, eq=False)
class Residuals:
    """Errors of earlier predictions, r = log((observed + ½) / (expected + ½)), by class of the expectation.

    Attributes
    ----------
    edges : ndarray of float64, shape (classes - 1,)
        Expected follow-ons at which a new class begins.
    low, high : ndarray of float64, shape (classes,)
        Quantiles 5 % and 95 % of r.
    cuts : tuple of int
        Moments at which was predicted, in microseconds.
    people : int
        Predictions compared, over all cuts.
    ratios : tuple of float
        Follow-ons expected relative to those observed, by cut: how far the level drifted.
    """

    edges: Floats
    low: Floats
    high: Floats
    cuts: tuple[int, ...]
    people: int
    ratios: tuple[float, ...]

    def bounds(self, expected: Floats) -> tuple[Floats, Floats]:
        """Return the 90 % interval of the follow-ons that are to be observed, shape of ``expected`` each."""
        place = np.searchsorted(self.edges, expected, side="right")
        low = (expected + _HALF) * np.exp(self.low[place]) - _HALF
        high = (expected + _HALF) * np.exp(self.high[place]) - _HALF
        return np.maximum(0.0, low), np.maximum(0.0, high)

    def spread(self, expected: Floats) -> Floats:
        """Return the standard deviation of r, as that of a normal with the same quantiles."""
        width = (self.high - self.low) / _NORMAL_SPAN
        return width[np.searchsorted(self.edges, expected, side="right")]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for a manifest."""
        return {name: _plain(getattr(self, name)) for name in (field.name for field in dataclasses.fields(self))}


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else list(value) if isinstance(value, tuple) else value


def measure_residuals(ledger: Ledger, cut: int | None, rates: Rates) -> Residuals | None:
    """Predict with the chosen model one and two horizons before ``cut``, and compare with what came.

    Everything that a prediction uses is from before its own moment. The errors of both are pooled: one year knows
    nothing of how the level drifts from year to year. None where the past is too short or too little happened.
    """
    span = ledger.history.span
    if cut is None or span is None:
        return None
    ledger.assert_before(cut)
    horizon, settings = rates.horizon, ledger.settings
    expected: list[Floats] = []
    observed: list[Floats] = []
    cuts = []
    for place in range(1, _ROUNDS + 1):
        begin = cut - place * horizon
        if begin <= span[0]:
            break
        outcome = ledger.credits.between(begin, begin + horizon)
        by_tie = expected_follow_ons(ledger, begin, rates)
        if by_tie is None or outcome.credit.sum() < settings.min_follow_ons:
            break
        people = ledger.acted_or_tied(begin)
        expected.append(sum_by(ledger.influencer, by_tie, ledger.n_people)[people])
        observed.append(ledger.credit_of_people(outcome)[people])
        cuts.append(begin)
    if not cuts or sum(part.size for part in expected) < _LEAST_PEOPLE:
        return None
    predicted, seen = np.concatenate(expected), np.concatenate(observed)
    error = np.log((seen + _HALF) / (predicted + _HALF))
    edges = np.unique(np.quantile(predicted, _CLASSES))
    place_of = np.searchsorted(edges, predicted, side="right")
    quantiles = np.array([_quantiles(error[place_of == number]) for number in range(edges.size + 1)])
    ratios = tuple(float(p.sum() / o.sum()) for p, o in zip(expected, observed, strict=True) if o.sum() > 0)
    return Residuals(edges, quantiles[:, 0], quantiles[:, 1], tuple(cuts), predicted.size, ratios)


def _quantiles(error: Floats) -> tuple[float, float]:
    if not error.size:  # an edge that is the smallest expectation leaves nobody below it
        return 0.0, 0.0
    return float(np.quantile(error, _LEVELS[0])), float(np.quantile(error, _LEVELS[1]))


@dataclasses.dataclass(frozen=True, eq=False)
class Intervals:
    """How sure the values of everybody are, each of shape (n_people,).

    Attributes
    ----------
    low, high : ndarray of float64
        90 % interval of the network value.
    p_top : ndarray of float64
        Chance to be among the ``k`` best of those listed.
    k : int
    kind : {"predictive", "sampling only"}
        Predictive: covers what is to be observed. Sampling only: covers which listeners happened to be there, and no
        more; what comes varies far more than that.
    residuals : Residuals or None
    """

    low: Floats
    high: Floats
    p_top: Floats
    k: int
    kind: str
    residuals: Residuals | None


def intervals(
    ledger: Ledger,
    rates: Rates,
    attribution: Attribution,
    value: NetworkValue,
    residuals: Residuals | None,
    listed: npt.NDArray[np.int64],
    k: int,
) -> Intervals:
    """Return the 90 % interval of each network value, and the chance to be among the ``k`` best.

    An interval of expected follow-ons becomes one of value at the value per expected follow-on of the person, that of
    all where she is expected to have none. For the chance, each of ``replicates`` counts every listener Poisson(1)
    times, keeps W and g, and multiplies by a lognormal draw of the earlier errors of prediction.

    Parameters
    ----------
    residuals : Residuals, optional
        Without them, intervals are quantiles over the replicates of listeners.
    listed : ndarray of int64
        Who is ranked, ascending.
    k : int
        1 or more.
    """
    n = ledger.n_people
    amount = attribution.weight * value.gross[ledger.listener]
    k = min(k, listed.size)
    expected = sum_by(ledger.influencer, rates.follow_ons.sum(axis=0), n)
    p_top = _chance_of_top(ledger, amount, None if residuals is None else residuals.spread(expected), listed, k)
    if residuals is None:
        return Intervals(*_resampled(ledger, amount), p_top, k, "sampling only", None)
    total = float(expected.sum())
    per_follow_on = np.full(n, float(value.network.sum()) / total if total > 0 else 0.0)
    np.divide(value.network, expected, out=per_follow_on, where=expected > 0)
    # Earlier errors may all lie on one side; an interval without its own value would help nobody.
    ends = [bound * per_follow_on for bound in residuals.bounds(expected)]
    low, high = np.minimum.reduce([*ends, value.network]), np.maximum.reduce([*ends, value.network])
    return Intervals(low, high, p_top, k, "predictive", residuals)


def _chance_of_top(
    ledger: Ledger, amount: Floats, spread: Floats | None, listed: npt.NDArray[np.int64], k: int
) -> Floats:
    """Return the share of replicates in which each person is among the ``k`` largest; ties go to the smaller id."""
    settings, ties, n = ledger.settings, ledger.ties, ledger.n_people
    times = np.zeros(n, np.int64)
    heard = np.flatnonzero(ties.out_degree)  # the others are worth nothing, whatever is drawn
    at_once = max(1, _CELLS // max(1, n))
    for first in range(0, settings.replicates, at_once):
        numbers = np.arange(first, min(first + at_once, settings.replicates))
        sums = replicate_sums(ties.out_offsets, ties.out_targets, amount, settings.seed, numbers, 0, n)
        for number, values in zip(numbers.tolist(), sums, strict=True):
            if spread is not None:
                normal = np.random.default_rng([settings.seed, number]).standard_normal(heard.size)
                values[heard] *= np.exp(spread[heard] * normal)
            times[_largest(values, listed, k)] += 1
    return times / settings.replicates


def _largest(values: Floats, listed: npt.NDArray[np.int64], k: int) -> npt.NDArray[np.int64]:
    chosen = values[listed]
    least = np.partition(chosen, chosen.size - k)[chosen.size - k]
    above = np.flatnonzero(chosen > least)
    best: npt.NDArray[np.int64] = listed[np.concatenate([above, np.flatnonzero(chosen == least)[: k - above.size]])]
    return best


def _resampled(ledger: Ledger, amount: Floats) -> tuple[Floats, Floats]:
    """Return the quantiles of each person's sum over replicates of listeners."""
    settings, ties, n = ledger.settings, ledger.ties, ledger.n_people
    bounds = np.zeros((2, n))
    numbers = np.arange(settings.replicates)
    at_once = max(1, _CELLS // settings.replicates)
    for begin in range(0, n, at_once):
        end = min(n, begin + at_once)
        sums = replicate_sums(ties.out_offsets, ties.out_targets, amount, settings.seed, numbers, begin, end)
        heard = np.flatnonzero(ties.out_degree[begin:end])
        bounds[:, begin + heard] = np.quantile(sums[:, heard], _LEVELS, axis=0)
    return bounds[0], bounds[1]
