"""Own value: what a customer is worth by her own acts, in one unit for a whole ranking."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import UsageError
from influence.ties import Ledger
from influence.value.lifetime import Lifetime, fit_lifetime

__all__ = ["ORIGINS", "UNITS", "OwnValue", "lifetime_of", "own_value"]

Floats = npt.NDArray[np.float64]

#: Units of a ranking.
UNITS = ("money", "acts", "people")
#: Where a person's own value comes from, by code.
ORIGINS = (
    "given",
    "segment median",
    "no value known",
    "expected acts",
    "one person",
    "not a customer",
    "fitted",
    "recent spend",
    "no purchase",
)


@dataclasses.dataclass(frozen=True, eq=False)
class OwnValue:
    """c, the own value of everybody.

    Attributes
    ----------
    values : ndarray of float64, shape (n_people,)
    unit : {"money", "acts", "people"}
    origin : ndarray of int8, shape (n_people,)
        Index into ``ORIGINS``.
    lifetime : Lifetime or None
        What was fitted to purchases, where there are amounts.
    """

    values: Floats
    unit: str
    origin: npt.NDArray[np.int8]
    lifetime: Lifetime | None = None


def lifetime_of(ledger: Ledger, cut: int | None, fitted: Mapping[str, Any] | None = None) -> Lifetime | None:
    """Fit lifetime values to the purchases before ``cut``; None where there are none, or no amounts."""
    purchases, settings = ledger.history.purchases, ledger.settings
    if cut is None or purchases.amount is None or not len(purchases):
        return None
    ledger.history.assert_before(cut)
    return fit_lifetime(
        purchases.customer,
        purchases.time,
        purchases.amount,
        purchases.margin,
        ledger.n_people,
        cut,
        horizon_days=settings.clv_horizon_days,
        discount=settings.clv_discount,
        margin_share=settings.clv_margin,
        fitted=fitted,
        fit=settings.clv_fit,
    )


def own_value(ledger: Ledger, denominator: Floats, lifetime: Lifetime | None = None) -> OwnValue:
    """Return the own value: ``clv`` where it is given, else fitted to purchases, else expected acts, else one each.

    A given ``clv`` wins. With purchases the others get what was fitted to theirs, and 0 where they never bought;
    without purchases, the median of their segment, else 0. People who are not listed as customers get 0. Without money
    the unit is acts, and c_v is the ``denominator`` of an attribution, so that one hop of influence is exactly κλ;
    without any dated act it is people. ``segment_weights`` multiply the result.

    Parameters
    ----------
    denominator : ndarray of float64, shape (n_people,)
        m₀ + max(a_v, Σ_u λ_uv).
    lifetime : Lifetime, optional
    """
    history = ledger.history
    n = ledger.n_people
    customers = history.customers
    values, origin = np.zeros(n), np.full(n, ORIGINS.index("no value known"), np.int8)
    given = customers is not None and "clv" in customers.columns and customers["clv"].is_not_null().any()
    fitted = lifetime is not None and lifetime.clv is not None
    if given or fitted:
        unit = "money"
        if lifetime is not None and lifetime.clv is not None:
            bought = lifetime.rfm.bought
            values[bought] = lifetime.clv[bought]
            origin[:] = ORIGINS.index("no purchase")
            origin[bought] = ORIGINS.index("recent spend" if lifetime.model is None else "fitted")
        if customers is not None and given:
            _take_given(customers, history.ids.codes(customers["id"]), values, origin, medians=not fitted)
    else:
        unit = "acts" if ledger.act_time.size else "people"
        values = denominator.copy() if unit == "acts" else np.ones(n)
        origin[:] = ORIGINS.index("expected acts" if unit == "acts" else "one person")
    values *= _segment_weight(ledger)
    outside = ~history.listed
    values[outside] = 0.0
    origin[outside] = ORIGINS.index("not a customer")
    return OwnValue(values, unit, origin, lifetime)


def _take_given(
    customers: pl.DataFrame,
    codes: npt.NDArray[np.int32],
    values: Floats,
    origin: npt.NDArray[np.int8],
    *,
    medians: bool,
) -> None:
    given = customers["clv"].is_not_null().to_numpy()
    values[codes[given]] = customers["clv"].to_numpy()[given]
    origin[codes[given]] = ORIGINS.index("given")
    if medians and "segment" in customers.columns and not given.all():
        by_segment = customers.group_by("segment").agg(median=pl.col("clv").median())
        filled = customers.select("segment").join(by_segment, on="segment", how="left", maintain_order="left")["median"]
        usable = ~given & filled.is_not_null().to_numpy()
        values[codes[usable]] = filled.to_numpy()[usable]
        origin[codes[usable]] = ORIGINS.index("segment median")


def _segment_weight(ledger: Ledger) -> Floats:
    """Return the strategic weight of each person's segment, 1 where none is set."""
    customers, weights = ledger.history.customers, ledger.settings.segment_weights
    factor = np.ones(ledger.n_people)
    if not weights:
        return factor
    known = set() if customers is None or "segment" not in customers.columns else set(customers["segment"])
    strange = sorted(set(weights) - known)
    if strange or customers is None:
        segments = ", ".join(sorted(name for name in known if name is not None)[:10]) or "none"
        raise UsageError(f"segment_weights: no customer is in segment {strange[0]!r}; there are {segments}")
    by_customer = customers["segment"].replace_strict(dict(weights), default=1.0, return_dtype=pl.Float64)
    factor[ledger.history.ids.codes(customers["id"])] = by_customer.fill_null(1.0).to_numpy()
    return factor
