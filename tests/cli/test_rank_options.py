"""The options that choose, compare, keep and explain: thin, yet each must reach what it names."""

import io
import json

import polars as pl
import pytest

import influence
from influence.config import Settings


@pytest.fixture(scope="module")
def demo():
    return influence.rank(influence.demo_tables()).frame


def rows(result):
    return pl.read_csv(io.StringIO(result.stdout), infer_schema_length=None, schema_overrides={"id": pl.String})


def test_where_and_min_value(invoke, demo, status):
    found = rows(invoke("rank", "--demo", "--where", "quadrant = 'Advocate' or hidden_gem", "--min-value", "40"))
    expected = demo.filter(
        ((pl.col("quadrant") == "Advocate") | pl.col("hidden_gem")) & (pl.col("network_value") >= 40)
    )
    assert found["id"].to_list() == expected["id"].to_list()
    assert found["rank"].to_list() == expected["rank"].to_list()
    labels = rows(invoke("rank", "--demo", "--where", "segment = '1997-02' and nps >= 9"))
    assert 0 < labels.height < 200
    code, _, said = status("rank", "--demo", "--where", "segmnt = 'x'")
    assert code == 2
    assert "'segment'" in said


def test_exclude_and_since(invoke, demo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "called.txt").write_text("\n".join(demo["id"].head(3)))
    invoke("rank", "--demo", "--out", "before.csv", "--as-of", "1998-03-31")
    result = invoke("rank", "--demo", "--exclude", "called.txt", "--since", "before.csv")
    found = rows(result)
    assert found["id"].to_list() == demo["id"].to_list()[3:]
    assert found["rank"][0] == 4
    assert set(found["movement"]) <= {"rose", "fell", "unchanged", "entered"}
    before = pl.read_csv("before.csv", schema_overrides={"id": pl.String})
    was = dict(before.select("id", "rank").rows())
    assert all(was[row["id"]] == row["previous_rank"] for row in found.head(50).iter_rows(named=True))
    assert "since before.csv:" in result.stderr
    assert "rank by" in invoke("rank", "--demo", "--since", "before.csv", "-f", "table").stdout


def test_detractors(invoke):
    found = rows(invoke("rank", "--demo", "--detractors"))
    queue = influence.rank(influence.demo_tables()).detractors().to_polars()
    assert found["id"].to_list() == queue["id"].to_list()
    assert (found["negative_value"] < 0).all()
    assert found["urgency"].is_sorted(descending=True)
    text = invoke("rank", "--demo", "--detractors", "-f", "table").stdout
    assert "the most pressing first" in text
    assert queue["id"][0] in text


def test_without_intervals_and_without_fit(invoke, demo):
    quick = rows(invoke("rank", "--demo", "--no-intervals"))
    assert quick["low"].null_count() == quick["p_top"].null_count() == quick.height
    assert quick["network_value"].to_list() == demo["network_value"].to_list()
    plain = rows(invoke("rank", "--demo", "--no-fit"))
    assert set(plain["own_value_origin"]) == {"recent spend"}


def test_a_kept_model(invoke, tmp_path, monkeypatch, status):
    monkeypatch.chdir(tmp_path)
    first = invoke("rank", "--demo", "--save-model", "fit.json")
    assert json.loads((tmp_path / "fit.json").read_text())["format"] == "influence fit"
    again = invoke("rank", "--demo", "--model", "fit.json")
    assert again.stdout == first.stdout
    assert "as it was fitted until" in again.stderr
    code, _, said = status("rank", "--demo", "--model", "none.json")
    assert code == 3
    assert "--save-model" in said


def test_money_options(invoke, demo, status):
    half = rows(invoke("rank", "--demo", "--margin", "0.5", "--no-intervals"))
    own = dict(demo.select("id", "own_value").rows())
    assert all(row[1] == pytest.approx(0.5 * own[row[0]]) for row in half.select("id", "own_value").head(20).rows())
    code, _, said = status("rank", "--demo", "--currency", "EUR")
    assert code == 3
    assert "transactions are in USD" in said


def test_bootstrap_is_the_number_of_replicates(invoke):
    found = rows(invoke("rank", "--demo", "--bootstrap", "7"))
    steps = (found["p_top"] * 7).round(6)
    assert (steps == steps.round()).all()
    assert Settings().replicates != 7
