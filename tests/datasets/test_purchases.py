"""Generated purchases are BG/NBD and Gamma-Gamma, as they say."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from influence.datasets.community import Community, synthetic_community

PEOPLE = 6_000
DAYS = [float(day % 84) for day in range(PEOPLE)]


@pytest.fixture(scope="module")
def made() -> Community:
    """All join in the first twelve weeks, as in CDNOW's sample."""
    return synthetic_community(PEOPLE, 100, seed=2, joined=DAYS, transactions=True, follows_per_person=1.0)


def test_everybody_buys_once_at_least_and_soon(made: Community) -> None:
    bought = made.transactions
    assert bought["customer"].n_unique() == PEOPLE
    assert bought["amount"].min() > 0
    first = bought.group_by("customer").agg(pl.col("timestamp").min()).rename({"customer": "id"})
    wait = first.join(made.customers, on="id").select((pl.col("timestamp") - pl.col("signup")).dt.total_seconds())
    assert wait.to_series().min() >= 0
    assert wait.to_series().mean() == pytest.approx(86_400, rel=0.1)


def test_repeat_purchases_are_as_many_as_the_model_says(made: Community) -> None:
    """Of CDNOW's customers in 39 weeks: 40 % came back, 1.04 repeat purchases on average (Fader et al. 2005)."""
    start = dt.datetime(1997, 1, 1, tzinfo=dt.UTC)
    early = made.transactions.filter(pl.col("timestamp") < start + dt.timedelta(weeks=39))
    counts = early.group_by("customer").len()["len"] - 1
    assert (counts > 0).mean() == pytest.approx(946 / 2_357, abs=0.03)
    assert counts.mean() == pytest.approx(1.04, abs=0.12)
    # dropping out: fewer per week later on
    late = made.transactions.filter(pl.col("timestamp") >= start + dt.timedelta(weeks=39)).height
    assert late < (counts.sum()) * 1.3


def test_spend_is_gamma_gamma(made: Community) -> None:
    """The population mean of spend is p γ / (q − 1) = 35.17; a customer's own purchases vary less than customers do."""
    spend = made.transactions.group_by("customer").agg(
        mean=pl.col("amount").mean(), var=pl.col("amount").var(), n=pl.len()
    )
    assert spend["mean"].mean() == pytest.approx(6.2488 * 15.4477 / 2.7446, rel=0.06)
    often = spend.filter(pl.col("n") >= 5)
    # a gamma with shape p has a relative variance of 1 / p
    relative = (often["var"] / often["mean"] ** 2).mean()
    assert relative == pytest.approx(1 / 6.2488, rel=0.2)


def test_influence_and_spend_have_nothing_to_do_with_each_other(made: Community) -> None:
    spent = made.transactions.group_by("customer").agg(pl.col("amount").sum())
    rank = spent.with_columns(rank=pl.col("amount").rank() / spent.height)
    assert rank.filter(pl.col("customer").is_in(made.planted))["rank"].mean() == pytest.approx(0.5, abs=0.12)
    quiet = synthetic_community(
        PEOPLE, 100, seed=2, joined=DAYS, transactions=True, follows_per_person=1.0, pull=0.0, bribed=0.0
    )
    assert quiet.transactions.equals(made.transactions)
