"""How the command starts: what it loads, threads, terminals, help."""

import os
import pty
import re
import subprocess
import sys

import pytest
from cli_processes import default_interrupt

import influence

HEAVY = ("numba", "polars", "networkx", "neo4j", "scipy", "llvmlite")
LOADED = """
import sys
from influence.cli.app import main
sys.argv = ["influence", *{args}]
try:
    main()
except SystemExit as end:
    print("loaded", end.code or 0, *[name for name in {heavy} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize("args", [["--help"], ["rank", "--help"], ["evaluate", "-h"], ["--version"]])
def test_help_loads_nothing_heavy(process, args):
    code, out, err = process(command=("-c", LOADED.format(args=args, heavy=HEAVY)))
    assert code == 0
    assert err.splitlines()[-1] == "loaded 0"
    assert out


def test_help_names_the_commands(invoke):
    text = invoke("--help").stdout
    assert "rank" in text
    assert "evaluate" in text
    assert invoke("--version").stdout == f"influence {influence.__version__}\n"
    assert "--show-counterparts" in invoke("rank", "--help").stdout
    assert invoke().exit_code == 2  # no command: the help, and a status that says so


@pytest.mark.slow
@pytest.mark.parametrize(
    "args",
    [
        ("rank", "--demo", "--rate", "learned", "--quiet"),
        ("evaluate", "--demo", "--bootstrap", "3", "--placebos", "1", "--quiet", "--format", "json"),
    ],
)
def test_threads_change_no_byte(process, args):
    one, two = (process(*args, "--threads", threads) for threads in (1, 2))
    assert one[0] == two[0] == 0
    assert one[2] == two[2] == ""
    assert len(one[1]) > 1000
    assert one[1] == two[1]


def on_a_terminal(folder, *args, **env):
    main, terminal = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "influence", *args],
        stdout=terminal,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "50", **env},
        preexec_fn=default_interrupt,
    )
    os.close(terminal)
    parts = []
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(main)
    err = running.stderr.read().decode()
    running.stderr.close()
    return running.wait(timeout=60), b"".join(parts).decode(), err


@pytest.mark.slow
def test_a_terminal_gets_a_table_and_no_color_is_respected(folder):
    code, text, err = on_a_terminal(folder, "rank", "--demo", NO_COLOR="1")
    assert code == 0, err
    assert "20 of 2,357 customers by network value" in text
    assert len(re.findall(r"│ +\d+ │ \d+ ", text)) == 20
    assert not re.search(r"\x1b\[[0-9;]*(3[0-7]|38;|9[0-7])", text)
    assert "Note: " in err
    assert "Note: " not in text


def test_python_dash_m_runs_it(process):
    code, out, err = process("--version")
    assert (code, out.decode(), err) == (0, f"influence {influence.__version__}\n", "")
