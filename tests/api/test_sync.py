"""`influence sync`: run it every night, kill it when you like."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import polars as pl
import pytest
from sync_shop import Shop

from influence.api import SyncSettings, sync
from influence.cli.app import main
from influence.errors import DataError, UsageError
from influence.store.lock import LockedError, writing


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def crm_of(out):
    """Return what HubSpot holds after every delivery, in order, and check that equal content has equal keys."""
    people, keys = {}, {}
    for folder in sorted(out.glob("hubspot-*")):
        for path in [*sorted(folder.glob("update-*.jsonl")), *sorted(folder.glob("upsert-*.jsonl"))]:
            for line in path.read_text("utf-8").splitlines():
                for record in json.loads(line)["inputs"]:
                    said = (record["id"], json.dumps(record["properties"], sort_keys=True))
                    trace = record["objectWriteTraceId"]
                    assert keys.setdefault(said, trace) == trace
                    held = people.setdefault(record["id"], {})
                    held.update(record["properties"])
    return {key: fields for key, fields in people.items() if any(fields.values())}


def expected(out):
    """Return what it should hold by the ranking that was saved: who is in it, and what is worth writing of each."""
    frame = pl.read_parquet(out / "scores.parquet")
    return {f"{row['id']}@x.org": round(row["network_value"], 2) for row in frame.iter_rows(named=True)}


def held_values(out):
    return {key: float(fields["influence_network_value"]) for key, fields in crm_of(out).items()}


def test_a_first_night_a_quiet_one_and_a_busy_one(shop):
    path = shop.configure()
    shop.next_night()
    first = sync(path)
    assert first["status"] == "done"
    assert first["previous"] is None
    assert first["load"]["added"].keys() == {"follows", "interactions"}
    assert first["exports"][0]["new"] == 40
    quiet = sync(path)
    assert quiet["load"]["added"] == {}
    assert quiet["exports"][0]["folder"] is None
    assert quiet["previous"]["exports"][0]["new"] == 40
    shop.next_night(leave=2)
    busy = sync(path)
    assert busy["load"]["added"] == {"interactions": 30}
    assert busy["load"]["files_loaded_before"] == 2
    assert busy["exports"][0]["cleared"] == 2
    assert held_values(shop.folder / "out") == expected(shop.folder / "out")


def test_paths_start_from_the_settings_whatever_the_folder_is(shop, monkeypatch, tmp_path_factory):
    path = shop.configure()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert sync(path)["load"]["no_files"] == [str(shop.folder / "inbox" / "*.csv")]
    assert (shop.folder / "out" / "scores.parquet.manifest.json").exists()


def test_without_a_store_everything_is_read_each_time(shop):
    path = shop.configure(store="", sources=["follows=follows.csv", "customers=customers.csv"], snapshots=[])
    text = path.read_text("utf-8").replace('store = ""\n', "")
    path.write_text(text, "utf-8")
    assert sync(path)["exports"][0]["new"] == 40
    assert not (shop.folder / "store").exists()


def test_one_line_of_json_and_an_exit_status(shop, capsys, monkeypatch):
    path = shop.configure()
    monkeypatch.setattr(sys, "argv", ["influence", "sync", "--config", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, None)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    summary = json.loads(out)
    assert summary == json.loads((shop.folder / "out" / "last_sync.json").read_text("utf-8"))
    assert "@x.org" not in out  # nobody is named in a log
    monkeypatch.setattr(sys, "argv", ["influence", "sync", "--config", str(path), "--last"])
    with pytest.raises(SystemExit):
        main()
    assert json.loads(capsys.readouterr().out) == summary


def test_a_night_that_fails_says_so_and_the_next_goes_on(shop, capsys, monkeypatch):
    path = shop.configure()
    shop.next_night()
    sync(path)
    bad = shop.events / "999.csv"
    bad.write_text("source,target,type,timestamp,id\np001,p002,dance,2026-01-05,x\n", "utf-8")
    monkeypatch.setattr(sys, "argv", ["influence", "sync", "--config", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "failed"
    assert "999.csv" in told["error"]
    last = json.loads((shop.folder / "out" / "last_sync.json").read_text("utf-8"))
    assert (last["status"], last["previous"]["status"]) == ("failed", "done")
    bad.unlink()
    mended = sync(path)
    assert (mended["status"], mended["exports"][0]["folder"]) == ("done", None)


def test_two_at_once_are_kept_apart_and_a_dead_one_holds_nothing(shop):
    path = shop.configure()
    out = shop.folder / "out"
    out.mkdir()
    with writing(out, 0.0), pytest.raises(LockedError, match="another writer is at work"):
        sync(path)
    code = f"import os, sys; from pathlib import Path; from influence.store.lock import writing\n" \
           f"with writing(Path({str(out)!r}), 0.0): os._exit(9)"  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=False)
    assert (out / "lock").exists()
    assert sync(path)["status"] == "done"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exprot": ["csv"]}, "did you mean 'export'"),
        ({"export": ["hubspott"]}, "export names 'hubspott'"),
        ({"export": "csv"}, "export must be a list"),
        ({"send": "yes"}, "send must be true or false"),
        ({"sources": ["follows.csv"]}, "must be written ROLE=path"),
        ({"snapshots": ["follows=follows.csv"]}, "is no snapshot; these are customers"),
        ({"write_back": True}, "write_back needs a store that is a Neo4j"),
        ({"run": "scores.xlsx"}, "end it in"),
        ({"out": ""}, "out must be text"),
    ],
)
def test_settings_that_cannot_be_are_named(shop, changes, message):
    path = shop.configure(**changes)
    with pytest.raises(UsageError, match=message) as caught:
        SyncSettings.read(path)
    assert str(path) in str(caught.value)


def test_a_settings_file_without_sync_is_told(tmp_path, invoke):
    path = tmp_path / "influence.toml"
    path.write_text("seed = 1\n", "utf-8")
    with pytest.raises(UsageError, match=r"no table \[sync\]"):
        invoke("sync", "--config", path)
    with pytest.raises(UsageError, match="no such file"):
        invoke("sync", "--config", tmp_path / "nowhere.toml")


def test_a_missing_file_is_an_error_and_a_missing_night_is_not(shop):
    path = shop.configure(sources=["follows=nowhere.csv"])
    with pytest.raises(DataError, match=r"nowhere\.csv"):
        sync(path)


def run(path, **how):
    return subprocess.Popen(
        [sys.executable, "-m", "influence", "sync", "--config", str(path), "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        **how,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs flock and SIGKILL")
def test_killed_thirty_times_at_random_moments(shop):
    path, out, chance = shop.configure(), shop.folder / "out", random.Random(11)
    began = time.perf_counter()
    first = run(path)
    first.communicate()
    assert first.returncode == 0
    usual = time.perf_counter() - began
    killed = night = 0
    while killed < 30:
        assert night < 80
        shop.next_night(leave=night % 9 == 4)
        process = run(path)
        # half of the time goes into starting; what is worth interrupting comes after
        time.sleep(usual * chance.uniform(0.3, 0.9))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        night += 1
        if night % 8 == 0:
            done = run(path)
            printed, told = done.communicate()
            assert done.returncode == 0, told
            assert json.loads(printed)["status"] == "done"
            assert held_values(out) == expected(out)
            assert not [name for name in out.iterdir() if name.name.endswith(".part")]
    sync(path)
    assert held_values(out) == expected(out)
    assert sync(path)["exports"][0]["folder"] is None
    clean = Shop.__new__(Shop)
    clean.__dict__ |= shop.__dict__
    clean.folder = shop.folder / "clean"
    clean.folder.mkdir()
    for name in ("follows.csv", "customers.csv", "inbox"):
        (clean.folder / name).symlink_to(shop.folder / name)
    sync(clean.configure())
    assert held_values(clean.folder / "out") == held_values(out)
