"""Bad rows: stop, leave out, or put aside; refunds and currencies."""

import csv
from pathlib import Path

import polars as pl
import pytest

from influence.errors import DataError, UsageError
from influence.io import read_tables, tables_from_frames

BAD = (
    "source,target,type,weight,file\n"
    "1,2,like,1,a\n"
    ",2,like,-1,b\n"
    "3,4\n"
    '5,6,"sms",x,"two\nlines"\n'
    "\n"
    "7,8,like,2,e,f,g\n"
    "9,10,reply,,h\n"
)


def rows(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_skip(write):
    path = write("x.csv", BAD)
    tables = read_tables([path], on_bad_rows="skip")
    assert tables.interactions.rows() == [(1, 2, "like", 1.0), (9, 10, "reply", None)]
    assert tables.bad_rows == {path: 4}
    assert tables.files[0].rows == 2
    note = next(note for note in tables.notes if "left out" in note)
    assert note.splitlines() == [
        f"{path}: bad rows left out: 4 of 6; without the 5 fields of the header (2), source is empty (1), "
        "type is not a known type (1), weight is not a number (1), weight is below 0 (1)",
        "  line 3, column 'source': is empty",
        "  line 3, column 'weight': '-1' is below 0",
        "  line 4: has 2 fields, the header 5 fields",
        "  line 5, column 'type': 'sms' is not a known type",
        "  line 5, column 'weight': 'x' is not a number",
        "  line 8: has 7 fields, the header 5 fields",
    ]


def test_what_is_left_out_is_what_fail_complains_about(write):
    path = write("x.csv", BAD.replace("3,4\n", "").replace(",f,g", ""))
    with pytest.raises(DataError) as error:
        read_tables([path])
    note = next(note for note in read_tables([path], on_bad_rows="skip").notes if "left out" in note)
    assert str(error.value).splitlines()[1:5] == note.splitlines()[1:5]


def test_quarantine(write, tmp_path):
    path, aside = write("x.csv", BAD), tmp_path / "aside.csv"
    tables = read_tables([path], on_bad_rows=f"quarantine={aside}")
    assert tables.interactions.height == 2
    assert f"bad rows were written to {aside}: 4" in tables.notes
    assert list(rows(aside)[0]) == ["file", "line", "column", "reason", "source", "target", "type", "weight", "file_"]
    assert [tuple(row.values()) for row in rows(aside)] == [
        (path, "3", "source; weight", "is empty; is below 0", "", "2", "like", "-1", "b"),
        (path, "4", "", "without the 5 fields of the header", "3", "4", "", "", ""),
        (path, "5", "type; weight", "is not a known type; is not a number", "5", "6", "sms", "x", "two\nlines"),
        (path, "8", "", "without the 5 fields of the header", "7", "8", "like", "2", "e,f,g"),
    ]
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_quarantine_of_every_format(write, tmp_path):
    aside = tmp_path / "aside.csv"
    edges = write("e.edges", "# c\n1 2\nlonely\n")
    lines = write("a.jsonl", '{"customer":1,"item":2,"x":[1]}\n{"customer":null,"item":2,"x":5}\nno\n')
    pl.DataFrame({"id": ["a", None], "clv": [1.0, 2.0], "when": ["x", "y"]}).write_parquet(tmp_path / "c.parquet")
    tables = read_tables([edges, lines, str(tmp_path / "c.parquet")], on_bad_rows=f"quarantine={aside}")
    assert (tables.follows.height, tables.actions.height, tables.customers.height) == (1, 1, 1)
    found = [[f"{name}={cell}" for name, cell in row.items() if cell and name != "file"] for row in rows(aside)]
    assert found == [
        ["line=3", "reason=is not a pair", "text=lonely"],
        ["line=2", "column=customer", "reason=is empty", "item=2", "x=5"],
        ["line=3", "reason=is not a JSON object", "text=no"],
        ["line=2", "column=id", "reason=is empty", "clv=2.0", "when=y"],
    ]
    assert [row["file"] for row in rows(aside)] == [edges, lines, lines, str(tmp_path / "c.parquet")]


def test_a_quarantined_file_can_be_mended_and_read(write, tmp_path):
    aside = tmp_path / "aside.csv"
    read_tables([write("x.csv", "source,target\n1,2\n,3\n")], on_bad_rows=f"quarantine={aside}")
    aside.write_text(aside.read_text().replace(",,3", ",9,3"))
    assert read_tables([f"follows={aside}"]).follows.rows() == [(9, 3)]


def test_quarantine_without_bad_rows_is_a_header(write, tmp_path):
    aside = tmp_path / "aside.csv"
    aside.write_text("from an earlier run")
    read_tables([write("x.csv", "source,target\n1,2\n")], on_bad_rows=f"quarantine={aside}")
    assert aside.read_text() == "file,line,column,reason\n"


def test_a_run_that_fails_writes_nothing(write, tmp_path):
    aside = tmp_path / "aside.csv"
    good, cut = write("x.csv", "source,target\n1,2\n,3\n"), write("y.csv.gz", b"\x1f\x8b\x08")
    with pytest.raises(DataError, match="cannot be unpacked"):
        read_tables([good, cut], on_bad_rows=f"quarantine={aside}")
    assert not aside.exists()


def test_bad_rows_are_not_written_over_what_is_read(write):
    path = write("x.csv", "source,target\n1,2\n,3\n")
    with pytest.raises(UsageError, match="can't be written over it"):
        read_tables([path], on_bad_rows=f"quarantine={path}")


@pytest.mark.parametrize("policy", ["skip", "fail"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("source,targt\n1,2\n", "need a column 'target'"),
        ('source,target\n1,"2\n', "opened and never closed"),
        ("source,target,since\n1,2,184\n", "--time-unit"),
        ("source,target,target\n1,2,3\n", "both read as"),
    ],
)
def test_errors_of_the_file_itself_always_stop(write, policy, text, words):
    with pytest.raises(DataError) as error:
        read_tables([f"follows={write('x.csv', text)}"], on_bad_rows=policy)
    assert words in str(error.value)


def test_a_file_without_a_good_row_is_no_case_for_skipping(write):
    with pytest.raises(DataError) as error:
        read_tables([write("x.csv", "source,target\n,2\n3,\n")], on_bad_rows="skip")
    assert "every row is bad (2), and dropping them leaves nothing\n  line 2, column 'source': is empty" in str(
        error.value
    )


def test_a_customer_listed_twice(write, tmp_path):
    one, two = write("one.csv", "id,clv\n5,1\n6,2\n5,3\n"), write("two.csv", "id,clv\n6,9\n7,x\n8,1\n6,1\n")
    aside = tmp_path / "aside.csv"
    tables = read_tables([one, two], on_bad_rows=f"quarantine={aside}")
    assert tables.customers.rows() == [(5, 1.0), (6, 2.0), (8, 1.0)]
    assert tables.bad_rows == {one: 1, two: 3}
    assert any("customer 5 is listed twice" in note and "(3 such rows in all)" in note for note in tables.notes)
    assert [(row["file"], row["line"], row["column"], row["reason"], row["clv"]) for row in rows(aside)] == [
        (two, "3", "clv", "is not a number", "x"),
        (one, "4", "id", "is listed twice", "3"),
        (two, "2", "id", "is listed twice", "9"),
        (two, "5", "id", "is listed twice", "1"),
    ]


def test_frames_are_skipped_too():
    frame = pl.DataFrame({"source": [1, None, 3], "target": ["a", "b", " "]})
    tables = tables_from_frames(follows=frame, on_bad_rows="skip")
    assert tables.follows.rows() == [(1, "a")]
    assert tables.bad_rows == {"follows frame": 2}


def test_a_million_rows_and_one_bad(tmp_path):
    ids = pl.Series("source", range(1_000_000)).cast(pl.String).to_list()
    ids[654_321] = ""
    path = tmp_path / "f.csv"
    pl.DataFrame({"source": ids, "target": ids[::-1]}).write_csv(path, quote_style="never")
    with pytest.raises(DataError) as error:
        read_tables([str(path)])
    assert str(error.value).startswith(
        f"{path}: 2 bad rows\n  line 345680, column 'target': is empty\n  line 654323, column 'source': is empty\n"
    )
    tables = read_tables([str(path)], on_bad_rows="skip")
    assert tables.follows.height == 999_998
    assert tables.follows.schema == {"source": pl.Int64, "target": pl.Int64}


# Money


def money(amounts, **columns):
    n = len(amounts)
    return pl.DataFrame({"customer": range(n), "timestamp": ["2024-01-01"] * n, "amount": amounts, **columns})


def test_refunds_and_nothings_are_kept_and_counted():
    tables = tables_from_frames(transactions=money([5.0, -1.0, 0.0, 0.0]))
    assert tables.transactions["amount"].to_list() == [5.0, -1.0, 0.0, 0.0]
    assert "transactions frame: negative amounts are kept as refunds; rows: 1" in tables.notes
    assert "transactions frame: amounts of zero are kept; rows: 2" in tables.notes


def test_one_currency_is_told(write):
    tables = tables_from_frames(transactions=money([1, 2, 3], Currency=["EUR", " eur ", None]))
    assert tables.transactions["currency"].to_list() == ["EUR", "EUR", None]
    assert "transactions: all money is in EUR; rows without one are taken to be the same: 1" in tables.notes


@pytest.mark.parametrize("policy", ["skip", "fail"])
def test_several_currencies_are_an_error(write, policy):
    frame = money([1, 2, 3], currency_code=["EUR", "USD", "USD"])
    with pytest.raises(DataError) as error:
        tables_from_frames(transactions=frame, on_bad_rows=policy)
    assert str(error.value) == (
        "transactions: money in 2 currencies, USD (2 rows), EUR (1 rows), which can't be added up. Convert it to one "
        "before reading, or keep the rows of one currency"
    )
    one = write("a.csv", "id,clv,currency\n1,2,EUR\n")
    two = write("b.csv", "id,clv,currency\n2,2,CHF\n")
    with pytest.raises(DataError, match="customers: money in 2 currencies, CHF"):
        read_tables([one, two])
    # Without money a currency is a label like others.
    assert read_tables([write("c.csv", "id,segment,currency\n1,a,EUR\n2,b,CHF\n")]).customers.height == 2
