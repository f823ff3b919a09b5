"""Every measure beside NetworKit, igraph, rustworkx, scikit-network and NetworkX.

python benchmarks/centrality.py [--quick] [--only MEASURE]… [--graphs NAME]… [--libraries NAME]… [--rounds 5]
                                [--limit 60] [--no-cold] [--no-growth] [--output PREFIX]

Each library has a process of its own, with its own defaults but the number of threads; one computes at a time. First
all compute once and their answers are compared: those that differ by more than the tolerance are named and not counted
as faster or slower. Then they are timed in turns, round after round, and the fastest round counts. What takes longer
than --limit seconds is stopped, and shown as such. The machine must be idle: threads that spin while
they wait, as those of several peers do, take many times as long beside other work.

A whole run writes benchmarks/centrality.md and .json; any other prints, or writes where --output says.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import sys
from pathlib import Path
from typing import Any

from common import machine
from graphs import edge_list
from peers import LIBRARIES, PACKAGES, report
from peers.cases import CASES, Case
from peers.control import Stopped, Worker, cold_start, empty_cache, environment

HERE = Path(__file__).parent
#: Edges above which a library is not asked: what it would take is in the smaller rows.
MOST_EDGES = {"networkx": 3_000_000, "rustworkx": 20_000_000}
#: A library that has computed for so long in one case is not asked again.
ENOUGH = 30.0
GROWTH = {True: ("rmat14", "rmat17", "rmat20"), False: ("rmat14u", "rmat17u", "rmat20u")}
METHOD = (
    "One process a library, one computing at a time, in turns. An answer that differs by more than the tolerance is "
    "named and left out of the comparison. Above 3 million edges NetworkX is not asked; whoever takes more than {:g} s "
    "is stopped."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small graphs, two rounds, 10 s at most")
    parser.add_argument("--only", nargs="+", default=[], metavar="MEASURE", help="measures that begin so")
    parser.add_argument("--graphs", nargs="+", default=[], metavar="NAME", help="instead of each measure's own")
    parser.add_argument("--libraries", nargs="+", default=list(LIBRARIES), choices=LIBRARIES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-cold", action="store_true")
    parser.add_argument("--no-growth", action="store_true")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    cases = [case for case in CASES if not options.only or any(case.name.startswith(name) for name in options.only)]
    if not cases:
        sys.exit(f"no such measure; there are {', '.join(case.name for case in CASES)}")
    environment(options.threads)
    if options.quick:
        options.rounds, options.limit, options.no_cold, options.no_growth = 2, 10.0, True, True
    workers = {name: Worker(name, options.limit) for name in LIBRARIES if name in options.libraries}
    for name, worker in list(workers.items()):
        try:
            worker.start()
        except Stopped as stopped:
            tell(f"{name} can't be used: {stopped}")
            del workers[name]
    load = os.getloadavg()[0]  # libraries whose threads spin while they wait suffer most from other work
    if load > 0.5:
        tell(f"the machine is busy (load {load:.1f}): these times will not do for a comparison")
    found = run(cases, workers, options) | {"load": load}
    text = report.write(found)
    print(text)
    whole = not (options.quick or options.only or options.graphs or len(workers) < len(LIBRARIES))
    output = options.output or (HERE / "centrality" if whole else None)
    if output is not None:
        output.with_suffix(".md").write_text(text, encoding="utf-8")
        output.with_suffix(".json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def run(cases: list[Case], workers: dict[str, Worker], options: argparse.Namespace) -> dict[str, Any]:
    """Measure everything that is asked for."""
    wanted: dict[str, list[Case]] = {}
    for case in cases:
        for name in options.graphs or ((case.quick,) if options.quick else case.graphs):
            wanted.setdefault(name, []).append(case)
    rows, graphs = [], []
    late: dict[tuple[str, str], str] = {}
    for name in sorted(wanted, key=lambda name: edge_list(name).m):
        graphs.append(hold(name, workers))
        for case in wanted[name]:
            tell(f"{case.name} on {name}")
            rows.append(compare(case, name, workers, options.rounds, late))
    for worker in workers.values():
        worker.stop()
    order = {case.name: place for place, case in enumerate(CASES)}
    rows.sort(key=lambda row: order[row["measure"]])
    growth = [] if options.no_growth else [grow(case, workers, options.rounds) for case in cases if case.grows]
    cold = [] if options.no_cold else [start_cold(case, list(workers)) for case in cases]
    return {
        "machine": machine(),
        "threads": options.threads,
        "date": datetime.date.today().isoformat(),
        "versions": {PACKAGES.get(name, name): version(name) for name in workers},
        "method": METHOD.format(options.limit),
        "times": rows,
        "notes": [f"{case.name}: {case.note}" for case in cases if case.note],
        "graphs": graphs,
        "growth": growth,
        "cold": cold,
    }


def version(library: str) -> str:
    try:
        return importlib.metadata.version(PACKAGES.get(library, library))
    except importlib.metadata.PackageNotFoundError:
        from influence import __version__

        return __version__


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def hold(name: str, workers: dict[str, Worker]) -> dict[str, Any]:
    """Let every library build a graph, three times for the time, and check that it is the same."""
    edges = edge_list(name)
    tell(str(edges))
    libraries: dict[str, Any] = {}
    for library, worker in workers.items():
        worker.stop()  # in a used process a graph fills what another has left
        if edges.m > MOST_EDGES.get(library, edges.m):
            continue
        try:
            best: dict[str, Any] = {}
            for _ in range(3):
                worker.graph = None
                worker.hold(name)
                cost = worker.building
                best = best or dict(cost)  # memory of the first: later ones fill what that has freed
                best["wall"] = min(best["wall"], cost["wall"])
            best["same"] = best.pop("counts") == [edges.n, edges.m]
            libraries[library] = best if best["same"] else "another graph"
        except Stopped as stopped:
            libraries[library] = str(stopped)
    return {"graph": name, "nodes": edges.n, "edges": edges.m, "libraries": libraries}


def compare(
    case: Case, name: str, workers: dict[str, Worker], rounds: int, late: dict[tuple[str, str], str]
) -> dict[str, Any]:
    """Compare the answers of all libraries, and time them in turns; who was late on a smaller graph is not asked."""
    edges, given = edge_list(name), case.options(edge_list(name))
    times: dict[str, list[float]] = {}
    failed: dict[str, str] = {}
    costs: dict[str, dict[str, float]] = {}
    answers: dict[str, Any] = {}
    asked = [
        library
        for library, worker in workers.items()
        if edges.m <= MOST_EDGES.get(library, edges.m) and (worker.start() or case.name in worker.measures)
    ]

    def once(library: str) -> None:
        worker = workers[library]
        worker.hold(name)
        cost = worker.run(case.name, given)
        times.setdefault(library, []).append(cost["wall"])
        held = costs.setdefault(library, {"cpu": 0.0, "peak": 0.0})
        held["peak"] = max(held["peak"], cost["peak"])
        if cost["wall"] <= min(times[library]):
            held["cpu"] = cost["cpu"] / max(cost["wall"], 1e-9)

    for library in asked:
        if (case.name, library) in late:
            failed[library] = late[case.name, library]
            continue
        try:
            once(library)
            answers[library] = workers[library].answer(case.name)
            if library == "influence":
                times[library], costs[library]["peak"] = [], 0.0  # compiling is no part of it
        except Stopped as stopped:
            failed[library] = str(stopped)
            if failed[library].startswith(">"):
                late[case.name, library] = f"{stopped} on {name}"
    for _ in range(rounds):
        for library in asked:
            if library not in failed and sum(times[library]) < ENOUGH:
                try:
                    once(library)
                except Stopped as stopped:
                    failed[library] = str(stopped)
    # without ours, another's answer is what the rest are held against
    against = next((library for library in ("influence", "networkx", *asked) if library in answers), "")
    ours, judged = answers.get(against), {}
    for library, theirs in answers.items():
        if library != against and ours is not None:
            apart = case.answer.compare(ours, theirs, edges)
            why = case.unlike.get(library, "")
            same = bool(apart <= case.answer.tolerance)
            judged[library] = {"apart": apart, "same": same, "comparable": same or bool(why), "why": why}
    quality = {}
    if case.answer.absolute is not None:
        quality = {library: case.answer.absolute(answer, edges) for library, answer in answers.items()}
    return {
        "measure": case.name,
        "graph": name,
        "seconds": {library: min(times[library]) for library in times if library not in failed} | failed,
        "rounds": times,
        "costs": costs,
        "answers": judged,
        "quality": quality,
        "tolerance": case.answer.tolerance,
        "unit": case.answer.says,
    }


def grow(case: Case, workers: dict[str, Worker], rounds: int) -> dict[str, Any]:
    """Time ours on three sizes."""
    worker = workers["influence"]
    tell(f"growth of {case.name}")
    found: dict[str, Any] = {}
    edges = {}
    for name in GROWTH[edge_list(case.graphs[0]).directed]:
        edges[name] = edge_list(name).m
        given = case.options(edge_list(name))
        try:
            worker.hold(name)
            worker.run(case.name, given)
            found[name] = worker.run(case.name, given)["wall"]
            while rounds > 1 and found[name] < ENOUGH / rounds:
                found[name] = min([found[name], *(worker.run(case.name, given)["wall"] for _ in range(rounds - 1))])
                break
        except Stopped as stopped:
            found[name] = str(stopped)
            break  # the next is larger
    return {"measure": case.name, "seconds": found, "edges": edges}


def start_cold(case: Case, libraries: list[str]) -> dict[str, Any]:
    """Time a first use in new processes: ours with nothing compiled and with all of it, and the peers."""
    tell(f"first use of {case.name}")
    given = case.options(edge_list(case.quick))
    with empty_cache() as folder:
        empty = cold_start("influence", case.name, case.quick, given, folder)
        kept = cold_start("influence", case.name, case.quick, given, folder)
        peers = {}
        for library in libraries:
            if library not in ("influence", "networkx"):
                found = cold_start(library, case.name, case.quick, given, folder)
                if isinstance(found, dict):
                    peers[library] = found
    return {"measure": case.name, "graph": case.quick, "empty": empty, "kept": kept, "peers": peers}


if __name__ == "__main__":
    main()
