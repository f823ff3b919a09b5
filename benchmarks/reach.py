"""The reach of everybody: how often its bounds hold all at once, and what it costs to 16 million edges.

python benchmarks/reach.py [--graphs NAME]… [--small 200] [--no-large] [--medium 20]

Small graphs of 6 people and 9 arcs are compared with all of their worlds, one by one; medium ones of 300 people with
long simulations, whose own error is allowed for. Delta is 0.05 there, so that a bound that is too near would show.
"""

from __future__ import annotations

import argparse
import itertools
import time

import numpy as np
import numpy.typing as npt
from common import machine, markdown
from seeds import cascade_of, peak

from influence.graph import Graph
from influence.reach import Cascade, expected_reach
from influence.reach.simulate import expected_spread

DELTA = 0.05
GRAPHS = ("wiki_vote", "slashdot", "plaw17u", "rmat17", "rmat20")
MODELS = ("wc", "0.01")
RUNS = 5_000
#: People simulated in each medium graph, and the standard errors by which a simulation may be off.
PEOPLE, ALLOWED = 30, 4.5


def exact(cascade: Cascade) -> npt.NDArray[np.float64]:
    """Return what each person reaches, by every world."""
    graph = cascade.graph
    n, m = graph.n_nodes, graph.n_arcs
    live = np.array(list(itertools.product((False, True), repeat=m)))
    chance = np.where(live, cascade.probability, 1.0 - cascade.probability).prod(axis=1)
    reaches = np.broadcast_to(np.eye(n, dtype=bool), (live.shape[0], n, n)).copy()
    reaches[:, graph.edge_sources(), graph.out_targets] = live
    for _ in range(n.bit_length()):
        reaches = reaches @ reaches
    return np.asarray((reaches.sum(axis=2) * chance[:, None]).sum(axis=0))


def small(number: int) -> Cascade:
    rng = np.random.default_rng(number)
    pairs = [(u, v) for u in range(6) for v in range(6) if u != v]
    some = [pairs[i] for i in sorted(rng.choice(len(pairs), 9, replace=False))]
    graph = Graph.from_edges([u for u, _ in some], [v for _, v in some], n_nodes=6)
    return Cascade(graph, rng.choice([0.05, 0.3, 0.7, rng.random()], 9))


def medium(number: int) -> Cascade:
    rng = np.random.default_rng(number)
    graph = Graph.from_edges((300 * rng.random(1500) ** 2).astype(int), rng.integers(0, 300, 1500), n_nodes=300)
    return Cascade(graph, rng.random(graph.n_arcs) ** 3)


def coverage(graphs: int, mediums: int) -> list[list[str]]:
    held, mean = 0, []
    for number in range(graphs):
        cascade = small(number)
        found = expected_reach(cascade, delta=DELTA, target=0.05, seed=number)
        truth = exact(cascade)
        held += bool(((found.low <= truth + 1e-9) & (truth <= found.high + 1e-9)).all())
        mean.append(float(((found.high - found.low) / found.values).mean()))
    rows = [["6 people, every world", f"{graphs}", f"{held / graphs:.1%}", f"{np.mean(mean):.1%}"]]
    held, mean = 0, []
    for number in range(mediums):
        cascade = medium(number)
        found = expected_reach(cascade, delta=DELTA, target=0.1, seed=number)
        fits = True
        for v in np.argsort(-found.values)[:PEOPLE]:
            runs = expected_spread(cascade, [v], runs=RUNS, seed=number)
            slack = ALLOWED * float(np.std(runs.people_by_run)) / RUNS**0.5
            fits &= bool(found.low[v] - slack <= runs.people <= found.high[v] + slack)
        held += fits
        mean.append(float(((found.high - found.low) / found.values).mean()))
    return [*rows, ["300 people, simulated", f"{mediums}", f"{held / max(1, mediums):.1%}", f"{np.mean(mean):.1%}"]]


def cost(names: list[str], models: list[str]) -> list[list[str]]:
    expected_reach(small(0))  # compiles
    expected_reach(medium(0))
    rows = []
    for name in names:
        for model in models:
            cascade = cascade_of(name, model)
            graph = cascade.graph
            for label, options in (("everybody within 10 %", {}), ("the best 10", {"top": 10, "time_limit": 60.0})):
                began = time.perf_counter()
                found = expected_reach(cascade, **options)
                seconds = time.perf_counter() - began
                size = f"{graph.n_nodes:,} / {graph.n_edges:,}"
                best = f"{found.values.max():,.1f}"
                rows.append([name, size, model, label, f"{seconds:.2f}", f"{found.samples:,}", found.stopped, best])
                print("  ".join(rows[-1]), flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphs", nargs="+", default=list(GRAPHS), metavar="NAME")
    parser.add_argument("--models", nargs="+", default=list(MODELS), metavar="MODEL")
    parser.add_argument("--small", type=int, default=200)
    parser.add_argument("--medium", type=int, default=20)
    parser.add_argument("--no-large", action="store_true")
    options = parser.parse_args()
    print(machine())
    head = ["compared with", "graphs", f"all bounds hold (asked for: {1 - DELTA:.0%})", "mean width"]
    print(f"\n{markdown(head, coverage(options.small, options.medium))}\n", flush=True)
    if options.no_large:
        return
    head = ["graph", "people / edges", "chances", "asked for", "s", "sets", "stopped", "greatest reach"]
    print(f"\n{markdown(head, cost(options.graphs, options.models))}\n\npeak of memory: {peak():,.0f} MiB")


if __name__ == "__main__":
    main()
