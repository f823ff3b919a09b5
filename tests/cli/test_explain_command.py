"""`influence explain`: why this person, from sources or from a saved ranking."""

import io
import json

import polars as pl
import pytest

import influence
from influence import api

SOURCES = ("follows=f.csv", "interactions=e.csv", "customers=c.csv")


def explained(folder, person="ann", **options):
    return api.explain(person, *(source.replace("=", f"={folder}/") for source in SOURCES), **options)


def csv_of(text):
    return pl.read_csv(io.StringIO(text), schema_overrides={"name": pl.String})


def test_a_pipe_gets_the_long_table(folder, invoke):
    result = invoke("explain", "ann", *SOURCES)
    assert result.exit_code == 0
    expected = explained(folder)
    assert csv_of(result.stdout).rows() == expected.frame.rows()
    assert result.stdout.splitlines()[0] == "breakdown,name,value,share"
    assert f"ann {expected.sentence}" in result.stderr.splitlines()
    assert "Note: rate: rule" in result.stderr
    quiet = invoke("explain", "ann", *SOURCES, "-q")
    assert (quiet.stdout, quiet.stderr) == (result.stdout, "")


def test_sources_as_rank_takes_them(folder, invoke):
    plain = invoke("explain", "ann", *SOURCES, "-q").stdout
    assert invoke("explain", "ann", "--source", *SOURCES, "-q").stdout == plain
    assert invoke("explain", "--source", SOURCES[0], "--source", SOURCES[1], "ann", SOURCES[2]).stdout == plain
    options = ("--follows", "f.csv", "--interactions", "e.csv", "--customers", "c.csv")
    assert invoke("explain", "ann", *options).stdout == plain
    assert invoke("explain", "ann", "f.csv", "e.csv", "--source", "c.csv").stdout == plain
    mapped = pl.read_csv("e.csv").rename({"source": "who"})
    mapped.write_csv("m.csv")
    result = invoke("explain", "ann", SOURCES[0], "interactions=m.csv", SOURCES[2], "--map", "interactions.source=who")
    assert result.stdout == plain


def test_options_change_what_is_computed(folder, invoke):
    earlier = invoke("explain", "ann", *SOURCES, "--as-of", "2024-01-15")
    assert csv_of(earlier.stdout).rows() == explained(folder, as_of="2024-01-15").frame.rows()
    assert earlier.stdout != invoke("explain", "ann", *SOURCES).stdout
    settings = influence.Settings(horizon_days=7)
    shorter = invoke("explain", "ann", *SOURCES, "--horizon", "7")
    assert csv_of(shorter.stdout).rows() == explained(folder, settings=settings).frame.rows()
    folded = invoke("explain", "ANN", *SOURCES, "--fold-case")
    assert folded.exit_code == 0


def test_listeners_are_named_only_when_asked(folder, invoke):
    for form in ("table", "csv", "json"):
        masked = invoke("explain", "ann", *SOURCES, "-f", form)
        named = invoke("explain", "ann", *SOURCES, "-f", form, "--show-counterparts")
        for text in (masked.stdout, masked.stderr):
            words = set(text.replace(",", " ").replace('"', " ").replace("│", " ").split())
            assert not words & {"bob", "cy", "dee"}, form
        assert "listener 1" in masked.stdout
        assert "cy" in named.stdout
        assert "listener 1" not in named.stdout


def test_a_page_for_people(folder, invoke):
    text = invoke("explain", "ann", *SOURCES, "--format", "table").stdout
    facts = explained(folder).facts
    assert text.splitlines()[0].rstrip() == "ann: 1 of 3 customers by network value"
    assert "ann reaches 2 customers worth 140; all reacted (replies and shares)" in " ".join(text.split())
    assert f"Network value {facts['network_value']:,.2f}, of which {facts['direct_value']:,.2f} directly" in text
    assert "Follow-ons so far: 2 (replies 1, shares 1), 2024-01-01 to 2024-02-01" in " ".join(text.split())
    assert "As of 2024-03-02T00:00:00Z" in text
    for name in ("listener", "type", "channel", "hop", "listener 2", "shares", "unknown", "hop 1 (direct)"):
        assert f"│ {name} " in text or f" {name} " in text, name
    assert "\x1b" not in text
    nobody = invoke("explain", "bob", *SOURCES, "--format", "table").stdout
    assert "bob: nobody's value rides on this person" in nobody
    assert "listener" not in nobody
    guest = invoke("explain", "dee", *SOURCES, "--format", "table").stdout
    assert guest.startswith("dee: no customer, so not ranked")


def test_what_takes_away_says_so(folder, invoke):
    rows = [(f"fan{number}", "ann", "reply", "2024-01-01", 1.0) for number in range(1, 9)]
    rows += [("fan0", "ann", "reply", f"2024-01-{day:02}", -1.0) for day in range(1, 11)]
    events = pl.DataFrame(rows, schema=["source", "target", "type", "timestamp", "sentiment"], orient="row")
    events.write_csv("s.csv")
    ids = ["ann", *(f"fan{number}" for number in range(9))]
    pl.DataFrame({"id": ids, "clv": [1.0, 500.0, *[100.0] * 8], "currency": ["EUR"] * 10}).write_csv("v.csv")
    sources = ("interactions=s.csv", "customers=v.csv")
    frame = csv_of(invoke("explain", "ann", *sources).stdout)
    by_listener = frame.filter(breakdown="listener")
    assert by_listener["value"].sum() == pytest.approx(frame.filter(breakdown="hop")["value"].sum())
    # fan0 complained ten times; the others are drawn to the mean, but not below zero
    name, value, share = by_listener.filter(pl.col("value") < 0).select("name", "value", "share").row(0)
    assert name == "listener 1"
    assert share == pytest.approx(value / by_listener["value"].abs().sum())
    assert by_listener["name"].to_list() == [*(f"listener {place}" for place in range(1, 6)), "others"]
    text = " ".join(invoke("explain", "ann", *sources, "-f", "table").stdout.split())
    assert f"takes away {-100 * share:.0f} %" in text
    assert "4 others" in text
    assert "reaches 9 customers worth 1,300 EUR; all reacted (replies); 1 takes value away (" in text
    assert "% of the reactions negative" in text
    assert " EUR, of which " in text


def test_json_has_all_of_it(folder, invoke):
    document = json.loads(invoke("explain", "ann", *SOURCES, "-f", "json").stdout)
    expected = explained(folder)
    assert document["rows"] == expected.frame.to_dicts()
    assert document["sentence"] == expected.sentence
    assert document["facts"] == json.loads(json.dumps(expected.facts))
    assert any("rate: rule" in note for note in document["notes"])


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet"])
def test_out_writes_the_table_and_a_manifest(folder, invoke, form):
    result = invoke("explain", "ann", *SOURCES, "--out", f"why.{form}")
    assert (result.exit_code, result.stdout) == (0, "")
    read = {"csv": pl.read_csv, "json": pl.read_json, "jsonl": pl.read_ndjson, "parquet": pl.read_parquet}[form]
    assert read(folder / f"why.{form}").rows() == explained(folder).frame.rows()
    content = json.loads((folder / f"why.{form}.manifest.json").read_text(encoding="utf-8"))
    assert content["command"] == "explain"
    assert content["facts"]["id"] == "ann"
    assert [file["path"] for file in content["inputs"]] == ["f.csv", "e.csv", "c.csv"]


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet"])
def test_a_saved_row(folder, invoke, form):
    invoke("rank", *SOURCES, "--out", f"scores.{form}")
    before = sorted(entry.name for entry in folder.iterdir())
    frame = influence.rank(*(source.replace("=", f"={folder}/") for source in SOURCES)).frame
    row = json.loads(invoke("explain", "cy", "--run", f"scores.{form}", "-f", "json").stdout)["rows"][0]
    expected = frame.row(by_predicate=pl.col("id") == "cy", named=True)
    assert list(row) == frame.columns
    assert row == expected
    text = " ".join(invoke("explain", "cy", "--run", f"scores.{form}", "-f", "table").stdout.split())
    assert f"cy in scores.{form}" in text
    assert expected["reasons"].split(";")[0] in text.replace("│ │ │ ", "")
    assert csv_of(invoke("explain", "cy", "--run", f"scores.{form}").stdout)["network_value"].to_list() == [
        expected["network_value"]
    ]
    assert sorted(entry.name for entry in folder.iterdir()) == before
    invoke("explain", "cy", "--run", f"scores.{form}", "--out", "cy.json")
    content = json.loads((folder / "cy.json.manifest.json").read_text(encoding="utf-8"))
    assert [(file["path"], file["role"], file["rows"]) for file in content["inputs"]] == [(f"scores.{form}", "run", 3)]
    assert content["facts"]["unit"] == "money"


def test_saved_ids_are_text(folder, invoke):
    pl.DataFrame({"source": ["007", "x"], "target": ["7", "007"]}).write_csv("z.csv")
    invoke("rank", "follows=z.csv", "--out", "z_scores.csv")
    rows = {
        name: json.loads(invoke("explain", name, "--run", "z_scores.csv", "-f", "json").stdout)["rows"][0]
        for name in ("007", "7")
    }
    assert rows["007"]["id"] == "007"
    assert rows["7"]["id"] == "7"
    assert rows["007"]["rank"] != rows["7"]["rank"]


def test_numbers_as_ids(folder, invoke):
    pl.DataFrame({"source": [1, 2], "target": [70, 70]}).write_csv("n.csv")
    assert "70 reaches 2 people" in invoke("explain", "70", "follows=n.csv").stderr
    pl.DataFrame({"source": [1, 2], "target": [-7, -7]}).write_csv("m.csv")
    assert "-7 reaches 2 people" in invoke("explain", "--", "-7", "follows=m.csv").stderr


def test_markup_in_an_id_is_text(folder, invoke):
    pl.DataFrame({"source": ["b"], "target": ["[red]ann[/red]"]}).write_csv("g.csv")
    assert "[red]ann[/red] reaches" in invoke("explain", "[red]ann[/red]", "g.csv", "-f", "table").stdout
    invoke("rank", "follows=g.csv", "--out", "g_scores.csv")
    saved = invoke("explain", "[red]ann[/red]", "--run", "g_scores.csv", "-f", "table").stdout
    assert saved.count("[red]ann[/red]") == 2


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("ann",), 2, "nothing to read: give files as ROLE=path"),
        (("an", *SOURCES), 2, "nobody has the id 'an'; did you mean 'ann'?"),
        (("zoe", *SOURCES), 2, "nobody has the id 'zoe'\n"),
        (("ann", "--demo", "f.csv"), 2, "--demo brings its own data"),
        (("ann", "--run", "s.csv", "f.csv"), 2, "leave the sources out"),
        (("ann", "--run", "s.csv", "--demo"), 2, "leave the sources out"),
        (("ann", "--run", "s.csv", "--follows", "f.csv"), 2, "leave the sources out"),
        (("ann", "--run", "s.csv", "--as-of", "2024-01-01"), 2, "leave --as-of out"),
        (("ann", "--run", "s.csv", "--show-counterparts"), 2, "leave --show-counterparts out"),
        (("ann", "--run", "none.csv"), 3, "none.csv: no such file"),
        (("ann", "--run", "f.csv"), 3, "a saved ranking has the columns id, rank, network_value"),
        (("an", "--run", "s.csv"), 2, "nobody has the id 'an'; did you mean 'ann'?"),
        (("ann", *SOURCES, "--as-of", "soon"), 2, "is no ISO date"),
        (("ann", *SOURCES, "--format", "xlsx"), 2, "--format must be one of"),
    ],
)
def test_what_cannot_be(folder, status, invoke, args, code, says):
    invoke("rank", *SOURCES, "-q", "--out", "s.csv")
    found, out, err = status("explain", *args)
    assert (found, out) == (code, "")
    assert says in err
    assert "Traceback" not in err


def test_a_suppressed_person_is_nobody(folder, status):
    (folder / "gone.csv").write_text("id\nann\n", encoding="utf-8")
    code, out, err = status("explain", "ann", *SOURCES, "--suppress", "gone.csv", "-q")
    assert (code, out, err) == (2, "", "Error: nobody has the id 'ann'\n")


@pytest.mark.slow
def test_a_process_of_its_own(process):
    code, out, err = process("explain", "70", "--demo", "--format", "json", "--threads", "1")
    assert code == 0
    one = json.loads(out)
    assert one["facts"]["id"] == "70"
    assert "join is synthetic" in err
    again = process("explain", "70", "--demo", "--format", "json", "--threads", "2")
    assert again[1] == out


def test_help_is_quick(process):
    code, out, _ = process("explain", "--help")
    assert code == 0
    assert b"--show-counterparts" in out
