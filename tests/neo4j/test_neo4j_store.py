"""A real Neo4j as a store: the same ranking as from files, whatever was loaded twice, killed or written back."""

import dataclasses
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from every_table import ROLES, everything, rows
from server import PASSWORD, Server, graph_of

from influence import api
from influence.errors import DataError, InfluenceError, UsageError
from influence.io import tables_from_frames
from influence.store.neo4j import Connection, Neo4jStore, StoreError
from influence.store.neo4j.statements import statement
from influence.store.neo4j.store import SCORES

pytestmark = [pytest.mark.slow, pytest.mark.neo4j]


def test_what_is_loaded_is_read(server):
    tables = everything()
    done = api.load(tables, into=server.uri)
    assert done.totals.rows["interactions"] == 3
    with Connection(server.uri) as connection:
        again = Neo4jStore(connection).tables()
    for role in ROLES:
        wanted = getattr(tables, role)
        if role == "follows":  # one tie, of the earlier date
            wanted = wanted.sort("since", nulls_last=False).unique(["source", "target"], keep="first")
        assert rows(getattr(again, role)) == rows(wanted), role


def test_twice_is_once(server):
    api.load(everything(), into=server.uri)
    before = graph_of(server)
    done = api.load(everything(), into=server.uri)
    assert (done.new_people, done.new_ties) == (0, 0)
    assert graph_of(server) == before


def test_new_events_are_added(server, demo):
    """The first half and then all is the same as all at once, in any order of rows."""
    half = dataclasses.replace(
        demo, **{role: getattr(demo, role)[::2] for role in ROLES if getattr(demo, role) is not None}
    )
    api.load(half, into=server.uri)
    shuffled = dataclasses.replace(
        demo, interactions=demo.interactions.sample(fraction=1.0, shuffle=True, seed=1), follows=demo.follows.reverse()
    )
    api.load(shuffled, into=server.uri)
    assert api.rank(server.uri).frame.equals(api.rank(demo).frame)


def test_the_same_ranking_as_from_tables_and_scores_written_back(server, demo):
    api.load(demo, into=server.uri)
    ranking = api.rank(server.uri)
    assert ranking.frame.equals(api.rank(demo).frame)
    run = api.write_back(ranking, server.uri)
    first = server.query("MATCH (p:Person {influence_rank: 1}) RETURN p.id AS id, p.influence_network_value AS value")
    assert first == [{"id": str(ranking.frame["id"][0]), "value": ranking.frame["network_value"][0]}]
    assert api.rank(server.uri).frame.equals(ranking.frame), "scores are no customers' columns"
    top = dataclasses.replace(ranking, frame=ranking.frame.head(3))
    api.write_back(top, server.uri, run="later")
    left = server.query(
        "MATCH (p:Person) WHERE any(k IN keys(p) WHERE k STARTS WITH 'influence_') RETURN p.influence_run AS run"
    )
    assert left == [{"run": "later"}] * 3
    assert run != "later"
    for query in sorted((Path(__file__).parents[2] / "cypher" / "browser").glob("*.cypher")):
        assert server.query(query.read_text(encoding="utf-8")), query.name


def test_what_is_cleared_is_what_is_written():
    named = set(re.findall(r"p\.influence_(\w+)", statement("clear_scores"))) - {"run"}
    assert named == set(SCORES)


def test_the_command_line(server, invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "Added to bolt://" in invoke("load", "--demo", "--into", server.uri).stderr
    found = invoke("rank", server.uri, "--write-back", "--out", "a.csv")
    assert "Wrote the scores of 2,3" in found.stderr
    invoke("rank", "--demo", "--out", "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert PASSWORD not in (tmp_path / "a.csv.manifest.json").read_text(encoding="utf-8") + found.stderr


def test_a_database_of_others(server, tmp_path):
    """Other labels and names, by queries of the user; a query that writes is refused."""
    server.query(
        """UNWIND [["bob", "ann"], ["cy", "ann"], ["cy", "bob"]] AS pair
        MERGE (a:User {uid: pair[0]}) MERGE (b:User {uid: pair[1]})
        CREATE (a)-[:FRIEND]->(b), (a)-[:SAID {what: "reply", at: datetime("2024-05-01T10:00:00Z")}]->(b)"""
    )
    follows, said = tmp_path / "follows.cypher", tmp_path / "said.cypher"
    follows.write_text("MATCH (a:User)-[:FRIEND]->(b:User) RETURN a.uid AS source, b.uid AS target;\n")
    said.write_text(
        "MATCH (a)-[r:SAID]->(b) RETURN a.uid AS source, b.uid AS target, r.what AS type, r.at AS timestamp"
    )
    found = api.rank(server.uri, f"follows={follows}", f"interactions={said}")
    pairs = {"source": ["bob", "cy", "cy"], "target": ["ann", "ann", "bob"]}
    events = pl.DataFrame({**pairs, "type": "reply", "timestamp": "2024-05-01T10:00:00Z"})
    assert found.frame.equals(api.rank(follows=pl.DataFrame(pairs), interactions=events).frame)
    follows.write_text("CREATE (a:User {uid: 'eve'}) RETURN 'eve' AS source, 'eve' AS target")
    with pytest.raises(StoreError, match=r"[Ww]rit|can only be read"):
        api.rank(server.uri, f"follows={follows}")
    follows.write_text("MATCH (a:Nobody) RETURN a.uid AS source, a.uid AS target")
    with pytest.raises(DataError, match="returns no rows"):
        api.rank(server.uri, f"follows={follows}")
    with pytest.raises(UsageError, match=r"as ROLE=file\.cypher"):
        api.rank(server.uri, "follows=follows.csv")


def test_wrong_logins(server, monkeypatch):
    monkeypatch.setenv("NEO4J_PASSWORD", "a-wrong-secret")
    with pytest.raises(StoreError, match="refuses the login of 'neo4j'") as refused:
        api.rank(server.uri)
    assert "a-wrong-secret" not in str(refused.value)
    monkeypatch.delenv("NEO4J_PASSWORD")
    with pytest.raises(StoreError, match="asks for a login"):
        api.rank(server.uri)
    with pytest.raises(UsageError, match="must hold no login") as told:
        api.rank("bolt://neo4j:a-secret@127.0.0.1")
    assert "a-secret" not in str(told.value)


def test_no_such_place(server, monkeypatch):
    monkeypatch.setenv("NEO4J_DATABASE", "elsewhere")
    with pytest.raises(StoreError, match="has no database 'elsewhere'"):
        api.rank(server.uri)
    monkeypatch.delenv("NEO4J_DATABASE")
    with pytest.raises(StoreError, match="no server answers"):
        api.rank("bolt://127.0.0.1:1")
    with pytest.raises(DataError, match="holds nobody"):
        api.rank(server.uri)
    with pytest.raises(StoreError):
        api.rank(server.uri.replace("bolt://", "bolt+s://"))


def test_what_is_in_the_way(server):
    server.query("MATCH (n) DETACH DELETE n")
    with Connection(server.uri) as connection:
        connection.prepare()
    server.query("DROP CONSTRAINT influence_person")
    server.query("CREATE CONSTRAINT theirs FOR (p:Person) REQUIRE p.id IS UNIQUE")
    api.load(everything(), into=server.uri)  # the same by another name is as good
    server.query("DROP CONSTRAINT theirs")
    server.query("CREATE INDEX theirs FOR (p:Person) ON (p.id)")
    try:
        with pytest.raises(StoreError, match="what is there already is in the way"):
            api.load(everything(), into=server.uri)
    finally:
        server.query("DROP INDEX theirs")


def test_other_currencies_are_refused(server):
    def money(currency):
        return tables_from_frames(
            follows=pl.DataFrame({"source": ["a"], "target": ["b"]}),
            transactions=pl.DataFrame(
                {"customer": ["a"], "timestamp": ["2024-01-01"], "amount": [1.0], "currency": [currency]}
            ),
        )

    api.load(money("EUR"), into=server.uri)
    with pytest.raises(DataError, match="money in EUR"):
        api.load(money("USD"), into=server.uri)


CHILD = """
import sys
from influence import api
api.load(api.demo_tables(), into=sys.argv[1])
"""


@pytest.mark.parametrize("seed", range(3))
def test_a_client_that_is_killed(server, demo, seed):
    """Killed at any moment, and run again: the graph of a load that was not."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, server.uri])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        found = server.query("MATCH (p:Person) RETURN count(p) AS n")
        if found[0]["n"]:
            break
        time.sleep(0.05)
    time.sleep(float(np.random.default_rng(seed).uniform(0.0, 2.5)))
    child.kill()
    child.wait()
    done = api.load(demo, into=server.uri)
    assert done.totals.rows["follows"] == demo.follows.height
    killed = graph_of(server)
    server.empty()
    api.load(demo, into=server.uri)
    assert graph_of(server) == killed


@pytest.fixture
def own_server(tmp_path, monkeypatch):
    found = Server(tmp_path / "home")
    monkeypatch.setenv("NEO4J_USERNAME", "neo4j")
    monkeypatch.setenv("NEO4J_PASSWORD", PASSWORD)
    found.start()
    yield found
    found.stop()


def test_a_server_that_dies_and_comes_back(own_server, demo):
    """The load waits for it, and ends with the graph of a load that was left in peace."""
    failed: list[BaseException] = []

    def load():
        try:
            api.load(demo, into=own_server.uri)
        except BaseException as error:
            failed.append(error)

    loading = threading.Thread(target=load)
    loading.start()
    time.sleep(3.0)
    own_server.kill()
    time.sleep(1.0)
    own_server.start()
    loading.join(180)
    assert not loading.is_alive()
    if failed:  # it may have died between two tries: then the same command again
        assert isinstance(failed[0], InfluenceError), failed
        api.load(demo, into=own_server.uri)
    assert api.rank(own_server.uri).frame.equals(api.rank(demo).frame)
    own_server.stop()
    own_server.configure(**{"server.databases.read_only": "neo4j"})
    own_server.start()
    assert api.rank(own_server.uri).frame.equals(api.rank(demo).frame)
    with pytest.raises(StoreError, match="can only be read"):
        api.load(demo, into=own_server.uri)
