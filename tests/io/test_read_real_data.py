"""The real data sets, read once; the counts are those that their publishers state."""

import os
from pathlib import Path

import pytest

from influence.io import IdIndex, read_tables

DATA = Path(os.environ.get("INFLUENCE_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data sets at {DATA}; set INFLUENCE_DATA to their folder"),
]


def read(*names):
    return read_tables([str(DATA / name) for name in names])


def test_ciao():
    tables = read("ciao/trust.parquet", "ciao/reviews.parquet")
    assert (tables.follows.height, tables.actions.height) == (111_781, 284_086)
    assert tables.actions.columns == ["customer", "item", "timestamp"]
    assert tables.actions["customer"].n_unique() == 7_375
    assert tables.actions["item"].n_unique() == 105_114
    assert str(tables.actions["timestamp"].min().date()) == "2000-05-30"
    assert str(tables.actions["timestamp"].max().date()) == "2011-04-12"


def test_higgs_mini():
    tables = read("higgs-mini/follows.csv.gz", "higgs-mini/interactions.csv.gz")
    assert (tables.follows.height, tables.interactions.height) == (80_433, 16_213)
    index = IdIndex.of(
        *(tables.follows[name] for name in ("source", "target")), *tables.interactions.select("source", "target")
    )
    assert len(index) == 5_789
    assert index.numeric
    assert set(tables.interactions["type"].unique()) == {"share", "mention", "reply"}


def test_cdnow():
    tables = read("cdnow/cdnow_sample.csv")
    assert tables.transactions.height == 6_919
    assert tables.transactions["customer"].n_unique() == 2_357
    assert (tables.transactions["amount"] == 0).sum() == 8
    whole = read("cdnow/cdnow_master.parquet").transactions
    assert whole.height == 69_659
    assert whole["amount"].sum() == pytest.approx(2_500_315.63)
    assert tables.transactions.join(whole, on=["customer", "timestamp", "amount"], how="anti").height == 0


@pytest.mark.parametrize(
    ("name", "rows", "people"),
    [
        ("soc_slashdot0902", 948_464, 82_168),
        ("wiki_vote", 103_689, 7_115),
        ("college_msg", 59_835, 1_899),
        ("ego_facebook", 88_234, 4_039),
        ("email_eu_core", 25_571, 1_005),
    ],
)
def test_graphs(name, rows, people):
    follows = read(f"graphs/{name}.parquet").follows
    assert follows.height == rows
    assert len(IdIndex.of(follows["source"], follows["target"])) == people
    assert ("since" in follows.columns) == (name == "college_msg")
