"""BG/NBD: how often a customer will buy, and whether she still does, by maximum likelihood."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError

__all__ = ["BetaGeo", "Histories", "Maximum", "fit_bgnbd", "maximise"]

Floats = npt.NDArray[np.float64]

_PARAMETERS = ("r", "alpha", "a", "b")
#: Starts of the search, times in units of the mean age; the second and later only where the one before has failed.
_STARTS = ((0.5, 0.5, 0.8, 2.0), (1.0, 1.0, 1.0, 1.0), (0.1, 0.1, 0.1, 1.0), (5.0, 5.0, 0.5, 5.0))
#: Distance from a = 1 within which the closed form of the expectation loses its digits.
_SINGULAR = 1e-4


#: Parameters are searched between 1 / this and this, in units of the data.
_LARGEST = 1e4
#: Slope of the log-likelihood a customer, by the logarithm of a parameter, below which a maximum is reached.
_FLAT = 1e-5


@dataclasses.dataclass(frozen=True)
class Maximum:
    """Where the search for the largest likelihood ended."""

    parameters: tuple[float, ...]
    value: float
    converged: bool
    at_bound: bool
    message: str


def maximise(
    function: Callable[[Floats], tuple[float, Floats]],
    starts: tuple[tuple[float, ...], ...],
    names: tuple[str, ...],
    n_customers: float,
) -> Maximum:
    """Maximise a log-likelihood by L-BFGS-B over the logarithms of positive parameters.

    Parameters
    ----------
    function : callable
        Parameters → value, and its gradient by the *logarithm* of each parameter.
    starts : tuple of tuple of float
        The next start is tried only where the one before did not end at a maximum inside the bounds.
    names : tuple of str
        Of the parameters, for the message.
    n_customers : float
        The search looks at the mean, so that its tolerances do not hang on the number of customers.
    """
    from scipy.optimize import minimize

    limit = float(np.log(_LARGEST))

    def negative_mean(logs: Floats) -> tuple[float, Floats]:
        value, slope = function(np.exp(logs))
        return -value / n_customers, -slope / n_customers

    found: list[Maximum] = []
    for start in starts:
        ended = minimize(
            negative_mean,
            np.log(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-limit, limit)] * len(names),
            # more corrections than these bring matrices that BLAS sums in an order that hangs on its threads
            options={"maxiter": 300, "maxfun": 1000, "ftol": 1e-14, "gtol": 1e-9, "maxcor": 5},
        )
        edge = np.abs(ended.x) >= limit - 1e-6
        steep = float(np.abs(np.where(edge, 0.0, ended.jac)).max())
        stuck = [
            f"{name} ran to its {'upper' if place > 0.0 else 'lower'} bound"
            for name, place, out in zip(names, ended.x, edge, strict=True)
            if out
        ]
        if not (np.isfinite(ended.fun) and steep <= _FLAT):
            message = f"no maximum found: the search stopped on a slope of {steep:.1e} ({ended.message})"
        elif stuck:
            message = f"no maximum inside the bounds: {', '.join(stuck)}; the data do not pin it down"
        else:
            message = "converged"
        at_bound = bool(stuck) and steep <= _FLAT
        parameters = tuple(np.exp(ended.x).tolist())
        found.append(Maximum(parameters, -float(ended.fun) * n_customers, message == "converged", at_bound, message))
        if found[-1].converged:
            break
    return max(found, key=lambda one: (one.converged, one.at_bound, one.value))


@dataclasses.dataclass(frozen=True, eq=False)
class Histories:
    """Distinct (x, t_x, T), sorted, and how many customers have each.

    Attributes
    ----------
    frequency, recency, age : ndarray of float64, shape (m,)
    count : ndarray of int64, shape (m,)
    place : ndarray of int64, shape (n,)
        Row of each customer.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    count: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]

    @classmethod
    def of(cls, frequency: Floats, recency: Floats, age: Floats) -> Histories:
        """Group customers by history.

        Raises
        ------
        UsageError
            Shapes do not match, a value is not finite, x is not a whole number, or 0 ≤ t_x ≤ T does not hold.
        """
        checked = _histories(frequency, recency, age)
        order = np.lexsort(checked)
        columns = [column[order] for column in checked]
        new = np.ones(order.size, np.bool_)
        if order.size:
            new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
        place = np.empty(order.size, np.int64)
        place[order] = np.cumsum(new) - 1
        x, t_x, age = (column[new] for column in columns)
        return cls(x, t_x, age, np.bincount(place, minlength=x.size).astype(np.int64, copy=False), place)


def _histories(frequency: Floats, recency: Floats, age: Floats) -> tuple[Floats, Floats, Floats]:
    x, t_x, age = (np.atleast_1d(np.asarray(values, np.float64)) for values in (frequency, recency, age))
    if x.ndim != 1 or x.shape != t_x.shape or x.shape != age.shape:
        raise UsageError(f"frequency, recency and age must be of one length, not {x.shape}, {t_x.shape}, {age.shape}")
    good = (x >= 0.0) & (x == np.floor(x)) & (t_x >= 0.0) & (t_x <= age) & np.isfinite(age) & np.isfinite(x)
    if not good.all():
        row = int(good.argmin())
        raise UsageError(
            f"row {row}: frequency {x[row]:g}, recency {t_x[row]:g}, age {age[row]:g}; "
            "frequency must be a whole number of at least 0, and 0 ≤ recency ≤ age"
        )
    return x, t_x, age


@dataclasses.dataclass(frozen=True)
class BetaGeo:
    """A fitted BG/NBD model.

    While alive a customer buys at rate λ ~ Gamma(r, rate α); after each repeat purchase she leaves for good with
    probability p ~ Beta(a, b). λ and p are independent.

    Attributes
    ----------
    r, alpha, a, b : float
        ``alpha`` is in units of time, that of ``age`` in the fit. NaN where nothing could be fitted.
    log_likelihood : float
    converged : bool
        A maximum was found inside the bounds.
    message : str
        How the fit ended, in words.
    n_customers : int
    at_bound : bool
        The largest likelihood lies on a bound: the model can be used, its parameters are not to be read.

    References
    ----------
    Fader, Hardie and Lee, "'Counting your customers' the easy way: an alternative to the Pareto/NBD model", Marketing
    Science 24(2), 2005. Fader, Hardie and Lee, "Computing P(alive) using the BG/NBD model", 2008.

    Examples
    --------
    >>> cdnow = BetaGeo(0.243, 4.414, 0.793, 2.426)
    >>> one = np.array([2.0]), np.array([30.43]), np.array([38.86])
    >>> round(float(cdnow.expected_purchases(39.0, *one)[0]), 4), round(float(cdnow.p_alive(*one)[0]), 4)
    (1.226, 0.7266)
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = float("nan")
    converged: bool = False
    message: str = "parameters were given"
    n_customers: int = 0
    at_bound: bool = False

    #: Short name of the model.
    name: ClassVar[str] = "bgnbd"
    #: Chances to leave before the first repeat purchase.
    _early: ClassVar[int] = 0

    @property
    def usable(self) -> bool:
        """Whether the parameters maximise the likelihood, inside the bounds or on them."""
        return self.converged or self.at_bound

    def p_alive(self, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        """Return P(alive) of each customer, shape (n,).

        1 / (1 + [x > 0] a / (b + x − 1) ((α + T) / (α + t_x))^(r + x)).

        Parameters
        ----------
        frequency, recency, age : ndarray of float64, shape (n,)
            x, t_x and T, in the unit of the fit.
        """
        from scipy.special import expit

        alive: Floats = expit(-self._log_odds_left(*_histories(frequency, recency, age)))
        return alive

    def expected_purchases(self, t: float | Floats, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        """Return E[Y(t) | x, t_x, T], purchases in the time t after T.

        P(alive) (a + b + x − 1) / (a − 1) [1 − ((α + T) / (α + T + t))^(r + x) ₂F₁(r + x, b + x; a + b + x − 1; z)]
        with z = t / (α + T + t).

        Parameters
        ----------
        t : float or ndarray of float64, shape (k,)
        frequency, recency, age : ndarray of float64, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n,), or (k, n) where ``t`` is an array.
        """
        x, t_x, age = _histories(frequency, recency, age)
        times = np.atleast_1d(np.asarray(t, np.float64))
        if not (np.isfinite(times).all() and (times >= 0.0).all()):
            raise UsageError(f"t must be finite and at least 0, not {t!r}")
        # the costly part hangs on x and T alone: once for each distinct pair
        pairs = Histories.of(x, np.zeros(x.size), age)
        while_alive = np.empty((times.size, pairs.count.size))
        for row, time in enumerate(times.tolist()):
            while_alive[row] = self._purchases_if_alive(time, pairs.frequency, pairs.age)
        expected: Floats = while_alive[:, pairs.place] * self.p_alive(x, t_x, age)
        return expected if np.ndim(t) else expected[0]

    def expected_purchases_new(self, t: float | Floats) -> Floats:
        """Return E[X(t)]: repeat purchases of a new customer of whom nothing is known, shape () or (k,).

        (a + b − 1) / (a − 1) [1 − (α / (α + t))^r ₂F₁(r, b; a + b − 1; t / (α + t))].
        """
        nothing = np.zeros(1)
        return np.asarray(self.expected_purchases(t, nothing, nothing, nothing)[..., 0])

    def _log_odds_left(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        return _log_odds_left((self.r, self.alpha, self.a, self.b), x + self._early, x, t_x, age)

    def _purchases_if_alive(self, t: float, x: Floats, age: Floats) -> Floats:
        return _purchases_if_alive(self.r + x, self.a, self.b + x + self._early, t / (self.alpha + age))

    @classmethod
    def fit(cls, histories: Histories) -> Self:
        """Fit by maximum likelihood: L-BFGS-B on the logarithms of the parameters, with the analytic gradient."""
        n = int(histories.count.sum())
        span = float(np.sum(histories.age * histories.count)) / max(n, 1)
        repeats = float(np.sum(histories.frequency * histories.count))
        if not (span > 0.0 and repeats > 0.0):
            reason = "no customer came back, so there is nothing to fit" if n else "there are no customers"
            return cls(*(float("nan"),) * 4, message=reason, n_customers=n)
        x, t_x, age = histories.frequency, histories.recency / span, histories.age / span
        likelihood = _Likelihood(x, t_x, age, histories.count.astype(np.float64), cls._early)
        best = maximise(likelihood, _STARTS, _PARAMETERS, float(n))
        r, alpha, a, b = best.parameters
        # a density over times: in units of the mean age it is larger by that unit for each purchase
        value = best.value - repeats * float(np.log(span))
        return cls(r, alpha * span, a, b, value, best.converged, best.message, n, best.at_bound)


def fit_bgnbd(frequency: Floats, recency: Floats, age: Floats) -> BetaGeo:
    """Fit the BG/NBD model to customers by maximum likelihood.

    L = Γ(r + x) α^r / Γ(r) · B(a, b + x) / B(a, b) · [(α + T)^−(r + x) + [x > 0] a / (b + x − 1) (α + t_x)^−(r + x)],
    equation 6 of the paper, over distinct histories. Never raises for a fit that fails: ``converged`` is False then
    and ``message`` says why.

    Parameters
    ----------
    frequency : ndarray of float64, shape (n,)
        x: repeat purchases.
    recency : ndarray of float64, shape (n,)
        t_x: time of the last purchase, counted from the first.
    age : ndarray of float64, shape (n,)
        T: time since the first purchase, in the same unit.

    Raises
    ------
    UsageError
        Shapes do not match, or a history is impossible.

    References
    ----------
    Fader, Hardie and Lee 2005, see :class:`BetaGeo`.

    Examples
    --------
    >>> x = np.array([2.0, 1.0, 0.0, 0.0, 5.0, 0.0])
    >>> fit = fit_bgnbd(x, np.array([30.4, 1.7, 0.0, 0.0, 12.0, 0.0]), np.full(6, 38.9))
    >>> fit.n_customers
    6
    """
    return BetaGeo.fit(Histories.of(frequency, recency, age))


def _log_odds_left(
    parameters: tuple[float, float, float, float], chances: Floats, x: Floats, t_x: Floats, age: Floats
) -> Floats:
    """Return log(P(left) / P(alive)); −∞ where there has been no chance to leave."""
    r, alpha, a, b = parameters
    odds = np.log(a) - np.log(b + np.maximum(chances, 1.0) - 1.0)
    return np.where(chances > 0.0, odds + (r + x) * (np.log(alpha + age) - np.log(alpha + t_x)), -np.inf)


class _Likelihood:
    """Log-likelihood and gradient by log parameters; ``early`` chances to leave before the first repeat purchase."""

    def __init__(self, x: Floats, t_x: Floats, age: Floats, count: Floats, early: int) -> None:
        self.x, self.t_x, self.age, self.count, self.early = x, t_x, age, count, early
        self.levels, place = np.unique(x, return_inverse=True)
        self.level_count = np.bincount(place, count)

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        from scipy.special import expit, gammaln, psi

        r, alpha, a, b = parameters.tolist()
        n, count, x = self.level_count, self.count, self.levels
        k = x + self.early
        by_level = gammaln(r + x) - gammaln(r) + gammaln(a + b) - gammaln(b) + gammaln(b + k) - gammaln(a + b + k)
        value = np.sum(n * (by_level + r * np.log(alpha)))
        both = psi(a + b) - psi(a + b + k)
        d_r = np.sum(n * (psi(r + x) - psi(r) + np.log(alpha)))
        d_alpha = np.sum(n) * r / alpha
        d_a = np.sum(n * both)
        d_b = np.sum(n * (both + psi(b + k) - psi(b)))

        x = self.x
        k = x + self.early
        odds = _log_odds_left((r, alpha, a, b), k, x, self.t_x, self.age)
        log_age = np.log(alpha + self.age)
        value += np.sum(count * (np.logaddexp(0.0, odds) - (r + x) * log_age))
        left = count * expit(odds)
        d_r += np.sum(left * (log_age - np.log(alpha + self.t_x)) - count * log_age)
        inverse = 1.0 / (alpha + self.age)
        d_alpha += np.sum((r + x) * (left * (inverse - 1.0 / (alpha + self.t_x)) - count * inverse))
        d_a += np.sum(left) / a
        d_b -= np.sum(left / (b + np.maximum(k, 1.0) - 1.0))
        return float(value), np.array([d_r * r, d_alpha * alpha, d_a * a, d_b * b])


def _purchases_if_alive(shape: Floats, a: float, b: Floats, s: Floats) -> Floats:
    """Return E[(1 − (1 + p s)^−w) / p] for p ~ Beta(a, b), w = ``shape``: purchases of a customer known to be alive.

    The closed form is (a + b − 1) / (a − 1) [1 − (1 − z)^w ₂F₁(w, b; a + b − 1; z)], z = s / (1 + s). It overflows for
    large w, so Euler's transformation of it is taken, (1 − z)^(a − 1) ₂F₁(a + b − 1 − w, a − 1; a + b − 1; z) for the
    last product. Where that overflows too (a and w both large) or loses its digits (at a = 1 and a + b = 1, where the
    expectation itself is smooth), the expectation is integrated numerically.
    """
    from scipy.special import hyp2f1

    c = a + b - 1.0
    trusted = np.zeros(c.shape, np.bool_)
    expected = np.zeros(c.shape)
    if abs(a - 1.0) > _SINGULAR:
        with np.errstate(all="ignore"):
            rest = np.exp((1.0 - a) * np.log1p(s)) * hyp2f1(c - shape, a - 1.0, c, s / (1.0 + s))
            expected = c / (a - 1.0) * (1.0 - rest)
            trusted = (expected >= 0.0) & (expected <= shape * s * (1.0 + 1e-9))
    for start in range(0, (rows := np.flatnonzero(~trusted)).size, 4096):
        some = rows[start : start + 4096]
        expected[some] = _integrated(shape[some, None], a, b[some, None], s[some, None])
    return expected


def _integrated(shape: Floats, a: float, b: Floats, s: Floats) -> Floats:
    """Integrate over logit(p) by the trapezoidal rule on a sinh grid, which reaches both tails of any Beta."""
    v = np.linspace(-14.0, 14.0, 401)
    spread = np.minimum(np.sqrt(1.0 / a + 1.0 / b), 1.0)
    logit = np.log(a / b) + spread * np.sinh(v)
    log_p = -np.logaddexp(0.0, -logit)
    log_density = a * log_p - b * np.logaddexp(0.0, logit)
    weight = np.exp(log_density - log_density.max(axis=1, keepdims=True)) * np.cosh(v)
    p = np.maximum(np.exp(log_p), 1e-300)
    purchases = -np.expm1(-shape * np.log1p(p * s)) / p
    integrated: Floats = np.sum(weight * purchases, axis=1) / np.sum(weight, axis=1)
    return integrated
