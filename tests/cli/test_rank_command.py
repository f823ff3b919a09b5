"""`influence rank`: what goes where, in which shape."""

import io
import json

import polars as pl
import pytest

import influence

SOURCES = ("follows=f.csv", "interactions=e.csv", "customers=c.csv")
TEXT = {"id": pl.String}


def expected(folder, **options):
    return influence.rank(*(source.replace("=", f"={folder}/") for source in SOURCES), **options).frame


def csv_of(text):
    return pl.read_csv(io.StringIO(text), schema_overrides=TEXT)


def test_a_pipe_gets_csv(folder, invoke):
    result = invoke("rank", *SOURCES)
    assert result.exit_code == 0
    frame = expected(folder)
    assert csv_of(result.stdout).rows() == frame.rows()
    assert result.stdout.splitlines()[0] == ",".join(frame.columns)


def test_what_is_not_data_goes_to_the_standard_error(folder, invoke):
    loud, quiet = invoke("rank", *SOURCES), invoke("rank", *SOURCES, "--quiet")
    assert loud.stdout == quiet.stdout
    assert "Note: rate: rule" in loud.stderr
    assert "Note" not in loud.stdout
    assert quiet.stderr == ""
    assert invoke("rank", *SOURCES, "-q").stderr == ""


def test_roles_by_option_or_by_columns(folder, invoke):
    plain = invoke("rank", *SOURCES).stdout
    options = ("--follows", "f.csv", "--interactions", "e.csv", "--customers", "c.csv")
    assert invoke("rank", *options).stdout == plain
    assert invoke("rank", "f.csv", "e.csv", "c.csv").stdout == plain
    assert invoke("rank", "f.csv", "--interactions", "e.csv", "customers=c.csv").stdout == plain


def test_actions_and_transactions(folder, invoke):
    rows = [("ann", "x", "2024-01-01"), ("bob", "x", "2024-01-02")]
    acts = pl.DataFrame(rows, schema=["customer", "item", "timestamp"], orient="row")
    acts.write_csv("a.csv")
    acts.write_csv("t.csv")
    one = invoke("rank", "follows=f.csv", "--actions", "a.csv")
    other = invoke("rank", "follows=f.csv", "--transactions", "t.csv")
    assert one.stdout == other.stdout
    assert "1 acted on the same items later" in one.stdout


def test_formats(folder, invoke):
    frame = expected(folder)
    rows = json.loads(invoke("rank", *SOURCES, "--format", "json").stdout)
    assert [row["id"] for row in rows] == frame["id"].to_list()
    assert rows[0]["network_value"] == frame["network_value"][0]
    lines = [json.loads(line) for line in invoke("rank", *SOURCES, "-f", "jsonl").stdout.splitlines()]
    assert lines == rows
    assert csv_of(invoke("rank", *SOURCES, "-f", "csv").stdout).rows() == frame.rows()


def test_a_table_for_people(folder, invoke):
    text = invoke("rank", *SOURCES, "--format", "table").stdout
    assert "3 of 3 customers by network value, in money" in text
    assert "rate: rule" in text
    assert "as of 2024-03-02T00:00:00Z" in text
    places = [text.index(f"│ {name} ") for name in ("ann", "cy", "bob")]
    assert places == sorted(places)
    assert "\x1b" not in text
    assert "in expected acts" in invoke("rank", "f.csv", "e.csv", "-f", "table").stdout
    assert "in people" in invoke("rank", "f.csv", "-f", "table").stdout
    assert "1 of 3 customers" in invoke("rank", *SOURCES, "-f", "table", "--top", "1").stdout


def test_markup_in_an_id_is_text(folder, invoke):
    pl.DataFrame({"source": ["b"], "target": ["[red]ann[/red]"]}).write_csv("g.csv")
    assert "[red]ann[/red]" in invoke("rank", "follows=g.csv", "-f", "table").stdout


def test_top(folder, invoke):
    def rows(*options):
        return csv_of(invoke("rank", *SOURCES, *options).stdout)

    whole = rows().drop("p_top")
    assert rows("--top", "2").drop("p_top").rows() == whole.head(2).rows()
    assert rows("--top", "99").drop("p_top").rows() == whole.rows()
    assert rows("--top", "2")["p_top"].sum() > rows("--top", "1")["p_top"].sum()


def test_as_of(folder, invoke):
    result = invoke("rank", *SOURCES, "--as-of", "2024-02-01")
    assert csv_of(result.stdout).rows() == expected(folder, as_of="2024-02-01").rows()
    assert result.stdout != invoke("rank", *SOURCES).stdout


def test_who_is_listed_and_named(folder, invoke):
    assert "dee" not in invoke("rank", *SOURCES, "-q").stdout
    everybody = csv_of(invoke("rank", *SOURCES, "--include-non-customers").stdout)
    assert "dee" in everybody["id"].to_list()
    named = csv_of(invoke("rank", *SOURCES, "--show-counterparts").stdout)["reasons"][0]
    masked = csv_of(invoke("rank", *SOURCES).stdout)["reasons"][0]
    assert "cy" in named
    assert "cy" not in masked


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet"])
def test_out_writes_the_file_and_its_manifest(folder, invoke, form):
    result = invoke("rank", *SOURCES, "--out", f"scores.{form}")
    assert result.exit_code == 0
    assert result.stdout == ""
    path = folder / f"scores.{form}"
    read = {
        "csv": lambda: pl.read_csv(path),
        "json": lambda: pl.read_json(path),
        "jsonl": lambda: pl.read_ndjson(path),
        "parquet": lambda: pl.read_parquet(path),
    }[form]
    assert read()["network_value"].to_list() == expected(folder)["network_value"].to_list()
    content = json.loads((folder / f"scores.{form}.manifest.json").read_text(encoding="utf-8"))
    assert content["command"] == "rank"
    assert [file["path"] for file in content["inputs"]] == ["f.csv", "e.csv", "c.csv"]
    assert content["rows"] == 3
    assert content["facts"]["unit"] == "money"
    assert set(content["timings"]) == {"read", "load", "score", "write"}
    names = {entry.name for entry in folder.iterdir()}
    assert names == {"f.csv", "e.csv", "c.csv", f"scores.{form}", f"scores.{form}.manifest.json"}


def test_format_decides_over_the_name_and_the_manifest_goes_where_asked(folder, invoke):
    invoke("rank", *SOURCES, "-o", "scores.txt", "--format", "jsonl", "--manifest", "run.json", "--top", "1")
    assert json.loads((folder / "scores.txt").read_text(encoding="utf-8"))["id"] == "ann"
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["rows"] == 1
    assert not (folder / "scores.txt.manifest.json").exists()
    # with data on the standard output too
    result = invoke("rank", *SOURCES, "--manifest", "other.json")
    assert "ann" in result.stdout
    assert (folder / "other.json").exists()


def test_settings_from_options_over_the_file_over_the_defaults(folder, invoke):
    def settings(*args):
        invoke("rank", *SOURCES, "--manifest", "m.json", *args)
        content = json.loads((folder / "m.json").read_text(encoding="utf-8"))["settings"]
        return content["horizon_days"], content["seed"], content["rate"]

    assert settings() == (365.0, 0, "auto")
    (folder / "influence.toml").write_text('horizon_days = 30\nseed = 4\nrate = "rule"\n', encoding="utf-8")
    assert settings() == (30, 4, "rule")
    assert settings("--horizon", "7", "--seed", "5") == (7.0, 5, "rule")
    (folder / "other.toml").write_text("seed = 8\n", encoding="utf-8")
    assert settings("--config", "other.toml", "--rate", "learned") == (365.0, 8, "learned")


def test_the_demo(invoke):
    result = invoke("rank", "--demo", "--top", "5")
    frame = csv_of(result.stdout)
    assert frame.height == 5
    assert frame["network_value"].is_sorted(descending=True)
    assert "join is synthetic" in result.stderr
    again = invoke("rank", "--demo", "--top", "5")
    assert again.stdout == result.stdout


def test_numeric_times_with_a_unit(folder, invoke):
    times = pl.Series([1, 2, 3, 4]) * 86400
    pl.read_csv("e.csv").with_columns(timestamp=times).write_csv("n.csv")
    result = invoke("rank", "interactions=n.csv", "--time-unit", "s", "-f", "table")
    assert "as of 1970-01-05T00:00:00Z" in result.stdout
