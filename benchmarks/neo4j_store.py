"""500,000 real interactions into a Neo4j and out again, beside one row a statement and reading row by row.

python benchmarks/neo4j_store.py [--rows 500000] [--singles 2000] [--gds FOLDER] [--output FILE]

Starts the servers of the tests (Java and Maven are needed), with a heap of 1 GiB. Data: the retweets, replies and
mentions around the discovery of the Higgs boson. Then Slashdot: from a database to PageRank in a frame; with --gds, a
folder with the jars of org.neo4j.gds:proc and :opengds-extension and all that they need, beside Graph Data Science in
the same server. A whole run writes benchmarks/neo4j_store.md and .json; any other prints, or
writes where --output says.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from common import data_folder, machine, markdown
from graphs import edge_list

from influence import api, pagerank
from influence.io import tables_from_frames
from influence.store import read_sources

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "neo4j"))
from server import LTS, NEWER, PASSWORD, Server, libraries

ROWS = 500_000
ONE = (
    "MERGE (a:Plain {id: $source}) MERGE (b:Plain {id: $target}) "
    "CREATE (a)-[:DID {type: $type, timestamp: $timestamp}]->(b)"
)
EACH = "MATCH (a:Person)-[r:INTERACTED]->(b:Person) RETURN a.id, b.id, r.type, r.timestamp"
EACH_PLAIN = "MATCH (a:Person)-[r:INTERACTED]->(b:Person) RETURN a.id, b.id, r.type, r.timestamp.epochMillis"
PROJECT = "CALL gds.graph.project('slashdot', 'Person', 'FOLLOWS')"
STREAM = "CALL gds.pageRank.stream('slashdot', {tolerance: 1e-7, maxIterations: 1000}) YIELD nodeId, score "
TIMES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--singles", type=int, default=2_000)
    parser.add_argument("--gds", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(step(*options.step, options.rows)))
        return
    os.environ |= {"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": PASSWORD}
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        with_server(Server(Path(folder) / "first", quick=False), lambda one: interactions(one, options, found))
        release = NEWER if options.gds else LTS
        second = Server(Path(folder) / "second", release, quick=False)
        if options.gds:
            install(second, options.gds)
        with_server(second, lambda one: slashdot(one, Path(folder), bool(options.gds), found))
    versions = f"Neo4j Community {LTS.version}" + (
        f", Slashdot: {NEWER.version} with Graph Data Science" if options.gds else ""
    )
    text = f"{machine()}; {versions}\n\n{markdown(HEADER, [shown(row) for row in found])}\n"
    print(text)
    whole = options.rows == ROWS
    output = options.output or (Path(__file__).with_suffix(".md") if whole else None)
    if output is not None:
        output.with_suffix(".md").write_text(text, encoding="utf-8")
        result = {"machine": machine(), "servers": versions, "rows": found}
        output.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


HEADER = ["what", "rows", "s", "rows a second", "client's peak, MiB"]


def shown(row: dict[str, Any]) -> list[str]:
    peak = f"{row['peak'] / 2**20:,.0f}" if "peak" in row else "–"
    return [row["what"], f"{row['rows']:,}", f"{row['seconds']:.2f}", f"{row['rows'] / row['seconds']:,.0f}", peak]


def with_server(server: Server, work: Callable[[Server], None]) -> None:
    server.start()
    try:
        work(server)
    finally:
        server.stop()


def note(found: list[dict[str, Any]], what: str, rows: int, seconds: float, **more: Any) -> None:
    found.append({"what": what, "rows": rows, "seconds": seconds, **more})
    print("  ".join(shown(found[-1])), file=sys.stderr, flush=True)


def activity(rows: int) -> Any:
    return tables_from_frames(
        interactions=pl.read_parquet(data_folder() / "higgs-twitter" / "activity.parquet").head(rows)
    )


def step(what: str, uri: str, rows: int) -> dict[str, float]:
    """Do one thing in a process of its own, so that its memory can be told."""
    tables = None if what == "read" else activity(rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    began = time.perf_counter()
    if what == "read":
        assert read_sources([uri]).interactions.height
    elif what == "load":
        api.load(tables, into=uri)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "before": before, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def interactions(server: Server, options: argparse.Namespace, found: list[dict[str, Any]]) -> None:
    def run(what: str, step: str) -> None:
        command = [sys.executable, __file__, "--rows", str(options.rows), "--step", step, server.uri]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        note(found, what, options.rows, told["seconds"], peak=told["peak"], before=told["before"])

    run("load, batches of 10,000", "load")
    run("load again, all there already", "load")
    run("read, pages of lists", "read")
    run("read again", "read")
    with server.driver() as driver, driver.session() as session:
        for what, query in (("times as numbers", EACH_PLAIN), ("times as they are", EACH)):
            began = time.perf_counter()
            count = sum(1 for _ in session.run(query))
            note(found, f"read, row by row, {what}", count, time.perf_counter() - began)
        server.query("CREATE CONSTRAINT plain FOR (p:Plain) REQUIRE p.id IS UNIQUE")
        some = (
            activity(options.singles).interactions.with_columns(pl.col("source", "target").cast(pl.String)).to_dicts()
        )
        began = time.perf_counter()
        for row in some:
            session.run(ONE, row).consume()
        note(found, "load, one row a statement", options.singles, time.perf_counter() - began)


def install(server: Server, jars: Path) -> None:
    """Put Graph Data Science where the server looks for it, without what the server has itself."""
    (server.home / "plugins").mkdir()
    has = {path.name.rpartition("-")[0] for path in libraries(NEWER).iterdir()}
    version = next(jars.glob("proc-[0-9]*.jar")).stem.rpartition("-")[2]
    for jar in jars.glob("*.jar"):
        if jar.name.rpartition("-")[0] not in has or jar.stem.endswith(version):  # some are called like the server's
            shutil.copy(jar, server.home / "plugins")
    server.java[-1] += f":{server.home}/plugins/*"  # as an installed server has it
    server.settings["dbms.security.procedures.unrestricted"] = "gds.*"
    server.configure()


def best(found: list[dict[str, Any]], what: str, rows: int, work: Callable[[], Any]) -> Any:
    seconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - began)
    note(found, what, rows, min(seconds), first=seconds[0])
    return result


def slashdot(server: Server, folder: Path, gds: bool, found: list[dict[str, Any]]) -> None:
    edges = edge_list("slashdot")
    tables = tables_from_frames(follows=pl.DataFrame({"source": edges.source, "target": edges.target}))
    count = tables.follows.height
    began = time.perf_counter()
    api.load(tables, into=server.uri)
    note(found, "load follows (Slashdot)", count, time.perf_counter() - began)
    pagerank(api.read_graph(follows=tables.follows.head(10)))  # compiles
    ours = best(
        found,
        f"from the database to PageRank in a frame (Slashdot, best of {TIMES})",
        count,
        lambda: pagerank(api.read_graph(server.uri), tolerance=1e-7).to_polars(),
    )
    assert ours.height == edges.n
    if gds:
        with server.driver() as driver:
            peers(driver, count, ours, found)
    began = time.perf_counter()
    api.load(tables, into=f"neo4j-import:{folder / 'files'}")
    note(found, "files for neo4j-admin (Slashdot)", count, time.perf_counter() - began)
    fresh = Server(folder / "third", quick=False)
    began = time.perf_counter()
    command = ["sh", folder / "files" / "import.sh"]
    subprocess.run(command, env={**os.environ, "NEO4J_ADMIN": str(fresh.admin())}, check=True, capture_output=True)
    note(found, "neo4j-admin database import of them", count, time.perf_counter() - began)


def peers(driver: Any, count: int, ours: pl.DataFrame, found: list[dict[str, Any]]) -> None:
    def again(query: str) -> pl.DataFrame:
        driver.execute_query("CALL gds.graph.drop('slashdot', false)")
        driver.execute_query(PROJECT)
        records = driver.execute_query(query).records
        if len(records) == 1:
            return pl.DataFrame({"id": records[0]["ids"], "score": records[0]["scores"]})
        return pl.DataFrame([record.values() for record in records], schema=["id", "score"], orient="row")

    rows = STREAM + "RETURN gds.util.asNode(nodeId).id AS id, score"
    best(found, "GDS: projection, PageRank streamed to a frame row by row (Slashdot)", count, lambda: again(rows))
    lists = STREAM + "RETURN collect(gds.util.asNode(nodeId).id) AS ids, collect(score) AS scores"
    theirs = best(found, "GDS: the same, streamed as two lists (Slashdot)", count, lambda: again(lists))
    both = ours.with_columns(pl.col("id").cast(pl.String)).join(theirs, on="id")
    assert both.height == ours.height, "not the same people"
    ranked = ours.columns[-1]
    apart = (both[ranked] / both[ranked].sum() - both["score"] / both["score"].sum()).abs().max()
    print(f"greatest difference of a share: {apart:.1e}", file=sys.stderr)


if __name__ == "__main__":
    main()
