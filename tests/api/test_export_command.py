"""`influence export`, as it is used."""

import csv
import json

import polars as pl
import pytest

from influence.errors import DataError, InfluenceError, UsageError

FOLLOWS = "source,target\nbob,ann\ncy,ann\ndee,ann\ndee,cy\nann,cy\n"
CUSTOMERS = "id,clv,mail\nann,10,ann@x.org\nbob,90,bob@x.org\ncy,50,\ndee,20,dee@x.org\n"


@pytest.fixture
def shop(tmp_path, invoke):
    (tmp_path / "follows.csv").write_text(FOLLOWS, "utf-8")
    (tmp_path / "customers.csv").write_text(CUSTOMERS, "utf-8")
    done = invoke(
        "rank",
        f"follows={tmp_path / 'follows.csv'}",
        f"customers={tmp_path / 'customers.csv'}",
        "--out",
        tmp_path / "run.parquet",
    )
    assert done.exit_code == 0, done.stderr
    return tmp_path


def test_a_table_of_all_in_the_order_of_the_ranking(shop, invoke):
    done = invoke("export", "csv", "--run", shop / "run.parquet")
    assert done.exit_code == 0, done.stderr
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [row["id"] for row in rows][:2] == ["ann", "cy"]
    assert [int(row["rank"]) for row in rows] == [1, 2, 3, 4]
    for form in ("csv", "jsonl", "parquet"):
        out = shop / f"all.{form}"
        assert invoke("export", form, "--run", shop / "run.parquet", "--out", out).exit_code == 0
        assert out.exists()
    assert pl.read_parquet(shop / "all.parquet")["id"].to_list() == pl.read_ndjson(shop / "all.jsonl")["id"].to_list()


def test_the_key_of_the_crm_comes_from_the_customers(shop, invoke):
    (shop / "influence.toml").write_text("[export.hubspot]\nkey = 'mail'\n", "utf-8")
    args = (
        "export",
        "hubspot",
        "--run",
        shop / "run.parquet",
        "--out",
        shop / "out",
        "--config",
        shop / "influence.toml",
    )
    with pytest.raises(UsageError, match="--customers"):
        invoke(*args)
    done = invoke(*args, "--customers", shop / "customers.csv", "--json")
    assert done.exit_code == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["new"], summary["left_out"]) == (3, 1)
    assert "cy (no mail)" in done.stderr
    assert "Nothing was sent" in done.stderr
    body = json.loads((shop / "out" / "hubspot-000001" / "upsert-0001.jsonl").read_text("utf-8"))
    assert {record["id"] for record in body["inputs"]} == {"ann@x.org", "bob@x.org", "dee@x.org"}
    manifest = json.loads((shop / "out" / "hubspot-000001" / "manifest.json").read_text("utf-8"))
    assert manifest["counts"]["new"] == 3
    assert manifest["facts"]["listed"] == 4
    again = invoke(*args, "--customers", shop / "customers.csv")
    assert "Nothing to write" in again.stderr


def test_a_store_gives_the_customers(shop, invoke):
    files = [f"follows={shop / 'follows.csv'}", f"customers={shop / 'customers.csv'}"]
    assert invoke("load", *files, "--into", shop / "store").exit_code == 0
    (shop / "influence.toml").write_text("[export]\nkey = 'mail'\n", "utf-8")
    run = ("--run", shop / "run.parquet", "--config", shop / "influence.toml")
    done = invoke("export", "identify", shop / "store", *run, "--out", shop / "out")
    assert done.exit_code == 0, done.stderr
    assert "ann@x.org" in (shop / "out" / "identify-000001" / "identify-0001.jsonl").read_text("utf-8")


def test_whom_to_suppress_is_cleared_though_an_older_ranking_holds_her(shop, invoke):
    run = ("export", "hubspot", "--run", shop / "run.parquet", "--out", shop / "out")
    assert invoke(*run).exit_code == 0
    (shop / "no.txt").write_text("bob\n", "utf-8")
    done = invoke(*run, "--suppress", shop / "no.txt")
    assert done.exit_code == 0, done.stderr
    body = json.loads((shop / "out" / "hubspot-000002" / "update-0001.jsonl").read_text("utf-8"))
    assert [(record["id"], set(record["properties"].values())) for record in body["inputs"]] == [("bob", {""})]
    assert not (shop / "out" / "hubspot-000002" / "upsert-0001.jsonl").exists()


def test_part_of_a_ranking_clears_nobody(shop, invoke):
    assert invoke("export", "hubspot", "--run", shop / "run.parquet", "--out", shop / "out").exit_code == 0
    top = shop / "top.parquet"
    files = [f"follows={shop / 'follows.csv'}", f"customers={shop / 'customers.csv'}"]
    assert invoke("rank", *files, "--top", "1", "--out", top).exit_code == 0
    done = invoke("export", "hubspot", "--run", top, "--out", shop / "out")
    assert "1 of 4 people" in done.stderr
    assert "Nothing to write" in done.stderr
    (shop / "top.parquet.manifest.json").unlink()
    bare = invoke("export", "hubspot", "--run", top, "--out", shop / "out")
    assert "no manifest" in bare.stderr
    assert "cleared" not in bare.stderr.replace("fields are cleared", "")


def test_definitions_for_the_administrator(invoke, tmp_path):
    sales = list(csv.DictReader(invoke("export", "salesforce", "--definitions").stdout.splitlines()))
    assert sales[0]["type"] == "Text(255), External ID, Unique"
    assert {row["api_name"] for row in sales} >= {"Influence_Network_Value__c", "Influence_Quadrant__c"}
    hub = json.loads(invoke("export", "hubspot", "--definitions").stdout)
    assert {one["name"] for one in hub["inputs"]} >= {"influence_network_value"}
    assert invoke("export", "identify", "--definitions").stdout.startswith("name,label,type,description\n")


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        (("hubspott", "--run", "RUN", "--out", "o"), UsageError, "did you mean 'hubspot'"),
        (("hubspot", "--out", "o"), UsageError, "--run"),
        (("hubspot", "--run", "RUN"), UsageError, "--out"),
        (("csv", "--run", "RUN", "--out", "x.parquet"), UsageError, "does not end in .csv"),
        (("parquet", "--run", "RUN"), UsageError, "give a file with --out"),
        (("csv", "--run", "RUN", "--send"), UsageError, "sent nowhere"),
        (("csv", "--run", "nowhere.parquet"), DataError, "no such file"),
    ],
)
def test_what_cannot_be_is_told(shop, invoke, args, error, message, monkeypatch):
    monkeypatch.chdir(shop)
    with pytest.raises(error, match=message):
        invoke("export", *(shop / "run.parquet" if arg == "RUN" else arg for arg in args))


def test_a_folder_that_cannot_be_is_told(shop, invoke):
    (shop / "file").write_text("x")
    with pytest.raises(InfluenceError, match="cannot be written"):
        invoke("export", "hubspot", "--run", shop / "run.parquet", "--out", shop / "file")
