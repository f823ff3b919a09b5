"""`influence reach` and `influence seeds`: from files to tables, their manifests, and clear errors."""

import io
import json

import numpy as np
import polars as pl
import pytest

from influence import api

SURE = ("--model", "constant", "--p", "1.0")
SOURCES = ("follows=f.csv", "customers=c.csv")


def csv_of(text):
    return pl.read_csv(io.StringIO(text), schema_overrides={"id": pl.String})


@pytest.fixture
def shop(folder):
    """Two groups: ann is followed by bob and cy, cy by dee; eve by fay. fay is no customer."""
    follows = {"source": ["bob", "cy", "dee", "fay"], "target": ["ann", "ann", "cy", "eve"]}
    pl.DataFrame(follows).write_csv("f.csv")
    customers = {
        "id": ["ann", "bob", "cy", "dee", "eve"],
        "clv": [10.0, 90.0, 50.0, 20.0, 5.0],
        "segment": ["gold", "gold", "silver", "silver", "gold"],
        "price": [9.0, 1.0, 3.0, 1.0, 2.0],
    }
    pl.DataFrame(customers).write_csv("c.csv")
    return folder


def test_reach_where_everybody_listens(shop, invoke):
    table = csv_of(invoke("reach", *SOURCES, *SURE).stdout)
    assert table["rank"].to_list() == [1, 2, 3, 4, 5]
    found = dict(table.select("id", "reach").rows())
    # ann reaches bob, cy and dee; those who are reached count, and so does who is no customer
    assert found == pytest.approx({"ann": 4, "cy": 2, "eve": 2, "bob": 1, "dee": 1}, rel=0.1)
    assert table.filter((pl.col("reach_low") > pl.col("reach")) | (pl.col("reach_high") < pl.col("reach"))).is_empty()
    assert table["id"][0] == "ann"


def test_reach_in_value(shop, invoke):
    table = csv_of(invoke("reach", *SOURCES, *SURE, "--value", "own").stdout)
    found = dict(table.select("id", "reached_value").rows())
    assert found["ann"] == pytest.approx(170.0, rel=0.1)
    assert found["dee"] == pytest.approx(20.0, rel=0.1)
    assert table["id"].to_list()[:2] == ["ann", "bob"]


def test_value_of_others(shop, invoke):
    """What she is worth herself is left out, of a ranking and of a choice."""
    table = csv_of(invoke("reach", *SOURCES, *SURE, "--value", "others").stdout)
    found = {id_: (people, value) for id_, people, value in table.select("id", "reach", "reached_value").rows()}
    assert found["ann"] == pytest.approx((3.0, 160.0), rel=0.1)
    assert found["cy"] == pytest.approx((1.0, 20.0), rel=0.1)
    assert found["bob"] == (0.0, 0.0)
    # bob is worth most, but moves nobody
    picked = csv_of(invoke("seeds", *SOURCES, *SURE, "--value", "others", "-k", "2").stdout)
    assert picked["id"].to_list() == ["ann", "cy"]
    assert picked["total"][1] == pytest.approx(160.0, rel=0.1)


def test_reach_within_hops(shop, invoke):
    table = csv_of(invoke("reach", *SOURCES, *SURE, "--hops", "1").stdout)
    assert dict(table.select("id", "reach").rows())["ann"] == pytest.approx(3, rel=0.1)


def test_the_library_says_the_same(shop, invoke):
    table = csv_of(invoke("reach", *SOURCES, "--model", "weighted-cascade").stdout)
    assert table.equals(api.reach(*SOURCES, model={"model": "weighted-cascade"}).frame)


def test_non_customers_on_request(shop, invoke):
    assert "fay" not in csv_of(invoke("reach", *SOURCES, *SURE).stdout)["id"]
    assert "fay" in csv_of(invoke("reach", *SOURCES, *SURE, "--include-non-customers").stdout)["id"]


def test_seeds_are_not_the_top_by_reach(shop, invoke):
    # ann and cy reach most by themselves, but cy's audience is ann's
    result = invoke("seeds", *SOURCES, *SURE, "-k", "2")
    table = csv_of(result.stdout)
    assert table["id"].to_list() == ["ann", "eve"]
    assert table["gain"].to_list() == pytest.approx([4, 2], rel=0.1)


def test_lists_budget_and_quotas(shop, invoke):
    pl.DataFrame({"id": ["ann"]}).write_csv("ann.csv")
    pl.DataFrame({"id": ["cy"]}).write_csv("cy.csv")

    def picked(*options):
        return csv_of(invoke("seeds", *SOURCES, *SURE, *options).stdout)["id"].to_list()

    assert "ann" not in picked("-k", "2", "--exclude", "ann.csv")
    assert "cy" in picked("-k", "2", "--include", "cy.csv")
    assert picked("-k", "1", "--invited", "ann.csv") == ["eve"]
    assert "ann" not in picked("--budget", "8", "--costs", "price")
    assert len({"ann", "bob", "eve"} & set(picked("-k", "2", "--quota", "segment=gold:1"))) == 1


def test_the_manifest_holds_the_certificate(shop, invoke):
    invoke("seeds", *SOURCES, *SURE, "-k", "1", "--out", "seeds.csv")
    facts = json.loads((shop / "seeds.csv.manifest.json").read_text())["facts"]
    assert 0.9 < facts["ratio"] <= 1.0
    assert facts["reach_low"] <= 4.0 <= facts["reach_high"]
    assert facts["model"] == "constant"


def test_rules_of_thumb_beside_it(shop, invoke):
    result = invoke("seeds", *SOURCES, *SURE, "-k", "2", "--compare", "--format", "json")
    document = json.loads(result.stdout)
    reached = {row["chosen_by"]: row["reached"] for row in document["comparison"]}
    assert reached["influence seeds"] == max(reached.values()) == pytest.approx(6, rel=0.1)
    assert "Chosen otherwise" in result.stderr


def test_rules_of_thumb_obey_the_same_limits(shop, invoke):
    """ann would be everybody's first."""
    (shop / "no.txt").write_text("id\nann\n", encoding="utf-8")
    result = invoke(
        *("seeds", *SOURCES, *SURE, "-k", "1", "--exclude", "no.txt", "--value", "own", "--compare"),
        *("--format", "json"),
    )
    reached = {row["chosen_by"]: row["reached"] for row in json.loads(result.stdout)["comparison"]}
    assert max(reached.values()) == reached["influence seeds"] == pytest.approx(90, rel=0.1)
    assert "network value" in reached


def test_tables_on_request(shop, invoke):
    assert "by what each reaches" in invoke("reach", *SOURCES, *SURE, "--format", "table").stdout
    shown = invoke("seeds", *SOURCES, *SURE, "-k", "1", "--format", "table").stdout
    assert "certified: at least" in shown


def test_learned_from_a_log(tmp_path, monkeypatch, invoke):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    rows = []
    for item in range(400):  # bob follows half of what ann does, cy a tenth
        rows.append(("ann", f"i{item}", 1_700_000_000 + 86_400 * item))
        rows += [("bob", f"i{item}", rows[-1][2] + 3_600)] if rng.random() < 0.5 else []
        rows += [("cy", f"i{item}", rows[-1][2] + 7_200)] if rng.random() < 0.1 else []
    pl.DataFrame(rows, schema=["customer", "item", "timestamp"], orient="row").write_csv("a.csv")
    pl.DataFrame({"source": ["bob", "cy"], "target": ["ann", "ann"]}).write_csv("f.csv")
    result = invoke("reach", "follows=f.csv", "actions=a.csv", "--model", "learned")
    assert dict(csv_of(result.stdout).select("id", "reach").rows())["ann"] == pytest.approx(1.6, abs=0.1)


def test_columns_of_a_ranking(shop, invoke):
    ranked = csv_of(invoke("rank", *SOURCES, "--reach", "weighted-cascade", "--where", "reach > 1.5").stdout)
    alone = csv_of(invoke("reach", *SOURCES, "--model", "weighted-cascade", "--value", "others").stdout)
    both = ranked.join(alone, on="id", suffix="_alone")
    assert both.height == ranked.height > 0
    assert (both["reach"] == both["reach_alone"]).all()
    assert (both["reached_value"] == both["reached_value_alone"]).all()
    assert ranked["reach"].min() > 1.5


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("seeds", *SOURCES, *SURE), "say how many to pick with -k, or what to spend with --budget"),
        (("seeds", *SOURCES, *SURE, "-k", "9"), "5"),
        (("seeds", *SOURCES, "--model", "constant", "--p", "1.5", "-k", "1"), "1.5"),
        (("seeds", *SOURCES, *SURE, "-k", "1", "--quota", "gold:1"), "must look like segment=gold:10"),
        (("seeds", *SOURCES, *SURE, "-k", "1", "--quota", "segment=brass:1"), "nobody has the label 'brass'"),
        (("seeds", *SOURCES, *SURE, "-k", "1", "--costs", "fee", "--budget", "3"), "no column 'fee'; it has id, clv"),
        (("seeds", *SOURCES, *SURE, "--costs", "price", "--budget", "0.5"), "0.5"),
        (("reach", *SOURCES, "--model", "magic"), "model must be one of auto, learned"),
        (("reach", *SOURCES, "--value", "likes"), "value must be one of people, own"),
        (("reach", *SOURCES, "--model", "learned"), "no acts on items to learn chances from"),
    ],
)
def test_what_cannot_be(shop, status, args, message):
    code, out, err = status(*args)
    assert (code, out) == (2, "")
    assert message in err


def test_an_unknown_id_in_a_list(shop, status):
    pl.DataFrame({"id": ["ann", "zoe"]}).write_csv("list.csv")
    code, _, err = status("seeds", *SOURCES, *SURE, "-k", "1", "--exclude", "list.csv")
    assert code == 2
    assert "--exclude: 1 of 2 ids are nobody's in the data, first 'zoe'" in err
