"""Chances of arcs by expectation-maximisation, where an act may have followed any of several."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.kernels.learning import maximise
from influence.progress import rounds
from influence.reach.log import Exposures

__all__ = ["Fit", "log_likelihood", "pooled_chance", "saito"]

Floats = npt.NDArray[np.float64]

_POOLED_ROUNDS = 50


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """Chances, in the order of the in-rows, and how they were reached.

    Attributes
    ----------
    chance : ndarray of float64, shape (n_arcs,)
    log_posterior : ndarray of float64, shape (iterations + 1,)
        Of the chances before each step and after the last, up to a constant; it never falls.
    change : float
        The largest change of a chance in the last step.
    """

    chance: Floats
    log_posterior: Floats
    change: float


def _step(exposures: Exposures, chance: Floats, prior: tuple[float, float], following: Floats) -> float:
    """Write the next chances, and return the log-likelihood of the acts that have parents."""
    graph = exposures.graph
    likelihood = np.zeros(graph.n_nodes)
    maximise(
        exposures.log.acts,
        exposures.parents,
        graph.in_offsets,
        chance,
        exposures.trials,
        float(prior[0]),
        float(prior[1]),
        0,
        graph.n_nodes,
        following,
        likelihood,
    )
    return float(likelihood.sum())


def log_likelihood(exposures: Exposures, chance: Floats) -> float:
    """Return the log-likelihood of what a log shows under chances given in the order of the in-rows.

    Σ log(1 − Π (1 − p)) over the acts that have parents, and Σ f log(1 − p) over arcs with f failures. Acts without
    parents are the same under all chances: they are left out.
    """
    return _step(exposures, chance, (0.0, 0.0), np.empty(0)) + _failures(exposures, chance, 0.0)


def _failures(exposures: Exposures, chance: Floats, misses: float) -> float:
    failed = exposures.trials - exposures.successes + misses
    rows = failed > 0
    with np.errstate(divide="ignore"):
        return float((failed[rows] * np.log1p(-chance[rows])).sum())


def saito(
    exposures: Exposures,
    start: Floats,
    *,
    prior: tuple[float, float],
    max_iterations: int = 200,
    tolerance: float = 1e-6,
) -> Fit:
    """Return the most likely chances of arcs where an act may have followed several others.

    κ ← (α + Σ κ / P) / (α + β + n), with P = 1 − Π (1 − κ) over the parents of each act that followed, and n the
    trials, failed ones too. (α, β) are added successes and failures: the mode under a Beta(1 + α, 1 + β) prior.

    Parameters
    ----------
    start : ndarray of float64, shape (n_arcs,)
        In the order of the in-rows; a chance of 0 stays there if α is 0.
    prior : (float, float)
    max_iterations : int
    tolerance : float
        Stop when no chance changes by more.

    References
    ----------
    Saito, Nakano and Kimura, "Prediction of information diffusion probabilities for independent cascade model",
    KES 2008, equation 8; with a window in place of their unit delays.
    """
    chance, trace, change = start.copy(), [], 0.0

    def score(likelihood: float) -> float:
        with np.errstate(divide="ignore"):
            hits = prior[0] * float(np.log(chance).sum()) if prior[0] else 0.0
        return likelihood + _failures(exposures, chance, prior[1]) + hits

    for _ in rounds(max_iterations, "expectation-maximisation"):
        following = np.empty(chance.size)
        trace.append(score(_step(exposures, chance, prior, following)))
        change = float(np.abs(following - chance).max(initial=0.0))
        chance = following
        if change <= tolerance:
            break
    trace.append(score(_step(exposures, chance, prior, np.empty(0))))
    return Fit(chance, np.array(trace), change)


def pooled_chance(exposures: Exposures) -> float:
    """Return the most likely chance where all arcs have the same."""
    total = float(exposures.trials.sum())
    p = min(1.0, float(exposures.successes.sum()) / total) if total else 0.0
    for _ in rounds(_POOLED_ROUNDS, "expectation-maximisation"):
        if not 0.0 < p < 1.0:
            break
        following = np.empty(exposures.trials.size)
        _step(exposures, np.full(exposures.trials.size, p), (0.0, 0.0), following)
        p = float((following * exposures.trials).sum()) / total
    return p
