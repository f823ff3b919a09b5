"""The same NetworkX calls with and without the backend, and beside other backends.

python benchmarks/networkx_backend.py [--only FUNCTION]… [--graphs NAME]… [--limit 60] [--peers PYTHON]
                                      [--output PREFIX]
python benchmarks/networkx_backend.py --suite [--whole]

Each backend has a process of its own, which builds the graph as NetworkX's; one computes at a time. A call is made
once on a small graph, so that compiled code is there; then once with the conversion, and three times with the graph
converted before, of which the fastest counts. NetworkX itself is called once. What takes longer than --limit seconds is
stopped, and not asked again on a larger graph. Results are compared with NetworkX's where it was done in time.

--peers names a Python with NetworkX and the backends nx-parallel and graphblas-algorithms. --suite runs NetworkX's own
tests of the covered modules and says which of them ran on the backend, --whole all of its tests with fallback.

A whole run writes benchmarks/networkx_backend.md and .json; any other prints, or writes where --output says.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from graphs import edge_list

HERE = Path(__file__).parent
NAMES = {
    "networkx": "NetworkX",
    "influence": "influence",
    "parallel": "nx-parallel",
    "graphblas": "graphblas-algorithms",
}
PEERS = ("parallel", "graphblas")
ROUNDS = 3


@dataclasses.dataclass(frozen=True)
class Call:
    """One call, the graphs it is made on, and how results are held against each other."""

    function: str
    graphs: tuple[str, ...]
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    tolerance: float | None = 0.0  # None: results are drawn, so only their quality can be compared


BOTH = "slashdot", "rmat17"
BOTH_U = "slashdot, undirected", "rmat17u"
CALLS = (
    Call("pagerank", BOTH, {"tol": 1e-11}, 1e-8),
    Call("hits", BOTH, {"tol": 1e-10}, 1e-6),
    Call("katz_centrality", BOTH, {"alpha": 0.001}, 1e-5),
    Call("eigenvector_centrality", BOTH, {"max_iter": 1000, "tol": 1e-10}, 1e-5),
    Call("betweenness_centrality", BOTH, {"k": 2, "seed": 1}, 1e-9),
    Call("closeness_centrality", ("slashdot",), {}, 1e-9),
    Call("harmonic_centrality", ("slashdot",), {"nbunch": list(range(10))}, 1e-6),
    Call("single_source_shortest_path_length", BOTH, {"source": 0}),
    Call("strongly_connected_components", BOTH),
    Call("weakly_connected_components", BOTH),
    Call("overall_reciprocity", BOTH, {}, 1e-12),
    Call("connected_components", BOTH_U),
    Call("core_number", BOTH_U),
    Call("onion_layers", BOTH_U),
    Call("triangles", BOTH_U),
    Call("clustering", BOTH_U, {}, 1e-12),
    Call("transitivity", BOTH_U, {}, 1e-12),
    Call("constraint", ("slashdot, undirected",), {}, 1e-9),
    Call("voterank", BOTH_U, {"number_of_nodes": 10}),
    Call("louvain_communities", BOTH_U, {}, None),
    Call("asyn_lpa_communities", ("slashdot, undirected",), {}, None),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="FUNCTION", help="functions that begin so")
    parser.add_argument("--graphs", nargs="+", default=[], metavar="NAME", help="of those that the table has")
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--suite", action="store_true")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--workers", type=int, default=2, help="processes for --whole")
    parser.add_argument("--serve", metavar="BACKEND", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    from common import machine  # the peers' Python has not what this asks for

    if options.suite or options.whole:
        text, found = suite(options)
    else:
        text, found = compare_all(options)
    text = f"{machine()}, NetworkX {_version('networkx')}, load {os.getloadavg()[0]:.1f}\n\n{text}"
    print(text)
    whole = not (options.only or options.graphs)
    name = "networkx_suite" if options.suite or options.whole else "networkx_backend"
    output = options.output or (HERE / name if whole else None)
    if output is not None:
        found |= {"machine": machine(), "date": datetime.date.today().isoformat()}
        output.with_suffix(".md").write_text(text, encoding="utf-8")
        output.with_suffix(".json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def suite(options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    import networkx_suite

    text, found = "", {}
    if options.suite:
        table, found["modules"] = networkx_suite.by_module()
        text = f"{table}\n"
    if options.whole:
        found["whole"] = networkx_suite.whole(options.workers)
        text += f"\nAll of NetworkX's tests with fallback:\n\n    {found['whole']}\n"
    return text, found


def compare_all(options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    from common import markdown

    calls = [call for call in CALLS if not options.only or any(call.function.startswith(name) for name in options.only)]
    names = list(dict.fromkeys(name for call in calls for name in call.graphs))
    names.sort(key=lambda name: _edges(name).m)
    late: set[tuple[str, str]] = set()
    notes: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if options.graphs and name not in options.graphs:
                continue
            asked = [call for call in calls if name in call.graphs]
            found = {
                (call.function): {"function": call.function, "graph": name, "options": call.options} for call in asked
            }
            for backend in NAMES:
                if backend in notes:
                    continue
                worker = Worker(backend, options.peers if backend in PEERS else sys.executable, options.limit)
                for call in asked:
                    took = found[call.function][backend] = _ask(worker, call, name, late, Path(folder))
                    said = took.get("error") or f"{took['first']:.3g} s, again {took['again']:.3g} s"
                    _tell(f"{call.function} on {name} by {NAMES[backend]}: {said}")
                    if worker.reason:
                        notes[backend] = worker.reason
                        break
                worker.stop()
            for call in asked:
                rows.append(_judged(call, found[call.function]))
    header = ["function", "graph", "NetworkX, s", "first call, s", "ratio", "again, s", "ratio", "largest difference"]
    used = [peer for peer in PEERS if peer not in notes]
    table = markdown([*header, *(f"{NAMES[peer]}, s" for peer in used)], [_line(row, used) for row in rows])
    sizes = "; ".join(f"{name}: {_edges(name).n:,} nodes, {_edges(name).m:,} edges" for name in names)
    said = "".join(f"\n{NAMES[peer]} could not be used: {reason}.\n" for peer, reason in notes.items())
    versions = _peer_versions(options.peers)
    meaning = (
        "First call: conversion included; again: the graph was converted before. Peers: the better of both. Ratios are "
        "NetworkX's time by ours. “differs” is a result that differs from NetworkX's by more than the tolerance."
    )
    text = f"{table}\n\n{sizes}.\n{meaning}\n{said}\n{versions}\n"
    return text, {"rows": rows, "peers": versions, "notes": notes, "limit": options.limit}


def _ask(worker: Worker, call: Call, graph: str, late: set[tuple[str, str]], folder: Path) -> dict[str, Any]:
    if (worker.backend, call.function) in late:
        return {"error": f"> {worker.limit:.0f} s on a smaller graph"}
    path = folder / f"{worker.backend}-{call.function}.npy"
    path.unlink(missing_ok=True)
    answer = worker.ask({"graph": graph, "function": call.function, "options": call.options, "answer": str(path)})
    if answer.get("error", "").startswith(">"):
        late.add((worker.backend, call.function))
    return answer | {"answer": np.load(path) if path.exists() else None}


def _judged(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    """Say how far the answers are from NetworkX's, and drop them."""
    wanted = row.get("networkx", {}).get("answer")
    for backend in NAMES:
        found = row.get(backend, {}).pop("answer", None)
        if found is None or wanted is None or backend == "networkx":
            continue
        if call.tolerance is None:
            row[backend] |= {"quality": float(found[0]), "wanted": float(wanted[0])}
            continue
        apart = float(np.abs(found - wanted).max(initial=0.0)) if found.shape == wanted.shape else float("inf")
        row[backend] |= {"apart": apart, "same": apart <= call.tolerance}
    return row


def _line(row: dict[str, Any], peers: list[str]) -> list[str]:
    theirs, ours = row["networkx"], row["influence"]

    def seconds(found: dict[str, Any], which: str) -> str:
        if "error" in found:
            return str(found["error"])
        return f"{found[which]:.3g}" + ("" if found.get("same", True) else " (differs)")

    def ratio(which: str) -> str:
        if "error" in ours:
            return "–"
        if "error" in theirs:
            return (
                f"> {float(theirs['error'].split()[1]) / ours[which]:.0f}" if theirs["error"].startswith(">") else "–"
            )
        return f"{theirs['first'] / ours[which]:.3g}"

    apart = "–"
    if "apart" in ours:
        apart = f"{ours['apart']:.1e}" if ours["apart"] else "0"
    elif "quality" in ours:
        apart = f"modularity {ours['quality']:.4f}, NetworkX {ours['wanted']:.4f}"
    options = ", ".join(f"{key}={value}" for key, value in row["options"].items() if not isinstance(value, list))
    name = row["function"] + (f" ({options})" if options else "")
    best = [seconds(row[peer], "best") if peer in row else "–" for peer in peers]
    return [
        name,
        row["graph"],
        seconds(theirs, "first"),
        seconds(ours, "first"),
        ratio("first"),
        seconds(ours, "again"),
        ratio("again"),
        apart,
        *best,
    ]


@dataclasses.dataclass
class Worker:
    """A process that makes NetworkX's calls with one backend."""

    backend: str
    python: str
    limit: float
    reason: str = ""
    _process: Any = None

    def start(self) -> None:
        if self._process is None:
            env = {**os.environ, "OMP_NUM_THREADS": str(os.cpu_count()), "PYTHONHASHSEED": "0"}
            command = [self.python, str(Path(__file__).resolve()), "--serve", self.backend]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
            )
            self.reason = self._hear(120.0).get("error", "")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what a call cost; the graph is built first, which has a limit of its own."""
        self.start()
        if self.reason:
            return {"error": self.reason}
        for part, limit in (({"graph": request["graph"]}, 300.0), (request, self.limit)):
            self._process.stdin.write(json.dumps(part) + "\n")
            self._process.stdin.flush()
            found = self._hear(limit)
            if "error" in found:
                break
            while "warm" in found:  # compiling is no part of the limit
                found = self._hear(limit)
        return found

    def _hear(self, limit: float) -> dict[str, Any]:
        ready, _, _ = select.select([self._process.stdout], [], [], limit)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self.stop()
            return {"error": "the process died" if ready else f"> {limit:.0f} s"}
        answer: dict[str, Any] = json.loads(line)
        return answer


def serve(backend: str) -> None:
    """Answer requests on the standard input: build a graph, make a call."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed

    def say(what: dict[str, Any]) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    import warnings

    import networkx as nx

    warnings.simplefilter("ignore")
    try:
        if backend != "networkx":
            nx.utils.backends._load_backend(backend)
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})
        return
    say({})
    graph: Any = None
    held = ""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "function" not in request:
                if held != request["graph"]:
                    graph = None
                    graph, held = _built(request["graph"]), request["graph"]
                say({})
                continue
            small = nx.gnm_random_graph(60, 400, seed=1, directed=graph.is_directed())
            if backend != "networkx":
                _call(request, small, backend)
            say({"warm": True})
            found = _timed(request, graph, backend)
            np.save(request["answer"], _numbers(found.pop("found"), graph, request["function"]))
            say(found)
        except NotImplementedError:
            say({"error": "–"})
        except Exception as error:
            say({"error": f"{type(error).__name__}: {str(error)[:60]}"})


def _call(request: dict[str, Any], graph: Any, backend: str) -> Any:
    import networkx as nx

    name = request["function"]
    function: Callable[..., Any] = getattr(nx, name, None) or getattr(nx.community, name)
    found = function(graph, **request["options"], **({} if backend == "networkx" else {"backend": backend}))
    return list(found) if hasattr(found, "__next__") else found


def _timed(request: dict[str, Any], graph: Any, backend: str) -> dict[str, Any]:
    graph.__networkx_cache__.clear()
    times = []
    for _ in range(1 if backend == "networkx" else 1 + ROUNDS):
        start = time.perf_counter()
        found = _call(request, graph, backend)
        times.append(time.perf_counter() - start)
        if sum(times) > 20.0:
            break
    return {"first": times[0], "again": min(times[1:], default=times[0]), "best": min(times), "found": found}


def _numbers(found: Any, graph: Any, function: str) -> Any:
    """Return a result as an array: values by node, the least node of each set, or the modularity of drawn sets."""
    import networkx as nx

    if isinstance(found, tuple):
        return np.concatenate([_numbers(part, graph, function) for part in found])
    if isinstance(found, Mapping):  # graphblas-algorithms has one of its own
        return np.array([float(found.get(node, -1.0)) for node in range(len(graph))])
    if function.endswith("communities"):
        return np.array([nx.community.modularity(graph, found)])
    if isinstance(found, list) and found and isinstance(found[0], Iterable):
        labels = np.empty(len(graph))
        for members in found:
            labels[list(members)] = min(members)
        return labels
    return np.atleast_1d(np.asarray(found, float))


def _edges(name: str) -> Any:
    """Return the edges of a graph; of an undirected one each once, from the lesser node."""
    edges = edge_list(name.removesuffix(", undirected"))
    if name == edges.name:
        return edges
    low, high = np.minimum(edges.source, edges.target), np.maximum(edges.source, edges.target)
    code = np.unique(low.astype(np.int64) * edges.n + high)
    source, target = np.divmod(code, edges.n)
    return dataclasses.replace(edges, source=source, target=target, directed=False)


def _built(name: str) -> Any:
    import networkx as nx

    edges = _edges(name)
    graph = nx.DiGraph() if edges.directed else nx.Graph()
    graph.add_nodes_from(range(edges.n))
    graph.add_edges_from(zip(edges.source.tolist(), edges.target.tolist(), strict=True))
    return graph


def _version(package: str) -> str:
    import importlib.metadata

    return importlib.metadata.version(package)


def _peer_versions(python: str) -> str:
    """Return the versions of the peers where they are installed."""
    code = (
        "import importlib.metadata as m, platform; found = ['Python ' + platform.python_version()]\n"
        "for name in ('networkx', 'nx-parallel', 'graphblas-algorithms', 'python-graphblas', 'scipy'):\n"
        "    try: found.append(name + ' ' + m.version(name))\n"
        "    except m.PackageNotFoundError: found.append(name + ' not installed')\n"
        "print('Peers: ' + ', '.join(found))"
    )
    with contextlib.suppress(OSError):
        return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
    return f"Peers: {python} cannot be run"


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
