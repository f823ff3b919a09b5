"""Two rankings compared, and saved ones read back in every format."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.errors import DataError
from influence.export import write_table
from influence.score.movers import MOVEMENTS, comparison, movement_columns, movers, read_run, summary

NOW = pl.DataFrame({"rank": [1, 2, 3, 4], "id": ["7", "8", "007", "ann"], "network_value": [9.0, 5.0, 2.0, 0.0]})
BEFORE = pl.DataFrame({"rank": [1, 2, 3, 4], "id": ["8", "7", "bob", "ann"], "network_value": [8.0, 4.0, 1.0, 0.0]})


def ranking(names, values):
    return pl.DataFrame(
        {"rank": range(1, len(names) + 1), "id": list(names), "network_value": list(values)},
        schema={"rank": pl.Int64, "id": pl.String, "network_value": pl.Float64},
    )


def test_by_hand():
    moved = movers(NOW, BEFORE)
    assert moved.columns == [
        "id",
        "movement",
        "rank",
        "previous_rank",
        "rank_change",
        "network_value",
        "previous_network_value",
        "value_change",
    ]
    assert moved.rows() == [
        ("7", "rose", 1, 2, 1, 9.0, 4.0, 5.0),
        ("8", "fell", 2, 1, -1, 5.0, 8.0, -3.0),
        ("007", "entered", 3, None, None, 2.0, None, None),  # not 7
        ("ann", "unchanged", 4, 4, 0, 0.0, 0.0, 0.0),
        ("bob", "left", None, 3, None, None, 1.0, None),
    ]
    assert summary(moved, "may.csv") == "since may.csv: 1 rose, 1 fell, 1 unchanged, 1 entered, 1 left"
    wide = NOW.with_columns(other=pl.lit("kept"))
    columns = movement_columns(wide, BEFORE)
    assert columns.drop("previous_rank", "rank_change", "value_change", "movement").equals(wide)
    assert columns["movement"].to_list() == ["rose", "fell", "entered", "unchanged"]


def test_values_in_another_unit_are_not_compared():
    moved = movers(NOW, BEFORE, values=False)
    assert moved["value_change"].null_count() == moved.height
    assert moved["rank_change"].to_list() == [1, -1, None, 0, None]
    assert movement_columns(NOW, BEFORE, values=False)["value_change"].to_list() == [None] * 4


def test_strangers_are_pointed_out():
    assert "are the ids written alike?" in summary(movers(NOW, ranking(["x"], [1.0])), "a")
    assert "alike" not in summary(movers(NOW, BEFORE), "a")
    assert summary(movers(ranking([], []), ranking([], [])), "a").endswith("0 left")


PEOPLE = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(PEOPLE, PEOPLE, st.randoms())
def test_everybody_is_somewhere_and_back_is_the_reverse(one, other, rng):
    now = ranking(one, [rng.randint(-5, 5) for _ in one])
    before = ranking(other, [rng.randint(-5, 5) for _ in other])
    there, back = movers(now, before), movers(before, now)
    assert sorted(there["id"]) == sorted(set(one) | set(other)) == sorted(back["id"])
    opposite = dict(zip(MOVEMENTS, ("fell", "rose", "unchanged", "left", "entered"), strict=True))
    returned = {row["id"]: row for row in back.iter_rows(named=True)}
    for row in there.iter_rows(named=True):
        reverse = returned[row["id"]]
        assert reverse["movement"] == opposite[row["movement"]]
        assert (row["rank"], row["network_value"]) == (reverse["previous_rank"], reverse["previous_network_value"])
        for change in ("rank_change", "value_change"):
            assert (row[change] is None) == (reverse[change] is None)
            assert row[change] is None or row[change] == -reverse[change]
    assert there["id"].to_list()[: len(one)] == one
    assert there["id"].to_list()[len(one) :] == [name for name in other if name not in one]
    added = movement_columns(now, before)
    columns = ["id", "rank", "previous_rank", "rank_change", "value_change", "movement"]
    assert added.select(columns).equals(there.head(len(one)).select(columns))


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet"])
def test_a_saved_ranking_is_read_back(tmp_path, form):
    path = tmp_path / f"scores.{form}"
    write_table(NOW.with_columns(reasons=pl.lit('replies 100 %, "so"'), low=pl.lit(None, pl.Float64)), path, form)
    run = read_run(path)
    assert run.frame.equals(NOW.select("id", "rank", "network_value"))
    assert run.manifest == {}
    assert set(movers(NOW, run.frame)["movement"]) == {"unchanged"}


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet"])
def test_numeric_ids_match_text_ids(tmp_path, form):
    path = tmp_path / f"scores.{form}"
    write_table(BEFORE.filter(pl.col("rank") <= 2).with_columns(pl.col("id").cast(pl.Int64)), path, form)
    assert read_run(path).frame["id"].to_list() == ["8", "7"]
    assert movement_columns(NOW, read_run(path).frame)["previous_rank"].to_list() == [2, 1, None, None]


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet"])
def test_ids_that_look_like_numbers_keep_their_zeros(tmp_path, form):
    path = tmp_path / f"scores.{form}"
    write_table(ranking(["7", "007", "1e3"], [3.0, 2.0, 1.0]), path, form)
    assert read_run(path).frame["id"].to_list() == ["7", "007", "1e3"]


def test_a_json_document_is_a_ranking_too(tmp_path):
    path = tmp_path / "scores.json"
    path.write_text(json.dumps({"rows": BEFORE.to_dicts(), "facts": {}, "notes": []}))
    assert read_run(path).frame.equals(BEFORE.select("id", "rank", "network_value"))


def test_ranks_that_became_floats_are_whole(tmp_path):
    path = tmp_path / "scores.parquet"
    BEFORE.with_columns(pl.col("rank").cast(pl.Float64)).write_parquet(path)
    assert read_run(path).frame["rank"].to_list() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("s.csv", "rank,id,value\n1,a,2\n", "'network_value' is missing; there "),
        ("s.csv", "id,network_value,ranks\na,2,1\n", "'rank' is missing; there is 'ranks'"),
        ("s.csv", "rank,id,network_value\n1,a,2\nx,b,1\n", "row 2, column 'rank': 'x' is not a whole number"),
        ("s.csv", "rank,id,network_value\n1,a,2\n2,b,\n", "row 2, column 'network_value': None is not a number"),
        ("s.csv", "rank,id,network_value\n1,,2\n", "row 1, column 'id'"),
        ("s.csv", "rank,id,network_value\n1,a,2\n2,a,1\n", "the id 'a' stands there twice"),
        ("s.csv", "", "cannot be read as csv"),
        ("s.csv", "rank,id,network_value\n1,a,2,3,4\n", "cannot be read as csv"),
        ("s.json", "[{", "cannot be read as json"),
        ("s.json", '[{"rank": 1.5, "id": "a", "network_value": 1}]', "row 1, column 'rank': 1.5"),
        ("s.json", '[{"rank": 1, "id": ["a"], "network_value": 1}]', "column 'id': holds List"),
        ("s.jsonl", "nonsense", "cannot be read as jsonl"),
        ("s.parquet", "nonsense", "cannot be read as parquet"),
        ("s.xlsx", "", "ends in .csv, .json, .jsonl, .parquet"),
        ("missing.csv", None, "no such file"),
    ],
)
def test_what_is_no_ranking_is_refused(tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(DataError) as caught:
        read_run(path)
    assert words in str(caught.value)
    assert name in str(caught.value)


def with_manifest(path, content):
    BEFORE.write_csv(path)
    text = content if isinstance(content, str) else json.dumps(content)
    path.with_name(path.name + ".manifest.json").write_text(text)
    return read_run(path)


MONEY = {"unit": "money", "currency": "EUR", "as_of": "2024-06-01T00:00:00Z", "listed": 4}


def test_the_manifest_says_what_can_be_compared(tmp_path):
    path = tmp_path / "may.csv"
    assert comparison(with_manifest(path, {"facts": MONEY}), MONEY) == (True, ())
    comparable, notes = comparison(with_manifest(path, {"facts": {**MONEY, "unit": "acts", "currency": None}}), MONEY)
    assert not comparable
    assert f"{path}: unit was acts and is money: ranks are compared, values are not" in notes
    assert f"{path}: currency was not said and is EUR: ranks are compared, values are not" in notes
    comparable, notes = comparison(with_manifest(path, {"facts": {**MONEY, "listed": 9}}), MONEY)
    assert comparable
    assert "holds 4 of the 9 people who were ranked" in notes[0]
    _, notes = comparison(with_manifest(path, {"facts": {**MONEY, "as_of": "2024-07-01T00:00:00Z"}}), MONEY)
    assert "changes run backwards" in notes[0]
    _, notes = comparison(with_manifest(path, {"facts": 3}), MONEY)
    assert notes == ()


def test_without_a_manifest_a_note_says_what_was_taken(tmp_path):
    BEFORE.write_csv(tmp_path / "may.csv")
    comparable, notes = comparison(read_run(tmp_path / "may.csv"), MONEY)
    assert comparable
    assert "no manifest beside it" in notes[0]


def test_a_broken_manifest_is_an_error(tmp_path):
    with pytest.raises(DataError, match="cannot be read as the manifest"):
        with_manifest(tmp_path / "may.csv", "{")
    assert with_manifest(tmp_path / "may.csv", "[]").manifest == {}
