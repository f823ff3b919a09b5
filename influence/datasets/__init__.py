"""Data that ships with the package: real purchases, and a demo that joins them to a generated community.

CDNOW's sample of purchases (2,357 customers, 6,919 rows, 1997-01-01 to 1998-06-30) is real. It was made public by
Bruce Hardie (http://brucehardie.com/datasets/) and is taken from the Python package ``lifetimes`` 0.11.3, which
ships it under the MIT licence (copyright 2015 Cameron Davidson-Pilon). ``data/SOURCES.md`` says more.

The community around those customers is generated. **The join is synthetic**: whatever is computed from it says
nothing about the people who bought at CDNOW.
"""

from __future__ import annotations

import datetime as dt
import gzip
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

__all__ = ["DEMO_LABEL", "Demo", "cdnow_sample", "demo"]

#: To be shown wherever the demo or anything computed from it shows.
DEMO_LABEL = (
    "Demo: real purchases (CDNOW sample, 2,357 customers) joined to a generated community; the join is synthetic. "
    "clv is each customer's spend to date in USD (1997-01 to 1998-06), a stand-in, not a fitted CLV."
)

_CUSTOMERS = 2_357
_GUESTS = 143
_INFLUENCERS = 75


@dataclass(frozen=True, eq=False)
class Demo:
    """The tables of the demo, the truth of the generator, and the label that goes with them."""

    #: source, target, since: *source* follows *target*; generated.
    follows: pl.DataFrame
    #: source, target, type, timestamp: *source* reacted to *target*; generated.
    interactions: pl.DataFrame
    #: customer, item, timestamp; generated.
    actions: pl.DataFrame
    #: id, clv, segment: real. People of the other tables who are not in here are not customers.
    customers: pl.DataFrame
    #: Ids of the planted influencers as text, in numeric order; all of them are customers.
    planted: tuple[str, ...]
    #: What is real and what is not.
    label: str


def cdnow_sample() -> pl.DataFrame:
    """Return the purchases of CDNOW's sample of customers: real data.

    Returns
    -------
    polars.DataFrame
        6,919 rows by customer and date: ``customer`` (Int64, the sample's own id, 1 to 2357), ``date`` (Date),
        ``cds`` (Int64, how many), ``amount_usd`` (Float64, USD; eight are 0). A customer can have several rows
        on one day.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S., http://brucehardie.com/datasets/, by way of ``lifetimes`` 0.11.3 (MIT).

    Examples
    --------
    >>> purchases = cdnow_sample()
    >>> purchases.height, purchases["customer"].n_unique()
    (6919, 2357)
    """
    import polars as pl

    packed = files(__package__).joinpath("data", "cdnow_sample.csv.gz").read_bytes()
    schema = {"customer": pl.Int64, "date": pl.Date, "cds": pl.Int64, "amount_usd": pl.Float64}
    return pl.read_csv(gzip.decompress(packed), schema=schema)


def demo(seed: int = 0) -> Demo:
    """Return the demo: CDNOW's customers in a generated community. The join is synthetic.

    Which customers are planted as influencers does not depend on what they bought.

    Parameters
    ----------
    seed
        Of the generated part; the customers are the same for every seed.

    Returns
    -------
    Demo
        ``customers`` has one row per CDNOW customer: ``id``; ``clv``, what she really spent in the 18 months in
        USD, which stands in for a CLV and is none; ``segment``, the month of her first purchase ("1997-01").

    Examples
    --------
    >>> shop = demo()
    >>> shop.customers.height, len(shop.planted)
    (2357, 75)
    >>> "synthetic" in shop.label
    True
    """
    import polars as pl

    from influence.datasets.community import synthetic_community

    customers = (
        cdnow_sample()
        .group_by("customer")
        .agg(
            # whole cents, so that the sum does not hang on the order of the rows
            clv=((pl.col("amount_usd") * 100).round().cast(pl.Int64).sum() / 100).round(2),
            segment=pl.col("date").min().dt.strftime("%Y-%m"),
        )
        .rename({"customer": "id"})
        .sort("id")
    )
    community = synthetic_community(
        _CUSTOMERS,
        _INFLUENCERS,
        seed=seed,
        start=dt.date(1997, 1, 1),
        end=dt.date(1998, 6, 30),
        n_guests=_GUESTS,
    )
    return Demo(
        follows=community.follows,
        interactions=community.interactions,
        actions=community.actions,
        customers=customers,
        planted=tuple(str(u) for u in community.planted),
        label=DEMO_LABEL,
    )
