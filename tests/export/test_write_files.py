"""Files are whole or not there, in every format, and hold no NaN."""

import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from influence.errors import InfluenceError, UsageError
from influence.export import FORMATS, format_of, to_text, write_table
from influence.export.files import write_atomically

FRAME = pl.DataFrame(
    {
        "rank": [1, 2, 3],
        "id": ["7", 'Zoë, "the" best', "x\ny"],
        "network_value": [0.1 + 0.2, 1e-300, 12345678901234.5],
        "reasons": ["replies 100 %", None, "follows 3 %"],
    }
)
READ = {
    "csv": lambda path: pl.read_csv(path, schema=FRAME.schema),
    "json": lambda path: pl.DataFrame(json.loads(path.read_text(encoding="utf-8")), schema=FRAME.schema),
    "jsonl": lambda path: pl.read_ndjson(path, schema=FRAME.schema),
    "parquet": pl.read_parquet,
}


def left(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_the_table_exactly(tmp_path, form):
    path = tmp_path / f"out.{form}"
    write_table(FRAME, path, form)
    assert_frame_equal(READ[form](path), FRAME, check_exact=True)
    assert left(tmp_path) == [path.name]
    write_table(FRAME.head(1), str(path), form)  # over the old one
    assert READ[form](path).height == 1


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_text_is_what_the_file_would_be(tmp_path, form):
    path = tmp_path / "out"
    write_table(FRAME, path, form)
    assert to_text(FRAME, form) == path.read_text(encoding="utf-8")


def test_text_formats():
    rows = json.loads(to_text(FRAME, "json"))
    assert rows[0] == {"rank": 1, "id": "7", "network_value": 0.30000000000000004, "reasons": "replies 100 %"}
    assert rows[1]["reasons"] is None
    lines = to_text(FRAME, "jsonl").splitlines()
    assert [json.loads(line)["rank"] for line in lines] == [1, 2, 3]
    assert to_text(FRAME, "csv").startswith("rank,id,network_value,reasons\n1,7,0.3")


def test_nobody():
    assert to_text(FRAME.clear(), "csv") == "rank,id,network_value,reasons\n"
    assert json.loads(to_text(FRAME.clear(), "json")) == []
    assert to_text(FRAME.clear(), "jsonl") == ""


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        ("a.csv", None, "csv"),
        ("a.JSON", None, "json"),
        ("a.b.jsonl", None, "jsonl"),
        ("a.parquet", None, "parquet"),
        ("a.csv", "json", "json"),
        ("a", "csv", "csv"),
    ],
)
def test_the_format_is_asked_for_or_in_the_name(tmp_path, name, asked, expected):
    assert format_of(tmp_path / name, asked) == expected


@pytest.mark.parametrize("name", ["scores", "scores.xlsx", "scores.csv.gz", "csv"])
def test_a_name_that_tells_no_format(tmp_path, name):
    with pytest.raises(UsageError, match=r"cannot tell the format.*end it in \.csv, \.json, \.jsonl, \.parquet"):
        format_of(tmp_path / name, None)


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt, MemoryError])
def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")

    def half(file):
        file.write(b"new but not who")
        file.flush()
        raise error("stop")

    with pytest.raises(InfluenceError if error is OSError else error):
        write_atomically(path, half)
    assert path.read_bytes() == b"old"
    assert left(tmp_path) == ["out.csv"]


def test_the_old_file_stands_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    seen = []

    def look(file):
        file.write(b"new")
        file.flush()
        seen.append(path.read_bytes())
        seen.append(len(left(tmp_path)))

    write_atomically(path, look)
    assert seen == [b"old", 2]
    assert path.read_bytes() == b"new"


def test_a_place_that_cannot_be_written(tmp_path):
    path = tmp_path / "none" / "out.csv"
    with pytest.raises(InfluenceError, match="cannot be written: No such file or directory") as caught:
        write_table(FRAME, path, "csv")
    assert str(caught.value).startswith(str(path))
    assert caught.value.exit_status == 1
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    with pytest.raises(InfluenceError, match="cannot be written"):
        write_table(FRAME, folder, "csv")
    assert left(tmp_path) == ["folder.csv"]
