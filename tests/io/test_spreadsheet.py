"""Cells that a spreadsheet would run."""

import csv

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from influence.export import write_table
from influence.io.spreadsheet import harmless, restored

FORMULAS = ["=1+2", "+1-1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")']


def test_no_cell_begins_a_formula_and_names_do_neither(tmp_path):
    frame = pl.DataFrame({"id": FORMULAS, "=cmd": FORMULAS, "n": range(len(FORMULAS))})
    write_table(frame, tmp_path / "x.csv", "csv")
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["id", "'=cmd", "n"]
    for row, formula in zip(rows[1:], FORMULAS, strict=True):
        assert row[:2] == ["'" + formula] * 2


def test_programs_get_text_as_it_is(tmp_path):
    frame = pl.DataFrame({"id": FORMULAS})
    write_table(frame, tmp_path / "x.jsonl", "jsonl")
    assert pl.read_ndjson(tmp_path / "x.jsonl")["id"].to_list() == FORMULAS
    write_table(frame, tmp_path / "x.parquet", "parquet")
    assert pl.read_parquet(tmp_path / "x.parquet")["id"].to_list() == FORMULAS


def test_numbers_are_numbers():
    numbers = ["-5", "+4930123", "-1.5", "1e5", "-2E-3"]
    assert harmless(pl.DataFrame({"id": numbers}))["id"].to_list() == numbers


@given(st.lists(st.one_of(st.none(), st.text("'=+-@\t\r\nab1.", max_size=6)), max_size=30))
def test_what_was_made_harmless_is_read_back(cells):
    column = pl.Series("id", cells, dtype=pl.String)
    safe = harmless(pl.DataFrame([column]))["id"]
    assert restored(safe).equals(column, null_equal=True)
    for cell in safe.drop_nulls():
        try:
            float(cell)
        except ValueError:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_ranking_with_such_ids_is_compared_with_itself(invoke, tmp_path):
    follows = tmp_path / "follows.csv"
    follows.write_text("source,target\nbob,@ann\ncy,@ann\ncy,=1+2\n", encoding="utf-8")
    first = invoke("rank", f"follows={follows}", "--out", tmp_path / "run.csv")
    assert first.exit_code == 0, first.stderr
    assert "'@ann" in (tmp_path / "run.csv").read_text(encoding="utf-8")
    again = invoke("rank", f"follows={follows}", "--since", tmp_path / "run.csv", "--format", "jsonl")
    frame = pl.read_ndjson(again.stdout.encode())
    assert set(frame["movement"]) == {"unchanged"}
    assert "@ann" in frame["id"].to_list()
