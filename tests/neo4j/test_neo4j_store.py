"""A real Neo4j as a store: the same ranking as from files, whatever was loaded twice, killed or written back."""

import dataclasses
import re
from pathlib import Path

import polars as pl
import pytest
from every_table import ROLES, everything, rows
from server import PASSWORD, graph_of

from influence import api
from influence.errors import DataError, UsageError
from influence.io import tables_from_frames
from influence.progress import Listener, listening
from influence.store import read_sources
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
    for place in ("folder", "graph.graphml"):
        assert "2,3" in invoke("load", server.uri, "--into", place).stderr
        invoke("rank", place, "--out", "c.csv")
        assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "b.csv").read_bytes(), place


def test_progress_is_told(server):
    """What, how fast, how long still: of loading and of reading."""
    told = []
    customers = pl.DataFrame({"id": list(range(45_000))})
    with listening(Listener(progress=lambda label, part: told.append((label, part)))):
        api.load(customers=customers, into=server.uri)
        read_sources([server.uri])
    for what, unit in (("loading customers", "rows"), ("reading people", "people")):
        found = [(label, part) for label, part in told if label.startswith(what)]
        assert found[0] == (what, 0.0)
        assert re.fullmatch(rf"{what}, [\d,]+ {unit}/s, \d+:\d\d left", found[-1][0]), found
        assert 0 < found[-1][1] < 1


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
