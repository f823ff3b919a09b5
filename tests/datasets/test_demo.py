"""The demo: real purchases, a generated community, and a label that says which is which."""

from __future__ import annotations

import os
import statistics
from collections import Counter
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from influence.datasets import DEMO_LABEL, Demo, cdnow_sample, demo
from influence.errors import UsageError
from influence.io import merge_identities, tables_from_frames

TABLES = ("follows", "interactions", "actions", "customers", "transactions", "identities")
DATA = Path(os.environ.get("INFLUENCE_DATA") or Path(__file__).parents[3] / "shared" / "data")


@pytest.fixture(scope="module")
def shop() -> Demo:
    return demo(merged=True)


def test_cdnow_sample_has_the_published_counts() -> None:
    purchases = cdnow_sample()
    assert dict(purchases.schema) == {
        "customer": pl.Int64,
        "date": pl.Date,
        "cds": pl.Int64,
        "amount_usd": pl.Float64,
    }
    assert purchases.height == 6_919
    assert sorted(purchases["customer"].unique()) == list(range(1, 2_358))
    assert str(purchases["date"].min()) == "1997-01-01"
    assert str(purchases["date"].max()) == "1998-06-30"
    assert (purchases["amount_usd"] == 0).sum() == 8
    assert purchases["amount_usd"].sum() == pytest.approx(244_091.94)
    # the published BG/NBD example has 946 customers who came back within 39 weeks, each day counted once
    repeat = (
        purchases.filter(pl.col("date") <= pl.date(1997, 9, 30))
        .group_by("customer")
        .agg(days=pl.col("date").n_unique())
        .filter(pl.col("days") > 1)
    )
    assert repeat.height == 946


@pytest.mark.data
def test_cdnow_sample_is_the_source() -> None:
    source = DATA / "cdnow" / "cdnow_sample.csv"
    if not source.is_file():
        pytest.skip(f"{source} is not here; set INFLUENCE_DATA")
    rows = pl.read_csv(source, try_parse_dates=True).drop("master_id").rename({"sample_id": "customer"})
    assert rows.equals(cdnow_sample())


def test_the_data_names_its_source() -> None:
    folder = files("influence.datasets") / "data"
    text = (folder / "SOURCES.md").read_text(encoding="utf-8")
    for word in ("brucehardie.com", "lifetimes", "MIT", "Cameron Davidson-Pilon"):
        assert word in text
    packed = (folder / "cdnow_sample.csv.gz").read_bytes()
    assert packed[3:8] == bytes(5)  # no name and no time in the gzip header
    assert len(packed) < 50_000


def test_customers_are_real(shop: Demo) -> None:
    customers = shop.customers
    assert customers.columns == ["id", "segment", "signup", "nps", "vetted", "region"]
    assert customers["id"].to_list() == list(range(1, 2_358))
    assert Counter(customers["segment"].to_list()) == {"1997-01": 781, "1997-02": 857, "1997-03": 719}


def test_purchases_are_real(shop: Demo) -> None:
    bought = shop.transactions
    time = pl.Datetime("us", "UTC")
    kinds = {"customer": pl.Int64, "timestamp": time, "amount": pl.Float64, "currency": pl.String}
    assert dict(bought.schema) == kinds
    real = cdnow_sample()
    assert bought["customer"].equals(real["customer"])
    assert bought["timestamp"].dt.date().equals(real["date"], check_names=False)
    assert bought["amount"].equals(real["amount_usd"], check_names=False)


def test_everybody_joins_before_the_first_purchase(shop: Demo) -> None:
    first = shop.transactions.group_by(id="customer").agg(bought=pl.col("timestamp").min())
    both = shop.customers.join(first, on="id")
    assert (both["signup"] < both["bought"]).all()
    # and so whoever was brought was brought before she bought
    brought = shop.interactions.filter(pl.col("type") == "referral").join(first, left_on="target", right_on="id")
    honest = brought.filter(pl.col("source") != pl.col("target"))
    assert honest.height > 50
    assert (honest["timestamp"] < honest["bought"]).all()


def test_same_seed_same_bytes(shop: Demo) -> None:
    again = demo(0, merged=True)
    assert again.planted == shop.planted
    for table in TABLES:
        assert getattr(again, table).write_csv() == getattr(shop, table).write_csv()


def test_other_seed_changes_the_generated_part_only(shop: Demo) -> None:
    other = demo(1, merged=True)
    real = ["id", "segment"]
    assert other.customers.select(real).equals(shop.customers.select(real))
    assert other.transactions.equals(shop.transactions)
    assert other.planted != shop.planted
    for column in ("signup", "nps", "vetted", "region"):
        assert not other.customers[column].equals(shop.customers[column])
    for table in ("follows", "interactions", "actions"):
        assert not getattr(other, table).equals(getattr(shop, table))
    with pytest.raises(UsageError, match="seed must be a whole number"):
        demo(-1)


def test_handles_are_asked_for(shop: Demo) -> None:
    disguised = demo(0)
    assert shop.identities.is_empty()
    assert disguised.identities.height > 70
    assert disguised.customers.equals(shop.customers)
    assert disguised.planted == shop.planted
    roles = ("follows", "interactions", "actions", "customers", "transactions", "identities")
    merged = merge_identities(tables_from_frames(**{role: getattr(disguised, role) for role in roles}))
    for role in ("follows", "interactions", "actions", "transactions"):
        one, other = getattr(merged, role), getattr(shop, role)
        keys = [name for name in other.columns if name != "id"]
        assert one.select(keys).sort(keys).equals(other.select(keys).sort(keys)), role
    assert not disguised.follows.equals(shop.follows)


def test_the_label_says_what_is_synthetic(shop: Demo) -> None:
    assert shop.label == DEMO_LABEL
    assert "the join is synthetic" in shop.label


def test_sizes(shop: Demo) -> None:
    assert shop.follows.height == pytest.approx(25_000, rel=0.05)
    assert shop.interactions.height == pytest.approx(16_500, rel=0.05)
    assert shop.actions.height == pytest.approx(20_000, rel=0.1)
    assert 0.02 < len(shop.planted) / shop.customers.height < 0.05
    truth = shop.truth
    for part in (truth.bribed, truth.rings, truth.referral_rings, truth.self_referrals, truth.detractors):
        assert len(part) >= 3


def test_some_people_are_no_customers_and_only_talk(shop: Demo) -> None:
    customers = set(shop.customers["id"])
    talking = set(shop.follows["source"]) | set(shop.interactions["source"]) | set(shop.interactions["target"])
    assert len(talking - customers) > 100
    assert set(shop.actions["customer"]) <= customers
    assert {int(person) for person in shop.planted} <= customers


def test_planted_influencers_do_not_spend_more() -> None:
    bought = demo().transactions
    spent = dict(bought.group_by("customer").agg(pl.col("amount").sum().round(2)).rows())
    ranks = {person: rank / len(spent) for rank, person in enumerate(sorted(spent, key=lambda p: (spent[p], p)))}
    planted = [ranks[int(person)] for seed in range(8) for person in demo(seed).planted]
    # 600 draws from 0 … 1: a mean further than four standard errors from one half is no chance
    assert abs(statistics.mean(planted) - 0.5) < 4 * 0.289 / len(planted) ** 0.5


def test_neither_spend_nor_followers_find_the_planted(shop: Demo) -> None:
    planted = {int(person) for person in shop.planted}
    spent = dict(shop.transactions.group_by("customer").agg(pl.col("amount").sum().round(2)).rows())
    followers = Counter(shop.follows["target"].to_list())
    for measure, least, most in ((spent, 0, 8), (followers, 4, 30)):
        top = sorted(spent, key=lambda person: (-measure[person], person))[: len(planted)]
        assert least <= len(planted & set(top)) <= most
