"""Whatever it is given, a reader returns sound tables or says in words what is wrong.

How many inputs were tried, and how many of them were read: ``pytest tests/io/test_readers_never_crash.py
--hypothesis-show-statistics``. The slow tests try 5,000 of each kind, and 1,000 tables in six formats each.
"""

import contextlib
import datetime as dt
import decimal
import gzip
import io
import sys
import tempfile
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from influence.errors import InfluenceError
from influence.io import read_tables, tables_from_frames
from influence.io.schema import ROLES, SCHEMA

MANY = settings(max_examples=5_000, derandomize=False, print_blob=True)
SOME = settings(max_examples=60)

CSV = b"source,target,type,timestamp,weight\n1,ann,like,2024-01-01,1\n2,bob,reply,2024-01-02T03:04:05Z,\n,x,rt,1,-1\n"
MONEY = b'id;clv;segment;currency\n007;1.234,50;"a;b";EUR\nb;0,5;"two\nlines";eur\n\nc;;x;\n'
JSONL = (
    b'{"customer":"a","item":5,"timestamp":"2024-01-01"}\n'
    b'{"customer":null,"item":[1],"x":{"y":1}}\n{"item":"\\ud83d"}\n'
)
EDGES = b"# a comment\n1 2\n2 3\n\n3 1\n"


def _parquet():
    buffer = io.BytesIO()
    frame = pl.DataFrame(
        {"source": [1, 2], "target": ["a", None], "when": [dt.datetime(2024, 1, 1)] * 2, "l": [[1], []]}
    )
    frame.write_parquet(buffer)
    return buffer.getvalue()


SEEDS = {
    "a.csv": CSV,
    "b.csv": MONEY,
    "c.tsv": CSV.replace(b",", b"\t"),
    "d.csv.gz": gzip.compress(CSV, mtime=0),
    "e.jsonl": JSONL,
    "f.ndjson.gz": gzip.compress(JSONL, mtime=0),
    "g.edges": EDGES,
    "h.txt": b"# c\nsource target\n1 2\n",
    "i.parquet": _parquet(),
    "j.csv": MONEY.decode().encode("utf-16"),
    "k.csv.zst": b"\x28\xb5\x2f\xfd" + CSV,
}
TOKENS = st.sampled_from(
    [
        *rb"""" "" , ; { } [ \u0000 nan 1e999 0001-01-01 9999-12-31T23:59:59 # 1.234,5 source id, [[ PAR1""".split(),
        *(b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b" ", b"9" * 40, b"\xcc\x81"),
        *(b"sep=;\n", b"\x1f", b"\x85", b"\xc2\xa0", b"{}\n", b"\x1f\x8b"),
    ]
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "time_unit": st.sampled_from(["s", "ms", "us", "day", "month", "relative"]),
        "encoding": st.sampled_from(["utf-8", "utf-16", "cp1252", "latin-1"]),
        "decimal": st.sampled_from([".", ","]),
        "fold_case": st.booleans(),
        "on_bad_rows": st.sampled_from(["skip", "quarantine=q.csv"]),
        "map": st.sampled_from([{"follows.source": "target", "follows.target": "source"}, {"customers.id": "x"}]),
        "map_type": st.just({"like": "reply"}),
    },
)
ROLE = st.sampled_from([*[None] * 20, *ROLES])
NAMES = st.sampled_from(list(SEEDS))


@st.composite
def mutated(draw):
    """Return a file that was good once: its name and bytes."""
    name = draw(NAMES)
    content = bytearray(SEEDS[name])
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 8)))
        kind = draw(st.sampled_from(["replace", "insert", "cut", "repeat", "flip"]))
        if kind == "cut" and draw(st.booleans()):
            del content[start:]
        elif kind == "repeat":
            content[start:start] = content[start:end] * draw(st.integers(1, 4))
        elif kind == "flip" and start < len(content):
            content[start] ^= 1 << draw(st.integers(0, 7))
        else:
            content[start : start if kind == "insert" else end] = b"" if kind == "cut" else draw(TOKENS)
    return name, bytes(content)


GOOD = {
    "id": st.integers(-9, 99) | st.sampled_from(["1", "007", "ann", "Ann ", "é", "e\u0301", "-3.0"]),
    "time": st.sampled_from(["2024-01-01", "1999-12-31T23:59:59.5+05:30", " 2024-02-29 "]),
    "number": st.floats(0, 1) | st.sampled_from(["0.5", "1", "", "0,5"]),
    "flag": st.sampled_from(["yes", "no", "1", "", "TRUE"]),
    "type": st.sampled_from(["like", "RT", "reply", "helpful vote"]),
    "currency": st.sampled_from(["EUR", "eur ", ""]),
}
CELL = st.one_of(
    st.sampled_from(
        ["1", "007", "", " ", "ann", "like", "2024-01-01", "1704067200", "-1", "0", "1,5", "1.234,5", "nan", "é"]
    ),
    st.text(max_size=6),
    st.integers().map(str),
    st.floats().map(str),
)
SPELLINGS = sorted({s for role in ROLES for field in SCHEMA[role] for s in field.spellings})


@st.composite
def written(draw):
    """Return a delimited file with names that mean something and cells that mostly do."""
    fields = [field for field in SCHEMA[draw(st.sampled_from(ROLES))] if field.required or draw(st.booleans())]
    kinds = {draw(st.sampled_from(field.spellings)): GOOD.get(field.kind, CELL) for field in fields}
    kinds |= {draw(st.sampled_from(SPELLINGS) | st.text(max_size=4)): CELL for _ in range(draw(st.integers(0, 2)))}
    odd = draw(st.sampled_from([0, 0, 1, 5]))
    cells = [CELL if draw(st.integers(0, 9)) < odd else kind for kind in kinds.values()]
    rows = draw(st.lists(st.tuples(*cells), max_size=6))
    mark = draw(st.sampled_from(",;\t"))
    quoted = draw(st.booleans())
    lines = [
        mark.join('"{}"'.format(str(cell).replace('"', '""')) if quoted else str(cell) for cell in row)
        for row in [tuple(kinds), *rows]
    ]
    text = draw(st.sampled_from(["\n", "\r\n"])).join(lines)
    return "w.csv", text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])), errors="replace")


MOMENTS = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31))
COLUMNS = st.one_of(
    *(
        st.lists(st.none() | value, min_size=3, max_size=3).map(
            lambda cells, dtype=dtype: pl.Series(cells, dtype=dtype)
        )
        for value, dtype in [
            (CELL, pl.String),
            (CELL, pl.Categorical),
            (st.integers(-(2**63), 2**63 - 1), pl.Int64),
            (st.integers(0, 2**64 - 1), pl.UInt64),
            (st.integers(-128, 127), pl.Int8),
            (st.integers(-(2**100), 2**100), pl.Int128),
            (st.floats(), pl.Float64),
            (st.floats(width=32), pl.Float32),
            (st.booleans(), pl.Boolean),
            (MOMENTS, pl.Datetime("us")),
            (MOMENTS, pl.Datetime("ms", "Europe/Berlin")),
            (st.dates(), pl.Date),
            (st.integers(-(2**31), 2**31 - 1).map(lambda n: dt.date(1970, 1, 1)), pl.Date),
            (st.timedeltas(dt.timedelta(-999), dt.timedelta(999)), pl.Duration("us")),
            (st.times(), pl.Time),
            (st.decimals(-(10**9), 10**9, places=2), pl.Decimal(20, 2)),
            (st.binary(max_size=3), pl.Binary),
            (st.lists(st.integers(0, 9), max_size=2), pl.List(pl.Int64)),
            (st.fixed_dictionaries({"a": st.integers(0, 9)}), pl.Struct({"a": pl.Int64})),
            (st.nothing(), pl.Null),
            (st.sampled_from(["a", "b"]), pl.Enum(["a", "b"])),
            (st.one_of(st.integers(), st.text(max_size=2), st.just(decimal.Decimal("1"))), pl.Object),
        ]
    )
) | st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
    lambda n: pl.Series(n).cast(pl.Datetime("ns"))
)


@st.composite
def good_columns(draw, kind):
    """Return a column that a field of this kind may well be read from."""
    cells = draw(st.lists(GOOD.get(kind, st.text(max_size=3)), min_size=3, max_size=3))
    return pl.Series(map(str, cells), dtype=draw(st.sampled_from([pl.String, pl.String, pl.Categorical])))


@st.composite
def frames(draw):
    """Return a role and a frame that has at least the columns that the role needs."""
    role = draw(st.sampled_from(ROLES))
    fields = [field for field in SCHEMA[role] if field.required or draw(st.booleans())]
    odd = draw(st.sets(st.sampled_from([field.name for field in fields]), max_size=2))
    columns = {field.name: draw(COLUMNS if field.name in odd else good_columns(field.kind)) for field in fields}
    return role, pl.DataFrame(
        {**columns, **{name: draw(COLUMNS) for name in draw(st.sets(st.text(max_size=3), max_size=1))}}
    )


def sound(tables):
    """Check what every reader promises of its tables."""
    for role in ROLES:
        frame = getattr(tables, role, None)
        if frame is None:
            continue
        for field in SCHEMA[role]:
            if field.name not in frame.columns:
                assert not field.required
                continue
            column = frame[field.name]
            assert not (field.filled and column.null_count())
            if field.kind == "id":
                # Ids of a large source, or of a categorical column, are text in which each value stands once.
                assert column.dtype == pl.Int64 or isinstance(column.dtype, (pl.String, pl.Categorical))
                assert not (column.cast(pl.String).str.strip_chars() == "").any()
            elif field.kind == "time":
                assert column.dtype == pl.Datetime("us", "UTC")
                column.to_list()
            elif field.kind == "number":
                assert column.drop_nulls().is_finite().all()


def attempt(read):
    try:
        tables = read()
    except InfluenceError as error:
        assert str(error).strip()
        assert len(str(error)) < 6_000
        event("refused")
    else:
        sound(tables)
        event("read")


def attempt_file(given_file, role, options, piped, large):
    name, content = given_file
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        path = Path(folder) / name
        path.write_bytes(content)
        options = dict(options)
        if options.get("on_bad_rows", "").startswith("quarantine"):
            options["on_bad_rows"] = f"quarantine={folder}/q.csv"
        source = str(path)
        if large:
            stack.enter_context(mock.patch("influence.io.delimited.LARGE", 0))
            stack.enter_context(mock.patch("influence.io.parquet.LARGE_ROWS", 0))
        if piped:
            source = "-"
            before = sys.stdin
            stack.callback(setattr, sys, "stdin", before)
            sys.stdin = io.TextIOWrapper(io.BytesIO(content))
        attempt(lambda: read_tables([source if role is None else f"{role}={source}"], **options))


NAME = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=5).filter(
    str.strip
)


@st.composite
def reviews(draw):
    """Return a good table, its ids as strange as ids can be."""
    n = draw(st.integers(1, 5))
    ids = st.lists(draw(st.sampled_from([NAME, st.integers(-5, 5).map(str)])), min_size=n, max_size=n)
    moments = st.lists(MOMENTS.map(lambda moment: moment.isoformat()), min_size=n, max_size=n)
    return pl.DataFrame({"customer": draw(ids), "item": draw(ids), "timestamp": draw(moments), "label": draw(ids)})


def attempt_formats(frame):
    """Read one table in every format: what comes out is the same, and what went in."""
    expected = tables_from_frames(actions=frame).actions
    assert expected["customer"].cast(pl.String).to_list() == frame["customer"].str.strip_chars().to_list()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("a.csv", "b.tsv", "c.jsonl", "d.parquet", "e.csv", "f.csv.gz")]
        frame.write_csv(paths[0], quote_style="always")
        frame.write_csv(paths[1], separator="\t", line_terminator="\r\n", quote_style="always")
        frame.write_ndjson(paths[2])
        frame.write_parquet(paths[3])
        paths[4].write_bytes(paths[0].read_bytes().decode("utf-8").encode("utf-16"))
        paths[5].write_bytes(gzip.compress(paths[0].read_bytes()))
        for path in paths:
            assert read_tables([f"actions={path}"]).actions.equals(expected), path.name
        with mock.patch("influence.io.delimited.LARGE", 0), mock.patch("influence.io.parquet.LARGE_ROWS", 0):
            for path in paths:
                again = read_tables([f"actions={path}"]).actions.with_columns(pl.col(pl.Categorical).cast(pl.String))
                assert again.equals(expected), path.name


FILES = st.tuples(NAMES, st.binary(max_size=60))


@SOME
@given(FILES, ROLE, OPTIONS, st.booleans(), st.booleans())
def test_random_bytes(given_file, role, options, piped, large):
    attempt_file(given_file, role, options, piped, large)


@SOME
@given(mutated(), ROLE, OPTIONS, st.booleans(), st.booleans())
def test_files_that_were_good_once(given_file, role, options, piped, large):
    attempt_file(given_file, role, options, piped, large)


@SOME
@given(written(), ROLE, OPTIONS, st.booleans(), st.booleans())
def test_strange_cells(given_file, role, options, piped, large):
    attempt_file(given_file, role, options, piped, large)


@SOME
@given(frames(), OPTIONS)
def test_frames(given_frame, options):
    attempt_frame(given_frame, options)


def attempt_frame(given_frame, options):
    role, frame = given_frame
    options = {name: value for name, value in options.items() if not str(value).startswith("quarantine")}
    attempt(lambda: tables_from_frames(**{role: frame}, **options))


@pytest.mark.slow
@settings(SOME, max_examples=12)
@given(reviews())
def test_every_format_gives_the_same_table(frame):
    attempt_formats(frame)


@pytest.mark.slow
@settings(MANY, max_examples=1_000)
@given(reviews())
def test_many_tables_in_every_format(frame):
    attempt_formats(frame)


@pytest.mark.slow
@MANY
@given(FILES, ROLE, OPTIONS, st.booleans(), st.booleans())
def test_many_random_bytes(given_file, role, options, piped, large):
    attempt_file(given_file, role, options, piped, large)


@pytest.mark.slow
@MANY
@given(mutated(), ROLE, OPTIONS, st.booleans(), st.booleans())
def test_many_files_that_were_good_once(given_file, role, options, piped, large):
    attempt_file(given_file, role, options, piped, large)


@pytest.mark.slow
@MANY
@given(written(), ROLE, OPTIONS, st.booleans(), st.booleans())
def test_many_strange_cells(given_file, role, options, piped, large):
    attempt_file(given_file, role, options, piped, large)


@pytest.mark.slow
@MANY
@given(frames(), OPTIONS)
def test_many_frames(given_frame, options):
    attempt_frame(given_frame, options)
