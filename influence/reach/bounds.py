"""Bounds of a probability by how often it came up: exact ones, after Clopper and Pearson."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["lower_share", "upper_share"]

Floats = npt.NDArray[np.float64]

# A beta quantile is computed to about this relative precision, and moved outwards by it.
_SLACK = 1e-9
# Counts from here on are interpolated between every hundredth: off by 1e-5 of the width, and moved outwards by 1e-4.
_MANY = 1000
_OUTWARDS = 1e-4


def lower_share(hits: npt.ArrayLike, trials: int, delta: float) -> Floats:
    """Return the greatest p that ``hits`` or more of ``trials`` contradict at level ``delta``.

    Below the true probability with a chance of at least 1 - delta. The martingale bounds of OPIM (Tang et al. 2018,
    equations 5 and 6) hold for sets that depend on each other; these are independent, and this is never wider.

    References
    ----------
    Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    Biometrika 26, 1934.

    Examples
    --------
    >>> lower_share([0, 10], 10, 0.05).round(3).tolist()
    [0.0, 0.741]
    """
    from scipy.special import betaincinv

    def exact(x: Floats) -> Floats:
        p = np.zeros(x.size)
        p[x > 0] = betaincinv(x[x > 0], trials - x[x > 0] + 1.0, delta) * (1.0 - _SLACK)
        return p

    return _at(hits, trials, exact)


def upper_share(hits: npt.ArrayLike, trials: int, delta: float) -> Floats:
    """Return the least p that ``hits`` or fewer of ``trials`` contradict at level ``delta``; see :func:`lower_share`.

    Examples
    --------
    >>> upper_share([0, 10], 10, 0.05).round(3).tolist()
    [0.259, 1.0]
    """
    from scipy.special import betainccinv

    def exact(x: Floats) -> Floats:
        p = np.ones(x.size)
        some = x < trials
        p[some] = betainccinv(x[some] + 1.0, trials - x[some], delta) * (1.0 + _SLACK)
        return np.minimum(p, 1.0)

    return _at(hits, trials, exact)


def _at(hits: npt.ArrayLike, trials: int, exact: Callable[[Floats], Floats]) -> Floats:
    """Return a bound at each count: exact for few or small counts, otherwise between exact ones."""
    x, place = np.unique(np.asarray(hits, np.float64), return_inverse=True)
    many = (x > _MANY) & (trials - x > _MANY)
    if np.count_nonzero(many) < _MANY:
        return exact(x)[place]
    bound = np.empty(x.size)
    bound[~many] = exact(x[~many])
    between = x[many]
    up = np.geomspace(between[0], between[-1], int(100 * np.log(between[-1] / between[0])) + 2)
    left = trials - between[-1], trials - between[0]
    down = trials - np.geomspace(left[0], left[1], int(100 * np.log(left[1] / left[0])) + 2)
    grid = np.unique(np.clip(np.concatenate([up, down]), between[0], between[-1]))
    inside = np.interp(between, grid, exact(grid))
    bound[many] = np.clip(inside + _OUTWARDS * (inside - between / trials), 0.0, 1.0)
    return bound[place]
