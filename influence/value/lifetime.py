"""Customer lifetime value: expected purchases × expected value of a purchase × margin, discounted."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from influence.errors import UsageError
from influence.graph.arrays import count_by, sum_by
from influence.value.bgnbd import BetaGeo, Histories
from influence.value.gamma_gamma import GammaGamma, fit_gamma_gamma
from influence.value.mbgnbd import ModifiedBetaGeo
from influence.value.rfm import RFM, PurchaseDays, purchase_days

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Lifetime", "fit_lifetime", "holdout"]

Floats = npt.NDArray[np.float64]
Fit = TypeVar("Fit", BetaGeo, GammaGamma)

_WEEK_DAYS = 7.0
_YEAR_DAYS = 365.0
_MODELS: dict[str, type[BetaGeo]] = {"bgnbd": BetaGeo, "mbgnbd": ModifiedBetaGeo}
#: MBG/NBD is taken where its log-likelihood is larger by more than this.
_CLEARLY = 2.0
#: Below this many customers with a repeat purchase neither model is fitted.
_FEWEST = 20
_RULE = "purchases and net spend of the last horizon stand in for those of the next"


@dataclasses.dataclass(frozen=True, eq=False)
class Lifetime:
    """What customers are expected to buy in the horizon, and what that is worth.

    Arrays have shape (n_people,) and are 0 for people without a purchase.

    Attributes
    ----------
    clv : ndarray of float64 or None
        In the currency of the amounts, discounted to the end of the data; None without amounts.
    expected : ndarray of float64
        Purchases in the horizon.
    p_alive : ndarray of float64
        Chance that she still buys at all; NaN where no purchase model could be fitted.
    mean_value : ndarray of float64 or None
        Expected net value of a purchase; None without amounts or without a purchase model.
    margin : ndarray of float64 or None
        Share of the value that is earned; None without amounts.
    rfm : RFM
        In weeks.
    model : {"bgnbd", "mbgnbd"} or None
        The purchase model; None where the rule stood in.
    fits : dict of BetaGeo
        Both purchase models by name, in weeks, as far as they were fitted.
    value_model : {"gamma_gamma", "overall mean"} or None
        Where ``mean_value`` comes from.
    gamma_gamma : GammaGamma or None
    overall_value : float
        Mean net value of all purchase days of some value; NaN without any.
    horizon_days, discount : float
    problem : str or None
        What could not be fitted and what was done instead, in words.
    """

    clv: Floats | None
    expected: Floats
    p_alive: Floats
    mean_value: Floats | None
    margin: Floats | None
    rfm: RFM
    model: str | None
    fits: dict[str, BetaGeo]
    value_model: str | None
    gamma_gamma: GammaGamma | None
    overall_value: float
    horizon_days: float
    discount: float
    problem: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return settings and parameters as plain values; :func:`fit_lifetime` reads them as ``fitted``."""
        plain: dict[str, Any] = {
            "model": self.model,
            **{name: _plain(fit) for name, fit in self.fits.items()},
            "value_model": self.value_model,
            "gamma_gamma": None if self.gamma_gamma is None else _plain(self.gamma_gamma),
            "overall_value": self.overall_value if math.isfinite(self.overall_value) else None,
            "unit_days": _WEEK_DAYS,
            "horizon_days": self.horizon_days,
            "discount": self.discount,
            "customers": int(np.count_nonzero(self.rfm.bought)),
            "problem": self.problem,
        }
        return plain


def _plain(fit: BetaGeo | GammaGamma) -> dict[str, Any]:
    values = dataclasses.asdict(fit)
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def fit_lifetime(
    customer: npt.NDArray[np.int32],
    time: npt.NDArray[np.int64],
    amount: Floats | None,
    margin: Floats | None,
    n_people: int,
    end: int,
    *,
    horizon_days: float = 365.0,
    discount: float = 0.10,
    margin_share: float = 1.0,
    fitted: Lifetime | Mapping[str, Any] | None = None,
    fit: bool = True,
) -> Lifetime:
    """Return the lifetime value of customers from their transactions before ``end``.

    CLV = Σ_k (E[Y(t_k)] − E[Y(t_(k−1))]) · E[value] · margin / (1 + discount)^(t_k in years), over the ends t_k of the
    months of the horizon (equal parts, as near to 365 / 12 days as fits; a year has 365 days).

    - *Purchases*: BG/NBD or MBG/NBD, whichever has the higher likelihood; BG/NBD where they are within 2.
    - *Value*: Gamma-Gamma over repeat purchases of some value. Where it cannot be fitted, the overall mean.
    - *Margin*: Σ margin / Σ amount of the customer's rows. Where her amounts do not add up to something positive, or
      the share lies outside −1 … 1 (refunds left next to nothing of the amounts), that of all rows.
    - Where no purchase model can be fitted, CLV is the net spend in the horizon *before* ``end`` × margin, not
      discounted.

    Parameters
    ----------
    customer : ndarray of int32, shape (m,)
        Customer numbers 0 … n_people - 1, in any order.
    time : ndarray of int64, shape (m,)
        Microseconds since 1970, UTC.
    amount : ndarray of float64, shape (m,), optional
        Negative for a refund; see :func:`~influence.value.rfm.purchase_days`. Without it ``clv`` is None.
    margin : ndarray of float64, shape (m,), optional
        What was earned by the row, in the currency of ``amount``; NaN where it is not known.
    n_people : int
    end : int
        Microseconds since 1970; rows at or after it are left out.
    horizon_days : float
    discount : float
        A year; 0.10 is 10 %.
    margin_share : float
        Margin of every customer where ``margin`` is not given.
    fitted : Lifetime or mapping, optional
        An earlier result, or its ``as_dict()``: its parameters are used and nothing is fitted.
    fit : bool
        False to fit nothing: without ``fitted`` the last horizon stands in, as where no model can be fitted.

    Raises
    ------
    UsageError
        An argument cannot be used.

    References
    ----------
    Fader, Hardie and Lee, "RFM and CLV: using iso-value curves for customer base analysis", Journal of Marketing
    Research 42(4), 2005. Fader, Hardie and Lee, Marketing Science 24(2), 2005. Fader and Hardie, "The Gamma-Gamma
    model of monetary value", 2013.

    Examples
    --------
    >>> week = 604_800_000_000
    >>> life = fit_lifetime(np.array([0, 0], np.int32), np.array([0, week]), np.array([5.0, 7.0]), None, 2, 2 * week)
    >>> life.clv.tolist(), life.model
    ([12.0, 0.0], None)
    """
    _check(amount, margin, horizon_days, discount, margin_share)
    days = purchase_days(customer, time, amount, n_people, end)
    rfm = RFM.of_days(days, n_people)
    if fitted is not None:
        terms = _saved_terms(fitted, days)
    elif fit:
        terms = _fit_terms(rfm, days, amount is not None)
    else:
        problem = f"nothing was fitted, as asked: {_RULE}"
        terms = _Terms(None, {}, "overall mean", None, _overall_value(days), (problem,))
    share = None
    if amount is not None:
        share = np.where(rfm.bought, margin_share, 0.0)
        if margin is not None:
            before = time < end
            share = _margins(customer[before], amount[before], margin[before], rfm.bought)
    if terms.model is None:
        value, clv = None, None
        expected, spend = _last_horizon(days, n_people, horizon_days)
        alive = np.where(rfm.bought, np.nan, 0.0)
        if share is not None:
            clv = spend * share
    else:
        value = None if share is None else _values(terms, rfm)
        expected, worth, alive = _purchases(terms.fits[terms.model], rfm, horizon_days, discount)
        clv = None if value is None or share is None else worth * value * share
    return Lifetime(
        clv=clv,
        expected=expected,
        p_alive=alive,
        mean_value=value,
        margin=share,
        rfm=rfm,
        model=terms.model,
        fits=terms.fits,
        value_model=None if value is None else terms.value_model,
        gamma_gamma=terms.gamma_gamma,
        overall_value=terms.overall_value,
        horizon_days=horizon_days,
        discount=discount,
        problem="; ".join(terms.problems) or None,
    )


def _check(
    amount: Floats | None, margin: Floats | None, horizon_days: float, discount: float, margin_share: float
) -> None:
    if not (math.isfinite(horizon_days) and horizon_days > 0.0):
        raise UsageError(f"horizon_days must be finite and above 0, not {horizon_days!r}")
    if not (math.isfinite(discount) and discount >= 0.0):
        raise UsageError(f"discount must be finite and at least 0, not {discount!r}")
    if not 0.0 <= margin_share <= 1.0:
        raise UsageError(f"margin_share must lie in [0, 1], not {margin_share!r}")
    if margin is None:
        return
    if amount is None:
        raise UsageError("a margin needs the amounts that it is a part of: give amount, too")
    if margin.shape != amount.shape or np.isinf(margin).any():
        raise UsageError(f"margin must be finite or NaN and as long as amount ({amount.size:,}), not {margin.size:,}")


@dataclasses.dataclass(frozen=True, eq=False)
class _Terms:
    """What was fitted, or read from an earlier fit."""

    model: str | None
    fits: dict[str, BetaGeo]
    value_model: str
    gamma_gamma: GammaGamma | None
    overall_value: float
    problems: tuple[str, ...]


def _fit_terms(rfm: RFM, days: PurchaseDays, has_amounts: bool) -> _Terms:
    fits, model, problem = _fit_purchases(rfm)
    problems = [problem] if problem else []
    gamma_gamma = None
    value_model = "overall mean"
    if has_amounts and model is not None:
        buyers = int(np.count_nonzero(rfm.n_valued))
        if buyers >= _FEWEST:
            gamma_gamma = fit_gamma_gamma(rfm.n_valued, rfm.monetary)
            reason = gamma_gamma.message
        else:
            reason = f"{buyers} customers with a repeat purchase of some value are fewer than {_FEWEST}"
        if gamma_gamma is not None and gamma_gamma.usable and gamma_gamma.q > 1.0:
            value_model = "gamma_gamma"
            if gamma_gamma.at_bound:
                problems.append(f"Gamma-Gamma: {reason}")
        else:
            problems.append(f"Gamma-Gamma: {reason}: everybody is given the overall mean value of a purchase")
    return _Terms(model, fits, value_model, gamma_gamma, _overall_value(days), tuple(problems))


def _fit_purchases(rfm: RFM) -> tuple[dict[str, BetaGeo], str | None, str | None]:
    """Return both fits, the name of the one to use, and what is wrong with them."""
    buyers = int(np.count_nonzero(rfm.frequency))
    if buyers < _FEWEST:
        return {}, None, f"{buyers} customers with a repeat purchase are fewer than {_FEWEST}: {_RULE}"
    bought = rfm.bought
    histories = Histories.of(rfm.frequency[bought], rfm.recency[bought], rfm.age[bought])
    fits = {name: cls.fit(histories) for name, cls in _MODELS.items()}
    bg, mbg = fits["bgnbd"], fits["mbgnbd"]
    if not (bg.usable or mbg.usable):
        return fits, None, f"BG/NBD: {bg.message}; MBG/NBD: {mbg.message}: {_RULE}"
    better = mbg.usable and (not bg.usable or mbg.log_likelihood > bg.log_likelihood + _CLEARLY)
    chosen = mbg if better else bg
    return fits, chosen.name, None if chosen.converged else f"{chosen.name}: {chosen.message}"


def _overall_value(days: PurchaseDays) -> float:
    net = days.net[days.net > 0.0]
    return float(np.mean(net)) if net.size else float("nan")


def _saved_terms(fitted: Lifetime | Mapping[str, Any], days: PurchaseDays) -> _Terms:
    saved = fitted.as_dict() if isinstance(fitted, Lifetime) else fitted
    if saved.get("unit_days", _WEEK_DAYS) != _WEEK_DAYS:
        raise UsageError(f"fitted: unit_days must be {_WEEK_DAYS:g}, not {saved['unit_days']!r}")
    model = saved.get("model")
    if model is not None and model not in _MODELS:
        raise UsageError(f"fitted: model must be one of {', '.join(_MODELS)} or none, not {model!r}")
    fits: dict[str, BetaGeo] = {}
    for name, cls in _MODELS.items():
        fit = _read(cls, name, saved.get(name), required=model == name)
        if fit is not None:
            fits[name] = fit
    value_model = saved.get("value_model", "gamma_gamma" if saved.get("gamma_gamma") else "overall mean")
    by_gamma = value_model == "gamma_gamma"
    gamma_gamma = _read(GammaGamma, "gamma_gamma", saved.get("gamma_gamma"), required=by_gamma)
    if by_gamma and gamma_gamma is not None and not gamma_gamma.q > 1.0:
        raise UsageError(f"fitted: gamma_gamma has q = {gamma_gamma.q:g}; without q > 1 there is no mean value")
    overall = saved.get("overall_value")
    return _Terms(
        model=model,
        fits=fits,
        value_model="gamma_gamma" if by_gamma else "overall mean",
        gamma_gamma=gamma_gamma,
        overall_value=_overall_value(days) if overall is None else float(overall),
        problems=tuple(filter(None, [saved.get("problem")])) or ((_RULE,) if model is None else ()),
    )


def _read(cls: type[Fit], name: str, saved: Any, *, required: bool) -> Fit | None:
    """Return a saved fit; None where there are no parameters and none are needed."""
    fields = {field.name: field for field in dataclasses.fields(cls)}
    parameters = [field for field in fields if fields[field].default is dataclasses.MISSING]
    if not isinstance(saved, Mapping) or any(saved.get(field) is None for field in parameters):
        if required:
            raise UsageError(f"fitted: {name} must have {', '.join(parameters)}")
        return None
    unknown = sorted(set(saved) - set(fields))
    if unknown:
        raise UsageError(f"fitted: {name} has no field {unknown[0]!r}; known are {', '.join(fields)}")
    for field in parameters:
        number = saved[field]
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0.0 < number < math.inf:
            raise UsageError(f"fitted: {name}.{field} must be a finite number above 0, not {number!r}")
    values: dict[str, Any] = {field: float("nan") if value is None else value for field, value in saved.items()}
    return cls(**values)


def _months(horizon_days: float) -> Floats:
    """Return the ends of the months of a horizon, in days."""
    n = max(1, round(horizon_days / (_YEAR_DAYS / 12.0)))
    return horizon_days * np.arange(1, n + 1) / n


def _purchases(fit: BetaGeo, rfm: RFM, horizon_days: float, discount: float) -> tuple[Floats, Floats, Floats]:
    """Return purchases in the horizon, the same discounted, and P(alive), each of shape (n_people,)."""
    bought = rfm.bought
    histories = Histories.of(rfm.frequency[bought], rfm.recency[bought], rfm.age[bought])
    rows = histories.frequency, histories.recency, histories.age
    ends = _months(horizon_days)
    until = fit.expected_purchases(ends / _WEEK_DAYS, *rows)
    present = (1.0 + discount) ** (-ends / _YEAR_DAYS)
    worth = until[0] * present[0]
    for month in range(1, ends.size):
        worth += (until[month] - until[month - 1]) * present[month]
    found = []
    for values in (until[-1], worth, fit.p_alive(*rows)):
        everybody = np.zeros(bought.size)
        everybody[bought] = values[histories.place]
        found.append(everybody)
    return found[0], found[1], found[2]


def _values(terms: _Terms, rfm: RFM) -> Floats:
    if terms.value_model == "gamma_gamma" and terms.gamma_gamma is not None:
        return np.where(rfm.bought, terms.gamma_gamma.expected_value(rfm.n_valued, rfm.monetary), 0.0)
    return np.where(rfm.bought, np.nan_to_num(terms.overall_value), 0.0)


def _last_horizon(days: PurchaseDays, n_people: int, horizon_days: float) -> tuple[Floats, Floats]:
    """Return purchases and net spend of the horizon before the end."""
    recent = days.last_day - days.day < horizon_days
    who = days.customer[recent]
    return count_by(who, n_people).astype(np.float64), sum_by(who, days.net[recent], n_people)


def _margins(customer: npt.NDArray[np.int32], amount: Floats, margin: Floats, bought: npt.NDArray[np.bool_]) -> Floats:
    known = np.isfinite(amount) & np.isfinite(margin)
    who, n_people = customer[known], bought.size
    earned, paid = sum_by(who, margin[known], n_people), sum_by(who, amount[known], n_people)
    turned_over = sum_by(who, np.abs(amount[known]), n_people)
    total = float(np.sum(paid))
    overall = float(np.sum(earned)) / total if total > 0.0 else 0.0
    own = np.divide(earned, paid, out=np.full(n_people, overall), where=paid > 1e-9 * turned_over)
    share: Floats = np.where(np.abs(own) <= 1.0, own, overall)
    return np.where(bought, share, 0.0)


def holdout(
    customer: npt.NDArray[np.int32],
    time: npt.NDArray[np.int64],
    n_people: int,
    calibration_end: int,
    end: int,
    *,
    model: str | None = None,
) -> pl.DataFrame:
    """Return what a model fitted until ``calibration_end`` predicts for the time until ``end``, beside what came.

    Parameters
    ----------
    customer, time
        As in :func:`fit_lifetime`.
    calibration_end, end : int
        Microseconds since 1970.
    model : {"bgnbd", "mbgnbd"}, optional
        Otherwise the one that :func:`fit_lifetime` takes.

    Returns
    -------
    polars.DataFrame
        One row by repeat purchases in the calibration, ``frequency`` "0" … "6", "7+", and one for "all": ``customers``,
        ``predicted`` and ``observed`` purchases in the holdout, and both a customer. Customers without a purchase in
        the calibration are not in it. ``model`` is the model's name.

    Raises
    ------
    UsageError
        An argument cannot be used, or no model can be fitted until ``calibration_end``.

    References
    ----------
    Fader, Hardie and Lee, Marketing Science 24(2), 2005, figure 3.
    """
    import polars as pl

    if not calibration_end < end:
        raise UsageError(f"end ({end}) must come after calibration_end ({calibration_end})")
    if model is not None and model not in _MODELS:
        raise UsageError(f"model must be one of {', '.join(_MODELS)}, not {model!r}")
    known = RFM.of(customer, time, None, n_people, calibration_end)
    later = RFM.of(customer, time, None, n_people, end)
    fits, best, problem = _fit_purchases(known)
    name = best if model is None else model
    if name is None or not fits or not fits[name].usable:
        reason = problem if name is None or not fits else fits[name].message
        raise UsageError(f"no model could be fitted before calibration_end: {reason}")
    bought = known.bought
    x = known.frequency[bought]
    weeks = float(np.max(later.age[bought] - known.age[bought]))
    predicted = fits[name].expected_purchases(weeks, x, known.recency[bought], known.age[bought])
    observed = (later.n_purchases - known.n_purchases)[bought].astype(np.float64)
    group = np.minimum(x, 7.0).astype(np.int64)
    count, ahead, came = count_by(group, 8), sum_by(group, predicted, 8), sum_by(group, observed, 8)
    frame = pl.DataFrame(
        {
            "frequency": [*map(str, range(7)), "7+", "all"],
            "customers": [*count.tolist(), int(np.sum(count))],
            "predicted": [*ahead.tolist(), float(np.sum(ahead))],
            "observed": [*came.tolist(), float(np.sum(came))],
        }
    )
    return frame.with_columns(
        predicted_mean=pl.col("predicted") / pl.col("customers"),
        observed_mean=pl.col("observed") / pl.col("customers"),
        model=pl.lit(name),
    )
