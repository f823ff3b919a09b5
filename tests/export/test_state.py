"""The state file: ours or refused, whole or untouched."""

import sqlite3

import polars as pl
import pytest
from exported import FACTS, ranking

from influence.errors import DataError, InfluenceError, UsageError
from influence.export import state as module
from influence.export.changes import plan_changes, watched_values
from influence.export.records import make_records
from influence.export.state import State
from influence.export.targets import Target

NONE = pl.DataFrame(schema=dict.fromkeys(("key", "id", "hash", "watched"), pl.String))


def planned(values, last=NONE, unanswered=NONE):
    records = make_records(ranking(values), Target.of("jsonl"), facts=FACTS)
    plan = plan_changes(records, last, unanswered, threshold=0.01)
    return plan, watched_values(plan.write, records)


def test_a_delivery_is_remembered(tmp_path):
    with State(tmp_path / "s") as state:
        assert state.delivery("csv") == 0
        state.deliver("csv", *planned({"a": 1.0, "b": 2.0}))
    with State(tmp_path / "s") as state:
        assert state.delivery("csv") == 1
        assert state.written("csv")["key"].to_list() == ["a", "b"]
        assert state.written("hubspot").height == 0
        state.deliver("csv", *planned({"a": 1.0}, state.written("csv")))
        assert state.written("csv")["key"].to_list() == ["a"]
        assert state.delivery("csv") == 2


def test_what_is_sent_counts_when_it_is_answered(tmp_path):
    with State(tmp_path / "s") as state:
        state.begin("x", *planned({"a": 1.0, "b": 2.0, "c": 3.0}))
        state.answer("x", ["a"], {"b": "bad value"})
        assert state.written("x")["key"].to_list() == ["a"]
        assert state.unanswered("x").rows() == [("b", "b", "bad value"), ("c", "c", None)]
        state.begin("x", *planned({"a": 1.0}, state.written("x"), state.unanswered("x")))
        state.answer("x", ["b", "c", "nobody"])
        assert state.unanswered("x").height == 0
        assert state.written("x")["key"].to_list() == ["a"]


def test_jobs_stay_until_their_results_are_read(tmp_path):
    with State(tmp_path / "s") as state:
        state.add_job("x", "2")
        state.add_job("x", "1")
        assert state.jobs("x") == ["2", "1"]
        state.answer("x", [], job="2")
        assert state.jobs("x") == ["1"]


def test_a_state_belongs_to_one_account(tmp_path):
    with State(tmp_path / "s") as state:
        state.check_account("x", "portal 7")
        state.check_account("x", "portal 7")
        with pytest.raises(UsageError, match=r"portal 7.*portal 8.*--out"):
            state.check_account("x", "portal 8")


def test_nothing_of_who_left_stays_in_the_file(tmp_path):
    with State(tmp_path / "s") as state:
        state.deliver("csv", *planned({"secret-person": 1.0, **{f"p{i}": 2.0 for i in range(50)}}))
        assert b"secret-person" in (tmp_path / "s").read_bytes()
        state.deliver("csv", *planned({f"p{i}": 2.0 for i in range(50)}, state.written("csv")))
    assert b"secret-person" not in (tmp_path / "s").read_bytes()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be read as one" * 20, b"SQLite format 3\0"]
)
def test_something_else_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "s"
    path.write_bytes(content)
    with pytest.raises(DataError, match="move it away"):
        State(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path):
    base = sqlite3.connect(tmp_path / "s")
    base.execute("CREATE TABLE theirs (x)")
    base.commit()
    base.close()
    with pytest.raises(DataError, match="another program"):
        State(tmp_path / "s")


def test_a_newer_version_is_refused(tmp_path):
    State(tmp_path / "s").__exit__()
    base = sqlite3.connect(tmp_path / "s")
    base.execute("PRAGMA user_version = 99")
    base.commit()
    base.close()
    with pytest.raises(DataError, match="state 99, this one knows"):
        State(tmp_path / "s")


def test_an_older_version_is_brought_up_whole_or_not_at_all(tmp_path, monkeypatch):
    with State(tmp_path / "s") as state:
        state.deliver("csv", *planned({"a": 1.0}))
    version = len(module._MIGRATIONS)
    good = "ALTER TABLE written ADD COLUMN since TEXT; UPDATE written SET since = 'then'"
    monkeypatch.setattr(module, "_MIGRATIONS", (*module._MIGRATIONS, good + "; SELECT * FROM nowhere"))
    with pytest.raises(InfluenceError):
        State(tmp_path / "s")
    base = sqlite3.connect(tmp_path / "s")
    assert base.execute("PRAGMA user_version").fetchone()[0] == version
    assert "since" not in [row[1] for row in base.execute("PRAGMA table_info(written)")]
    base.close()
    monkeypatch.setattr(module, "_MIGRATIONS", (*module._MIGRATIONS[:-1], good))
    with State(tmp_path / "s") as state:
        assert state.written("csv")["key"].to_list() == ["a"]
        assert state._base.execute("SELECT since FROM written").fetchall() == [("then",)]


def test_another_run_that_holds_it_is_told(tmp_path, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **how: connect(path, **{**how, "timeout": 0.05}))
    with State(tmp_path / "s"):
        other = connect(tmp_path / "s", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InfluenceError, match="another run may hold it"):
            State(tmp_path / "s")
        other.execute("ROLLBACK")
        other.close()
