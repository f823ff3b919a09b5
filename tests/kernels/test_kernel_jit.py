"""One decorator for every kernel."""

import os
import pickle
import subprocess
import sys

import numba
import pytest

from influence.kernels import _jit


def double(x):
    return 2 * x


def test_with_and_without_arguments():
    assert _jit.jit(double)(4) == 8
    assert _jit.jit(parallel=True)(double)(4) == 8


def test_compiles_where_no_cache_can_be_written(monkeypatch):
    njit, asked = numba.njit, []

    def no_place_for_a_cache(**options):
        asked.append(options)
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'double': no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", no_place_for_a_cache)
    assert _jit.jit(double)(4) == 8
    assert asked == [{"cache": True, "parallel": False}, {"parallel": False}]


def test_other_errors_are_not_hidden(monkeypatch):
    def broken(**options):
        raise ValueError("no such option")

    monkeypatch.setattr(numba, "njit", broken)
    with pytest.raises(ValueError, match="no such option"):
        _jit.jit(double)


VERSION = """
from typing import NamedTuple

from influence.kernels._jit import jit


class {name}(NamedTuple):
    x: float


@jit
def first(pair):
    return pair.x + {more}


print(first({name}(1.0)))
"""


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_the_cache_of_another_version_is_no_obstacle(tmp_path):
    """What it was compiled for may have gone since."""
    program = tmp_path / "program.py"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def run(name, more):
        program.write_text(VERSION.format(name=name, more=more))
        # imported, as the types of a script would be pickled whole
        command = [sys.executable, "-c", "import program"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return float(done.stdout)

    # a name in the index as pickled by the first, which the second does not have
    assert run("Older", "1") == 2.0
    assert run("Newer", "10") == 11.0
    assert run("Newer", "10") == 11.0
    (index,) = (tmp_path / "cache").rglob("*.nbi")
    assert b"Newer" in index.read_bytes()
    assert pickle.loads(index.read_bytes()) == numba.__version__
