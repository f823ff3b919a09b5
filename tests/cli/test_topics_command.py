"""`influence topics`: from files to a table, a file and its manifest."""

import io
import json

import polars as pl
import pytest

from influence import api

SOURCES = ("follows=f.csv", "interactions=e.csv", "customers=c.csv", "topics=t.csv")
TOPICS = pl.DataFrame(
    {
        "customer": ["ann", "bob", "cy", "ann", "dee", "bob"],
        "topic": ["price", "price", "price", "[size]", "[size]", "taste"],
        "timestamp": ["2024-01-05", "2024-02-01", "2024-03-01", "2024-01-09", "2024-01-10", "2024-03-20"],
    }
)


@pytest.fixture
def topics(folder):
    TOPICS.write_csv("t.csv")
    return folder


def csv_of(text):
    return pl.read_csv(io.StringIO(text))


def test_a_pipe_gets_what_the_library_gives(topics, invoke):
    result = invoke("topics", *SOURCES, "--min-people", "1")
    expected = api.topics(*SOURCES, min_people=1).frame
    assert csv_of(result.stdout).rows() == expected.rows()
    assert set(expected["topic"]) == {"price", "[size]", "taste"}
    assert "Note: network values of people who share listeners overlap" in result.stderr
    quiet = invoke("topics", "--topics", "t.csv", *SOURCES[:3], "--min-people", "1", "-q")
    assert quiet.stdout == result.stdout
    assert quiet.stderr == ""


def test_small_groups_are_left_out_unless_asked_for(topics, invoke):
    result = invoke("topics", *SOURCES)
    assert csv_of(result.stdout)["topic"].to_list() == ["price"]
    assert "left out, 2" in result.stderr
    assert csv_of(invoke("topics", *SOURCES, "--min-people", "2").stdout).height == 2


def test_files_and_their_manifest(topics, invoke):
    assert invoke("topics", *SOURCES, "--min-people", "1", "--top", "2", "--out", "topics.parquet").stdout == ""
    frame = pl.read_parquet("topics.parquet")
    assert frame.equals(api.topics(*SOURCES, min_people=1).frame.head(2))
    manifest = json.loads((topics / "topics.parquet.manifest.json").read_text())
    assert manifest["command"] == "topics"
    assert (manifest["rows"], manifest["facts"]["topics"]) == (2, 3)
    assert manifest["facts"]["min_people"] == 1


def test_period_and_as_of(topics, invoke):
    early = csv_of(invoke("topics", *SOURCES, "--min-people", "1", "--as-of", "2024-02-01", "--period", "14").stdout)
    expected = api.topics(*SOURCES, min_people=1, as_of="2024-02-01", period_days=14.0).frame
    assert early.rows() == expected.rows()
    assert dict(early.select("topic", "people").rows()) == {"price": 2, "[size]": 2}


def test_a_table(topics, invoke):
    text = invoke("topics", *SOURCES, "--min-people", "1", "--format", "table").stdout
    assert "3 of 3 topics by the network value behind them, in money" in text
    assert "[size]" in text  # no markup
    assert "× " in text


def test_what_cannot_be(topics, status):
    code, out, err = status("topics", *SOURCES[:3])
    assert (code, out) == (2, "")
    assert "no topics: give topics=topics.csv" in err
    assert status("topics")[0] == 2
    assert status("topics", *SOURCES, "--min-people", "0")[0] == 2
    assert status("topics", *SOURCES, "--period", "-1")[0] == 2
    assert status("topics", "topics=absent.csv")[0] == 3
