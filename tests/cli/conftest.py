"""What the tests of the command line share."""

import os
import subprocess
import sys

import polars as pl
import pytest
from cli_processes import default_interrupt

from influence.cli.app import main

FOLLOWS = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})
EVENTS = pl.DataFrame(
    {
        "source": ["bob", "cy", "dee", "bob"],
        "target": ["ann", "ann", "cy", "cy"],
        "type": ["reply", "share", "like", "reply"],
        "timestamp": ["2024-01-01", "2024-02-01", "2024-03-01", "2024-03-02"],
    }
)
CUSTOMERS = pl.DataFrame({"id": ["ann", "bob", "cy"], "clv": [10.0, 90.0, 50.0]})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty working folder with the tables of a small shop in it."""
    monkeypatch.chdir(tmp_path)
    FOLLOWS.write_csv("f.csv")
    EVENTS.write_csv("e.csv")
    CUSTOMERS.write_csv("c.csv")
    return tmp_path


@pytest.fixture
def status(monkeypatch, capsys):
    """Run the command line in this process as the console script does; return its exit status, output and errors."""

    def run_main(*args):
        monkeypatch.setattr(sys, "argv", ["influence", *map(str, args)])
        with pytest.raises(SystemExit) as caught:
            main()
        out = capsys.readouterr()
        return caught.value.code or 0, out.out, out.err

    return run_main


@pytest.fixture
def process(tmp_path):
    """Start a process of its own; wait for it unless told otherwise."""

    def start(*args, wait=True, env=None, stdout=subprocess.PIPE, command=("-m", "influence")):
        running = subprocess.Popen(
            [sys.executable, *command, *map(str, args)],
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, "PYTHONWARNINGS": "error", **(env or {})},
            preexec_fn=default_interrupt,
        )
        if not wait:
            return running
        out, err = running.communicate(timeout=120)
        return running.returncode, out, err.decode()

    return start
