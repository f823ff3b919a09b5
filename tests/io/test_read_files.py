"""Good files in every format come out as the same tables."""

import datetime as dt
import gzip
import hashlib
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from influence.config import Settings
from influence.errors import DataError, UsageError
from influence.io import read_tables, tables_from_frames

DAY = dt.datetime(2004, 1, 1, tzinfo=dt.UTC)
CSV = """customer,date,amount,item,margin,discounted,city
007,2004-01-01,1.5,5, ,yes,Bern
ann , 2004-01-02T03:00+01:00,-2,6,.5,0,
"""
ROWS = [("007", DAY, 1.5, 5, None, True), ("ann", DAY + dt.timedelta(hours=26), -2.0, 6, 0.5, False)]


@pytest.mark.parametrize(
    "name",
    [
        "t.csv",
        "t.CSV",
        "t.csv.gz",
        "t.csv.zst",
        "t.tsv",
        "t.txt",
        "t.txt.gz",
        "semi.csv",
        "tab.csv",
        "bom.csv",
        "crlf.csv",
    ],
)
def test_text_formats(write, name):
    text = CSV
    if ".tsv" in name or ".txt" in name or "tab" in name:
        text = text.replace(",", "\t")
    if "semi" in name:
        text = text.replace(",", ";")
    if "crlf" in name:
        text = text.replace("\n", "\r\n")
    content = text.encode("utf-8-sig" if "bom" in name else "utf-8")
    if name.endswith(".gz"):
        content = gzip.compress(content)
    path = write(name, content)
    if name.endswith(".zst"):
        # Our own frames are the only writer of Zstandard at hand.
        rows = [line.split(",") for line in text.splitlines()]
        pl.DataFrame(rows[1:], schema=rows[0], orient="row").lazy().sink_csv(path, compression="zstd")
    tables = read_tables([path])
    assert tables.transactions.schema == {
        "customer": pl.String, "timestamp": pl.Datetime("us", "UTC"), "amount": pl.Float64, "item": pl.Int64,
        "margin": pl.Float64, "discounted": pl.Boolean,
    }  # fmt: skip
    assert tables.transactions.rows() == ROWS
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert [(f.path, f.role, f.rows, f.sha256) for f in tables.files] == [(path, "transactions", 2, digest)]
    assert f"{path}: negative amounts are kept as refunds; rows: 1" in tables.notes


def test_parquet_and_frames_equal_csv(write, tmp_path):
    frame = pl.DataFrame(
        {
            "source": pl.Series([1, 2, 2], dtype=pl.Int32),
            "target": ["b", "007", "b"],
            "type": pl.Series(["RT", "Comment", "review-read"], dtype=pl.Categorical),
            "timestamp": [1072915200, 1072915201, 1072915202],
            "weight": pl.Series([1, None, 2], dtype=pl.Int8),
            "sentiment": [0.5, None, -1.0],
            "incentivised": [True, False, None],
            "channel": ["web", None, " app "],
            "id": [7, 8, 9],
            "noise": [[1], [2], [3]],
        }
    )
    frame.write_parquet(tmp_path / "i.parquet")
    text = frame.drop("noise").with_columns(
        pl.col("incentivised").replace_strict({True: "COUPON5", False: "no"}, default=None)
    )
    csv = read_tables([write("i.csv", text.write_csv())]).interactions
    parquet = read_tables([str(tmp_path / "i.parquet")]).interactions
    assert csv.equals(parquet)
    assert csv.schema == parquet.schema
    assert csv.equals(tables_from_frames(interactions=frame).interactions)
    assert csv.equals(tables_from_frames(interactions=frame.lazy()).interactions)
    assert csv["type"].to_list() == ["share", "reply", "review_read"]
    assert csv["incentivised"].to_list() == [True, False, None]
    assert csv["channel"].to_list() == ["web", None, "app"]


def test_any_arrow_stream_is_a_frame():
    class Foreign:
        def __arrow_c_stream__(self, requested_schema=None):
            return pa.table({"source": [1], "target": ["x"]}).__arrow_c_stream__(requested_schema)

    assert tables_from_frames(follows=Foreign()).follows.rows() == [(1, "x")]
    with pytest.raises(UsageError, match="follows: list is no frame"):
        tables_from_frames(follows=[(1, 2)])


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["1", "20"], [1, 20]),
        ([" 1", "-20 "], [1, -20]),
        (["1", "020"], ["1", "020"]),
        (["1", "x"], ["1", "x"]),
        (["1.0", "20.0"], [1, 20]),
        (["1.0", "20"], ["1.0", "20"]),
        ([1.0, 20.0], [1, 20]),
        (pl.Series([1, 20], dtype=pl.UInt16), [1, 20]),
        (pl.Series([1, 2**63], dtype=pl.UInt64), ["1", "9223372036854775808"]),
        (["9223372036854775807", "1"], [9223372036854775807, 1]),
        (["9223372036854775808", "1"], ["9223372036854775808", "1"]),
    ],
)
def test_ids_are_numbers_if_all_are(column, expected):
    frame = pl.DataFrame({"source": column, "target": [1, 2]})
    assert tables_from_frames(follows=frame).follows["source"].to_list() == expected


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["true", "FALSE", " yes", "No", "1", "0", ""], [True, False, True, False, True, False, None]),
        ([1, 0, None, 1, 1, 1, 1], [True, False, None, True, True, True, True]),
        ([1.0, 0.0, None, 1.0, 1.0, 1.0, 1.0], [True, False, None, True, True, True, True]),
        ([True, False, None, True, True, True, True], [True, False, None, True, True, True, True]),
    ],
)
def test_flags(column, expected):
    frame = pl.DataFrame({"id": range(7), "is_customer": column})
    assert tables_from_frames(customers=frame).customers["is_customer"].to_list() == expected


def test_customers_keep_their_labels(write, tmp_path):
    path = write("c.csv", "Age,customer_id,CLV,Segment, City ,,Signup\n30,5,1.5,gold, Bern ,x,2004-01-01\n,6,,,,,\n")
    customers = read_tables([path]).customers
    assert customers.columns == ["id", "clv", "segment", "signup", "Age", "City"]
    assert customers.rows() == [(5, 1.5, "gold", DAY, "30", "Bern"), (6, None, None, None, None, None)]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        *((name, "share") for name in ("Retweet", "rt", "REPOST", "reblog", "quote", "share")),
        *((name, "reply") for name in ("comment", "Replied", "reply")),
        *((name, "like") for name in ("favourite", "Favorite", "LIKE")),
        *((name, "helpful_vote") for name in ("Helpful Vote", "helpful-vote")),
        ("referred", "referral"),
        ("INVITE", "invite"),
        ("review-read", "review_read"),
        (" mention ", "mention"),
        ("answer", "answer"),
    ],
)
def test_spellings_of_types(written, canonical):
    frame = pl.DataFrame({"source": [1], "target": [2], "type": [written]})
    assert tables_from_frames(interactions=frame).interactions["type"].to_list() == [canonical]


def test_a_type_in_the_settings_wins_over_a_spelling():
    settings = Settings.from_mapping({"reaction_weights": {"comment": 0.3, "Direct Message": 0.1}})
    frame = pl.DataFrame({"source": [1, 1, 1], "target": [2, 2, 2], "type": ["Comment", "direct-message", "replied"]})
    read = tables_from_frames(interactions=frame, settings=settings).interactions
    assert read["type"].to_list() == ["comment", "Direct Message", "reply"]


def test_several_files_of_one_role(write, tmp_path):
    one = write("one.csv", "source,target,since\n1,2,2004-01-01\n")
    write("more/a.csv", "source,target\nx,3\n")
    write("more/b.csv", "since,follower,followee\n,4,5\n")
    tables = read_tables([one, f"follows={tmp_path}/more/*.csv"])
    assert tables.follows.rows() == [("1", 2, DAY), ("x", 3, None), ("4", 5, None)]
    assert [file.rows for file in tables.files] == [1, 1, 1]


def test_labels_that_differ_between_files_become_text(tmp_path, write):
    pl.DataFrame({"id": [1], "age": [30]}).write_parquet(tmp_path / "a.parquet")
    tables = read_tables([str(tmp_path / "a.parquet"), write("b.csv", "id,age,city\n2,thirty,Bern\n")])
    assert tables.customers.rows() == [(1, "30", None), (2, "thirty", "Bern")]


def test_a_name_like_a_pattern_is_a_name(write, tmp_path):
    path = write("f[1]*.csv", "source,target\n1,2\n")
    write("f1x.csv", "source,target\n8,9\n")
    assert read_tables([path]).follows.rows() == [(1, 2)]
    pl.DataFrame({"source": [1], "target": [3]}).write_parquet(tmp_path / "g[1].parquet")
    assert read_tables([str(tmp_path / "g[1].parquet")]).follows.rows() == [(1, 3)]


@pytest.mark.parametrize("separator", [" ", "\t", "   ", ",", " \t "])
def test_edge_lists(write, separator):
    lines = [
        "# Directed graph",
        "# FromNodeId ToNodeId",
        f"0{separator}4",
        "",
        f" 0{separator}05 ",
        "% more",
        f"7{separator}0",
    ]
    path = write("soc.txt", "\n".join(lines))
    tables = read_tables([path])
    assert tables.follows.rows() == [(0, "4"), (0, "05"), (7, "0")]
    assert tables.notes[-1] == f"{path}: taken for follows: the first of a pair follows the second"
    assert "'target' have leading zeros ('05')" in tables.notes[0]
    assert len(tables.notes) == 2
    assert tables.files[0].rows == 3
    for name in ("soc.edges", "soc.edgelist.gz"):
        content = "\n".join(lines).encode()
        again = read_tables([write(name, gzip.compress(content) if name.endswith("gz") else content)])
        assert again.follows.equals(tables.follows)


def test_a_text_file_with_header_and_comments(write):
    path = write("x.txt", '# said "hi"\n# more\nsource target type\n1 2 like\n\n3 4 reply\n')
    assert read_tables([path]).interactions.rows() == [(1, 2, "like"), (3, 4, "reply")]
    path = write("bad.txt", '# said "hi"\n# more\nsource target type\n1 2 like\n\n3 4 nonsense\n')
    with pytest.raises(DataError, match="line 6, column 'type': 'nonsense'"):
        read_tables([path])


@pytest.mark.parametrize("header", ["source,target", "source,target\n", "source,target\n\n\n", "\nsource,target\n"])
def test_a_header_alone_is_an_empty_table(write, header):
    follows = read_tables([write("f.csv", header)]).follows
    assert follows.shape == (0, 2)
    assert follows.schema == {"source": pl.Int64, "target": pl.Int64}


@pytest.mark.parametrize("role", ["follows", "interactions", "actions", "transactions", "customers"])
def test_empty_frames(role):
    from influence.io.schema import SCHEMA

    frame = pl.DataFrame(schema=dict.fromkeys((field.name for field in SCHEMA[role]), pl.String))
    table = getattr(tables_from_frames(**{role: frame}), role)
    assert table.height == 0
    assert table.columns == frame.columns


def test_quoted_fields(write):
    path = write("c.csv", 'id,note,clv\n"a,1","says ""hi""\nand bye",5\n\n"b","",6\n')
    assert read_tables([path]).customers.rows() == [("a,1", 5.0, 'says "hi"\nand bye'), ("b", 6.0, None)]


def test_tables_cannot_be_changed(write):
    tables = read_tables([write("f.csv", "source,target\n1,2\n")])
    with pytest.raises(AttributeError):
        tables.follows = None


def test_nothing_is_no_refund():
    frame = pl.DataFrame({"customer": [1, 1, 1], "timestamp": [DAY] * 3, "amount": [0, -1, 5]})
    tables = tables_from_frames(transactions=frame)
    assert tables.transactions["amount"].to_list() == [0.0, -1.0, 5.0]
    assert tables.notes[-1] == "transactions frame: negative amounts are kept as refunds; rows: 1"
    assert not any(
        "refund" in note for note in tables_from_frames(transactions=frame.filter(pl.col("amount") >= 0)).notes
    )
