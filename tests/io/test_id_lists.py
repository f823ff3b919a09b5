"""A list of people who must not be processed, as it is kept: whoever stands in it leaves, however it is written."""

import csv
import gzip
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import influence
from influence.cli.app import app
from influence.errors import DataError
from influence.io import ReadOptions, read_tables

FOLLOWS = "source,target\nann,zoe\nbob,zoe\ncy,zoe\nzoe,ann\n"
TWO = "ann\nbob\n"


def listed(path, **options):
    """Return the ids that are read from a list, as text."""
    tables = read_tables([f"suppress={path}"], **options)
    return tables.suppress["id"].cast(pl.String).to_list()


def note(path, **options):
    return next(n for n in read_tables([f"suppress={path}"], **options).notes if "taken for suppress" in n)


@pytest.mark.parametrize("name", ["out.txt", "out.csv", "out.tsv", "out.edges", "out.txt.gz", "out.csv.gz"])
@pytest.mark.parametrize(
    "content", [TWO, TWO.replace("\n", "\r\n"), f"\ufeff{TWO}", "ann\nbob", "\n\nann\n \n bob \n\n"]
)
def test_one_id_a_line(write, name, content):
    data = content.encode()
    path = write(name, gzip.compress(data) if name.endswith(".gz") else data)
    assert listed(path) == ["ann", "bob"]
    assert "an id on each line, without a header; ids: 2" in note(path)


@pytest.mark.parametrize("header", ["id", "ID", "email", "E-Mail", "User ID", "customer_id", '"id"', "# list\n\nid"])
@pytest.mark.parametrize("name", ["out.txt", "out.csv", "out.tsv"])
def test_a_known_name_in_the_first_line_is_a_header(write, name, header):
    path = write(name, f"{header}\n{TWO}")
    assert listed(path) == ["ann", "bob"]
    assert "under a header; ids: 2" in note(path)


@pytest.mark.parametrize("header", ["Kundennummer", "people", "ids", "mail", "opt-outs", "sep="])
def test_any_other_first_line_is_an_id(write, header):
    path = write("out.txt", f"{header}\n{TWO}")
    assert listed(path)[-2:] == ["ann", "bob"]
    assert listed(path)[:-2] == [header] * (header != "sep=")
    if header != "sep=":
        assert listed(path, map={"suppress.id": header}) == ["ann", "bob"]


def test_numbers_are_ids_from_the_first_line_on(write):
    for name in ("out.txt", "out.csv", "out.tsv"):
        assert listed(write(name, "101\n007\n103\n")) == ["101", "007", "103"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252", "latin-1"])
def test_encodings(write, encoding):
    path = write("out.txt", "zoë\nbob\r\n".encode(encoding))
    said = {} if encoding in ("utf-16", "utf-8-sig") else {"encoding": encoding}
    assert listed(path, **said) == ["zoë", "bob"]
    if said:
        with pytest.raises(DataError, match=r"line 1: not UTF-8 text; .*--encoding cp1252"):
            listed(path)


def test_comments(write):
    path = write("out.txt", "# asked to leave\n#\n## May\nann # by phone\n#1001\nbob\t#\ncy#1\n#by mail, in June\n")
    assert listed(path) == ["ann", "#1001", "bob", "cy#1"]
    assert "comments passed over: 4; ids with a comment after them: 2" in note(path)


def test_a_list_of_nobody_is_not_an_empty_file(write):
    assert listed(write("a.txt", "# nobody so far\n")) == []
    assert listed(write("b.txt", "id\n")) == []
    with pytest.raises(DataError, match="the file is empty"):
        listed(write("c.txt", ""))


def test_what_holds_a_delimiter_stands_in_quotes(write):
    content = '"Smith, Ann"\n"a;b",\n"x ""y"""  # noted\n5" pipe\nbob,\n,\n'
    assert listed(write("out.txt", content)) == ["Smith, Ann", "a;b", 'x "y"', '5" pipe', "bob"]
    assert listed(write("out.tsv", "Smith, Ann\nbob\t\n")) == ["Smith, Ann", "bob"]


def test_spaces_and_bars_are_part_of_an_id(write):
    path = write("out.txt", "ann lee\nauth0|5f7c\nbob\n")
    assert listed(path) == ["ann lee", "auth0|5f7c", "bob"]
    assert "ids that hold spaces: 1 (ids on one line are read as one)" in note(path)


@pytest.mark.parametrize("first", ["user 12", "email|5f7c"])
def test_a_line_that_may_be_a_header_or_an_id_is_neither(write, first):
    path = write("out.txt" if " " in first else "out.csv", f"{first}\nx\n")
    with pytest.raises(DataError, match="may be a header or an id; if each line is one id, write id as the first"):
        listed(path)
    path = write("out.txt", f"id\n{first}\nx\n")
    assert listed(path) == [first, "x"]
    path = write("out.csv", "id|why\n1|x\n")
    assert listed(path, map={"suppress.id": "id"}) == ["1"]


@pytest.mark.parametrize(
    "content", ["id,why\nann,x\nbob,y\n", "why;ID\nx;ann\ny;bob\n", "# x\n\nwhy\temail\nx\tann\ny\tbob\n"]
)
@pytest.mark.parametrize("name", ["out.txt", "out.csv"])
def test_several_columns_under_a_header(write, name, content):
    path = write(name, content)
    assert listed(path) == ["ann", "bob"]
    assert "not used: 'why'" in note(path)


@pytest.mark.parametrize("first", ["ann,2024-05-01", "ann;x", "ann@x.org, bob@x.org", "Kunde\tGrund"])
@pytest.mark.parametrize("name", ["out.txt", "out.csv"])
def test_several_columns_need_a_header(write, name, first):
    with pytest.raises(DataError, match=r"has 2 fields, and no header says which of them is the id\. Write one id"):
        listed(write(name, f"{first}\n{first}\n"))


ROTTEN = '# left\nann\n\nbob,2024-05-01\n"cy\ndee\n'


def test_bad_lines_stop_the_run_and_are_named(write):
    with pytest.raises(DataError) as caught:
        listed(write("out.txt", ROTTEN))
    message = str(caught.value)
    assert "2 bad rows\n  line 4: 'bob,2024-05-01' is not one id\n  line 5: '\"cy' is not one id\n" in message
    assert "Write one id on each line, in double quotes if it holds a tab or a comma or a semicolon" in message


def test_bad_lines_left_out_leave_people_in_and_that_is_said(write):
    follows, path = write("f.csv", FOLLOWS), write("out.txt", ROTTEN)
    ranking = influence.rank(
        f"follows={follows}", f"suppress={path}", options=ReadOptions(on_bad_rows="skip"), include_non_customers=True
    )
    assert ranking.frame["id"].sort().to_list() == ["bob", "cy", "zoe"]
    assert f"{path}: bad rows left out: 2; whoever they name is not suppressed" in ranking.notes


def test_bad_lines_are_put_aside_as_they_stand(write, tmp_path):
    path = write("out.txt", ROTTEN)
    assert listed(path, on_bad_rows=f"quarantine={tmp_path / 'aside.csv'}") == ["ann", "dee"]
    aside = pl.read_csv(tmp_path / "aside.csv", infer_schema=False)
    assert aside.rows() == [
        (path, "4", None, "is not one id", "bob,2024-05-01"),
        (path, "5", None, "is not one id", '"cy'),
    ]
    assert aside.columns == ["file", "line", "column", "reason", "id"]


def test_lines_are_counted_below_a_header_and_comments(write):
    with pytest.raises(DataError, match=r"line 5: 'a,b' is not one id"):
        listed(write("out.csv", "# x\n\nid\nann\na,b\n"))
    with pytest.raises(DataError, match=r"line 4, column 'id': is empty"):
        listed(write("out.csv", '\n# x\nid\n""\nann\n'))


def test_a_list_without_a_role_says_what_it_may_be(write):
    with pytest.raises(DataError, match="If these are people who must not be processed, say suppress=PATH"):
        read_tables([write("out.txt", TWO)])


# ----- runs -----


@pytest.fixture
def shop(write, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    write("f.csv", FOLLOWS)


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, list(arguments), input=stdin)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("out.txt", TWO),
        ("out.csv", f"id\n{TWO}"),
        ("out.csv", "# May\r\nann\r\n\r\nbob\r\n"),
        ("out.txt", TWO.encode("utf-16")),
        ("out.txt.gz", gzip.compress(TWO.encode(), mtime=0)),
    ],
)
def test_rank_without_them(name, content):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    expected = ["cy", "zoe"]
    assert influence.rank("follows=f.csv", f"suppress={name}").frame.sort("id")["id"].to_list() == expected
    for arguments in ([f"suppress={name}"], ["--suppress", name]):
        result = run("rank", "follows=f.csv", *arguments)
        assert result.exit_code == 0, result.stderr
        assert sorted(pl.read_csv(io.StringIO(result.stdout))["id"]) == expected
        assert "suppressed before anything else: 2 people" in result.stderr
        assert "an id on each line" in result.stderr


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("content", [TWO, f"email\n{TWO}", "# x\nann\nbob", f"\ufeff{TWO}", "id,why\nann,x\nbob,y\n"])
def test_through_a_pipe(content):
    result = run("rank", "follows=f.csv", "suppress=-", stdin=content.encode())
    assert result.exit_code == 0, result.stderr
    assert sorted(pl.read_csv(io.StringIO(result.stdout))["id"]) == ["cy", "zoe"]
    assert "standard input: taken for suppress" in result.stderr


@pytest.mark.usefixtures("shop")
def test_ids_in_capitals_that_would_be_somebody_are_counted():
    Path("out.txt").write_text("Ann\nBOB\nnobody\n", encoding="utf-8")
    result = run("rank", "follows=f.csv", "suppress=out.txt")
    assert "3 of these 3 ids occur in no other table" in result.stderr
    assert "2 of them would if capitals and leading zeros were ignored: --fold-case" in result.stderr
    result = run("rank", "follows=f.csv", "suppress=out.txt", "--fold-case")
    assert sorted(pl.read_csv(io.StringIO(result.stdout))["id"]) == ["cy", "zoe"]


# ----- nobody is lost -----

IDS = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"], include_characters=' ,;"#|@='), min_size=1)
    .map(lambda text: " ".join(text.split()))
    .filter(bool),
    min_size=1,
    unique=True,
)


@hypothesis_settings(max_examples=60)
@given(ids=IDS, header=st.sampled_from(["", "id\n", "email\n"]), end=st.sampled_from(["\n", "\r\n"]))
def test_every_id_that_a_spreadsheet_writes_is_read(tmp_path_factory, ids, header, end):
    """Oracle: what went in. Whoever is in the file must come out of it, whatever the first line looks like."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([one] for one in ids)
    path = tmp_path_factory.mktemp("lists") / "out.csv"
    path.write_bytes((header + buffer.getvalue()).replace("\n", end).encode())
    known = {"id", "email", "handle", "user", "customer", "userid", "customerid"}
    if not header and ids[0].replace(" ", "").casefold() in known:
        ids = ids[1:]
    found = listed(path)
    assert found == ids
