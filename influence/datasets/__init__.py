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

    from influence.datasets.community import Truth

__all__ = ["DEMO_LABEL", "Demo", "cdnow_sample", "demo"]

#: To be shown wherever the demo or anything computed from it shows.
DEMO_LABEL = (
    "Demo: real purchases (CDNOW sample, 2,357 customers) joined to a generated community; the join is synthetic. "
    "Real: the customers, what they bought and when. Generated: all ties, reactions, referrals, acts on items, "
    "handles, survey answers, signup days and labels."
)

_CUSTOMERS = 2_357
_GUESTS = 143
_INFLUENCERS = 75
# Few were referred, since purchases are very unequal and a referrer counts for half of whom she brought.
_PULL, _REFERRALS = 0.2, 0.03
# The community opens before the shop's first sale, so that people can be referred before they buy.
_OPENS, _CLOSES = dt.date(1996, 10, 1), dt.date(1998, 6, 30)
#: Mean days from joining the community to the first purchase.
_LOOKS_ROUND = 30.0


@dataclass(frozen=True, eq=False)
class Demo:
    """The tables of the demo, the truth of the generator, and the label that goes with them."""

    #: source, target, since: *source* follows *target*; generated.
    follows: pl.DataFrame
    #: source, target, type, timestamp, sentiment, incentivised, channel, id: *source* reacted to *target*, or as a
    #: ``referral`` brought her; generated.
    interactions: pl.DataFrame
    #: customer, item, timestamp; generated.
    actions: pl.DataFrame
    #: id, segment: real; signup, nps, vetted, region: generated. People of the other tables who are not
    #: in here are not customers.
    customers: pl.DataFrame
    #: customer, timestamp, amount, currency: real.
    transactions: pl.DataFrame
    #: customer, channel, handle; generated.
    identities: pl.DataFrame
    #: Ids of the planted influencers as text, in numeric order; all of them are customers.
    planted: tuple[str, ...]
    #: What else was planted.
    truth: Truth
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


def demo(seed: int = 0, *, merged: bool = False) -> Demo:
    """Return the demo: CDNOW's customers in a generated community. The join is synthetic.

    Which customers are planted as influencers, or play any other part, does not depend on what they bought. When they
    joined does: everybody joins before her first purchase.

    Parameters
    ----------
    seed
        Of the generated part; the customers and their purchases are the same for every seed.
    merged
        Whether the tables name customers by their ids only. Otherwise some stand there under handles, and
        ``identities`` says whose they are.

    Returns
    -------
    Demo
        ``customers`` has one row per CDNOW customer, whose ``segment`` is the month of her first purchase
        ("1997-01").

    Examples
    --------
    >>> shop = demo()
    >>> shop.customers.height, shop.transactions.height, len(shop.planted)
    (2357, 6919, 75)
    >>> "synthetic" in shop.label
    True
    """
    import polars as pl

    from influence.datasets.community import synthetic_community
    from influence.datasets.community.plan import check_whole
    from influence.datasets.community.streams import stream

    check_whole("seed", seed, 0)
    transactions = cdnow_sample().select(
        "customer",
        timestamp=pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        amount="amount_usd",
        currency=pl.lit("USD"),
    )
    real = (
        transactions.group_by(id="customer")
        .agg(
            segment=pl.col("timestamp").min().dt.strftime("%Y-%m"),
            days=(pl.col("timestamp").min().dt.date() - _OPENS).dt.total_days(),
        )
        .sort("id")
    )
    # at least a day after the opening, and before the day of the first purchase
    looked = 1 + stream(seed, "joined").exponential(_LOOKS_ROUND, _CUSTOMERS)
    community = synthetic_community(
        _CUSTOMERS,
        _INFLUENCERS,
        seed=seed,
        start=_OPENS,
        end=_CLOSES,
        n_guests=_GUESTS,
        pull=_PULL,
        referrals=_REFERRALS,
        joined=(real["days"].to_numpy() - looked).clip(1.0),
        merged=merged,
    )
    return Demo(
        follows=community.follows,
        interactions=community.interactions,
        actions=community.actions,
        customers=real.select("id", "segment").join(
            community.customers.drop("segment"), on="id", maintain_order="left"
        ),
        transactions=transactions,
        identities=community.identities,
        planted=tuple(str(u) for u in community.planted),
        truth=community.truth,
        label=DEMO_LABEL,
    )
