"""500,000 real interactions into a Neo4j and out again, beside one row a statement and reading row by row.

python benchmarks/neo4j_store.py [--rows 500000] [--singles 2000]

Starts the server of the tests (Java and Maven are needed), with a heap of 1 GiB. Data: the retweets, replies and
mentions around the discovery of the Higgs boson. Last, Slashdot: from the database to PageRank in a frame.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from common import data_folder, machine, markdown
from graphs import edge_list

from influence import api, pagerank
from influence.io import tables_from_frames
from influence.store.neo4j import Connection, Neo4jStore

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "neo4j"))
from server import PASSWORD, VERSION, Server

ONE = (
    "MERGE (a:Plain {id: $source}) MERGE (b:Plain {id: $target}) "
    "CREATE (a)-[:DID {type: $type, timestamp: $timestamp}]->(b)"
)
ROWS = "MATCH (a:Person)-[r:INTERACTED]->(b:Person) RETURN a.id, b.id, r.type, r.timestamp"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--singles", type=int, default=2_000)
    options = parser.parse_args()
    events = pl.read_parquet(data_folder() / "higgs-twitter" / "activity.parquet").head(options.rows)
    tables = tables_from_frames(interactions=events)
    os.environ |= {"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": PASSWORD}
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "home")
        server.start()
        try:
            rows = measure(server, tables, options.singles)
        finally:
            server.stop()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{machine()}; Neo4j Community {VERSION}; peak of the client {peak:,.0f} MiB\n")
    print(markdown(["what", "rows", "s", "rows a second"], rows))


def measure(server: Server, tables: object, singles: int) -> list[list[str]]:
    rows: list[list[str]] = []

    def note(what: str, count: int, began: float) -> None:
        seconds = time.perf_counter() - began
        rows.append([what, f"{count:,}", f"{seconds:.1f}", f"{count / seconds:,.0f}"])
        print("  ".join(rows[-1]), file=sys.stderr, flush=True)

    count = tables.interactions.height
    began = time.perf_counter()
    api.load(tables, into=server.uri)
    note("load, batches of 10,000", count, began)
    began = time.perf_counter()
    api.load(tables, into=server.uri)
    note("load again, all there already", count, began)
    with Connection(server.uri) as connection:
        began = time.perf_counter()
        found = Neo4jStore(connection).tables()
        note("read, pages of lists", found.interactions.height, began)
    with server.driver() as driver, driver.session() as session:
        began = time.perf_counter()
        note("read, row by row", sum(1 for _ in session.run(ROWS)), began)
        server.query("CREATE CONSTRAINT plain FOR (p:Plain) REQUIRE p.id IS UNIQUE")
        some = tables.interactions.head(singles).with_columns(pl.col("source", "target").cast(pl.String)).to_dicts()
        began = time.perf_counter()
        for row in some:
            session.run(ONE, row).consume()
        note("load, one row a statement", singles, began)
    server.empty()
    edges = edge_list("slashdot")
    follows = pl.DataFrame({"source": edges.source, "target": edges.target})
    began = time.perf_counter()
    api.load(tables_from_frames(follows=follows), into=server.uri)
    note("load follows (Slashdot)", follows.height, began)
    pagerank(api.read_graph(follows=follows.head(10)))  # compiles
    began = time.perf_counter()
    frame = pagerank(api.read_graph(server.uri), tolerance=1e-6).to_polars()
    note("from the database to PageRank in a frame (Slashdot)", follows.height, began)
    assert frame.height, "nobody was ranked"
    return rows


if __name__ == "__main__":
    main()
