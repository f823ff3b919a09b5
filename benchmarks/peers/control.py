"""The processes of the libraries from outside: one computes at a time, and none longer than it may."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from peers.child import serve

__all__ = ["Stopped", "Worker", "cold_start", "empty_cache", "environment"]

HERE = Path(__file__).parents[1]


class Stopped(Exception):
    """A library took too long, died or refused; the text says which."""


def environment(threads: int) -> None:
    """Give every library the same number of threads, before any process is started."""
    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    # true puts all threads of numba on one processor once another library has loaded the same runtime
    os.environ.pop("OMP_PROC_BIND", None)
    # one seed for sets of names too
    os.environ.setdefault("PYTHONHASHSEED", "0")


@dataclasses.dataclass
class Worker:
    """One library in its process, which is started when it is needed."""

    library: str
    limit: float
    measures: frozenset[str] = frozenset()
    graph: str | None = None
    building: dict[str, Any] = dataclasses.field(default_factory=dict)
    _process: Any = None
    _pipe: Any = None

    def start(self) -> None:
        if self._process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self.library), daemon=True)
        self._process.start()
        theirs.close()
        self.measures = frozenset(self._hear(120.0))

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process, self._pipe, self.graph = None, None, None

    def hold(self, graph: str) -> None:
        """Build a graph, unless it is the one that is held."""
        self.start()
        if self.graph != graph:
            self.graph = None
            self.building = self._ask(("build", graph), 600.0)
            self.graph = graph

    def run(self, name: str, options: dict[str, Any]) -> dict[str, float]:
        """Compute a measure once, and say what that cost."""
        return self._ask(("run", name, options), self.limit)

    def answer(self, name: str) -> np.ndarray:
        """Return what the last run found."""
        return self._ask(("answer", name), 120.0)

    def _ask(self, request: tuple[Any, ...], limit: float) -> Any:
        self._pipe.send(request)
        found = self._hear(limit)
        if isinstance(found, str):
            raise Stopped(found)
        return found

    def _hear(self, limit: float) -> Any:
        try:
            if not self._pipe.poll(limit):
                self.stop()
                raise Stopped(f"> {limit:.0f} s")
            return self._pipe.recv()
        except (EOFError, ConnectionResetError) as error:
            self.stop()
            raise Stopped("the process died") from error


def cold_start(library: str, name: str, graph: str, options: dict[str, Any], cache: str) -> dict[str, float] | str:
    """Return what a first use in a new process costs, its caches of compiled code in a folder."""
    given = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in options.items()}
    code = (
        "import json, sys, numpy as np; from peers.child import cold; "
        "library, name, graph, given = json.loads(sys.argv[1]); "
        "options = {k: np.array(v) if isinstance(v, list) else v for k, v in given.items()}; "
        "print(json.dumps(cold(library, name, graph, options)))"
    )
    start = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, json.dumps([library, name, graph, given])],
            cwd=HERE,
            env={**os.environ, "NUMBA_CACHE_DIR": cache},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "> 120 s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["died"])[-1][:100]
    return {**json.loads(done.stdout.splitlines()[-1]), "process": time.perf_counter() - start}


@contextlib.contextmanager
def empty_cache():
    """Yield a folder for compiled code that nobody has used."""
    with tempfile.TemporaryDirectory(prefix="influence-benchmark-cache-") as folder:
        yield folder
