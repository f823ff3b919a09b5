"""What is wrong, where, and what to do next: every message of reading."""

import gzip

import polars as pl
import pytest

from influence.errors import DataError
from influence.io import read_tables, tables_from_frames


def fails(source, *words, **options):
    with pytest.raises(DataError) as error:
        read_tables([source] if isinstance(source, str) else source, **options)
    message = str(error.value)
    for word in words:
        assert word in message, message
    return message


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("source,target\n1,2\n,3\n", "line 3, column 'source': is empty"),
        ("source,target\n1,2\n3, \n", "line 3, column 'target': is empty"),
        ("source,target,type\n1,2,like\n1,2,\n", "line 3, column 'type': is empty"),
        ("source,target,type,weight\n1,2,like,1\n1,2,like,heavy\n", "line 3, column 'weight': 'heavy' is not a number"),
        ("source,target,type,weight\n1,2,like,1\n1,2,like,-1\n", "line 3, column 'weight': '-1' is below 0"),
        (
            "source,target,type,weight\n1,2,like,1\n1,2,like,inf\n",
            "line 3, column 'weight': 'inf' is not a finite number",
        ),
        (
            "source,target,type,weight\n1,2,like,1\n1,2,like,NaN\n",
            "line 3, column 'weight': 'NaN' is not a finite number",
        ),
        ("source,target,type,sentiment\n1,2,like,1\n1,2,like,1.01\n", "line 3, column 'sentiment': '1.01' is above 1"),
        ("source,target,type,sentiment\n1,2,like,\n1,2,like,-2\n", "line 3, column 'sentiment': '-2' is below -1"),
        ("source,target,type,time\n1,2,like,2004-01-01\n1,2,like,\n", "line 3, column 'time': is empty"),
        ("customer,date,amount\n1,2004-01-01,5\n1,2004-01-01,\n", "line 3, column 'amount': is empty"),
        ("customer,date,amount\n1,2004-01-01,5\n1,2004-01-01,$5\n", "line 3, column 'amount': '$5' is not a number"),
        (
            "customer,date,amount,discounted\n1,2004-01-01,5,\n1,2004-01-01,5,maybe\n",
            "line 3, column 'discounted': 'maybe' is neither",
        ),
        ("customer,product\n1,2\n1,\n", "line 3, column 'product': is empty"),
        ("id,clv\n1,2\n2,-0.5\n", "line 3, column 'clv': '-0.5' is below 0"),
        ("id,clv\n1,\n2,nan\n", "line 3, column 'clv': 'nan' is not a finite number"),
        ("id,is_customer\n1,yes\n2,2\n", "line 3, column 'is_customer': '2' is neither true nor false"),
        ("id,signup\n1,\n2,soon\n", "line 3, column 'signup': 'soon' is not an ISO date"),
    ],
)
def test_bad_cells(write, text, fault):
    path = write("x.csv", text)
    message = fails(path, f"  {fault}")
    assert message.startswith(f"{path}: 1 bad row\n")
    assert message.splitlines()[-1][:5] in ("Corre", "Write")


def test_a_decimal_comma_gets_its_own_advice(write):
    path = write("x.csv", "customer;date;amount\n1;2004-01-01;5,20\n")
    fails(path, "'5,20' is not a number", "decimal point, not a comma", "--decimal ,", decimal=".")
    fails(
        write("y.csv", "customer;date;amount\n1;2004-01-01;5,200\n"),
        "'5,200' is not a number",
        "Say which mark is the decimal one with --decimal , or --decimal .",
    )


def test_the_first_ten_and_the_count(write):
    rows = "".join(f"{i},{'' if i % 3 else 'a'},{-1 if i % 3 else 1}\n" for i in range(60))
    message = fails(write("x.csv", f"id,segment,clv\n{rows}"), "40 bad rows", "… and 30 more")
    places = [line.split(",")[0].strip() for line in message.splitlines()[1:-2]]
    assert places == [f"line {i + 2}" for i in range(60) if i % 3][:10]


def test_rows_bad_in_two_ways_count_once(write):
    message = fails(write("x.csv", "source,target,type,weight\n,2,like,-1\n1,2,like,1\n"), ": 1 bad row\n")
    assert "line 2, column 'source': is empty" in message
    assert "line 2, column 'weight': '-1' is below 0" in message


def test_bad_rows_come_in_the_order_of_the_file(write):
    message = fails(write("x.csv", "source,target,type,weight\n1,2,like,-1\n,2,like,1\n1,2,like,-2\n"), "3 bad rows")
    assert [line.split(",")[0] for line in message.splitlines()[1:4]] == ["  line 2", "  line 3", "  line 4"]


def test_line_numbers_are_those_of_an_editor(write):
    text = '\nid,note,clv\n1,"two\nlines",1\n\n2,"three\n\nlines",1\n3,x,bad\n'
    fails(write("x.csv", text), "line 9, column 'clv': 'bad'")
    fails(write("x.csv", text.replace("\n", "\r\n")), "line 9, column 'clv': 'bad'")
    fails(write("x.csv.gz", gzip.compress(text.encode())), "line 9, column 'clv': 'bad'")


def test_rows_of_frames_and_parquet_count_from_one(tmp_path):
    frame = pl.DataFrame({"source": [1, None], "target": [2, 3]})
    with pytest.raises(DataError, match=r"^follows frame: 1 bad row\n  row 2, column 'source': is empty"):
        tables_from_frames(follows=frame)
    frame.write_parquet(tmp_path / "f.parquet")
    fails(str(tmp_path / "f.parquet"), "row 2, column 'source': is empty")


def test_long_values_are_cut(write):
    message = fails(write("x.csv", f"id,clv\n1,{'z' * 5000}\n"), "'zzz")
    assert len(message) < 300


def test_unknown_types(write):
    path = write("x.csv", "source,target,type\n1,2,like\n1,2,retwet\n1,2,sms\n1,2,retwet\n")
    message = fails(
        path, "3 bad rows", "line 3, column 'type': 'retwet' is not a known type", "line 4, column 'type': 'sms'"
    )
    assert (
        "Did you mean 'share'? Rename 'retwet' (and 1 other unknown types) to one of reply, answer, share," in message
    )
    assert "or add its weight under reaction_weights in influence.toml" in message


@pytest.mark.parametrize("name", ["message", "sms", "call"])
def test_nobody_says_what_messages_are_worth(write, name):
    message = fails(
        write("x.csv", f"source,target,type\n1,2,{name}\n"), f"'{name}' is not a known type", "reaction_weights"
    )
    assert "Did you mean" not in message


def test_follows_among_interactions(write):
    fails(write("x.csv", "source,target,type\n1,2,Follow\n"), "Follows are a table of their own (follows=PATH)")


def test_duplicate_customers(write):
    one = write("one.csv", "id,clv\n5,1\n\n6,1\n5,1\n")
    assert fails(one).startswith(f"customer 5 is listed twice: {one}, line 2 and {one}, line 5. ")
    two, three = write("two.csv", "id,clv\n5,1\n6,2\n"), write("three.csv", "id,clv\nx,1\n6,1\n5,1\n")
    fails([two, three], f"customer 6 is listed twice: {two}, line 3 and {three}, line 3 (2 such rows in all)")


@pytest.mark.parametrize("ids", [[1.5, 2.0], [2.0**53, 1.0], [float("inf"), 1.0]])
def test_ids_that_are_no_whole_numbers(ids):
    with pytest.raises(DataError, match=r"row 1, column 'source': .* is no id\n.*whole numbers"):
        tables_from_frames(follows=pl.DataFrame({"source": ids, "target": [1, 2]}))


def test_a_float_that_is_none_is_an_empty_id():
    with pytest.raises(DataError, match=r"row 2, column 'source': is empty"):
        tables_from_frames(follows=pl.DataFrame({"source": [1.0, float("nan")], "target": [1, 2]}))


@pytest.mark.parametrize("column", [[True], [[1]], [{"a": 1}], [b"x"]])
def test_ids_of_a_strange_kind(column):
    with pytest.raises(DataError, match=r"follows frame, column 'source'"):
        tables_from_frames(follows=pl.DataFrame({"source": column, "target": [1]}))


def test_a_missing_file_and_its_neighbour(write, tmp_path):
    near = write("follows.csv", "source,target\n")
    fails(str(tmp_path / "folows.csv"), "no such file; did you mean", near)
    fails(str(tmp_path / "zzz.parquet"), "no such file; check the path")
    fails(str(tmp_path / "none" / "f.csv"), "no folder", "check the path")
    fails(f"follows={tmp_path}/*.tsv", "no such file")


def test_a_folder_and_a_strange_suffix(write, tmp_path):
    fails(str(tmp_path), "a folder, not a file; name the files in it")
    fails(write("x.xlsx", "x"), "files of this kind are not read; convert it to .csv, .tsv, .txt, .edges, .edgelist")
    fails(write("x.gz", "x"), "files of this kind are not read")
    fails(write("noname", "x"), "files of this kind are not read")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file(write, content):
    name = "f.csv.gz" if content[:2] == b"\x1f\x8b" else "f.csv"
    fails(write(name, content), "the file is empty; one without rows still needs a header line")


def test_broken_archives(write, tmp_path):
    rows = b"source,target\n" + b"".join(b"%d,%d\n" % (i, i * 7) for i in range(50_000))
    whole = gzip.compress(rows)
    for cut in (20, len(whole) // 2, len(whole) - 1):
        fails(write("f.csv.gz", whole[:cut]), "cannot be unpacked", "download it again")
    # The checksum: one byte of the content, not of the frame.
    flipped = bytearray(gzip.compress(rows, compresslevel=0))
    flipped[40] ^= 1
    fails(write("f.csv.gz", bytes(flipped)), "cannot be unpacked")
    fails(write("f.csv.gz", rows), "cannot be unpacked")
    pl.DataFrame({"source": range(9999), "target": 1}).lazy().sink_csv(tmp_path / "z.csv.zst", compression="zstd")
    fails(write("cut.csv.zst", (tmp_path / "z.csv.zst").read_bytes()[:-3]), "cannot be unpacked")


def test_archives_in_several_members_are_read_whole(write):
    path = write("f.csv.gz", gzip.compress(b"source,target\n1,2\n") + gzip.compress(b"3,4\n"))
    assert read_tables([path]).follows.rows() == [(1, 2), (3, 4)]


def test_broken_parquet(write, tmp_path):
    fails(write("f.parquet", b"source,target\n1,2\n"), "cannot be read as Parquet", "download it again")
    fails(write("f.parquet", b""), "cannot be read as Parquet")
    pl.DataFrame({"source": [1], "target": [2]}).write_parquet(tmp_path / "g.parquet")
    fails(write("h.parquet", (tmp_path / "g.parquet").read_bytes()[:-6]), "cannot be read as Parquet")


def test_what_is_no_utf8(write):
    fails(
        write("f.csv", "id,city\n1,Bern\n2,Zürich\n".encode("latin-1")),
        "line 3: not UTF-8 text; save the file as UTF-8",
    )
    fails(write("f.csv", "id,clv\n1,2\n".encode("utf-16-le")), "UTF-16", "save the file as UTF-8")
    fails(write("f.edges", b"# x\n1 2\n1 \xff\n"), "line 3: not UTF-8")
    fails(write("f.csv", "id,clv\r1,2\r"), "carriage returns alone")


def test_ragged_rows(write):
    message = fails(
        write("f.csv", "source,target,x\n1,2,3\n4,5\n\n6,7,8,9\n10,1"), "3 rows without the 3 fields of the header"
    )
    assert "  line 3 has 2 fields\n  line 5 has 4 fields\n  line 6 has 2 fields\n" in message
    assert "must stand in double quotes" in message
    assert "cut off" in message
    fails(write("f.csv", "source,target\n" + "1,2,3\n" * 12), "12 rows without the 2 fields", "… and 2 more")


def test_open_quotes(write):
    fails(write("f.csv", 'source,target\n1,2\n3,"4\n5,6\n'), "a double quote is opened and never closed", "line 3")
    fails(write("f.csv", 'id,size,clv\n1,5" pipe,2\n2,6" pipe,3\n'), "f.csv: ")


def test_no_header(write):
    fails(
        write("f.csv", "1,2\n3,4\n"),
        "line 1: numbers stand where the names of columns should",
        "source,target",
        ".edges",
    )
    fails(write("f.txt", "u v\n1 2\n"), "'u v' looks like a header, but none of its names is known")


def test_edge_lists_are_pairs(write):
    message = fails(write("f.edges", "# c\n1 2\n1 2 5\n7\n3 4\n"), "2 bad rows", "line 3: '1 2 5' is not a pair")
    assert "line 4: '7' is not a pair" in message
    assert "name them in a header line, such as source target timestamp" in message
    for row, names in (("1,2,3", "source,target,timestamp"), ("1\t2\t3", "source target timestamp with tabs between")):
        fails(write("f.edges", f"1 2\n{row}\n"), f"in a header line, such as {names}")
    path = write("g.edges", "# x\n1 2")
    fails(
        f"interactions={path}",
        "line 2: '1 2' names no column of interactions, and an edge list without a header can only be follows",
        "need a header line that names source and target and type",
    )


def test_times_in_every_file_or_in_none(write):
    timed = write("a.csv", "source,target,type,time\n1,2,like,2004-01-01\n")
    bare = write("b.csv", "source,target,type\n1,2,like\n")
    fails(
        [timed, bare],
        f"{bare} has no time column and {timed} has one; interactions need times in every file or in none",
    )
    assert "timestamp" not in read_tables([bare]).interactions.columns


def test_numbers_without_a_unit_name_the_option(write):
    path = write("a.csv", "customer,date,amount\n1,184,5\n")
    fails(path, f"{path}, column 'date'", "line 2: '184'", "--time-unit s|ms|us")
    assert read_tables([path], time_unit="s").transactions["timestamp"].dt.epoch("s").to_list() == [184]
