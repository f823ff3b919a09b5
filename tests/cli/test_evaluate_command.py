"""`influence evaluate`: the table as data, the verdict for people."""

import datetime as dt
import io
import json

import polars as pl
import pytest

import influence
from influence.config import Settings

SHORT = ("--bootstrap", "5", "--placebos", "0")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [
        (who, f"item{day}", dt.date(2024, 1, 1) + dt.timedelta(days=day + place))
        for day in range(120)
        for place, who in enumerate(("ann", "bob", "cy"))
        if (day + place) % 3
    ]
    pl.DataFrame(rows, schema=["customer", "item", "timestamp"], orient="row").write_csv("a.csv")
    pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "bob", "ann"]}).write_csv("f.csv")
    return tmp_path


def test_csv_in_a_pipe_and_the_verdict_beside_it(shop, invoke):
    result = invoke("evaluate", "follows=f.csv", "actions=a.csv", "--cut", "2024-03-01", *SHORT)
    assert result.exit_code == 0
    frame = pl.read_csv(io.StringIO(result.stdout))
    expected = influence.backtest(
        f"follows={shop}/f.csv", f"actions={shop}/a.csv", settings=Settings(bootstrap=5), cut="2024-03-01", placebos=0
    )
    assert frame["score"].to_list() == expected.frame["score"].to_list()
    assert frame["ndcg"].to_list() == expected.frame["ndcg"].to_list()
    assert frame["score"][-1] == "ours − best baseline"
    for line in expected.verdict:
        assert line in result.stderr
        assert line not in result.stdout
    quiet = invoke("evaluate", "follows=f.csv", "actions=a.csv", "--cut", "2024-03-01", *SHORT, "--quiet")
    assert quiet.stdout == result.stdout
    assert quiet.stderr == ""


def test_json_is_one_document(shop, invoke):
    result = invoke("evaluate", "follows=f.csv", "actions=a.csv", *SHORT, "--format", "json")
    document = json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert set(document) == {"rows", "verdict", "facts", "notes"}
    assert document["rows"][0]["score"] == "network value"
    assert document["verdict"][-1] == "A backtest is not a causal proof."
    assert document["facts"]["settings"]["bootstrap"] == 5


def test_a_table_for_people(shop, invoke):
    result = invoke("evaluate", "follows=f.csv", "actions=a.csv", "--cut", "2024-03-01", *SHORT, "-f", "table")
    assert "people scored before 2024-03-01" in result.stdout
    assert "network value" in result.stdout
    assert "NDCG" in result.stdout
    assert "PageRank" in result.stdout
    assert "nan" not in result.stdout.lower().replace("ann", "")


def test_out_and_manifest(shop, invoke):
    result = invoke("evaluate", "follows=f.csv", "actions=a.csv", *SHORT, "--out", "bt.parquet")
    assert result.stdout == ""
    assert pl.read_parquet("bt.parquet")["score"][0] == "network value"
    content = json.loads((shop / "bt.parquet.manifest.json").read_text(encoding="utf-8"))
    assert content["command"] == "evaluate"
    assert content["settings"]["bootstrap"] == 5
    assert content["facts"]["cut"].startswith("2024-")


def test_options_reach_the_backtest(shop, invoke):
    def facts(*args):
        result = invoke("evaluate", "follows=f.csv", "actions=a.csv", "-f", "json", *args)
        return json.loads(result.stdout)["facts"]

    assert facts(*SHORT, "--horizon", "10")["horizon_days"] == 10
    assert facts(*SHORT, "--cut", "2024-03-05")["cut"] == "2024-03-05T00:00:00Z"
    assert facts(*SHORT, "--rate", "rule")["rate"] == "rule"
    assert facts(*SHORT, "--seed", "3")["settings"]["seed"] == 3
    assert len(facts("--bootstrap", "5", "--placebos", "2")["placebo_excess"]) <= 2
    assert facts(*SHORT)["placebo_excess"] is None


def test_the_demo(invoke):
    result = invoke("evaluate", "--demo", "--bootstrap", "5", "--placebos", "1")
    assert result.exit_code == 0
    assert pl.read_csv(io.StringIO(result.stdout)).height == 11
    assert "On rewired ties" in result.stderr
    assert "join is synthetic" in result.stderr
