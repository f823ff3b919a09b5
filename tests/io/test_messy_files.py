"""Twelve files as growth teams have them: what the command line says about each, and whether that leads on.

Each test takes the steps that the messages name, up to the run that works.
"""

import datetime as dt
import gzip
import io
import json
import sys
from pathlib import Path

import polars as pl
import pytest

from influence.cli.app import main

FOLLOWS = "source,target\n101,102\n103,102\n102,104\n104,101\n"
MAILS = "source,target\nann@x.org,bob@x.org\ncy@x.org,bob@x.org\n"


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Write a file into the working folder, in which two files of follows lie."""
    monkeypatch.chdir(tmp_path)

    def put_file(name, content):
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())

    put_file("follows.csv", FOLLOWS)
    put_file("mails.csv", MAILS)
    return put_file


@pytest.fixture
def told(monkeypatch, capsys):
    """Run the command line as the console script does; return its exit status and what it said, in one line each."""

    def run(*arguments, stdin=None):
        monkeypatch.setattr(sys, "argv", ["influence", *arguments])
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return caught.value.code or 0, out, " ".join(err.split())

    return run


def plain(text):
    return " ".join(text.split())


def test_a_spreadsheet_of_a_european_office(put, told):
    """Semicolons, decimal commas, German names, Windows-1252: no byte of an umlaut is UTF-8."""
    put("kunden.csv", "Kunde;Kundenwert;Segment\r\n101;1.234,50;Händler\r\n102;80,00;Privat\r\n".encode("cp1252"))
    run = ("check", "follows=follows.csv", "customers=kunden.csv")
    code, _, err = told(*run)
    assert code == 3
    assert "need a column 'id'; there are Kunde, Kundenwert, Segment" in err
    assert "say --map customers.id=COLUMN" in err
    run = (*run, "--map", "customers.id=Kunde", "--map", "customers.clv=Kundenwert")
    code, _, err = told(*run)
    assert code == 3
    assert "kunden.csv, line 2: not UTF-8 text; save the file as UTF-8, or say" in err
    assert "--encoding cp1252" in err
    code, out, err = told(*run, "--encoding", "cp1252")
    assert code == 0
    assert "numbers are read with a decimal comma, as in 1.234,50" in err
    assert "clv is given for 2 of 2 (100 %), 1,314.50 in all" in plain(out)


def test_unicode_text_of_excel(put, told):
    """UTF-16 with tabs, called .txt: read as it is, without a role."""
    put("Book1.txt", "Customer ID\tLTV\tSegment\r\n101\t120.5\tgold\r\n102\t30\tsilver\r\n".encode("utf-16"))
    code, out, err = told("check", "follows=follows.csv", "Book1.txt")
    assert code == 0
    assert "Book1.txt: taken for customers; 'Customer ID' as id, 'LTV' as clv, 'Segment' as segment" in err
    assert "150.50 in all" in out


SALESFORCE = (
    '"Contact ID","Full Name","Lifetime Value","Notes"\n"101","Lee, Ann","1200.00","called\n\nsaid ""later"""\n'
    '"102","Bob","","wants\r\na refund"\n"103","Cy","90","x"\n\n\n"Grand Totals (3 records)"\n'
    '"Confidential Information - Do Not Distribute"\n'
)


def test_a_report_of_salesforce(put, told):
    """Line breaks and commas within quotes are data; the two lines below the table are not."""
    put("report.csv", SALESFORCE)
    run = ("rank", "follows=follows.csv", "customers=report.csv")
    code, _, err = told(*run)
    assert code == 3
    assert "there are Contact ID, Full Name, Lifetime Value, Notes" in err
    run = (*run, "--map", "customers.id=Contact ID")
    code, _, err = told(*run)
    assert code == 3
    assert "report.csv: 2 rows without the 4 fields of the header line 10 has 1 field line 11 has 1 field" in err
    code, out, err = told(*run, "--on-bad-rows", "skip")
    assert code == 0
    assert "bad rows left out: 2 of 5" in err
    ranked = pl.read_csv(io.StringIO(out))
    assert dict(ranked.select("id", "own_value").iter_rows()) == {101: 1200.0, 102: 0.0, 103: 90.0}


SHOPIFY = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem name\n"
    "#1001,ann@x.org,paid,EUR,50.00,2024-05-01 10:11:12 +0200,Mug\n"
    "#1001,ann@x.org,,,,2024-05-01 10:11:12 +0200,Pen\n"
    "#1002,bob@x.org,refunded,EUR,-12.50,2024-05-02 09:00:00 +0200,Pen\n"
    "#1003,cy@x.org,paid,USD,30.00,2024-06-02 09:00:00 +0200,Mug\n"
)


def test_orders_of_a_shop(put, told):
    """Refunds are kept; two currencies are not added up; the second item of an order has no amount."""
    put("orders.csv", SHOPIFY)
    run = ("rank", "follows=mails.csv", "transactions=orders.csv")
    code, _, err = told(*run)
    assert code == 3
    assert "transactions need a column 'customer'; there are Name, Email," in err
    run = (*run, "--map", "transactions.customer=Email", "--map", "transactions.item=Lineitem name")
    code, _, err = told(*run)
    assert code == 3
    assert "line 3, column 'Total': is empty" in err
    run = (*run, "--on-bad-rows", "quarantine=aside.csv")
    code, _, err = told(*run)
    assert code == 3
    assert "money in 2 currencies, EUR (2 rows), USD (1 rows), which can't be added up. Convert it to one" in err
    put("orders.csv", "".join(line for line in SHOPIFY.splitlines(keepends=True) if "USD" not in line))
    code, _, err = told(*run)
    assert code == 0
    assert "negative amounts are kept as refunds; rows: 1" in err
    assert "bad rows were written to aside.csv: 1" in err
    assert pl.read_csv("aside.csv").select("line", "column", "Lineitem name").row(0) == (3, "Total", "Pen")


def test_tweets(put, told):
    """Nested users are no ids, and a tweet that answers nobody has no target."""
    tweets = [
        {"id": 1, "created_at": "2012-07-04T06:00:00Z", "user": {"id": 7}, "in_reply_to_user_id": 9, "lang": "en"},
        {"id": 2, "created_at": "2012-07-04T06:00:01Z", "user": {"id": 8}},
        {"id": 3, "created_at": "2012-07-04T06:00:02Z", "user": {"id": 9}, "in_reply_to_user_id": 7},
    ]
    put("tweets.jsonl", "".join(json.dumps(tweet) + "\n" for tweet in tweets))
    code, _, err = told("rank", "interactions=tweets.jsonl")
    assert code == 3
    assert "need a column 'target'; there are id, created_at, user, in_reply_to_user_id, lang" in err
    maps = ("--map", "interactions.target=in_reply_to_user_id", "--map", "interactions.type=lang")
    code, _, err = told("rank", "interactions=tweets.jsonl", *maps)
    assert code == 3
    assert "line 1, column 'user': '{\"id\": 7}' is a list or a record, no id" in err
    flat = [
        {"source": t["user"]["id"], "target": t.get("in_reply_to_user_id"), "type": "reply", "time": t["created_at"]}
        for t in tweets
    ]
    put("flat.jsonl", "".join(json.dumps(row) + "\n" for row in flat))
    code, _, err = told("rank", "flat.jsonl")
    assert code == 3
    assert "line 2, column 'target': is empty" in err
    code, out, err = told("rank", "flat.jsonl", "--on-bad-rows", "skip")
    assert code == 0
    assert "bad rows left out: 1 of 3; target is empty (1)" in err
    assert sorted(pl.read_csv(io.StringIO(out))["id"]) == [7, 9]


def test_an_edge_list_of_the_web(put, told):
    """Comments are passed over; a third column needs a header, with the delimiter of the rows."""
    head = "# Directed graph: soc-Example.txt\n# FromNodeId\tToNodeId\n"
    put("soc.txt", f"{head}101\t102\n103\t102\n\n102\t104\n")
    code, _, err = told("check", "soc.txt")
    assert code == 0
    assert "soc.txt: taken for follows: the first of a pair follows the second" in err
    rows = "101\t102\t1215000000\n103\t102\t1215000001\n"
    put("soc.txt", head + rows)
    code, _, err = told("rank", "soc.txt")
    assert code == 3
    assert "line 3: '101\\t102\\t1215000000' is not a pair" in err
    assert "name them in a header line, such as source target timestamp with tabs between them" in err
    put("soc.txt", f"{head}source\ttarget\ttimestamp\n{rows}")
    code, _, err = told("rank", "soc.txt")
    assert code == 0
    assert "'timestamp' is read as seconds since 1970 (2008-07-02 to 2008-07-02)" in err


def test_a_download_that_was_cut_off(put, told):
    """Half a gzip file is no data, whatever is said about bad rows."""
    packed = gzip.compress(b"source,target\n" + "".join(f"{n * n},{n}\n" for n in range(900)).encode())
    put("follows.csv.gz", packed[: len(packed) // 2])
    for policy in ("fail", "skip"):
        code, out, err = told("rank", "follows.csv.gz", "--on-bad-rows", policy)
        assert code == 3
        assert out == ""
        assert "it may be cut off: copy or download it again" in err


def test_a_join_that_left_two_columns_of_one_name(put, told):
    """Which of them is meant, nobody can tell."""
    put("crm.csv", "id,clv,segment,clv\n101,5,a,6\n102,1,b,2\n")
    code, _, err = told("check", "follows=follows.csv", "customers=crm.csv")
    assert code == 3
    assert "columns 'clv' and 'clv' both read as 'clv'; rename or remove one of them" in err


def test_dates_in_three_fashions(put, told):
    """02/03 is two days: no fashion is guessed, and each row that is no ISO date is named."""
    put("orders.csv", "customer,timestamp,amount\n101,31/01/2024,5\n102,02/03/2024,6\n103,2024-05-06,7\n104,5.6.24,3\n")
    code, _, err = told("rank", "follows=follows.csv", "transactions=orders.csv")
    assert code == 3
    assert "orders.csv: 3 bad rows" in err
    assert "line 3, column 'timestamp': '02/03/2024' is not an ISO date or date-time" in err
    assert "Write times as 2024-05-31 or 2024-05-31T18:00:00, in UTC unless they carry an offset" in err
    code, out, _ = told("check", "follows=follows.csv", "transactions=orders.csv")
    assert code == 3
    assert "3 bad rows left out" in out


def test_a_pipe_from_a_dump_that_failed(told):
    """The message of the database stands among the rows, or instead of them."""
    rows = b"source,target,type,timestamp\n101,102,like,2024-01-01\n103,102,reply,2024-01-02\n"
    failed = b"ERROR:  canceling statement due to statement timeout\n"
    code, out, err = told("rank", "interactions=-", stdin=rows + failed + b"104,101,like,2024-01-03\n")
    assert code == 3
    assert out == ""
    assert "standard input: 1 row without the 4 fields of the header line 4 has 1 field" in err
    code, _, err = told("rank", "interactions=-", stdin=b"psql: error: Connection refused\n")
    assert code == 3
    assert "standard input, line 1: 'psql: error: Connection refused' names no column of interactions" in err
    code, _, err = told("rank", "interactions=-", stdin=b"")
    assert code == 3
    assert "standard input: the file is empty" in err


def test_parquet_of_a_data_frame(put, told):
    """Times as bare nanoseconds, and ids that became floats because one is missing."""
    del put
    start = int(dt.datetime(2024, 1, 1, tzinfo=dt.UTC).timestamp())
    frame = pl.DataFrame({"user_id": [101.0, None, 103.0], "product_id": ["a", "b", "a"], "ts": [start] * 3})
    frame.with_columns(ts=pl.col("ts") * 10**9).write_parquet("reviews.parquet")
    run = ("rank", "follows=follows.csv", "actions=reviews.parquet")
    code, _, err = told(*run)
    assert code == 3
    assert "reviews.parquet, column 'ts'" in err
    assert "or write them as dates (2024-05-31)" in err
    frame.with_columns(ts=pl.from_epoch("ts")).write_parquet("reviews.parquet")
    code, _, err = told(*run)
    assert code == 3
    assert "row 2, column 'user_id': is empty" in err
    code, out, err = told(*run, "--on-bad-rows", "skip")
    assert code == 0
    assert "the ids in 'user_id' are stored as floats and are read as whole numbers" in err
    assert sorted(pl.read_csv(io.StringIO(out))["id"]) == [101, 102, 103, 104]


def test_mail_addresses_in_capitals(put, told):
    """The check counts whom capitals keep apart, in the customers and in the list of those to leave out."""
    put("crm.csv", "email,user_id,clv\nx,Ann@X.org,10\nx,BOB@x.org,20\nx,cy@x.org,30\n")
    put("out.txt", "# asked by mail\nCY@X.ORG\n")
    run = ("follows=mails.csv", "customers=crm.csv")
    code, out, _ = told("check", *run)
    assert code == 0
    assert "2 of them would be customers if capitals and leading zeros were ignored" in plain(out)
    code, _, err = told("rank", *run, "suppress=out.txt")
    assert code == 0
    assert "1 of these 1 ids occur in no other table" in err
    assert "1 of them would if capitals and leading zeros were ignored: --fold-case" in err
    code, out, err = told("rank", *run, "suppress=out.txt", "--fold-case")
    assert code == 0
    assert pl.read_csv(io.StringIO(out))["id"].to_list() == ["bob@x.org", "ann@x.org"]
