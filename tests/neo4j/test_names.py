"""Databases that call things otherwise: mapped, filtered, and never told more than names."""

import datetime as dt

import polars as pl
import pytest

from influence import api
from influence.errors import DataError, UsageError
from influence.io import ReadOptions, read_options
from influence.store import read_sources
from influence.store.neo4j import Names

OTHERS = """
CREATE (ann:User {userId: 1, country: "DE", lifetime: 10.5, joined: date("2020-01-02"), clv: "not this"}),
  (bob:User {userId: 2, country: "DE", lifetime: 3}),
  (cy:User:Staff {userId: 3, country: "AT", lifetime: 4.0, note: "x"}),
  (nobody:User {country: "DE"}),
  (pen:Product {sku: "007"}), (ink:Product {sku: "8"}),
  (bob)-[:FRIEND {createdAt: datetime("2024-01-02T00:00:00+02:00")}]->(ann), (cy)-[:FAN]->(ann), (cy)-[:FRIEND]->(bob),
  (nobody)-[:FRIEND]->(ann),
  (bob)-[:REPLIED {at: localdatetime("2024-05-01T10:00:00")}]->(ann),
  (cy)-[:LIKED {at: date("2024-05-02")}]->(bob), (cy)-[:RETWEETED {at: datetime("2024-05-03T10:00:00Z")}]->(ann),
  (ann)-[:BOUGHT {price: 5, at: datetime("2024-03-01T00:00:00.000001Z")}]->(pen),
  (bob)-[:BOUGHT {price: 7.5, at: datetime("2024-06-01T00:00:00Z")}]->(pen),
  (cy)-[:PLACED]->(:Order {total: 2.0, at: 1717200000})-[:CONTAINS]->(ink),
  (ann)-[:CALLED {via: "mail"}]->(:Account {name: "a@x", net: "mail"}),
  (ann)-[:VIEWED {at: "2024-02-03"}]->(pen)
"""
SETTINGS = """
rate = "rule"

[neo4j.people]
label = "User"
id = "userId"

[neo4j.customers]
clv = "lifetime"
signup = "joined"

[neo4j.follows]
relationship = ["FRIEND", "FAN"]
since = "createdAt"

[neo4j.interactions]
relationship = ["REPLIED", "LIKED", "RETWEETED"]
timestamp = "at"

[neo4j.transactions]
relationship = "BOUGHT"
of = ""
label = "Product"
item = "sku"
timestamp = "at"
amount = "price"

[neo4j.actions]
relationship = "VIEWED"
label = "Product"
item = "sku"
timestamp = "at"

[neo4j.identities]
relationship = "CALLED"
label = "Account"
channel = "net"
handle = "name"
"""


@pytest.fixture
def others(server):
    server.query(OTHERS)
    return server


@pytest.mark.slow
@pytest.mark.neo4j
def test_a_database_with_other_names(others, tmp_path, invoke, monkeypatch):
    """One settings file for the ranking and the names; scores go back to the same people."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "influence.toml").write_text(SETTINGS, encoding="utf-8")
    invoke("rank", others.uri, "--out", "a.csv", "--write-back")
    tables = {
        "follows": {"source": [2, 3, 3], "target": [1, 1, 2], "since": ["2024-01-01T22:00:00Z", None, None]},
        "interactions": {
            "source": [2, 3, 3],
            "target": [1, 2, 1],
            "type": ["reply", "like", "share"],
            "timestamp": ["2024-05-01T10:00:00", "2024-05-02", "2024-05-03T10:00:00Z"],
        },
        "transactions": {
            "customer": [1, 2],
            "item": ["007", "007"],
            "timestamp": ["2024-03-01T00:00:00.000001Z", "2024-06-01"],
            "amount": [5.0, 7.5],
        },
        "customers": {
            "id": [1, 2, 3],
            "clv": [10.5, 3.0, 4.0],
            "signup": ["2020-01-02", None, None],
            "country": ["DE", "DE", "AT"],
            "note": [None, None, "x"],
        },
        "actions": {"customer": [1], "item": ["007"], "timestamp": ["2024-02-03"]},
        "identities": {"customer": [1], "channel": ["mail"], "handle": ["a@x"]},
    }
    for role, columns in tables.items():
        pl.DataFrame(columns).write_parquet(f"{role}.parquet")
    invoke("rank", *(f"{role}={role}.parquet" for role in tables), "--out", "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    written = others.query("MATCH (u:User) WHERE u.influence_rank = 1 RETURN u.userId AS id, u.influence_run AS run")
    assert [row["id"] for row in written] == [pl.read_csv("a.csv")["id"][0]]
    assert others.query("MATCH (u:User) WHERE u.influence_run IS NULL RETURN u.userId AS id") == [{"id": None}]
    assert others.query("MATCH (p:Person) RETURN count(p) AS n") == [{"n": 0}]
    invoke("rank", others.uri, "--out", "c.csv")
    assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "a.csv").read_bytes(), "scores are no columns"
    loaded = invoke("load", others.uri, "--into", "store").stderr
    assert "3 follows" in loaded and "3 customers" in loaded
    invoke("rank", "store", "--out", "d.csv")
    assert (tmp_path / "d.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.neo4j
def test_some_of_the_people(others):
    def read(people, **more):
        given = {"people": {"label": "User", "id": "userId", **people}, "customers": {"clv": "lifetime"}}
        given |= {"follows": {"relationship": "FRIEND"}, **more}
        return read_sources([others.uri], options=ReadOptions(neo4j=given))

    assert read({}).follows.rows() == [(2, 1), (3, 2)]
    assert read({"where": {"country": "DE"}}).follows.rows() == [(2, 1)]
    assert read({"where": {"country": ["DE", "AT"], "userId": [1, 2, 3]}}).follows.height == 2
    assert read({"label": ["Staff", "User"]}).customers["id"].to_list() == [1, 2, 3]
    assert read({"label": "Staff"}).customers["id"].to_list() == [3]
    assert any("(country = DE or FR)" in note for note in read({"where": {"country": ["DE", "FR"]}}).notes)
    with pytest.raises(DataError, match=r"holds nobody .*neo4j\.people"):
        read({"where": {"country": "nowhere' OR true //"}})
    orders = {"relationship": "PLACED", "label": "Order", "of": "CONTAINS", "item_label": "Product", "item": "sku"}
    orders |= {"timestamp": "at", "amount": "total"}
    bought = read({}, transactions=orders).transactions
    assert bought.select("customer", "item", "amount").rows() == [(3, 8, 2.0)]
    assert str(bought["timestamp"][0]) == "2024-06-01 00:00:00+00:00", "seconds since 1970 are told from dates"
    away = read({}, follows={"relationship": "FAN", "reversed": True})
    assert away.follows.rows() == [(1, 3)]


@pytest.mark.slow
@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"people": {"label": "user"}}, r"neo4j\.people\.label: .*no 'user'; did you mean 'User'\? Known: .*Product"),
        ({"follows": {"relationship": ["FRIEND", "FANS"]}}, r"no 'FANS'; did you mean 'FAN'\?"),
        ({"people": {"label": "User", "id": "user_id"}}, r"neo4j\.people\.id: .*did you mean 'userId'\?"),
        ({"people": {"label": "User", "where": {"land": "DE"}}}, r"neo4j\.people\.where: .*no 'land'"),
    ],
)
def test_what_is_not_there(others, given, said):
    with pytest.raises(DataError, match=said):
        api.rank(others.uri, options=ReadOptions(neo4j=given))


ATTEMPTS = [
    "User`) DETACH DELETE p //",
    "User` {userId: 1}) MATCH (x) DETACH DELETE x RETURN 1 AS first //",
    "``",
    "`",
    "User) RETURN 1 //",
    "$where",
    "a b; MATCH (n) DETACH DELETE n",
]


@pytest.mark.slow
@pytest.mark.neo4j
def test_a_name_is_never_more_than_a_name(others):
    """Labels, types and properties that are called like statements, and are there: read, and nothing else is done."""
    before = others.query("MATCH (n) RETURN count(n) AS n")
    for name in ATTEMPTS:
        for given in ({"people": {"label": name}}, {"follows": {"relationship": name}}, {"people": {"id": name}}):
            with pytest.raises(DataError, match="the database has no"):
                api.rank(others.uri, options=ReadOptions(neo4j=given))
    quoted = "`" + "`:`".join(name.replace("`", "``") for name in ATTEMPTS) + "`"
    others.query(f"MATCH (u:User) WHERE u.userId IS NOT NULL SET u:{quoted}")
    for name in ATTEMPTS:
        cited = "`" + name.replace("`", "``") + "`"
        others.query(f"MATCH (a:User)-[:FRIEND]->(b) WHERE a.userId = 3 CREATE (a)-[:{cited} {{{cited}: date()}}]->(b)")
        others.query(f"MATCH (a:User) SET a.{cited} = a.userId")
        given = {"people": {"label": name, "id": name}, "follows": {"relationship": name, "since": name}}
        given["customers"] = {"clv": "lifetime"}
        read = read_sources([others.uri], options=ReadOptions(neo4j=given))
        assert read.follows.select("source", "target").rows() == [(3, 2)]
    assert others.query("MATCH (n) RETURN count(n) AS n") == before


@pytest.mark.parametrize("name", ["a\\u0060b", "a\nb", "a\x00b", "a\u200bb", "a\u2028b", "a\u202eb", "\ud800", "a\\"])
def test_names_with_hidden_characters_are_refused(name):
    with pytest.raises(UsageError, match=r"neo4j\.people\.label: .*no name may have"):
        Names({"people": {"label": name}})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"peple": {}}, r"unknown neo4j\.peple; did you mean 'people'\?"),
        ({"people": {"lable": "User"}}, r"unknown neo4j\.people\.lable; did you mean 'label'\?"),
        ({"follows": {"type": "X"}}, r"unknown neo4j\.follows\.type.*relationship"),
        ({"people": "User"}, r"neo4j\.people must be a table"),
        ({"people": {"label": 3}}, r"neo4j\.people\.label must be a name, not 3"),
        ({"people": {"label": ""}}, r"neo4j\.people\.label must be a name"),
        ({"people": {"label": []}}, r"neo4j\.people\.label must be a name"),
        ({"people": {"id": ["a", "b"]}}, r"neo4j\.people\.id must be a name"),
        ({"people": {"where": "x = 1"}}, r"neo4j\.people\.where must be a table of property = value"),
        ({"people": {"where": {"at": dt.date(2024, 1, 1)}}}, r"neo4j\.people\.where must be"),
        ({"follows": {"reversed": "yes"}}, r"neo4j\.follows\.reversed must be true or false"),
    ],
)
def test_mistakes_name_their_key(given, said):
    with pytest.raises(UsageError, match=said):
        Names(given)


def test_a_settings_file_holds_them_beside_all_else(tmp_path):
    path = tmp_path / "influence.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    names = Names(read_options(path).neo4j)
    assert names.filled("(:`customers.label`)-[:`follows.relationship`]") == "(:`User`)-[:`FRIEND`|`FAN`]"
    path.write_text("neo4j = 3\n", encoding="utf-8")
    with pytest.raises(UsageError, match="neo4j must be a table"):
        read_options(path)
