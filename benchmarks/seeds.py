"""Fifty seeds: what they reach, in what time and memory, beside pynetim, cynetdiff and rules of thumb.

python benchmarks/seeds.py [--graphs NAME]… [--models MODEL]… [--methods METHOD]… [--k 50] [--runs 10000] [--limit 600]
                           [--rounds 3] [--output PREFIX]

Each method chooses in a process of its own, one at a time; building its graph and compiling are not counted, the peak
of memory is that of the whole process. All seeds are then judged by the same simulated cascades, which no method has
seen. What takes longer than --limit seconds is stopped, and shown as such.

Models: wc (1 / in-degree of the influenced), a constant chance such as 0.01, or learned (by expectation-maximisation;
only of ciao and higgs, which have logs). Graphs: wiki_vote, slashdot (influence goes from the file's target to its
source), those of graphs.py, ciao and higgs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import data_folder, machine, markdown
from graphs import edge_list
from learned import ciao, higgs

from influence.graph import Graph
from influence.reach import Cascade, constant, select_seeds, weighted_cascade
from influence.reach.baselines import baseline
from influence.reach.learn import estimate, fit_prior
from influence.reach.log import Exposures
from influence.reach.simulate import expected_spread

GRAPHS = ("wiki_vote", "slashdot", "plaw17u", "rmat17", "rmat20", "ciao", "higgs")
MODELS = ("wc", "0.01", "learned")
LOGS = {"ciao": ciao, "higgs": higgs}
#: Methods with a guarantee, then those without.
SURE = (
    "influence",
    "influence, usual stop, 0.1",
    "influence, usual stop, 0.02",
    "pynetim OPIM-C, 0.1",
    "pynetim OPIM-C, 0.02",
    "pynetim IMM, 0.1",
    "cynetdiff CELF",
)
RULES = ("degree discount", "degree", "PageRank", "IMRank")
#: Runs of each simulation in CELF: few, and its seeds are still late.
CELF_RUNS = 100
#: Edges above which CELF, which needs as many simulations as people to begin with, is not started.
CELF_EDGES = 200_000


def influence_graph(name: str) -> Graph:
    """Return a graph whose arcs lead from who influences to who is influenced."""
    if name == "wiki_vote":
        import polars as pl

        frame = pl.read_parquet(data_folder() / "graphs" / "wiki_vote.parquet")
        source, target = (frame.to_series(i).to_numpy() for i in (0, 1))
        nodes, place = np.unique(np.concatenate([source, target]), return_inverse=True)
        source, target = np.split(place, 2)
        return Graph.from_edges(target, source, n_nodes=nodes.size)  # who is voted for influences
    edges = edge_list(name)
    if name == "slashdot":
        return Graph.from_edges(edges.target, edges.source, n_nodes=edges.n)
    return Graph.from_edges(edges.source, edges.target, n_nodes=edges.n, directed=edges.directed)


def models_of(name: str, models: list[str]) -> list[str]:
    """Return those of the models that a graph can have: chances are learned where there is a log, and only there."""
    return [model for model in models if (model == "learned") == (name in LOGS)]


def cascade_of(name: str, model: str) -> Cascade:
    if model == "learned":
        data = LOGS[name]()
        exposures = Exposures.of(data.graph, data.log, window=data.window)
        chance, _ = estimate(exposures, "em", prior=fit_prior(exposures))
        return Cascade(data.graph, exposures.by_arc(chance))
    graph = influence_graph(name)
    return weighted_cascade(graph) if model == "wc" else constant(graph, float(model))


def choose(method: str, cascade: Cascade, k: int, rounds: int) -> dict[str, Any]:
    """Return the seeds of a method, the seconds of its fastest round, and what it says of itself."""
    if method.startswith("pynetim"):
        return _pynetim(method, cascade, k)
    if method.startswith("cynetdiff"):
        return _cynetdiff(cascade, k)
    options: dict[str, Any] = {}
    if "usual stop" in method:
        options = {"target_ratio": None, "epsilon": float(method.rsplit(", ", 1)[1])}

    def run() -> Any:
        return select_seeds(cascade, k, **options) if method in SURE else baseline(cascade, method, k)

    small = Graph.from_edges([0, 0, 0, 4, 4, 3], [1, 2, 3, 3, 5, 4])
    if method in SURE:
        select_seeds(constant(small, 0.5), 2, **options)  # compiles
    else:
        baseline(constant(small, 0.5), method, 2)
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        found = run()
        seconds.append(time.perf_counter() - began)
        if sum(seconds) > 60.0:
            break
    if method in SURE:
        says = f"{found.ratio:.1%}, {found.samples:,} + {found.judged:,} sets; {found.method}"
        return {"seeds": found.nodes.tolist(), "seconds": min(seconds), "says": says}
    return {"seeds": found.tolist(), "seconds": min(seconds), "says": ""}


def _pynetim(method: str, cascade: Cascade, k: int) -> dict[str, Any]:
    import pynetim

    graph = cascade.graph
    edges = list(zip(graph.edge_sources().tolist(), graph.out_targets.tolist(), strict=True))
    theirs = pynetim.IMGraph(edges, weights=cascade.probability.tolist(), directed=True, renumber=False)
    del edges
    epsilon = float(method.rsplit(", ", 1)[1])
    began = time.perf_counter()
    if "IMM" in method:
        seeds = pynetim.IMMAlgorithm(theirs, "IC", epsilon=epsilon, random_seed=1).run(k)
        return {"seeds": sorted(seeds), "seconds": time.perf_counter() - began, "says": ""}
    algorithm = pynetim.OPIMCAlgorithm(theirs, "IC", random_seed=1)
    seeds = algorithm.run(k, epsilon)
    seconds = time.perf_counter() - began
    return {"seeds": sorted(seeds), "seconds": seconds, "says": f"{algorithm.get_approximation():.1%}"}


def _cynetdiff(cascade: Cascade, k: int) -> dict[str, Any]:
    """Lazy greedy choice on its simulations, as its authors' examples do."""
    import array
    import heapq

    from cynetdiff.models import IndependentCascadeModel

    graph = cascade.graph
    model = IndependentCascadeModel(
        array.array("I", graph.out_offsets[:-1].astype(np.uint32)),
        array.array("I", graph.out_targets.astype(np.uint32)),
        activation_probs=array.array("f", cascade.probability.astype(np.float32)),
        rng=1,
    )

    def spread(seeds: list[int]) -> float:
        model.set_seeds(seeds)
        total = 0
        for _ in range(CELF_RUNS):
            model.reset_model()
            model.advance_until_completion()
            total += model.get_num_activated_nodes()
        return total / CELF_RUNS

    began = time.perf_counter()
    heap = [(-spread([v]), v, 0) for v in range(graph.n_nodes)]
    heapq.heapify(heap)
    seeds: list[int] = []
    reached = 0.0
    while len(seeds) < k:
        gain, v, when = heapq.heappop(heap)
        if when == len(seeds):
            seeds.append(v)
            reached -= gain
        else:
            heapq.heappush(heap, (reached - spread([*seeds, v]), v, len(seeds)))
    return {"seeds": sorted(seeds), "seconds": time.perf_counter() - began, "says": f"{CELF_RUNS} runs each"}


def peak() -> float:
    """Return the most memory that this process held, in MiB; getrusage would know that of the one that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def apart(method: str, graph: str, model: str, options: argparse.Namespace) -> dict[str, Any]:
    """Let a method choose in a process of its own."""
    command = [sys.executable, __file__, "--one", method, graph, model, "--k", str(options.k)]
    command += ["--rounds", str(options.rounds)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=options.limit, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"stopped after {options.limit:.0f} s"}
    if done.returncode:
        reason = (done.stderr.strip() or f"status {done.returncode}").splitlines()[-1]
        return {"failed": reason[:80]}
    return json.loads(done.stdout.splitlines()[-1])


def one(method: str, name: str, model: str, k: int, rounds: int) -> None:
    found = choose(method, cascade_of(name, model), k, rounds)
    found["peak"] = peak()
    print(json.dumps(found))


def case(name: str, model: str, options: argparse.Namespace) -> tuple[list[list[str]], list[dict[str, Any]]]:
    cascade = cascade_of(name, model)
    graph = cascade.graph
    rows, kept = [], []
    for method in options.methods:
        if method.startswith("cynetdiff") and graph.n_arcs > CELF_EDGES:
            continue
        found = apart(method, name, model, options)
        kept.append({"graph": name, "model": model, "method": method, **found})
        if "failed" in found:
            rows.append([name, model, method, found["failed"], "", "", "", ""])
        else:
            judged = expected_spread(cascade, found["seeds"], runs=options.runs, seed=2026)
            half = judged.people_high - judged.people
            kept[-1] |= {"spread": judged.people, "half": half}
            number = f"{judged.people:,.1f} ± {half:,.1f}"
            seconds = f"{found['seconds']:.3f}" if found["seconds"] < 10 else f"{found['seconds']:.1f}"
            rows.append([name, model, method, number, seconds, f"{found['peak']:,.0f}", found["says"], ""])
        print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    _compare(rows, kept)
    return rows, kept


def _compare(rows: list[list[str]], kept: list[dict[str, Any]]) -> None:
    """Say, of each peer with a guarantee, how many times as long it took as ours with the same one."""
    seconds = {found["method"]: found.get("seconds") for found in kept}
    for row, found in zip(rows, kept, strict=True):
        ours = "influence, usual stop, 0.02" if found["method"].endswith("0.02") else "influence, usual stop, 0.1"
        peer = found["method"].startswith(("pynetim", "cynetdiff")) and seconds.get(ours)
        if peer and found.get("seconds"):
            row[-1] = f"{found['seconds'] / seconds[ours]:.1f} ×"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphs", nargs="+", default=list(GRAPHS), metavar="NAME")
    parser.add_argument("--models", nargs="+", default=list(MODELS), metavar="MODEL")
    parser.add_argument("--methods", nargs="+", default=[*SURE, *RULES], metavar="METHOD")
    parser.add_argument("--k", type=int, default=50)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--limit", type=float, default=600.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, help="write PREFIX.md and PREFIX.json too")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(*options.one, options.k, options.rounds)
        return
    rows, kept = [], []
    for name in options.graphs:
        for model in models_of(name, options.models):
            some, more = case(name, model, options)
            rows += some
            kept += more
    head = [
        "graph",
        "chances",
        "method",
        "people reached",
        "s",
        "peak MiB",
        "certified",
        "time by ours, same guarantee",
    ]
    text = f"{machine()}; k = {options.k}, {options.runs:,} simulated cascades\n\n{markdown(head, rows)}\n"
    print(text)
    if options.output:
        options.output.with_suffix(".md").write_text(text)
        options.output.with_suffix(".json").write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
