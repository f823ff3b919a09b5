"""The process of one library: builds a graph, computes measures, tells what they cost."""

from __future__ import annotations

import contextlib
import importlib
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from graphs import EdgeList, edge_list

__all__ = ["cold", "serve"]


def _memory(field: str) -> int:
    """Return bytes of memory, VmRSS now or VmHWM at the peak; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(field)), 0)


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def costs(function: Callable[..., Any], *arguments: Any) -> tuple[Any, dict[str, float]]:
    """Return a result, and its wall and processor time and what memory it took at the peak beside what was held."""
    held = _memory("VmRSS")
    _forget_peak()
    cpu, wall = time.process_time(), time.perf_counter()
    found = function(*arguments)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return found, {
        "wall": wall,
        "cpu": cpu,
        "peak": max(0, _memory("VmHWM") - held),
        "kept": max(0, _memory("VmRSS") - held),
    }


def serve(pipe: Connection, library: str) -> None:
    """Answer requests until the pipe is closed."""
    warnings.simplefilter("ignore")
    module = importlib.import_module(f"peers.of_{library}")
    one = np.array([0], np.int32), np.array([1], np.int32)
    module.build(EdgeList("", 2, *one, directed=True))  # what is loaded or compiled late is no memory of a graph
    module.build(EdgeList("", 2, *one, directed=False))
    pipe.send(sorted(module.MEASURES))
    edges = graph = found = None
    while True:
        try:
            request, *rest = pipe.recv()
        except EOFError:
            return
        try:
            if request == "build":
                graph = found = None
                edges = edge_list(rest[0])
                graph, cost = costs(module.build, edges)
                pipe.send({**cost, "counts": list(module.counts(graph))})
            elif request == "run":
                name, options = rest
                found = None
                measure = module.MEASURES[name]
                ready = graph if measure.prepare is None else measure.prepare(graph)
                found, cost = costs(measure.run, ready, options)
                del ready
                pipe.send(cost)
            elif request == "answer":
                pipe.send(module.MEASURES[rest[0]].read(found, graph))
        except MemoryError:
            pipe.send("out of memory")
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            pipe.send(f"{type(error).__name__}: {str(error).splitlines()[0][:80] if str(error) else ''}")


def cold(library: str, name: str, graph_name: str, options: dict[str, Any]) -> dict[str, float]:
    """Return seconds of a first use: import, building, computing."""
    edges = edge_list(graph_name)
    start = time.perf_counter()
    module = importlib.import_module(f"peers.of_{library}")
    imported = time.perf_counter()
    graph = module.build(edges)
    built = time.perf_counter()
    measure = module.MEASURES[name]
    measure.run(graph if measure.prepare is None else measure.prepare(graph), options)
    end = time.perf_counter()
    return {"import": imported - start, "build": built - imported, "run": end - built, "all": end - start}
