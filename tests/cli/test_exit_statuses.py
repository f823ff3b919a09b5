"""How a run ends: its status, and one message that says what to do."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import influence.api
from influence.cli import app as app_module

SOURCES = ("follows=f.csv", "interactions=e.csv", "customers=c.csv")


def test_good(folder, status):
    code, out, _ = status("rank", *SOURCES)
    assert code == 0
    assert out.startswith("rank,id,")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("rank",), "nothing to read: give files as ROLE=path"),
        (("rank", "--demo", "f.csv"), "--demo brings its own data"),
        (("rank", "folows=f.csv"), "did you mean follows=f.csv"),
        (("rank", *SOURCES, "--format", "xlsx"), "--format must be one of table, csv, json, jsonl, parquet"),
        (("rank", *SOURCES, "--format", "parquet"), "Parquet is not text: give a file with --out"),
        (("rank", *SOURCES, "--format", "table", "--out", "x.csv"), "--format table goes to the terminal"),
        (("rank", *SOURCES, "--out", "scores"), "cannot tell the format from the name"),
        (("rank", *SOURCES, "--as-of", "soon"), "is no ISO date"),
        (("rank", *SOURCES, "--rate", "best"), "rate must be one of auto, rule, learned"),
        (("rank", *SOURCES, "--horizon", "-1"), "horizon_days must be 0 or more"),
        (("rank", *SOURCES, "--config", "none.toml"), "none.toml: cannot be read as TOML"),
        (("rank", *SOURCES, "--time-unit", "years"), "years"),
        (("evaluate", *SOURCES, "--cut", "1999-01-01"), "lies outside the data"),
    ],
)
def test_usage(folder, status, args, says):
    code, out, err = status(*args)
    assert code == 2
    assert out == ""
    assert err.splitlines()[-1].startswith("Error: ")
    assert says in err
    assert "Traceback" not in err
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize(
    "args",
    [
        ("rank", "--nope"),
        ("rnak",),
        ("rank", "--top", "0"),
        ("rank", "--top", "x"),
        ("rank", "--threads", "0"),
        ("evaluate", "--bootstrap", "0"),
    ],
)
def test_options_that_there_are_not(folder, status, args):
    code, out, err = status(*args)
    assert code == 2
    assert out == ""
    assert err.startswith("Usage: ")
    assert "Error" in err


def test_settings_file_with_a_slip(folder, status):
    (folder / "influence.toml").write_text("horizon_dayz = 3\n", encoding="utf-8")
    code, _, err = status("rank", *SOURCES)
    assert code == 2
    assert "influence.toml: unknown setting 'horizon_dayz'; did you mean 'horizon_days'?" in err


def test_bad_data(folder, status):
    (folder / "e.csv").write_text("source,target,type,timestamp\nbob,ann,reply,soon\n", encoding="utf-8")
    code, out, err = status("rank", *SOURCES, "--out", "scores.csv")
    assert code == 3
    assert out == ""
    assert "e.csv" in err
    assert "soon" in err
    assert not (folder / "scores.csv").exists()
    code, _, err = status("rank", "follows=none.csv")
    assert code == 3
    assert "none.csv: no such file" in err
    code, _, err = status("evaluate", "follows=f.csv")
    assert code == 3
    assert "nothing carries a date" in err


def test_a_place_that_cannot_be_written(folder, status):
    code, _, err = status("rank", *SOURCES, "--out", "none/scores.csv")
    assert code == 1
    assert "none/scores.csv: there is no folder 'none'; make it first" in err


def test_errors_are_said_even_when_quiet(folder, status):
    code, _, err = status("rank", "follows=none.csv", "--quiet")
    assert code == 3
    assert "no such file" in err


def test_out_of_memory(folder, status, monkeypatch):
    def greedy(*args, **kwargs):
        raise MemoryError

    monkeypatch.setattr(influence.api, "rank", greedy)
    code, _, err = status("rank", *SOURCES)
    assert code == 1
    assert "out of memory" in err
    assert "Traceback" not in err


def test_a_fault_of_the_program_is_not_hidden(folder, monkeypatch):
    def wrong(*args, **kwargs):
        raise RuntimeError("a fault")

    monkeypatch.setattr(influence.api, "rank", wrong)
    monkeypatch.setattr(sys, "argv", ["influence", "rank", *SOURCES])
    with pytest.raises(RuntimeError, match="a fault"):
        app_module.main()


def busy_seconds(pid):
    """Return the processor time of a process: a busy machine takes longer to get to work."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        time.sleep(4.0)
        return 4.0
    user, system = stat.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("cause", [None, ValueError("x"), KeyboardInterrupt()])
def test_ctrl_c_inside_a_compiled_call(folder, status, monkeypatch, cause):
    """What C code makes of an interrupt is a SystemError that it caused; any other is a fault and not hidden."""

    def interrupted(*args, **kwargs):
        raise SystemError("returned a result with an exception set") from cause

    monkeypatch.setattr(influence.api, "rank", interrupted)
    if isinstance(cause, KeyboardInterrupt):
        code, out, err = status("rank", *SOURCES)
        assert (code, out) == (130, "")
        assert err == "Interrupted; nothing was written.\n"
    else:
        monkeypatch.setattr(sys, "argv", ["influence", "rank", *SOURCES])
        with pytest.raises(SystemError):
            app_module.main()


@pytest.mark.slow
@pytest.mark.parametrize(
    "args",
    [
        ("evaluate", "--demo", "--bootstrap", "1000000"),
        ("centrality", "follows=large.csv", "-m", "betweenness", "-m", "closeness"),
        ("seeds", "follows=large.csv", "-k", "2000", "--model", "constant", "--p", "0.05", "--target-ratio", "1"),
    ],
)
def test_ctrl_c(folder, process, args):
    """It stops within a second or so, says so, and leaves nothing half-written."""
    (folder / "scores.csv").write_text("old", encoding="utf-8")
    people = np.random.default_rng(1).integers(0, 60_000, (600_000, 2))
    lines = [f"u{source},u{target}" for source, target in people.tolist()]
    (folder / "large.csv").write_text("source,target\n" + "\n".join(lines), encoding="utf-8")
    running = process(*args, "--out", "scores.csv", wait=False)
    deadline = time.monotonic() + 60
    while busy_seconds(running.pid) < 4.0 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert running.poll() is None, "it should still be at work"
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    try:
        out, err = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 130, err.decode()
    assert time.monotonic() - began < 5.0
    assert out == b""
    assert "Traceback" not in err.decode()
    assert (folder / "scores.csv").read_text(encoding="utf-8") == "old"
    assert {entry.name for entry in folder.iterdir()} == {"f.csv", "e.csv", "c.csv", "large.csv", "scores.csv"}


@pytest.mark.slow
def test_a_reader_that_has_enough(folder, process):
    """`influence rank --demo | head -1` ends quietly."""
    running = process("rank", "--demo", "--quiet", wait=False)
    first = running.stdout.readline()
    running.stdout.close()
    err = running.stderr.read().decode()
    code = running.wait(timeout=60)
    running.stderr.close()
    assert first.startswith(b"rank,id,network_value")
    assert err == ""
    assert code in (0, 1)


@pytest.mark.slow
def test_a_reader_that_never_was(folder, process):
    reader = subprocess.Popen([sys.executable, "-c", "pass"], stdin=subprocess.PIPE)
    reader.wait(timeout=60)
    running = process("rank", "--demo", "--quiet", wait=False, stdout=reader.stdin)
    reader.stdin.close()
    _, err = running.communicate(timeout=60)
    assert err == b""
    assert running.returncode in (0, 1)
