"""The manifest says what a run was made of, in plain JSON and without secrets."""

import hashlib
import importlib.metadata
import json

import polars as pl
import pytest

import influence
from influence.config import Settings
from influence.export import manifest, manifest_path, write_manifest


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setenv("NEO4J_PASSWORD", "hunter2-secret")
    monkeypatch.chdir(tmp_path)
    pl.DataFrame({"source": ["b", "c"], "target": ["a", "a"]}).write_csv("f.csv")
    pl.DataFrame({"id": ["a", "b"], "clv": [1.0, 2.0]}).write_csv("crm.csv")
    settings = Settings(seed=7, reaction_weights={"reply": 0.9})
    tables = influence.read_tables(["follows=f.csv", "customers=crm.csv"])
    ranking = influence.rank(tables, settings=settings)
    return manifest("rank", ranking, tables, settings, {"read": 0.12345, "score": 2.0}), ranking, settings


def test_content(made, tmp_path):
    content, ranking, settings = made
    assert content["influence"] == influence.__version__
    assert content["command"] == "rank"
    assert content["settings"] == settings.as_dict()
    assert content["settings"]["reaction_weights"] == {"reply": 0.9}
    digest = hashlib.sha256((tmp_path / "f.csv").read_bytes()).hexdigest()
    assert content["inputs"][0] == {"path": "f.csv", "role": "follows", "rows": 2, "sha256": digest}
    assert [file["role"] for file in content["inputs"]] == ["follows", "customers"]
    assert content["facts"] == dict(ranking.facts)
    assert content["notes"] == list(ranking.notes)
    assert content["rows"] == 2
    assert content["timings"] == {"read": 0.123, "score": 2.0}
    assert set(content["libraries"]) == {"python", "numba", "numpy", "polars"}
    assert content["libraries"]["polars"] == importlib.metadata.version("polars")


def test_is_written_as_plain_json(made, tmp_path):
    content = made[0]
    path = tmp_path / "out" / "run.json"
    path.parent.mkdir()
    write_manifest(content, path)
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(content))
    assert text.endswith("}\n")
    assert [entry.name for entry in path.parent.iterdir()] == ["run.json"]


def test_no_secret_and_no_place_that_was_not_given(made, tmp_path):
    text = json.dumps(made[0])
    assert "hunter2" not in text
    assert "NEO4J" not in text
    assert str(tmp_path) not in text  # files are named as they were given


def test_what_is_not_a_number_is_refused(made, tmp_path):
    path = tmp_path / "m.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_manifest({"facts": float("nan")}, path)
    assert path.read_text(encoding="utf-8") == "old"


@pytest.mark.slow
def test_facts_of_every_kind_of_run_are_plain_json():
    settings = Settings(bootstrap=3)
    tables = influence.demo_tables()
    learned = influence.rank(tables, settings=settings.replace(rate="learned"))
    undated = influence.rank(follows=pl.DataFrame({"source": ["b"], "target": ["a"]}))
    tested = influence.backtest(tables, settings=settings, placebos=1)
    for result in (learned, undated, tested):
        json.dumps(manifest("x", result, tables, settings, {}), allow_nan=False)


def test_stands_beside_the_output(tmp_path):
    assert manifest_path(tmp_path / "scores.csv") == tmp_path / "scores.csv.manifest.json"
