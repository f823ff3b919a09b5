"""`influence load` as people run it, and a store where they name a source."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from influence.cli.app import app
from influence.store import DirectoryStore


@pytest.fixture
def files(tmp_path):
    (tmp_path / "follows.csv").write_text("follower,followee\nbob,ann\ncy,ann\ndee,cy\n")
    (tmp_path / "events.csv").write_text(
        "id,actor,target,type,timestamp\n1,bob,ann,like,2020-01-01\n2,cy,ann,share,2020-01-02\n"
    )
    (tmp_path / "more.csv").write_text(
        "id,actor,target,type,timestamp\n2,cy,ann,share,2020-01-02\n3,eve,bob,reply,2020-01-05\n"
    )
    (tmp_path / "crm.csv").write_text("id,clv\nann,5\nbob,50\n")
    (tmp_path / "crm2.csv").write_text("id,clv\nann,7\ncy,8\n")
    return {path.stem: str(path) for path in tmp_path.glob("*.csv")}


def invoke(*arguments):
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def run(*arguments, folder=None):
    """Run the command as a process; errors become exit statuses only there."""
    return subprocess.run(
        [sys.executable, "-m", "influence", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])},
    )


def test_what_was_added_skipped_and_replaced(files, tmp_path):
    store = tmp_path / "store"
    result = invoke("load", files["follows"], "--interactions", files["events"], files["crm"], "--into", store)
    assert result.stdout == ""
    assert "Note: " in result.stderr
    assert "3 follows, 2 interactions, 2 customers; 4 new people, 3 new ties" in result.stderr
    assert "The store holds 3 follows, 2 interactions, 2 customers; 4 people, 3 ties" in result.stderr

    result = invoke("load", files["follows"], files["more"], f"customers={files['crm2']}", "--into", store)
    assert "1 interactions, 2 customers; 1 new people, 1 new ties" in result.stderr
    assert f"Skipped, loaded before: {files['follows']}\n" in result.stderr
    assert "Skipped, interactions whose id was seen before: 1\n" in result.stderr
    assert "Replaced, customers of whom there was an older row: 1\n" in result.stderr
    assert "The store holds 3 follows, 3 interactions, 3 customers; 5 people, 4 ties" in result.stderr

    result = invoke("load", files["more"], "--into", store, "--quiet")
    assert (result.stdout, result.stderr) == ("", "")
    assert DirectoryStore(store).info.generation == 2


def test_a_summary_as_json(files, tmp_path):
    result = invoke("load", files["follows"], "--into", tmp_path / "store", "--format", "json", "-q")
    summary = json.loads(result.stdout)
    assert summary["added"] == {"follows": 3}
    assert summary["totals"]["ties"] == 3
    assert summary["loaded"][0]["path"] == files["follows"]


def test_rank_and_evaluate_read_a_store(files, tmp_path):
    store = tmp_path / "store"
    invoke("load", files["follows"], files["events"], files["crm"], "--into", store, "-q")
    sources = [files["follows"], files["events"], files["crm"]]
    assert invoke("rank", store, "-q").stdout == invoke("rank", *sources, "-q").stdout
    assert invoke("rank", store, "-q", "--include-non-customers").stdout.count("\n") == 5
    manifest = tmp_path / "m.json"
    invoke("rank", store, "-q", "--manifest", manifest)
    inputs = json.loads(manifest.read_text())["inputs"]
    assert [entry["role"] for entry in inputs] == ["follows", "interactions", "customers"]
    assert all(Path(entry["path"]).parent == store / "data" for entry in inputs)


@pytest.mark.slow
def test_the_demo_through_a_store_to_the_byte(tmp_path):
    for command in (["rank"], ["evaluate", "--bootstrap", "10", "--placebos", "1"]):
        store = tmp_path / "store"
        assert run("load", "--demo", "--into", store, "-q").returncode == 0
        from_store, direct = run(*command, store, "-f", "csv"), run(*command, "--demo", "-f", "csv")
        assert from_store.returncode == direct.returncode == 0, from_store.stderr
        assert from_store.stdout == direct.stdout
        assert from_store.stdout.count("\n") > 3


@pytest.mark.slow
@pytest.mark.data
def test_higgs_mini_through_a_store_to_the_byte(tmp_path, data_folder):
    sources = [f"{data_folder}/higgs-mini/follows.csv.gz", f"{data_folder}/higgs-mini/interactions.csv.gz"]
    for source in reversed(sources):
        assert run("load", source, "--into", tmp_path / "store", "-q").returncode == 0
    assert run("rank", tmp_path / "store", "-q").stdout == run("rank", *sources, "-q").stdout


@pytest.mark.slow
def test_exit_statuses(files, tmp_path):
    store = tmp_path / "store"
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "notes.txt").write_text("mine")
    assert run("load", files["follows"], "--into", store, "-q").returncode == 0

    def fails(status, words, *arguments):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (status, ""), done
        assert words in done.stderr
        assert done.stderr.count("\n") == 1

    fails(2, "--into is missing", "load", files["follows"])
    fails(2, "nothing to read", "load", "--into", store)
    fails(2, "--format must be json", "load", files["follows"], "--into", store, "-f", "csv")
    fails(2, "given beside it", "rank", store, files["follows"])
    fails(2, "into itself", "load", store, "--into", store)
    fails(3, "not a store", "load", files["follows"], "--into", tmp_path / "else")
    fails(3, "not a store", "rank", tmp_path / "else")
    segment = next((store / "data").glob("follows-*"))
    segment.write_bytes(segment.read_bytes()[:-1] + b"x")
    fails(3, "damaged", "rank", store)

    from influence.store.lock import writing

    with writing(store, 1):
        done = run("load", files["events"], "--into", store, "--lock-timeout", "0.1", "-q")
    assert done.returncode == 4
    assert f"process {os.getpid()} on" in done.stderr
