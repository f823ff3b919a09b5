"""`influence check`: what it counts, which bad rows it tells, and where it says so."""

import json

import polars as pl
import pytest
from check_words import follows, found, frame

import influence
from influence.errors import UsageError
from influence.io import ReadOptions

# ----- counting -----


def test_counts_by_hand():
    day = "2024-01-01"
    result = influence.check(
        follows=frame(
            ["source", "target", "since"],
            [("a", "b", day), ("a", "b", None), ("c", "c", day), ("a", "d", day), ("a", "d", day)],
        ),
        interactions=frame(
            ["source", "target", "type", "timestamp", "sentiment", "incentivised", "channel"],
            [
                ("a", "b", "reply", day, 0.5, "true", "x"),
                ("a", "b", "reply", day, 0.5, "true", "x"),
                ("e", "b", "like", "2024-02-01T10:00:00", None, "no", None),
                ("e", "e", "like", day, None, None, "mail"),
            ],
        ),
        actions=frame(
            ["customer", "item", "timestamp"], [("a", 1, day), ("a", 1, "2024-01-02"), ("b", 1, day), ("b", 2, day)]
        ),
        transactions=frame(
            ["customer", "timestamp", "amount", "currency"],
            [("a", day, 5.0, "EUR"), ("a", day, -2.0, "EUR"), ("b", day, 0.0, None)],
        ),
        customers=frame(["id", "clv"], [("a", 1.0), ("b", None), ("z", 0.0)]),
    )
    tables = result.facts["tables"]
    assert tables["follows"] == {
        "rows": 5, "bad_rows": 0, "used": 5, "suppressed": 0, "people": 4, "people_only_here": 2,
        "first": day, "last": day, "undated": 1, "duplicate_rows": 1, "self_loops": 1, "repeated_pairs": 2,
    }  # fmt: skip
    assert tables["interactions"] == {
        "rows": 4, "bad_rows": 0, "used": 4, "suppressed": 0, "people": 3, "people_only_here": 1,
        "first": day, "last": "2024-02-01T10:00:00", "undated": 0, "duplicate_rows": 1, "self_loops": 1,
        "filled": {"sentiment": 2, "incentivised": 3, "channel": 3}, "types": {"like": 2, "reply": 2},
        "incentivised": 2, "channels": {"x": 2, "mail": 1},
    }  # fmt: skip
    assert (tables["actions"]["items"], tables["actions"]["repeated_acts"]) == (2, 1)
    bought = tables["transactions"]
    assert (bought["refunds"], bought["zeros"], bought["amount"], bought["items"]) == (1, 1, 3.0, None)
    assert bought["currencies"] == {"EUR": 2}
    listed = tables["customers"]
    assert (listed["filled"]["clv"], listed["clv_zero"], listed["people_only_here"]) == (2, 1, 1)
    assert result.facts["people"] == 6
    unlisted = result.facts["unlisted"]
    assert unlisted["follows"] == {"people": 2, "of": 4, "rows": 3}
    assert unlisted["interactions"] == {"people": 1, "of": 3, "rows": 2}
    assert unlisted["transactions"]["people"] == 0
    assert result.frame.select("table", "rows", "people").rows() == [
        ("follows", 5, 4), ("interactions", 4, 3), ("actions", 4, 2), ("transactions", 3, 2), ("customers", 3, 3)
    ]  # fmt: skip
    text = "\n".join(result.findings)
    for words in (
        "follows: 1 of 5 (20 %) name a pair again",
        "follows: 1 of 5 (20 %) go from a person to herself",
        "follows: 1 of 5 (20 %) carry no date",
        "follows: 2 of 4 (50 %) people are not in the customers table; 3 of 5 (60 %) rows name one",
        "interactions: 1 of 4 (25 %) rows are exact copies of others, and each counts",
        "interactions: sentiment is given for 2 of 4 (50 %)",
        "interactions: incentivised is given for 3 of 4 (75 %), 2 of them yes",
        "actions: 1 of 4 (25 %) repeat a person's act on the same item",
        "transactions: amounts add up to 3.00 (EUR 2)",
        "transactions: 1 of 3 (33 %) are refunds",
        "customers: clv is given for 2 of 3 (67 %), 1.00 in all",
        "customers: 1 of 3 (33 %) occur in no other table",
    ):
        assert words in text


def test_ids_that_are_written_otherwise_are_shown_by_shape_only():
    customers = frame(["id", "clv"], [("1017", 1.0), ("1018", 1.0), ("u5x", 2.0)])
    result = influence.check(follows=follows(("CUST-1017", "CUST-1018"), ("U5X", "CUST-88")), customers=customers)
    (said,) = [line for line in found(result, "follows") if "customers table" in line]
    assert "4 of 4 (100 %) people are not in the customers table; 2 of 2 (100 %) rows name one" in said
    assert "1 of them would be customers if capitals and leading zeros were ignored" in said
    assert "Most of these look like 'a-9', those of customers like '9'" in said
    assert "1017" not in said


def test_empty_tables_are_counted():
    empty = pl.DataFrame(schema={"source": pl.String, "target": pl.String})
    acts = pl.DataFrame(schema={"customer": pl.String, "item": pl.String, "timestamp": pl.Datetime})
    result = influence.check(follows=empty, actions=acts)
    assert result.facts["tables"]["follows"]["rows"] == 0
    assert result.outlook[0] == "Ranked: nobody; the input holds nobody: every table is empty"


def test_merged_and_suppressed_people_are_counted_and_never_named():
    names = ("secret1", "secret2")
    result = influence.check(
        follows=follows(("secret1", "a"), ("@secret2", "a"), ("b", "a"), ("@bob", "c")),
        customers=frame(["id", "clv", "consent"], [("secret2", 9.0, False), ("a", 1.0, True), ("b2", 2.0, True)]),
        identities=frame(
            ["customer", "channel", "handle"],
            [("secret2", "x", "@secret2"), ("b", "x", "@bob"), ("b2", "x", "@bob")],
        ),
        suppress=frame(["id"], [(names[0],)]),
    )
    facts = result.facts
    assert (facts["merged_ids"], facts["suppressed_people"]) == (3, 2)
    assert [facts["tables"]["follows"][name] for name in ("rows", "used", "suppressed")] == [4, 2, 2]
    assert found(result, "suppressed") == ["2 people are left out, and with them 2 rows of follows, 1 row of customers"]
    assert found(result, "identities")[-1] == "3 ids were other accounts of people who have an id"
    text = json.dumps(facts) + "".join(result.notes) + "".join(result.findings) + "".join(result.outlook)
    assert "secret" not in text
    assert "b is b2" in text


# ----- bad rows -----


@pytest.fixture
def broken(folder):
    """Return sources of which two have bad rows."""
    (folder / "bad.csv").write_text("source,target,type,timestamp\nann,bob,reply,2024-01-01\nann,,reply,2024-99-01\n")
    (folder / "twice.csv").write_text("id,clv\nann,1\nann,2\nbob,x\ncy,3\n")
    return ["follows=f.csv", "interactions=bad.csv", "customers=twice.csv"]


def test_bad_rows_of_every_file_are_told_and_end_in_3(broken, status):
    code, out, err = status("check", *broken)
    assert code == 3
    assert "line 3, column 'target': is empty" in err
    assert "line 4, column 'clv': 'x' is not a number" in err
    assert "customer ann is listed twice" in err
    assert "Error: bad rows: 1 in bad.csv, 2 in twice.csv. The other commands stop" in err
    assert out[out.index("bad.csv") :].split()[:6] == ["bad.csv", "1", "bad", "row", "left", "out"]
    for command in (["rank"], ["load", "--into", "store"]):
        assert status(*command, *broken)[0] == 3


def test_bad_rows_to_be_skipped_are_counted_and_end_in_0(broken, status):
    code, out, err = status("check", *broken, "--on-bad-rows", "skip", "-f", "json")
    assert code == 0
    result = json.loads(out)
    assert result["facts"]["loadable"]
    assert result["facts"]["bad_rows"] == {"bad.csv": 1, "twice.csv": 2}
    assert {row["table"]: (row["rows"], row["bad_rows"]) for row in result["rows"]} == {
        "follows": (3, 0), "interactions": (1, 1), "customers": (2, 2)
    }  # fmt: skip
    assert "Error" not in err


def test_what_cannot_be_read_at_all_is_an_error(folder, status):
    (folder / "no.csv").write_text("source\na\n")
    assert status("check", "follows=no.csv")[0] == 3
    assert status("check", "follows=missing.csv")[0] == 3
    assert status("check")[0] == 2
    assert status("check", "follows=f.csv", "--format", "csv")[0] == 2
    assert status("check", "--demo", "f.csv")[0] == 2


def test_bad_frames(folder):
    bad = frame(["source", "target"], [("a", "b"), ("a", None)])
    result = influence.check(follows=bad)
    assert not result.loadable
    assert result.facts["tables"]["follows"]["bad_rows"] == 1
    assert influence.check(follows=bad, options=ReadOptions(on_bad_rows="skip")).loadable
    with pytest.raises(UsageError):
        influence.check()


# ----- the command -----

SOURCES = ("follows=f.csv", "interactions=e.csv", "customers=c.csv")


def test_the_command_says_what_the_library_says(folder, invoke):
    result = invoke("check", *SOURCES, "--format", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    library = influence.check(*SOURCES)
    assert document["facts"] == json.loads(json.dumps(library.facts))
    assert document["findings"] == list(library.findings)
    assert document["outlook"] == list(library.outlook)
    assert document["rows"] == library.frame.to_dicts()
    assert isinstance(library, influence.Check)
    assert "Note: f.csv: taken for follows" in result.stderr
    assert {entry.name for entry in folder.iterdir()} == {"f.csv", "e.csv", "c.csv"}


def test_text_for_people(folder, invoke, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    text = invoke("check", *SOURCES, "-q").stdout
    lines = text.splitlines()
    assert lines[0] == "4 people in 3 tables"
    assert "What the tables hold" in lines
    assert "What the score can use" in lines
    assert max(map(len, lines)) <= 100
    assert not any(line != line.rstrip() for line in lines)
    assert any(line.split()[:3] == ["│", "follows", "│"] for line in lines)
    assert "bad rows" not in text
    assert " used " not in text
    assert text.count("\nUnit ") == 1
    assert invoke("check", *SOURCES, "-q").stderr == ""
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, invoke("check", *SOURCES, "-q").stdout.splitlines())) <= 60


def test_horizon_and_settings_are_those_of_the_run(folder, invoke):
    def horizon(*args):
        return json.loads(invoke("check", *SOURCES, "-f", "json", *args).stdout)["facts"]["score"]["horizon_days"]

    assert horizon("--horizon", "3") == 3.0
    (folder / "influence.toml").write_text("horizon_days = 2\n", encoding="utf-8")
    assert horizon() == 2.0


def test_a_store_is_checked_like_the_files_it_was_loaded_from(folder, invoke):
    pl.DataFrame({"id": ["dee"]}).write_csv("out.csv")
    sources = [*SOURCES, "suppress=out.csv"]
    assert invoke("load", *sources, "--into", "store", "-q").exit_code == 0
    files, store = (json.loads(invoke("check", *what, "-f", "json").stdout) for what in (sources, ["store"]))
    assert store["facts"] == files["facts"]
    assert store["outlook"] == files["outlook"]
    assert store["facts"]["suppressed_people"] == 1


def test_the_demo(invoke):
    result = invoke("check", "--demo")
    assert result.exit_code == 0
    assert "2,357 customers; 143 other people" in " ".join(result.stdout.split())
    assert "join is synthetic" in result.stderr
