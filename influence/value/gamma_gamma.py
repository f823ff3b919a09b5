"""Gamma-Gamma: what a customer spends on a purchase, shrunk to what customers spend."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.value.bgnbd import maximise

__all__ = ["GammaGamma", "fit_gamma_gamma"]

Floats = npt.NDArray[np.float64]

_PARAMETERS = ("p", "q", "gamma")
#: Starts of the search, money in units of the mean value; the second and later only where the one before has failed.
_STARTS = ((4.0, 4.0, 0.75), (1.0, 1.5, 0.5), (1.0, 10.0, 9.0), (20.0, 3.0, 0.1))


@dataclasses.dataclass(frozen=True)
class GammaGamma:
    """A fitted Gamma-Gamma model.

    The values of a customer's purchases are Gamma(p, rate ν), and ν ~ Gamma(q, rate γ) over customers. The model takes
    value and number of purchases for independent: look at ``correlation``.

    Attributes
    ----------
    p, q, gamma : float
        ``gamma`` is in the currency of the fit. NaN where nothing could be fitted.
    log_likelihood : float
    correlation : float
        Pearson's, of the number of purchases and the mean value; NaN where one of them does not vary.
    converged : bool
        A maximum was found inside the bounds.
    message : str
        How the fit ended, in words; says so where q ≤ 1.
    n_customers : int
        Customers in the fit: those with a repeat purchase of some value.
    at_bound : bool
        The largest likelihood lies on a bound: the model can be used, its parameters are not to be read.

    References
    ----------
    Fader and Hardie, "The Gamma-Gamma model of monetary value", 2013, http://brucehardie.com/notes/025/.

    Examples
    --------
    >>> cdnow = GammaGamma(6.25, 3.74, 15.44)
    >>> round(float(cdnow.expected_value(np.array([2.0]), np.array([22.35]))[0]), 4), round(cdnow.mean, 4)
    (24.6637, 35.219)
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float = float("nan")
    correlation: float = float("nan")
    converged: bool = False
    message: str = "parameters were given"
    n_customers: int = 0
    at_bound: bool = False

    @property
    def usable(self) -> bool:
        """Whether the parameters maximise the likelihood, inside the bounds or on them."""
        return self.converged or self.at_bound

    @property
    def mean(self) -> float:
        """Expected value of a purchase of a customer of whom nothing is known, p γ / (q − 1); NaN where q ≤ 1."""
        return self.p * self.gamma / (self.q - 1.0) if self.q > 1.0 else float("nan")

    def expected_value(self, frequency: Floats, monetary: Floats) -> Floats:
        """Return E[value of a purchase | x, m], shape (n,).

        (γ + x m) p / (p x + q − 1): between the customer's own mean and the mean of all.

        Parameters
        ----------
        frequency : ndarray of float64, shape (n,)
            x: purchases behind the mean; 0 gives the mean of all.
        monetary : ndarray of float64, shape (n,)
            m: mean value; not looked at where x is 0.

        Returns
        -------
        ndarray of float64, shape (n,)
            NaN where the expectation does not exist: p x + q ≤ 1.
        """
        x = np.asarray(frequency, np.float64)
        spent = np.where(x > 0.0, x * np.nan_to_num(np.asarray(monetary, np.float64)), 0.0)
        weight = self.p * x + self.q - 1.0
        value: Floats = np.divide(
            (self.gamma + spent) * self.p, weight, out=np.full(weight.shape, np.nan), where=weight > 0.0
        )
        return value


def fit_gamma_gamma(frequency: Floats, monetary: Floats) -> GammaGamma:
    """Fit the Gamma-Gamma model by maximum likelihood.

    log L = Σ log Γ(p x + q) − log Γ(p x) − log Γ(q) + q log γ + (p x − 1) log m + p x log x − (p x + q) log(γ + x m),
    equation 1a of the note. Customers without a repeat purchase of some value (x = 0, or no positive m) are left out.
    Never raises for a fit that fails: ``converged`` is False then and ``message`` says why.

    Parameters
    ----------
    frequency : ndarray of float64, shape (n,)
        x: purchases behind the mean.
    monetary : ndarray of float64, shape (n,)
        m: mean value of a purchase.

    Raises
    ------
    UsageError
        Shapes do not match, or a value is infinite.

    References
    ----------
    Fader and Hardie 2013, see :class:`GammaGamma`.

    Examples
    --------
    >>> fit = fit_gamma_gamma(np.array([2.0, 1.0, 0.0, 7.0]), np.array([22.35, 11.77, np.nan, 73.74]))
    >>> fit.n_customers
    3
    """
    x, m = (np.atleast_1d(np.asarray(values, np.float64)) for values in (frequency, monetary))
    if x.ndim != 1 or x.shape != m.shape:
        raise UsageError(f"frequency and monetary must be of one length, not {x.shape} and {m.shape}")
    if np.isinf(x).any() or np.isinf(m).any():
        raise UsageError("frequency and monetary must be finite")
    kept = (x > 0.0) & (m > 0.0)
    order = np.lexsort((m[kept], x[kept]))  # sums in one order, whatever the order of customers
    x, m = x[kept][order], m[kept][order]
    nothing = float("nan")
    if x.size < 2:
        reason = f"{x.size} customers with a repeat purchase of some value are too few"
        return GammaGamma(nothing, nothing, nothing, message=reason, n_customers=x.size)
    scale = float(np.mean(m))
    best = maximise(_Likelihood(x, m / scale), _STARTS, _PARAMETERS, float(x.size))
    p, q, gamma = best.parameters
    message = best.message
    if q <= 1.0:
        message += f"; q = {q:.3g} is not above 1, so the mean value over customers does not exist"
    return GammaGamma(
        p=p,
        q=q,
        gamma=gamma * scale,
        log_likelihood=best.value - x.size * float(np.log(scale)),
        correlation=_correlation(x, m),
        converged=best.converged,
        message=message,
        n_customers=x.size,
        at_bound=best.at_bound,
    )


def _correlation(x: Floats, m: Floats) -> float:
    x, m = x - np.mean(x), m - np.mean(m)
    scale = float(np.sqrt(np.sum(x * x) * np.sum(m * m)))
    return float(np.sum(x * m)) / scale if scale > 0.0 else float("nan")


class _Likelihood:
    """Log-likelihood and gradient by log parameters."""

    def __init__(self, x: Floats, m: Floats) -> None:
        self.x, self.spent = x, x * m
        self.log_spent = np.log(self.spent)
        self.constant = -float(np.sum(np.log(m)))
        self.levels, place = np.unique(x, return_inverse=True)
        self.level_count = np.bincount(place).astype(np.float64)

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        from scipy.special import gammaln, psi

        p, q, gamma = parameters.tolist()
        n, x = self.level_count, self.levels
        value = np.sum(n * (gammaln(p * x + q) - gammaln(p * x) - gammaln(q))) + self.constant
        d_p = np.sum(n * x * (psi(p * x + q) - psi(p * x)))
        d_q = np.sum(n * (psi(p * x + q) - psi(q)))

        x = self.x
        both = gamma + self.spent
        log_both = np.log(both)
        value += np.sum(q * (np.log(gamma) - log_both) + p * x * (self.log_spent - log_both))
        d_p += np.sum(x * (self.log_spent - log_both))
        d_q += np.sum(np.log(gamma) - log_both)
        d_gamma = np.sum(q / gamma - (p * x + q) / both)
        return float(value), np.array([d_p * p, d_q * q, d_gamma * gamma])
