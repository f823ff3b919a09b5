"""Files for neo4j-admin: what the real tool makes of them is the graph of a load, to the last odd character."""

import datetime as dt
import os
import subprocess

import polars as pl
import pytest
from every_table import everything
from server import LTS, NEWER, Missing, Server, graph_of

from influence import api
from influence.errors import InfluenceError, UsageError
from influence.io import Tables, tables_from_frames

ODD = ['q"uo"te', "com,ma", "new\nline", "cr\rx", "007", "7", "tab\tt", "ünï", "日本", "back\\slash", "'single'", "😀"]
ODD += ["a;b", "{x}", "null", "NaN", "-0", "1e5"]


def odd():
    """Texts that a CSV file easily makes something else of: in ids, names of columns and values."""
    n = len(ODD)

    def some(*values):
        return [values[place % len(values)] for place in range(n)]

    day = dt.datetime(2024, 1, 1, 1, 2, 3, 4)
    return {
        "follows": pl.DataFrame({"source": ODD, "target": ODD[1:] + ODD[:1], "since": some("2024-01-02", None)}),
        "interactions": pl.DataFrame(
            {
                "source": ODD,
                "target": ODD[3:] + ODD[:3],
                "type": some("reply", "like"),
                "timestamp": some("2024-01-02T03:04:05.000006", "1969-12-31"),
                "channel": some("", "x", None, "a\r\nb"),
                "id": [None if place % 2 else f"0{place}" for place in range(n)],
                "weight": some(1e-7, 1 / 3, None, 2.5e17),
            }
        ),
        "customers": pl.DataFrame(
            {
                "id": ODD[2:],
                "clv": [1.0 + place / 7 for place in range(n - 2)],
                "a:b": some("x", None, "", "  sp  ")[2:],
                ':"qu,o"te:long': some("y", None)[2:],
                "number": list(range(n))[2:],
                "day": some(day.date(), None)[2:],
                "moment": some(day, None)[2:],
                "yes": some(True, None, False)[2:],
                "much": some(float("inf"), -0.0, 5e-324, 0.1 + 0.2)[2:],
            }
        ),
        "identities": pl.DataFrame(
            {"customer": [*ODD[:5], ODD[0]], "channel": ["m", "m", "n", "n", "m", "m"], "handle": [*ODD[:5], ODD[0]]}
        ),
        "actions": pl.DataFrame({"customer": ODD, "item": ODD[::-1], "timestamp": some("2024-01-01", "2023-05-01")}),
    }


def both():
    """All tables with every kind of gap, and the odd texts."""
    frames = {
        role: frame.with_columns(pl.selectors.by_name(*_ids(frame)).cast(pl.String))
        for role, frame in everything().frames().items()
    }
    more = tables_from_frames(**odd()).frames()
    for role, frame in more.items():
        frames[role] = pl.concat([frames[role], frame], how="diagonal_relaxed")
    return tables_from_frames(**frames)


def _ids(frame):
    return [name for name in ("source", "target", "customer", "item", "id", "topic", "handle") if name in frame.columns]


@pytest.mark.slow
@pytest.mark.neo4j
@pytest.mark.parametrize("release", [LTS, NEWER], ids=lambda release: release.version)
def test_what_is_imported_is_what_is_loaded(server, release, tmp_path):
    tables = both()
    done = api.load(tables, into=f"neo4j-import:{tmp_path / 'files'}")
    try:
        fresh = Server(tmp_path / "home", release)
    except Missing as missing:
        if release is LTS:
            raise
        pytest.skip(f"no newer server: {missing}")
    script = next(note for note in done.notes if "import.sh" in note).partition("sh ")[2].partition(";")[0]
    ran = subprocess.run(
        ["sh", script], env={**os.environ, "NEO4J_ADMIN": str(fresh.admin())}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    try:
        fresh.start()
        imported = graph_of(fresh)
        for line in (tmp_path / "files" / "constraints.cypher").read_text(encoding="utf-8").split(";"):
            if line.strip():
                fresh.query(line)
        again = api.load(tables, into=fresh.uri)
        assert (again.new_people, again.new_ties) == (0, 0)
        assert graph_of(fresh) == imported
        api.load(tables, into=server.uri)
        assert graph_of(server) == imported
        wanted = api.rank(tables)
        found = api.rank(fresh.uri)
        assert found.frame.equals(wanted.frame)
        if release is NEWER:  # all else that a user does, and in its own language
            with fresh.driver() as driver:
                driver.execute_query("ALTER DATABASE neo4j SET DEFAULT LANGUAGE CYPHER 25", database_="system")
            api.write_back(found, fresh.uri)
            assert api.rank(fresh.uri).frame.equals(wanted.frame)
            fresh.empty()
            api.load(tables, into=fresh.uri)
            assert graph_of(fresh) == imported
    finally:
        fresh.stop()


def test_a_folder_is_written_once_and_whole(tmp_path, monkeypatch):
    place = tmp_path / "sub" / "files"
    api.load(everything(), into=f"neo4j-import:{place}")
    assert (place / "import.sh").stat().st_mode & 0o111
    assert "multiline" not in (place / "import.sh").read_text(encoding="utf-8"), "it is slow where it is not needed"
    with pytest.raises(UsageError, match="is there already"):
        api.load(everything(), into=f"neo4j-import:{place}")
    monkeypatch.setattr("influence.store.neo4j.import_files._place", lambda *_: (_ for _ in ()).throw(OSError(28, "")))
    with pytest.raises(InfluenceError, match="disk is full"):
        api.load(everything(), into=f"neo4j-import:{tmp_path / 'other'}")
    assert [path.name for path in tmp_path.iterdir()] == ["sub"]


def test_text_is_made_in_parts(tmp_path, monkeypatch):
    """The same files, however many rows are written at once."""
    api.load(both(), into=f"neo4j-import:{tmp_path / 'whole'}")
    monkeypatch.setattr("influence.store.neo4j.import_files._BATCH", 2)
    api.load(both(), into=f"neo4j-import:{tmp_path / 'parts'}")
    whole, parts = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("whole", "parts")
    )
    assert whole == parts


@pytest.mark.parametrize(
    ("column", "said"),
    [(pl.Series("a {b}", ["x"]), "brackets"), (pl.Series("spell", [dt.timedelta(1)]), "no place in files to import")],
)
def test_what_cannot_be_imported_is_told(tmp_path, column, said):
    customers = pl.DataFrame({"id": ["a"]}).with_columns(column)
    tables = Tables(customers=customers)
    with pytest.raises(UsageError, match=said):
        api.load(tables, into=f"neo4j-import:{tmp_path / 'files'}")
    with pytest.raises(UsageError, match="name the folder"):
        api.load(tables, into="neo4j-import:")
