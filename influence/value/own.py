"""Own value: what a customer is worth by her own acts, in one unit for a whole ranking."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.ties import Ledger
from influence.value.contest import Rates

__all__ = ["ORIGINS", "UNITS", "OwnValue", "own_value"]

Floats = npt.NDArray[np.float64]

#: Units of a ranking.
UNITS = ("money", "acts", "people")
#: Where a person's own value comes from, by code.
ORIGINS = ("given", "segment median", "no value known", "expected acts", "one person", "not a customer")


@dataclasses.dataclass(frozen=True, eq=False)
class OwnValue:
    """c, the own value of everybody.

    Attributes
    ----------
    values : ndarray of float64, shape (n_people,)
    unit : {"money", "acts", "people"}
    origin : ndarray of int8, shape (n_people,)
        Index into ``ORIGINS``.
    """

    values: Floats
    unit: str
    origin: npt.NDArray[np.int8]


def own_value(ledger: Ledger, rates: Rates, denominator: Floats) -> OwnValue:
    """Return the own value: the ``clv`` column where it is given, else expected acts, else one each.

    Where ``clv`` is given for some only, the others get the median of their segment, else 0; people who are not in a
    given customers table get 0. Without money the unit is acts, and c_v is the ``denominator`` of an attribution,
    so that one hop of influence is exactly κλ; without any dated act it is people.

    Parameters
    ----------
    denominator : ndarray of float64, shape (n_people,)
        m₀ + max(a_v, Σ_u λ_uv).
    """
    history = ledger.history
    n = ledger.n_people
    customers = history.customers
    origin = np.full(n, ORIGINS.index("not a customer"), np.int8)
    if customers is not None and "clv" in customers.columns and customers["clv"].is_not_null().any():
        values = np.zeros(n)
        codes = history.ids.codes(customers["id"])
        given = customers["clv"].is_not_null().to_numpy()
        clv = customers["clv"].fill_null(0.0).to_numpy().astype(np.float64)
        values[codes] = clv
        origin[codes] = np.where(given, ORIGINS.index("given"), ORIGINS.index("no value known"))
        if "segment" in customers.columns and not given.all():
            medians = customers.group_by("segment").agg(median=pl.col("clv").median())
            filled = customers.select("segment").join(medians, on="segment", how="left", maintain_order="left")[
                "median"
            ]
            usable = ~given & filled.is_not_null().to_numpy()
            values[codes[usable]] = filled.to_numpy()[usable]
            origin[codes[usable]] = ORIGINS.index("segment median")
        outside = ~history.listed
        values[outside] = 0.0
        origin[outside] = ORIGINS.index("not a customer")
        return OwnValue(values, "money", origin)
    unit = "acts" if ledger.act_time.size else "people"
    source = denominator if unit == "acts" else np.ones(n)
    origin[history.listed] = ORIGINS.index("expected acts" if unit == "acts" else "one person")
    return OwnValue(np.where(history.listed, source, 0.0), unit, origin)
