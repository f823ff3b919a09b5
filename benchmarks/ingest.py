"""From a file of interactions between string ids to a graph that knows them: ours beside NetworKit, igraph, NetworkX.

python benchmarks/ingest.py [--rows 16800000] [--folder FOLDER] [--runs 3] [--skip-slow]

First every loader must give the same graph: people, distinct edges with and without self-loops, and the neighbours of
the person with most of them, by name, against a group-by of polars. This also brings the files into memory and compiles
our kernels. Then each is timed in processes of its own, one round after another; the fastest round counts.

Ours reads and checks all four columns. The others read a copy with the two ids only, parted by spaces and without a
header as their readers want it, which is made outside of the timing. They give no weights. igraph's Graph.TupleList
was slower than its Read_Ncol. A reader whose graph still has parallel edges merges them; that time is also told alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import importlib.metadata
import importlib.util
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import machine, markdown

HERE = Path(__file__).parent
GROWTH = (100_000, 1_000_000, 10_000_000)
# NetworkX took 320 bytes a row.
SLOW_BYTES = 400


def load_ours(path: str) -> Any:
    import influence

    return influence.read_graph(path)


def probe_ours(graph: Any, name: str) -> list[int | None]:
    import polars as pl

    code = graph.ids.codes(pl.Series([name]))[0]
    return [graph.n_nodes, None, graph.n_edges, int(graph.out_degree[code])]  # it drops self-loops


def load_networkit(path: str) -> Any:
    import networkit

    reader = networkit.graphio.EdgeListReader(" ", 0, continuous=False, directed=True)
    return reader.read(path), reader.getNodeMap()


def load_networkit_codes(path: str) -> Any:
    import networkit

    source, target, names = codes(path)
    wide = tuple(side.astype("uint64") for side in (source, target))  # it crashes on narrower numbers
    graph = networkit.GraphFromCoo(wide, n=len(names), directed=True)
    return graph, names


def merge_networkit(loaded: Any) -> None:
    loaded[0].removeMultiEdges()


def probe_networkit(loaded: Any, name: str) -> list[int | None]:
    graph, names = loaded
    node = names[name] if isinstance(names, dict) else names.index_of(name)
    loops, own = graph.numberOfSelfLoops(), graph.hasEdge(node, node)
    edges = graph.numberOfEdges()
    return [graph.numberOfNodes(), edges, edges - loops, graph.degreeOut(node) - own]


def load_igraph(path: str) -> Any:
    import igraph

    return igraph.Graph.Read_Ncol(path, names=True, weights=False, directed=True)


def load_igraph_codes(path: str) -> Any:
    import igraph

    source, target, names = codes(path)
    edges = zip(source.tolist(), target.tolist(), strict=True)  # an array took it twice as long
    return igraph.Graph(n=len(names), edges=edges, directed=True, vertex_attrs={"name": names.to_list()})


def merge_igraph(graph: Any) -> None:
    graph.simplify(multiple=True, loops=False)


def probe_igraph(graph: Any, name: str) -> list[int | None]:
    edges = graph.ecount()
    return [graph.vcount(), edges, edges - sum(graph.is_loop()), graph.degree(name, mode="out", loops=False)]


def load_networkx(path: str) -> Any:
    import networkx

    return networkx.read_edgelist(path, delimiter=" ", create_using=networkx.DiGraph, data=False)


def load_networkx_rows(path: str) -> Any:
    import networkx
    import polars as pl

    frame = pl.read_csv(path, separator=" ", has_header=False, schema={"source": pl.String, "target": pl.String})
    graph = networkx.DiGraph()
    graph.add_edges_from(frame.iter_rows())
    return graph


def probe_networkx(graph: Any, name: str) -> list[int | None]:
    import networkx

    edges = graph.number_of_edges()
    degree = graph.out_degree(name) - graph.has_edge(name, name)
    return [graph.number_of_nodes(), edges, edges - networkx.number_of_selfloops(graph), degree]


def codes(path: str) -> tuple[Any, Any, Any]:
    """Return both columns as node numbers, and the names, by categories of polars."""
    import numpy as np
    import polars as pl

    kind = pl.Categorical(pl.Categories.random())
    frame = pl.read_csv(path, separator=" ", has_header=False, schema={"source": kind, "target": kind})
    both = pl.concat([frame["source"], frame["target"]])
    numbers = both.to_physical().to_numpy()
    somewhere = np.full(int(numbers.max()) + 1, -1)
    somewhere[numbers] = np.arange(numbers.size)
    assert somewhere.min() >= 0  # no number without a name
    return numbers[: frame.height], numbers[frame.height :], both.gather(somewhere).cast(pl.String)


@dataclasses.dataclass(frozen=True)
class Loader:
    """A way from a file to a graph."""

    label: str
    file: str
    modules: tuple[str, ...]  # imported before the clock starts
    load: Callable[[str], Any]
    probe: Callable[[Any, str], list[int | None]]
    merge: Callable[[Any], None] | None = None  # of parallel edges, where loading does not
    slow: bool = False


OURS = ("polars", "numba", "influence.io", "influence.graph", "influence.ties", "influence.api")
NCOL = "pairs.txt"
LOADERS = {
    "ours_csv": Loader("ours, CSV", "events.csv", OURS, load_ours, probe_ours),
    "ours_parquet": Loader("ours, Parquet", "events.parquet", OURS, load_ours, probe_ours),
    "networkit": Loader("NetworKit EdgeListReader", NCOL, ("networkit",), load_networkit, probe_networkit),
    "networkit_codes": Loader(
        "NetworKit GraphFromCoo, codes by polars",
        NCOL,
        ("networkit", "polars"),
        load_networkit_codes,
        probe_networkit,
        merge_networkit,
    ),
    "igraph": Loader("igraph Graph.Read_Ncol", NCOL, ("igraph",), load_igraph, probe_igraph, merge_igraph),
    "igraph_codes": Loader(
        "igraph Graph, codes by polars",
        NCOL,
        ("igraph", "polars"),
        load_igraph_codes,
        probe_igraph,
        merge_igraph,
    ),
    "networkx": Loader("NetworkX read_edgelist", NCOL, ("networkx",), load_networkx, probe_networkx, slow=True),
    "networkx_rows": Loader(
        "NetworkX add_edges_from, rows by polars",
        NCOL,
        ("networkx", "polars"),
        load_networkx_rows,
        probe_networkx,
        slow=True,
    ),
}


@dataclasses.dataclass(frozen=True)
class Run:
    """What one process took."""

    load: float
    merge: float
    whole: float
    cpu: float
    peak: float

    @property
    def seconds(self) -> float:
        """Return the seconds to a graph with ids and without parallel edges, without imports."""
        return self.load + self.merge


def child(name: str, folder: Path, person: str | None) -> None:
    """Load once and tell the seconds, or with a person what the graph says."""
    loader = LOADERS[name]
    for module in loader.modules:
        importlib.import_module(module)
    began = time.perf_counter()
    graph = loader.load(str(folder / loader.file))
    loaded = time.perf_counter()
    if loader.merge is not None:
        loader.merge(graph)
    merged = time.perf_counter()
    answer = [loaded - began, merged - loaded] if person is None else loader.probe(graph, person)
    print(json.dumps(answer), flush=True)
    os._exit(0)  # nobody waits for millions of objects to be freed


def reference(folder: Path) -> None:
    """Tell what each graph must say, and the person whose neighbours are counted."""
    import polars as pl

    pairs = pl.scan_parquet(folder / "events.parquet").select("source", "target").unique()
    people = pl.concat([pairs.select(pl.col(side).alias("id")) for side in ("source", "target")])
    own = pairs.filter(pl.col("source") != pl.col("target"))
    best = own.group_by("source").len().sort("len", "source", descending=True).head(1).collect()
    nodes = people.select(pl.col("id").n_unique()).collect().item()
    rows = pl.scan_parquet(folder / "events.parquet").select(pl.len()).collect().item()
    edges, without = (part.select(pl.len()).collect().item() for part in (pairs, own))
    print(json.dumps([best["source"].item(), rows, nodes, edges, without, best["len"].item()]))


def copy(folder: Path, into: Path) -> None:
    """Write the two ids of every row for the readers of the others."""
    import polars as pl

    pairs = pl.read_parquet(folder / "events.parquet", columns=["source", "target"])
    pairs.write_csv(into, separator=" ", include_header=False)


def own_process(*arguments: str) -> tuple[Any, float, float, float]:
    """Return what this script says in a process of its own, with wall seconds, CPU seconds and peak memory in MiB."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        sys.exit(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return json.loads(said[-1]) if said else None, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def timed(name: str, folder: Path) -> Run:
    """Return what one process of a loader took."""
    (load, merge), whole, cpu, peak = own_process("--child", name, "--folder", str(folder))
    return Run(load, merge, whole, cpu, peak)


def fastest(names: list[str], folder: Path, runs: int) -> dict[str, Run]:
    """Return the fastest of ``runs`` rounds of each loader, slow ones of one."""
    found: dict[str, list[Run]] = {name: [] for name in names}
    for turn in range(runs):
        for name in names:
            if turn == 0 or not LOADERS[name].slow:
                found[name].append(timed(name, folder))
                print(f"{LOADERS[name].label}: {found[name][-1].seconds:.2f} s", file=sys.stderr)
    return {name: min(took, key=lambda run: run.seconds) for name, took in found.items()}


def compare(names: list[str], folder: Path, person: str, expected: list[int]) -> None:
    """End unless every loader gives the graph that is expected."""
    for name in names:
        answer, *_ = own_process("--child", name, "--folder", str(folder), "--person", person)
        if any(told is not None and told != right for told, right in zip(answer, expected, strict=True)):
            sys.exit(f"{LOADERS[name].label}: {answer} instead of {expected}")


def ready(folder: Path, scratch: Path, rows: int) -> Path:
    """Return a folder with the files of every loader; make what is not there."""
    if not all((folder / f"events.{kind}").exists() for kind in ("csv", "parquet")):
        subprocess.run([sys.executable, str(HERE / "make_events.py"), str(rows), str(folder)], check=True)
    scratch.mkdir()
    for kind in ("csv", "parquet"):
        (scratch / f"events.{kind}").symlink_to((folder / f"events.{kind}").resolve())
    own_process("--copy", str(scratch / NCOL), "--folder", str(folder))
    return scratch


def free_bytes() -> int | None:
    """Return the memory that can be had, where the system tells it."""
    info = Path("/proc/meminfo")
    if not info.exists():
        return None
    return next(int(line.split()[1]) * 1024 for line in info.read_text().splitlines() if "MemAvailable" in line)


def growth(names: list[str], scratch: Path, runs: int) -> str:
    """Return the seconds of ours for ten times the rows each, and those of NetworkX as far as it goes."""
    took: dict[str, list[float]] = {name: [] for name in names}
    for rows in GROWTH:
        with tempfile.TemporaryDirectory(dir=scratch) as made:
            folder = ready(Path(made), Path(made) / "ready", rows)
            some = [name for name in names if not LOADERS[name].slow or rows < GROWTH[-1]]
            (person, _, *expected), *_ = own_process("--reference", "--folder", str(folder))
            compare(some, folder, person, expected)
            for name, run in fastest(some, folder, runs).items():
                took[name].append(run.seconds)
    table = []
    for name, seconds in took.items():
        cells = [f"{seconds[0]:.2f}"]
        cells += [f"{new:.2f} (× {new / old:.1f})" for old, new in itertools.pairwise(seconds)]
        table.append([LOADERS[name].label, *cells, *["–"] * (len(GROWTH) - len(cells))])
    return markdown(["loader", *(f"{rows:,} rows, s" for rows in GROWTH)], table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=16_800_000, help="of the file, if it has to be made")
    parser.add_argument("--folder", type=Path, help="holds events.csv and events.parquet, or will")
    parser.add_argument("--runs", type=int, default=3, help="rounds; NetworkX runs once")
    parser.add_argument("--skip-slow", action="store_true", help="leave NetworkX out")
    parser.add_argument("--only", nargs="+", choices=LOADERS, help="these loaders, and no growth")
    for name in ("--child", "--person"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--copy", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--reference", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.folder, arguments.person)
    elif arguments.copy:
        copy(arguments.folder, arguments.copy)
    elif arguments.reference:
        reference(arguments.folder)
    else:
        report(arguments)


def report(arguments: argparse.Namespace) -> None:
    """Compare, time and print."""
    peers = [name for name in ("networkit", "igraph", "networkx") if importlib.util.find_spec(name)]
    names = [name for name in LOADERS if name.startswith(("ours", *peers))]
    names = [name for name in arguments.only or names if name in names]
    if arguments.skip_slow:
        names = [name for name in names if not LOADERS[name].slow]
    some = [name for name in names if name.startswith("ours") or LOADERS[name].slow]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in peers)
    print(f"{machine()}, {versions}\n")
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=arguments.folder) as made:
        scratch = Path(made)
        given = arguments.folder or scratch / "given"
        folder = ready(given, scratch / "ready", arguments.rows)
        (person, rows, *expected), *_ = own_process("--reference", "--folder", str(folder))
        free = free_bytes()
        if free is not None and free < SLOW_BYTES * rows:
            names = [name for name in names if not LOADERS[name].slow]
            print(f"NetworkX is left out at full size: {free / 2**30:.1f} GiB of memory are free.\n")
        compare(names, folder, person, expected)
        people, edges, without, _ = expected
        print(
            f"{rows:,} rows, {people:,} people, {edges:,} distinct edges, {without:,} without self-loops: the same from"
            f" every loader.\nFastest of {arguments.runs} rounds, NetworkX of one.\n"
        )
        took = fastest(names, folder, arguments.runs)
        ours = took["ours_csv"].seconds if "ours_csv" in took else None
        table = [
            [
                LOADERS[name].label,
                f"{run.seconds:.2f}",
                "–" if ours is None else f"{run.seconds / ours:.1f}",
                "–" if LOADERS[name].merge is None else f"{run.merge:.2f}",
                f"{run.whole:.2f}",
                f"{run.cpu / run.whole:.2f}",
                f"{run.peak:,.0f}",
                f"{rows / run.seconds / 1e6:.2f}",
            ]
            for name, run in took.items()
        ]
        header = ["loader", "s", "ratio to ours, CSV", "of it merging, s", "whole process, s", "CPU / wall"]
        print(markdown([*header, "peak MiB", "million edges/s"], table))
        if not arguments.only:
            print("\n" + growth(some, scratch, arguments.runs))
    print(f"\nLoad average {before:.1f} before and {os.getloadavg()[0]:.1f} after.")


if __name__ == "__main__":
    main()
