"""Whole tables of now beside a store: customers as the CRM has them today, and whom to leave out."""

import pytest

from influence.errors import UsageError
from influence.store import read_sources

FOLLOWS = "source,target\nbob,ann\ncy,ann\ndee,cy\n"


@pytest.fixture(params=["folder", "graph"])
def kept(request, tmp_path, invoke):
    (tmp_path / "follows.csv").write_text(FOLLOWS, "utf-8")
    (tmp_path / "then.csv").write_text("id,clv\nann,10\nbob,20\ncy,30\n", "utf-8")
    (tmp_path / "gone.csv").write_text("id\nbob\n", "utf-8")
    place = tmp_path / ("store" if request.param == "folder" else "all.graphml")
    files = [
        f"{role}={tmp_path / name}.csv"
        for role, name in (("follows", "follows"), ("customers", "then"), ("suppress", "gone"))
    ]
    done = invoke("load", *files, "--into", place)
    assert done.exit_code == 0, done.stderr
    return place


def test_customers_of_now_stand_for_those_of_then(kept, tmp_path, invoke):
    (tmp_path / "now.csv").write_text("id,clv\nann,11\ndee,40\n", "utf-8")
    tables = read_sources([str(kept), f"customers={tmp_path / 'now.csv'}"])
    assert tables.customers.sort("id").rows() == [("ann", 11.0), ("dee", 40.0)]
    assert tables.follows.height == 3
    done = invoke("rank", kept, f"customers={tmp_path / 'now.csv'}", "--format", "csv")
    assert done.exit_code == 0, done.stderr
    assert [line.split(",")[1] for line in done.stdout.splitlines()[1:]] == ["ann", "dee"]


def test_who_was_to_be_left_out_still_is(kept, tmp_path):
    (tmp_path / "more.txt").write_text("cy\n", "utf-8")
    tables = read_sources([str(kept), f"suppress={tmp_path / 'more.txt'}"])
    assert tables.suppress["id"].to_list() == ["bob", "cy"]


def test_events_belong_into_the_store(kept, tmp_path):
    with pytest.raises(UsageError, match="given"):
        read_sources([str(kept), f"follows={tmp_path / 'follows.csv'}"])
