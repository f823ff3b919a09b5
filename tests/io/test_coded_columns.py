"""Large sources are read with each distinct id looked at once: nothing else may differ."""

import polars as pl
import pytest

from influence.errors import DataError
from influence.io import IdIndex, read_tables

HEADER = "source,target,type,timestamp\n"


def rows(ids=lambda i: (f"u{i % 7}", f"v{i % 5}"), count=300):
    return [f"{','.join(ids(i))},{'reply' if i % 2 else 'RT'},2020-01-0{1 + i % 9}\n" for i in range(count)]


def read(path, monkeypatch, *, large, **options):
    monkeypatch.setattr("influence.io.delimited.LARGE", 1 if large else 1 << 60)
    monkeypatch.setattr("influence.io.parquet.LARGE_ROWS", 1 if large else 1 << 60)
    return read_tables([f"interactions={path}"], **options)


def plain(frame):
    return frame.with_columns(pl.col("source", "target").cast(pl.String))


WRITTEN = {
    "text": lambda i: (f"u{i % 7}", f"v{i % 5}"),
    "integers": lambda i: (str(i % 7), str(100 + i % 5)),
    "mixed": lambda i: (str(i % 7), f"v{i % 5}"),
    "leading zeros": lambda i: (f"00{i % 7}", f"v{i % 5}"),
    "white space": lambda i: (f"  u{i % 7} ", f"v{i % 5}"),
    "floats": lambda i: (f"{i % 7}.0", f"{i % 5}.0"),
    "capitals": lambda i: (f"U{i % 7}@Example.org", f"v{i % 5}"),
    "wide": lambda i: (f"u\u00e9{i % 7}", f"e\u0301{i % 5}"),
}


@pytest.mark.parametrize("fold_case", [False, True])
@pytest.mark.parametrize("ids", WRITTEN.values(), ids=WRITTEN)
def test_the_same_table_and_notes(tmp_path, monkeypatch, ids, fold_case):
    path = tmp_path / "events.csv"
    path.write_text(HEADER + "".join(rows(ids)), encoding="utf-8")
    large = read(path, monkeypatch, large=True, fold_case=fold_case)
    small = read(path, monkeypatch, large=False, fold_case=fold_case)
    assert plain(large.interactions).equals(plain(small.interactions))
    assert large.notes == small.notes
    one, other = (IdIndex.of(t.interactions["source"], t.interactions["target"]) for t in (large, small))
    assert one.numeric == other.numeric
    assert one.ids().equals(other.ids())
    for column in ("source", "target"):
        codes = one.codes(large.interactions[column])
        assert codes.tolist() == other.codes(small.interactions[column]).tolist()
        assert codes.min() >= 0


def test_clean_text_stays_coded_and_integers_become_numbers(tmp_path, monkeypatch):
    path = tmp_path / "events.csv"
    path.write_text(HEADER + "".join(rows()))
    assert isinstance(read(path, monkeypatch, large=True).interactions["source"].dtype, pl.Categorical)
    path.write_text(HEADER + "".join(rows(WRITTEN["integers"])))
    assert read(path, monkeypatch, large=True).interactions["source"].dtype == pl.Int64


@pytest.mark.parametrize(
    "bad",
    [
        "u1,,reply,2020-01-01",
        " ,u2,reply,2020-01-01",
        "u1,u2,bogus,2020-01-01",
        "u1,u2,,2020-01-01",
        "u1,u2,reply",
        "u1,u2,reply,never",
        "[1],u2,reply,2020-01-01",
    ],
)
def test_the_same_error(tmp_path, monkeypatch, bad):
    path = tmp_path / "events.csv"
    path.write_text(HEADER + "".join(rows()) + bad + "\n" + "".join(rows(count=5)))
    said = []
    for large in (True, False):
        with pytest.raises(DataError) as caught:
            read(path, monkeypatch, large=large)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "line 302" in said[0]


def test_blank_lines_and_parquet(tmp_path, monkeypatch):
    text = tmp_path / "events.csv"
    text.write_text(HEADER + "\n".join(rows()))
    table = tmp_path / "events.parquet"
    frame = pl.DataFrame({"source": ["b", "a", None], "target": ["a", "c", "b"], "type": ["reply"] * 3})
    frame[:2].write_parquet(table)
    for path in (text, table):
        large, small = (read(path, monkeypatch, large=large) for large in (True, False))
        assert plain(large.interactions).equals(plain(small.interactions))
    frame.write_parquet(table)
    with pytest.raises(DataError, match="row 3, column 'source': is empty"):
        read(table, monkeypatch, large=True)


def test_a_ranking_is_the_same(tmp_path, monkeypatch):
    from influence import rank

    path = tmp_path / "events.csv"
    path.write_text(HEADER + "".join(rows()))
    large, small = (rank(read(path, monkeypatch, large=large)).frame for large in (True, False))
    assert large.equals(small)


def test_unknown_and_missing_ids_have_no_code():
    categories = pl.Categorical(pl.Categories.random())
    column = pl.Series(["a", None, "z", "b", "a"], dtype=categories)
    index = IdIndex.of(pl.Series(["b", "a"]))
    assert index.codes(column).tolist() == [0, -1, -1, 1, 0]
    assert index.codes(pl.Series([None], dtype=categories)).tolist() == [-1]
    assert IdIndex.of(column).ids().to_list() == ["a", "b", "z"]


def test_a_customer_listed_twice_is_told_in_a_large_table_too(tmp_path, monkeypatch):
    monkeypatch.setattr("influence.io.delimited.LARGE", 1)
    path = tmp_path / "crm.csv"
    path.write_text("id,clv\n1,1\n1,1\n:,1\n")
    with pytest.raises(DataError, match="customer 1 is listed twice"):
        read_tables([f"customers={path}"])
