"""What people really send: each gives sound tables or an error that says what to do."""

import datetime as dt
import decimal
import gzip
import time

import polars as pl
import pytest

from influence.errors import DataError, UsageError
from influence.io import read_tables, tables_from_frames

GOOD = "source,target\n1,2\n"


def refused(path, *words, error=DataError, **options):
    with pytest.raises(error) as caught:
        read_tables([path], **options)
    message = str(caught.value)
    for word in words:
        assert word in message, message
    assert len(message) < 3_000
    return message


def test_files_with_nothing_in_them(write, tmp_path):
    refused(write("a.csv", ""), "the file is empty; one without rows still needs a header line")
    refused(write("b.jsonl", "\n \n"), "the file is empty")
    refused(write("c.csv.gz", gzip.compress(b"")), "the file is empty")
    refused(str(tmp_path), "a folder, not a file; name the files in it")
    assert read_tables([write("d.csv", "source,target\n")]).follows.height == 0


def test_a_column_is_missing(write):
    refused(f"follows={write('a.csv', 'source,targt')}", "need a column 'target'", "Did you mean 'targt'?")
    refused(f"follows={write('b.csv', 'x,y')}", "say --map follows.source=COLUMN")
    refused(
        write("c.csv", "x,y"), "its columns don't tell which table it is", "--map ROLE.FIELD=COLUMN", error=UsageError
    )


def test_an_archive_that_is_cut_off(write):
    whole = gzip.compress(GOOD.encode() * 1000)
    refused(write("a.csv.gz", whole[:-9]), "cannot be unpacked", "copy or download it again", on_bad_rows="skip")


def test_nul_bytes(write):
    refused(write("a.csv", b"source,target\n1,2\n3\x00,4\n"), "line 3: a NUL byte, so not UTF-8 text")
    far = "source,target\n" + "1,2\n" * 100_000 + "1,\0\n"
    refused(write("b.csv", far), "line 100002: a NUL byte")
    refused(write("c.edges", "1 2\n\0 3\n"), "line 2: a NUL byte")
    with pytest.raises(DataError, match=r"row 1, column 'source': .* holds a NUL character"):
        tables_from_frames(follows=pl.DataFrame({"source": ["a\0"], "target": ["b"]}))


def test_infinities_and_nan(write):
    for cell in ("inf", "-inf", "NaN", "1e999", "Infinity"):
        refused(write("a.csv", f"id,clv\n1,{cell}\n"), f"{cell!r} is not a finite number")
        refused(write("b.csv", f"id;clv\n1;{cell}\n2;0,5\n"), f"{cell!r} is not a finite number")
    with pytest.raises(DataError, match="row 1, column 'clv': nan is not a finite number"):
        tables_from_frames(customers=pl.DataFrame({"id": [1], "clv": [float("nan")]}))


def test_the_first_and_the_last_year(write):
    text = "customer,item,timestamp\n1,1,0001-01-01\n1,1,9999-12-31T23:59:59.999999\n"
    times = read_tables([write("a.csv", text)]).actions["timestamp"].to_list()
    assert [moment.year for moment in times] == [1, 9999]
    refused(write("b.csv", text + "1,1,0000-12-31\n"), "line 4, column 'timestamp': '0000-12-31'", "years 1 to 9999")
    refused(write("c.csv", text + "1,1,10000-01-01\n"), "line 4, column 'timestamp': '10000-01-01' is not an ISO date")


@pytest.mark.parametrize("n", [100_000, pytest.param(5_000_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("column", ["note", "id", "clv", "segment"])
def test_up_to_ten_megabytes_in_one_field(write, column, n):
    big = "é" * n
    text = f"id,clv,segment,note\n1,2,a,x\n{big if column == 'id' else 2},{big if column == 'clv' else 2},x,"
    path = write("a.csv", f"{text}{big if column == 'note' else 'y'}\n")
    if column == "clv":
        assert len(refused(path, "line 3, column 'clv': 'ééé")) < 400
    else:
        customers = read_tables([path]).customers
        assert customers.height == 2
        assert customers.row(1)[customers.columns.index(column)] == (big if column in ("note", "id") else "x")
    refused(write("b.csv", f"{big},target\n1,2\n"), "its columns don't tell", error=UsageError)


@pytest.mark.parametrize("n", [10_000, *(pytest.param(n, marks=pytest.mark.slow) for n in (100_000, 1_000_000))])
def test_very_many_columns(write, n):
    began = time.perf_counter()
    names = [f"c{i}" for i in range(n)]
    cells = ",".join(["1"] * n)
    path = write("a.csv", f"source,{','.join(names)},target\n7,{cells},8\n")
    tables = read_tables([path])
    assert tables.follows.rows() == [(7, 8)]
    assert tables.notes[0].endswith(f"'c11', … and {n - 12:,} more")
    refused(f"follows={write('b.csv', ','.join(names))}", f"c11, … and {n - 12:,} more")
    refused(write("c.csv", ",".join(names)), f"c11, … and {n - 12:,} more", error=UsageError)
    assert time.perf_counter() - began < max(10, n / 2_000)


@pytest.mark.parametrize("n", [2_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_very_many_labels(write, n):
    path = write("a.csv", f"id,clv,{','.join(f'c{i}' for i in range(n))}\n1,2,{','.join(['x'] * n)}\n")
    assert read_tables([path]).customers.shape == (1, n + 2)


def test_parquet_of_every_kind(tmp_path):
    path = str(tmp_path / "t.parquet")
    frame = pl.DataFrame(
        {
            "customer": pl.Series(["a", "b"], dtype=pl.Categorical),
            "timestamp": [dt.date(2024, 1, 1), dt.date(2024, 1, 2)],
            "amount": [decimal.Decimal("1.25"), decimal.Decimal("-3")],
            "item": pl.Series(["x", "y"], dtype=pl.Enum(["x", "y"])),
            "discounted": [1.0, None],
            "nested": [{"a": [1]}, None],
            "took": [dt.timedelta(1), None],
        }
    )
    frame.write_parquet(path)
    tables = read_tables([path])
    moments = [dt.datetime(2024, 1, day, tzinfo=dt.UTC) for day in (1, 2)]
    assert tables.transactions.rows() == [("a", moments[0], 1.25, "x", True), ("b", moments[1], -3.0, "y", None)]
    frame.with_columns(timestamp="took").write_parquet(path)
    refused(path, "column 'timestamp': Duration", "can't be read as a time; store it as a date")
    frame.with_columns(customer="nested").write_parquet(path)
    refused(path, "column 'customer': Struct", "can't be read; store text or numbers")
    frame.with_columns(item="took").write_parquet(path)
    refused(path, "column 'item': Duration", "is no id")
    frame.with_columns(amount="took").write_parquet(path)
    refused(path, "column 'amount': Duration")


def test_a_parquet_file_that_is_none(write):
    refused(write("a.parquet", GOOD), "cannot be read as Parquet", "write or download it again")
    refused(write("b.parquet", b"PAR1" + bytes(20) + b"PAR1"), "cannot be read as Parquet")


def test_ids_of_every_kind(write):
    text = "source,target\n7,007\n  7 ,x y\n-0,+7\n1e3,7.0\n'7',é\nNULL,e\u0301\n"
    follows = read_tables([write("a.csv", text)]).follows
    assert follows["source"].to_list() == ["7", "7", "-0", "1e3", "'7'", "NULL"]
    assert follows["target"].to_list() == ["007", "x y", "+7", "7.0", "é", "e\u0301"]
    refused(
        write("b.csv", "source,target\n1, \t\n\u00a0,2\n"),
        "line 2, column 'target': is empty",
        "line 3, column 'source'",
    )


def test_line_ends_of_every_kind(write):
    unix = read_tables([write("a.csv", "source,target\n1,a b\n2,c\n")]).follows
    assert read_tables([write("b.csv", "source,target\r\n1,a b\r\n2,c\r\n")]).follows.equals(unix)
    assert read_tables([write("c.csv", "source,target\r\n1,a b\n2,c")]).follows.equals(unix)
    refused(
        write("d.csv", "source,target\r1,2\r3,4\r"),
        "lines end in carriage returns alone; save the file with line feeds",
    )


def test_duplicate_columns(write):
    refused(write("a.csv", "source,target,Source\n1,2,3\n"), "columns 'source' and 'Source' both read as 'source'")
    refused(write("b.jsonl", '{"source": 1, "target": 2, "Source": 3}\n'), "both read as 'source'")


def test_placeholders_are_told(write):
    rows = "".join(f"u{i},{'NULL' if i % 2 else f'v{i}'}\n" for i in range(10))
    notes = read_tables([write("a.csv", f"source,target\n{rows}")]).notes
    assert any("'NULL' stands 5 times among the ids in 'target', and is read as one person" in note for note in notes)


def test_times_from_the_start_of_a_study(write):
    path = write("calls.csv", "customer,item,timestamp\n1,1,0\n1,2,184\n2,1,86400.5\n")
    refused(path, "column 'timestamp'", "--time-unit s|ms|us|day|month|relative")
    start = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    tables = read_tables([path], time_unit="relative")
    assert tables.actions["timestamp"].to_list() == [start + dt.timedelta(seconds=n) for n in (0, 184, 86400.5)]
    assert any("dates of 'timestamp' are relative" in note and "1970-01-01" in note for note in tables.notes)
    days = read_tables([path], time_unit="day").actions["timestamp"].to_list()
    assert days[1] - days[0] == dt.timedelta(days=184)
    months = pl.DataFrame({"customer": [1, 1], "item": [1, 1], "timestamp": [1, 13]})
    first, last = tables_from_frames(actions=months, time_unit="month").actions["timestamp"].to_list()
    assert last - first == dt.timedelta(days=365.25)
    assert first == start + dt.timedelta(days=30.4375)


def test_two_clocks_are_refused(write):
    calls = write("calls.csv", "customer,item,timestamp\n1,1,184\n")
    people = write("people.csv", "id,signup\n1,2024-01-01\n")
    with pytest.raises(DataError, match=r"people.csv, column 'signup', holds dates, and other columns count from"):
        read_tables([calls, people], time_unit="relative")
    assert read_tables([calls, people], time_unit="s").actions.height == 1


@pytest.mark.parametrize(
    ("value", "unit"), [(96_400, "month"), (-24_000, "month"), (2_932_897, "day"), (-719_163, "day")]
)
def test_relative_times_beyond_the_calendar(value, unit):
    frame = pl.DataFrame({"customer": [1, 1], "item": [1, 1], "timestamp": [0, value]})
    for given in (frame, frame.cast({"timestamp": pl.Float64})):
        with pytest.raises(DataError, match=r"row 2, .* lies outside the years 1 to 9999"):
            tables_from_frames(actions=given, time_unit=unit)
