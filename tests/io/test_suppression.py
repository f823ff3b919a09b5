"""People who must not be processed are nowhere: not in a table, not in a ranking, not in what is said about it."""

import datetime as dt
import io
import json
import random
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import influence
from influence.cli.app import app
from influence.errors import DataError
from influence.io import merge_identities, suppress, tables_from_frames

ROLES = {
    "follows": ("source", "target"),
    "interactions": ("source", "target"),
    "actions": ("customer",),
    "customers": ("id",),
}


def frame(columns, rows):
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def ids(*names):
    return frame(["id"], [(name,) for name in names])


def community(seed=0, n=40):
    """Return tables in which people follow, react and act, and everybody has a value."""
    rng = random.Random(seed)
    names = [f"p{number:02d}" for number in range(n)]

    def day():
        return dt.date(2023, 1, 1) + dt.timedelta(days=rng.randrange(400))

    pairs = sorted({tuple(rng.sample(names, 2)) for _ in range(4 * n)})
    reactions = [(*rng.sample(names, 2), rng.choice(["reply", "share", "like"]), day()) for _ in range(6 * n)]
    acts = [(rng.choice(names), f"i{rng.randrange(30)}", day()) for _ in range(6 * n)]
    return {
        "follows": frame(["source", "target"], pairs),
        "interactions": frame(["source", "target", "type", "timestamp"], reactions),
        "actions": frame(["customer", "item", "timestamp"], acts),
        "customers": frame(
            ["id", "clv", "segment"], [(name, float(rng.randrange(1, 99)), rng.choice("xy")) for name in names]
        ),
    }


def without(frames, people):
    """Return the same with the rows of these people removed by hand."""
    return {
        role: pl.DataFrame(
            [row for row in table.iter_rows(named=True) if not any(row[name] in people for name in ROLES[role])],
            schema=table.schema,
        )
        for role, table in frames.items()
    }


def said(result):
    return "\n".join(result.notes)


def test_without_a_list_and_without_columns_nothing_changes():
    tables = tables_from_frames(**community())
    assert suppress(tables) is tables


@pytest.mark.parametrize("seed", range(6))
def test_a_list_removes_every_row_that_names_them(seed):
    frames = community(seed)
    people = random.Random(seed).sample(frames["customers"]["id"].to_list(), 7)
    tables = suppress(tables_from_frames(**frames, suppress=ids(*people)))
    expected = tables_from_frames(**without(frames, people))
    for role in ROLES:
        assert getattr(tables, role).equals(getattr(expected, role)), role
    assert tables.suppress is None
    note = tables.notes[-1]
    gone = {role: frames[role].height - getattr(expected, role).height for role in ROLES}
    assert note.startswith("suppressed before anything else: 7 people")
    assert all(f"{count:,} {role}" in note for role, count in gone.items())


def test_transactions_and_identities_too():
    tables = suppress(
        tables_from_frames(
            follows=frame(["source", "target"], [("a", "b")]),
            transactions=frame(
                ["customer", "timestamp", "amount"], [("a", "2024-01-01", 1.0), ("c", "2024-01-01", 1.0)]
            ),
            identities=frame(["customer", "channel", "handle"], [("a", "x", "@a"), ("c", "x", "@c")]),
            suppress=ids("a"),
        )
    )
    assert tables.follows.height == 0
    assert tables.transactions["customer"].to_list() == ["c"]
    assert tables.identities["customer"].to_list() == ["c"]


@pytest.mark.parametrize(
    ("column", "cells", "left"),
    [
        ("consent", [True, False, None], ["a", "c"]),
        ("consent", ["yes", "no", ""], ["a", "c"]),
        ("opt_in", [1, 0, None], ["a", "c"]),
        ("suppress", [True, False, None], ["b", "c"]),
        ("do_not_process", ["true", "false", ""], ["b", "c"]),
        ("consent", [None, None, None], ["a", "b", "c"]),
    ],
)
def test_consent_and_suppress_in_the_customers_table(column, cells, left):
    customers = pl.DataFrame({"id": ["a", "b", "c"], column: cells})
    follows = frame(["source", "target"], [("a", "z"), ("b", "z"), ("c", "z")])
    tables = suppress(tables_from_frames(follows=follows, customers=customers))
    assert tables.customers["id"].to_list() == left
    assert tables.follows["source"].to_list() == left


def test_numbers_and_text_are_the_same_ids():
    follows = frame(["source", "target"], [(1, 2), (3, 2), (4, 2)])
    tables = suppress(tables_from_frames(follows=follows, suppress=ids("1", "x")))
    assert tables.follows["source"].to_list() == [3, 4]
    tables = suppress(
        tables_from_frames(follows=follows.with_columns(pl.col("target").cast(pl.String) + "z"), suppress=ids(3, 4))
    )
    assert tables.follows["source"].to_list() == [1]


def test_a_list_of_nobody_says_so():
    empty = pl.DataFrame(schema={"id": pl.String})
    tables = suppress(tables_from_frames(follows=frame(["source", "target"], [("a", "b")]), suppress=empty))
    assert tables.follows.height == 1
    assert tables.suppress is None
    assert "the suppress table is empty" in tables.notes[-1]


def test_ids_that_occur_nowhere_are_counted():
    follows = frame(["source", "target"], [("a", "b"), ("c", "b")])
    tables = suppress(tables_from_frames(follows=follows, suppress=ids("A", "c", "007")))
    assert tables.follows.rows() == [("a", "b")]
    assert "2 of these 3 ids occur in no other table" in tables.notes[-1]
    assert not {"'A'", "007"} & set(said(tables).split())


def test_when_all_ties_go_the_others_are_worth_what_they_are():
    follows = frame(["source", "target"], [("a", "b"), ("c", "b")])
    customers = frame(["id", "clv"], [("a", 1.0), ("b", 2.0), ("c", 3.0)])
    ranking = influence.rank(follows=follows, customers=customers, suppress=ids("b"))
    assert ranking.frame["id"].to_list() == ["a", "c"]
    assert ranking.frame["network_value"].to_list() == [0.0, 0.0]
    assert ranking.frame["own_value"].to_list() == [1.0, 3.0]


def test_when_everybody_goes_it_is_bad_data():
    with pytest.raises(DataError, match="nobody"):
        influence.rank(follows=frame(["source", "target"], [("a", "b")]), suppress=ids("a", "b"))


# ----- handles -----


def test_handles_in_the_list_are_resolved_first():
    follows = frame(["source", "target"], [("ann", "z"), ("@ann", "z"), ("bob", "z")])
    handles = frame(
        ["customer", "channel", "handle"], [("ann", "x", "@ann"), ("ann2", "mail", "m"), ("ann", "mail", "m")]
    )
    for listed in ("@ann", "ann", "ann2", "m"):
        tables = suppress(
            merge_identities(tables_from_frames(follows=follows, identities=handles, suppress=ids(listed)))
        )
        assert tables.follows["source"].to_list() == ["bob"], listed


def test_a_handle_of_several_people_suppresses_all_of_them():
    """The list names no channel, so one of them must not be processed, and nobody knows which."""
    rows = [(who, "zoe", "like", "2024-01-01") for who in ("ann", "bob", "joe", "cy")]
    tables = tables_from_frames(
        interactions=frame(["source", "target", "type", "timestamp"], rows),
        identities=frame(["customer", "channel", "handle"], [("ann", "x", "joe"), ("bob", "mail", "joe")]),
        suppress=ids("joe"),
    )
    tables = suppress(merge_identities(tables))
    assert tables.interactions["source"].to_list() == ["cy"]
    assert "suppressed before anything else: 2 people" in said(tables)


def test_rows_that_may_be_theirs_go_too():
    """A row that names a shared handle without its channel stays as it is, but not where it may be hers."""
    rows = [("joe", "zoe", "like", "2024-01-01", c) for c in ("x", "mail", None)]
    rows += [("jim", "zoe", "like", "2024-01-01", None)]
    handles = [
        ("ann", "x", "joe"),
        ("bob", "mail", "joe"),
        ("ann", "app", "bob"),
        ("cy", "x", "jim"),
        ("di", "app", "jim"),
    ]
    tables = tables_from_frames(
        interactions=frame(["source", "target", "type", "timestamp", "channel"], rows),
        identities=frame(["customer", "channel", "handle"], handles),
        customers=frame(["id", "consent"], [("ann", False), ("bob", True), ("cy", True)]),
    )
    tables = suppress(merge_identities(tables))
    # bob's id is a handle of ann's too: he stays, since an id wins
    assert tables.interactions["source"].to_list() == ["bob", "jim"]
    assert tables.customers["id"].to_list() == ["bob", "cy"]


# ----- what comes out -----


def scrambled(frames, people):
    """Return the same with names that nothing else contains, so that a text can be searched for them."""
    new = {name: f"secret-{name}-x" for name in people}
    return {
        role: table.with_columns(pl.col(name).replace(new) for name in ROLES[role]) for role, table in frames.items()
    }, list(new.values())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", ["list", "consent", "suppress"])
def test_the_ranking_is_that_of_files_without_them(seed, way):
    frames, people = scrambled(community(seed), ["p03", "p04", "p17", "p30"])
    given = dict(frames)
    if way == "list":
        given["suppress"] = ids(*people)
    else:
        denied = pl.col("id").is_in(people)
        given["customers"] = frames["customers"].with_columns((~denied if way == "consent" else denied).alias(way))
    found = influence.rank(**given, show_counterparts=True, include_non_customers=True)
    expected = influence.rank(**without(frames, people), show_counterparts=True, include_non_customers=True)
    assert found.frame.equals(expected.frame)
    assert found.frame["network_value"].sum() > 0
    texts = [found.frame.write_csv(), said(found), json.dumps(found.facts, default=str)]
    for person in found.frame["id"]:
        parts = found.contributions(person)
        assert parts.equals(expected.contributions(person))
        texts.append(parts.write_csv())
    assert "secret" not in "\n".join(texts)


def test_the_backtest_is_that_of_files_without_them():
    frames, people = scrambled(community(1), ["p03", "p17"])
    settings = influence.Settings(bootstrap=5)
    found = influence.backtest(**frames, suppress=ids(*people), settings=settings, placebos=0)
    expected = influence.backtest(**without(frames, people), settings=settings, placebos=0)
    assert found.frame.equals(expected.frame)
    assert "secret" not in said(found) + "".join(found.verdict)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Return the people to suppress, with files of a shop in the working folder."""
    monkeypatch.chdir(tmp_path)
    frames, people = scrambled(community(2), ["p05", "p06"])
    handles = frame(["customer", "channel", "handle"], [(people[0], "mail", "secret@mail"), ("p07", "mail", "seven")])
    frames["follows"] = frames["follows"].with_columns(pl.col("source").replace({"p07": "seven"}))
    for role, table in frames.items():
        table.write_csv(f"{role}.csv")
    handles.write_csv("identities.csv")
    ids("secret@mail", people[1]).write_csv("optout.csv")
    return frames, people


SOURCES = [f"{role}={role}.csv" for role in ROLES]


def run(*arguments):
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, (result.output, result.exception)
    return result


@pytest.mark.parametrize(
    "arguments",
    [
        ["identities=identities.csv", "suppress=optout.csv"],
        ["--identities", "identities.csv", "--suppress", "optout.csv"],
    ],
)
def test_the_command_line(shop, arguments):
    frames, people = shop
    frames["follows"] = frames["follows"].with_columns(pl.col("source").replace({"seven": "p07"}))
    expected = influence.rank(**without(frames, people), show_counterparts=True).frame
    result = run("rank", *SOURCES, *arguments, "--show-counterparts")
    found = pl.read_csv(io.StringIO(result.stdout), schema_overrides={"id": pl.String})
    assert found["id"].to_list() == expected["id"].to_list()
    assert found["network_value"].to_list() == expected["network_value"].to_list()
    assert "secret" not in result.stdout + result.stderr
    assert "suppressed before anything else: 2 people" in result.stderr
    evaluated = run("evaluate", *SOURCES, *arguments, "--placebos", "0", "--bootstrap", "5")
    assert "suppressed before anything else: 2 people" in evaluated.stderr
    assert "secret" not in evaluated.stdout + evaluated.stderr


@pytest.mark.usefixtures("shop")
def test_the_manifest_does_not_name_them():
    run("rank", *SOURCES, "identities=identities.csv", "suppress=optout.csv", "--out", "scores.csv")
    manifest = Path("scores.csv.manifest.json").read_text(encoding="utf-8")
    assert "optout.csv" in manifest
    assert "secret" not in manifest


@pytest.mark.usefixtures("shop")
def test_through_a_store():
    run("load", *SOURCES, "--identities", "identities.csv", "--suppress", "optout.csv", "--into", "store")
    assert (
        run("rank", "store").stdout == run("rank", *SOURCES, "identities=identities.csv", "suppress=optout.csv").stdout
    )
