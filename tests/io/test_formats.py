"""JSON lines, pipes, addresses, encodings, spreadsheets and frames of other libraries."""

import codecs
import datetime as dt
import gzip
import io
import sys

import polars as pl
import pytest

from influence.errors import DataError, UsageError
from influence.io import read_tables, tables_from_frames

CSV = "source,target,type,timestamp\n007,ann,like,2024-01-01\nbob,Zoë,rt,2024-01-02T00:00:00+01:00\n"
ROWS = [
    ("007", "ann", "like", dt.datetime(2024, 1, 1, tzinfo=dt.UTC)),
    ("bob", "Zoë", "share", dt.datetime(2024, 1, 1, 23, tzinfo=dt.UTC)),
]
JSONL = "".join(
    f'{{"source": "{a}", "target": "{b}", "type": "{c}", "timestamp": "{d}"}}\n'
    for a, b, c, d in (line.split(",") for line in CSV.splitlines()[1:])
)


def fails(source, *words, **options):
    with pytest.raises(DataError) as error:
        read_tables([source], **options)
    for word in words:
        assert word in str(error.value), str(error.value)


@pytest.fixture
def pipe(monkeypatch):
    """Put bytes into the standard input."""

    def fill(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return fill


# JSON lines


@pytest.mark.parametrize(
    "name", ["i.jsonl", "i.ndjson", "i.JSONL", "i.jsonl.gz", "i[1]*.jsonl", "bom.jsonl", "crlf.jsonl"]
)
def test_json_lines(write, name):
    text = JSONL.replace("\n", "\r\n\r\n") if "crlf" in name else f"\n{JSONL}\n"
    content = text.encode("utf-8-sig" if "bom" in name else "utf-8")
    path = write(name, gzip.compress(content) if name.endswith("gz") else content)
    assert read_tables([path]).interactions.rows() == ROWS


def test_json_lines_packed_with_zstandard(tmp_path):
    path = tmp_path / "i.jsonl.zst"
    lines = pl.DataFrame({"line": JSONL.splitlines()}).lazy()
    lines.sink_csv(path, compression="zstd", include_header=False, quote_style="never")
    assert read_tables([str(path)]).interactions.rows() == ROWS


def test_values_of_json_are_what_csv_would_hold(write):
    lines = [
        '{"id": 5, "clv": 1.5, "is_customer": true, "city": "Bern", "tags": ["a", 1], "address": {"zip": 3000}}',
        '{"clv": null, "id": "x", "is_customer": "no", "city": 7}',
        '{"late": 1, "id": 12345678901234567890, "clv": "2"}',
    ]
    customers = read_tables([write("c.jsonl", "\n".join(lines))]).customers
    assert customers["id"].to_list() == ["5", "x", "12345678901234567890"]
    assert customers["clv"].to_list() == [1.5, None, 2.0]
    assert customers["is_customer"].to_list() == [True, False, None]
    assert customers["city"].to_list() == ["Bern", "7", None]
    assert customers["tags"].to_list() == ['["a", 1]', None, None]
    assert customers["address"].to_list() == ['{"zip": 3000}', None, None]
    assert customers["late"].to_list() == [None, None, "1"]


def test_a_key_that_comes_late_is_a_column(write):
    lines = ['{"customer": 1, "item": 1}'] * 20_000 + ['{"customer": 1, "item": 1, "value": 3}']
    actions = read_tables([f"actions={write('a.jsonl', chr(10).join(lines))}"]).actions
    assert actions["value"].to_list() == [None] * 20_000 + [3.0]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"customer": 1', "is not JSON"),
        ("[1, 2]", "is not a JSON object"),
        ("5", "is not a JSON object"),
        ("null", "is not a JSON object"),
        ('{"customer": NaN, "item": 1}', "is not JSON"),
        ('{"customer": 1, "item": 2} {"customer": 1, "item": 2}', "is not JSON"),
        ('{"customer": ' + "[" * 100_000 + "]" * 100_000 + ', "item": 2}', "is nested too deeply"),
        ('{"customer": ' + "9" * 5_000 + ', "item": 2}', "is not JSON"),
    ],
)
def test_lines_that_are_no_objects(write, line, fault):
    good = '{"customer": 1, "item": 2}'
    path = write("a.jsonl", f"{good}\n\n{line}\n{good}\n")
    fails(path, ": 1 bad row\n  line 3: ", fault, "Write one JSON object on each line")
    tables = read_tables([path], on_bad_rows="skip")
    assert tables.actions.rows() == [(1, 2), (1, 2)]
    assert tables.bad_rows == {path: 1}


def test_a_list_is_no_id(write):
    path = write("a.jsonl", '{"customer": [1], "item": {"a": 1}}\n{"customer": "[deleted]", "item": "{x}"}\n')
    fails(path, ": 1 bad row\n", "line 1, column 'customer': '[1]' is a list or a record, no id")
    kept = read_tables([path], on_bad_rows="skip").actions
    assert kept.rows() == [("[deleted]", "{x}")]


def test_half_a_character_is_no_id(write):
    path = write("a.jsonl", '{"customer": "a\\ud83d", "item": 1}\n{"customer": "\\ud83d\\ude00", "item": 1}\n')
    fails(path, ": 1 bad row\n", "line 1, column 'customer'", "holds a NUL character")
    assert read_tables([path], on_bad_rows="skip").actions["customer"].to_list() == ["😀"]


def test_the_first_of_a_key_that_is_there_twice_counts_in_both_readers(write):
    line = '{"customer": 1, "customer": 2, "item": 3}\n'
    assert read_tables([write("a.jsonl", line)]).actions.rows() == [(1, 3)]
    assert read_tables([write("b.jsonl", line + "x\n")], on_bad_rows="skip").actions.rows() == [(1, 3)]


def test_one_json_document_is_not_json_lines(write):
    fails(write("a.jsonl", '[\n{"customer": 1, "item": 2}\n]'), "holds a JSON array", "jq -c '.[]' FILE")
    fails(write("b.json", "[]"), "files of this kind are not read", "jq -c '.[]' FILE writes an array as .jsonl")
    fails(write("c.jsonl", '{\n  "customer": 1\n}'), "jq -c . FILE")


def test_json_without_the_key(write):
    fails(f"actions={write('a.jsonl', JSONL)}", "actions need a column 'customer'", "source, target, type, timestamp")


def test_json_that_is_no_utf8(write):
    fails(
        write("a.jsonl", '{"customer": 1, "item": 2}\n{"customer": "é"}\n'.encode("latin-1")),
        "line 2: not UTF-8",
        "--encoding",
    )


# The standard input


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
@pytest.mark.parametrize("text", [CSV, CSV.replace(",", "\t"), CSV.replace(",", ";"), JSONL, "\ufeff" + CSV])
@pytest.mark.parametrize("source", ["-", "interactions=-"])
def test_standard_input(pipe, text, packed, source):
    pipe(packed(text.encode()))
    tables = read_tables([source])
    assert tables.interactions.rows() == ROWS
    assert [(file.path, len(file.sha256)) for file in tables.files] == [("standard input", 64)]


def test_edges_and_parquet_through_a_pipe(pipe):
    pipe(b"# c\n1 2\n2 3\n")
    assert read_tables(["-"]).follows.rows() == [(1, 2), (2, 3)]
    buffer = io.BytesIO()
    pl.DataFrame({"source": [1], "target": [2]}).write_parquet(buffer)
    pipe(buffer.getvalue())
    assert read_tables(["follows=-"]).follows.rows() == [(1, 2)]


def test_nothing_in_the_pipe(pipe, monkeypatch):
    pipe(b"")
    fails("-", "standard input: the file is empty")
    with pytest.raises(UsageError, match="given twice"):
        read_tables(["follows=-", "-"])
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="nothing is piped into it"):
        read_tables(["-"])


# Addresses


@pytest.mark.parametrize("scheme", ["s3", "gs", "az", "https", "abfss"])
def test_addresses_go_to_polars(monkeypatch, scheme):
    asked = []

    def scan(source, **options):
        asked.append(source)
        return pl.LazyFrame({"source": [1], "target": [2]})

    monkeypatch.setattr(pl, "scan_parquet", scan)
    name = f"{scheme}://bucket/year=2024/f*.parquet?version=1"
    tables = read_tables([f"follows={name}"])
    assert asked == [name]
    assert tables.follows.rows() == [(1, 2)]
    assert [(file.path, file.sha256) for file in tables.files] == [(name, "")]


def test_addresses_that_do_not_answer(monkeypatch):
    def scan(source, **options):
        raise OSError("no route to host\nand a page of more")

    monkeypatch.setattr(pl, "scan_parquet", scan)
    fails("s3://b/f.parquet", "s3://b/f.parquet: cannot be read from there (no route to host); check the address")
    fails("s3://b/f.csv", "only Parquet is read from an address")
    fails("ftp://b/f.parquet", "addresses of this kind are not read, only s3,")


# Encodings and spreadsheets


@pytest.mark.parametrize(
    ("encoding", "option"),
    [
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "UTF-16BE"),
        ("cp1252", "cp1252"),
        ("cp1252", "windows-1252"),
        ("latin-1", "iso-8859-1"),
        ("utf-8-sig", "cp1252"),
        ("utf-32", "utf-8"),
    ],
)
def test_encodings(write, encoding, option):
    path = write("i.csv", CSV.encode(encoding))
    assert read_tables([path], encoding=option).interactions.rows() == ROWS
    packed = write("i.csv.gz", gzip.compress(CSV.encode(encoding)))
    assert read_tables([packed], encoding=option).interactions.rows() == ROWS


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE])
def test_utf_16_of_either_end(write, mark):
    coded = CSV.encode("utf-16-be" if mark == codecs.BOM_UTF16_BE else "utf-16-le")
    assert read_tables([write("i.csv", mark + coded)]).interactions.rows() == ROWS


def test_what_is_not_in_the_encoding_names_the_line(write):
    fails(
        write("a.csv", "id,city\n1,Bern\n2,Zürich\n".encode("cp1252")),
        "line 3: not UTF-8 text; save",
        "--encoding cp1252",
    )
    fails(write("b.csv", "id,größe\n1,2\n".encode("cp1252")), "line 1: not UTF-8 text")
    fails(write("c.csv", b"id,city\n1,x\n2,\x81\n"), "line 3: not cp1252 text", encoding="cp1252")
    fails(write("d.csv", "id,clv\n1,2\n".encode("utf-16") + b"x"), "line 3: not utf-16-le text")
    # A column that nobody needs is no exception: the next may be one that somebody does.
    fails(write("e.csv", b"source,target,x\n1,2,\xff\n"), "line 2: not UTF-8 text")


def test_unknown_encoding(write):
    with pytest.raises(UsageError, match=r"encoding must be one of utf-8, utf-16, cp1252, latin-1, not 'ebcdic'"):
        read_tables(["x.csv"], encoding="ebcdic")


def test_a_european_spreadsheet(write):
    text = "sep=;\r\nKunde;customer;date;amount;margin\r\nA;1;2024-01-01;1.234,56;0,5\r\nB;2;2024-01-02;12;-1.000\r\n"
    path = write("x.csv", text.encode("utf-16"))
    tables = read_tables([path])
    assert tables.transactions["amount"].to_list() == [1234.56, 12.0]
    assert tables.transactions["margin"].to_list() == [0.5, -1000.0]
    assert f"{path}: numbers are read with a decimal comma, as in 1.234,50" in tables.notes
    bad = write("y.csv", text.replace("2024-01-02", "02.01.2024").encode("utf-16"))
    fails(bad, "line 4, column 'date': '02.01.2024' is not an ISO date")


@pytest.mark.parametrize(
    ("cells", "option", "expected"),
    [
        (["1.234,56", "2"], None, [1234.56, 2]),
        (["0,5", "1.000"], None, [0.5, 1000]),
        (["1,234.56", "2"], None, [1234.56, 2]),
        (["1,234,567", "0.5"], None, [1234567, 0.5]),
        (["1 234,5", "1\u00a0234\u202f567,5"], None, [1234.5, 1234567.5]),
        (["1'234.50", "1’234’567"], None, [1234.5, 1234567]),
        (["\u22125,5", "+3"], None, [-5.5, 3]),
        (["1.5", "1e3"], None, [1.5, 1000]),
        (["1,234", "5"], ",", [1.234, 5]),
        (["1,234", "5"], ".", [1234, 5]),
        (["1.234", "5"], ",", [1234, 5]),
        (["1.234", "5"], ".", [1.234, 5]),
        (["1.234", "5"], None, [1.234, 5]),
    ],
)  # fmt: skip
def test_decimal_marks(cells, option, expected):
    frame = pl.DataFrame({"customer": [1, 2], "timestamp": ["2024-01-01"] * 2, "amount": cells})
    assert tables_from_frames(transactions=frame, decimal=option).transactions["amount"].to_list() == expected


@pytest.mark.parametrize(
    ("cells", "option", "bad", "step"),
    [
        (["1,234", "5"], None, "row 1", "Say which mark is the decimal one with --decimal , or --decimal ."),
        (["0,5", "0.5"], None, "row 1", "Say which mark"),
        (["0.5", "1"], ",", "row 1", "say --decimal . if it is a point"),
        (["1,5", "1"], ".", "row 1", "say --decimal ,"),
        (["1.23,4", "0,5"], None, "row 1", "Correct or remove"),
        (["12.34.567", "1"], None, "row 1", "Correct or remove"),
    ],
)
def test_decimal_marks_are_never_guessed(cells, option, bad, step):
    frame = pl.DataFrame({"customer": [1, 2], "timestamp": ["2024-01-01"] * 2, "amount": cells})
    with pytest.raises(DataError) as error:
        tables_from_frames(transactions=frame, decimal=option)
    assert f"{bad}, column 'amount': {cells[0]!r} is not a number" in str(error.value)
    assert step in str(error.value)


def test_numbers_that_may_be_thousands_are_told(write):
    notes = read_tables([write("x.csv", "id;clv\na;12.345\nb;7\n")]).notes
    assert any("'clv': '12.345' is read with a decimal point; say --decimal ," in note for note in notes)
    assert not any("decimal" in note for note in read_tables([write("y.csv", "id;clv\na;0.345\nb;7\n")]).notes)


def test_a_header_in_quotes_and_over_lines(write):
    path = write("x.csv", '"source","tar""get","what\nis it","target"\n1,2,"a\nb",3\n4,5,c\n')
    fails(path, "line 5 has 3 fields")
    path = write("y.csv", '"source","tar""get","what\nis it","target"\n1,2,"a\nb",3\n4,5,c,\n')
    fails(path, "line 5, column 'target': is empty")


@pytest.mark.parametrize("mark", ["\t", "|", ";"])
def test_other_delimiters_in_a_csv_file(write, mark):
    assert read_tables([write("i.csv", CSV.replace(",", mark))]).interactions.rows() == ROWS


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.csv", gzip.compress(CSV.encode(), mtime=0), "packed with gzip, not text; end its name in .gz"),
        ("x.csv", b"PK\x03\x04xxxx", "Excel workbook, not text; unpack it, or save its sheet as CSV"),
        ("x.csv", b"PAR1xxxx", "Parquet, not text; end its name in .parquet"),
        ("x.csv", b"<!DOCTYPE html>", "a web page"),
        ("x.csv.gz", CSV.encode(), "cannot be unpacked"),
        ("x.csv.zst", CSV.encode(), "cannot be unpacked"),
    ],
)
def test_files_that_are_something_else(write, name, content, words):
    fails(write(name, content), words)


# Frames of other libraries


def test_polars_eager_and_lazy():
    frame = pl.DataFrame({"source": ["1", "x"], "target": [2, 3]})
    for given in (frame, frame.lazy()):
        assert tables_from_frames(follows=given).follows.rows() == [("1", 2), ("x", 3)]
    with pytest.raises(DataError, match="follows frame: LazyFrame can't be read"):
        tables_from_frames(follows=frame.lazy().select("nothing"))


def test_pandas():
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {
            "customer_id": ["a", None, "c", float("nan")],
            "ltv": [1.5, float("nan"), 3, 4],
            "segment": ["x", None, float("nan"), "z"],
        },
        index=pd.Index([9, 9, 8, 7], name="id"),
    )
    with pytest.raises(
        DataError, match="row 2, column 'customer_id': is empty\n  row 4, column 'customer_id': is empty"
    ):
        tables_from_frames(customers=frame)
    customers = tables_from_frames(customers=frame[frame.customer_id.notna()]).customers
    assert customers.rows() == [("a", 1.5, "x"), ("c", 3.0, None)]
    assert frame.index.name == "id"


def test_pandas_of_mixed_kinds():
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"source": pd.Series([1, "x", 2.0, b"y"], dtype=object), "target": [5, 6, 7, 8], 0: 1})
    assert tables_from_frames(follows=frame).follows["source"].to_list() == ["1", "x", "2", "b'y'"]
    numbers = pd.DataFrame({"source": [1.0, 2.0], "target": pd.array([5, 6], dtype="Int64")})
    assert tables_from_frames(follows=numbers).follows.rows() == [(1, 5), (2, 6)]
    dates = pd.DataFrame({"customer": [1], "item": ["a"], "timestamp": pd.to_datetime(["2024-01-01"])})
    assert tables_from_frames(actions=dates).actions.rows() == [(1, "a", ROWS[0][3])]
    double = pd.DataFrame([[1, 2, 3]], columns=["source", "target", "target"])
    with pytest.raises(DataError, match="each name once"):
        tables_from_frames(follows=double)


def test_pyarrow():
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"source": pa.array(["a", "b"]).dictionary_encode(), "target": pa.array([1, None])})
    with pytest.raises(DataError, match="row 2, column 'target': is empty"):
        tables_from_frames(follows=table)
    assert tables_from_frames(follows=table.slice(0, 1)).follows.rows() == [("a", 1)]


def test_duckdb():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select 'a' as source, 'b' as target, date '2024-01-01' as since")
    assert tables_from_frames(follows=relation).follows.rows() == [("a", "b", ROWS[0][3])]


def test_a_stream_that_breaks():
    class Broken:
        def __arrow_c_stream__(self, requested_schema=None):
            raise RuntimeError("the database went away")

    with pytest.raises(DataError, match=r"follows frame: Broken can't be read \(the database went away\)"):
        tables_from_frames(follows=Broken())
