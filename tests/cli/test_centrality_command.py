"""`influence centrality`: from files to a table of measures, a file and its manifest; and as columns of a ranking."""

import io
import json

import polars as pl
import pytest

from influence import api

SOURCES = ("follows=f.csv", "interactions=e.csv")


def csv_of(text):
    return pl.read_csv(io.StringIO(text), schema_overrides={"id": pl.String})


def test_a_pipe_gets_what_the_library_gives(folder, invoke):
    result = invoke("centrality", *SOURCES, "-m", "pagerank", "-m", "harmonic")
    expected = api.measure(*SOURCES, measures=["pagerank", "harmonic"]).frame
    assert csv_of(result.stdout).equals(expected)
    assert expected.columns == ["id", "pagerank", "harmonic"]
    assert expected["id"][0] == "ann"
    assert result.stderr == ""


def test_ties_are_in_id_order(folder, invoke):
    found = csv_of(invoke("centrality", *SOURCES, "-m", "core_number").stdout)
    assert found.sort("core_number", "id", descending=[True, False]).equals(found)


def test_options_of_a_measure_and_of_all(folder, invoke):
    table = csv_of(invoke("centrality", *SOURCES, "-m", "pagerank", "-m", "pagerank:alpha=0.5", "--unweighted").stdout)
    assert table.columns == ["id", "pagerank", "pagerank:alpha=0.5"]
    graph = api.read_graph(*SOURCES)
    for column, alpha in (("pagerank", 0.85), ("pagerank:alpha=0.5", 0.5)):
        wanted = api.measure(graph, measures=[f"pagerank:alpha={alpha},weighted=false"]).frame
        assert dict(zip(table["id"], table[column], strict=True)) == pytest.approx(dict(wanted.rows()))


def test_measures_that_know_no_directions_say_so(folder, invoke):
    result = invoke("centrality", *SOURCES, "-m", "voterank", "-m", "triangles")
    assert result.stderr == "Note: triangles: measured without directions\n"
    assert invoke("centrality", *SOURCES, "-m", "triangles", "--undirected").stderr == ""


def test_measures_of_edges(folder, invoke):
    table = csv_of(invoke("centrality", *SOURCES, "-m", "edge_betweenness").stdout)
    assert table.columns == ["source", "target", "edge_betweenness"]
    assert table.height == api.read_graph(*SOURCES).n_edges


def test_files_and_their_manifest(folder, invoke):
    assert invoke("centrality", *SOURCES, "-m", "pagerank", "--top", "2", "--out", "m.parquet").stdout == ""
    assert pl.read_parquet("m.parquet").equals(api.measure(*SOURCES, measures=["pagerank"]).frame.head(2))
    manifest = json.loads((folder / "m.parquet.manifest.json").read_text())
    assert manifest["command"] == "centrality"
    assert manifest["facts"]["measures"]["pagerank"]["error_bound"] < 1e-9
    assert manifest["facts"]["edges"] == 4


def test_as_of_leaves_later_ties_out(folder, invoke):
    early = csv_of(invoke("centrality", "interactions=e.csv", "-m", "degree", "--as-of", "2024-01-15").stdout)
    assert dict(early.select("id", "in_degree").rows()) == {"ann": 1, "bob": 0, "cy": 0, "dee": 0}


def test_a_table_on_request(folder, invoke):
    shown = invoke("centrality", *SOURCES, "-m", "pagerank", "-m", "degree", "--format", "table").stdout
    assert "by pagerank" in shown
    assert "4 people, 4 directed ties" in shown


def test_the_list_names_every_measure(invoke):
    from influence.centrality.measures import MEASURES

    shown = invoke("centrality", "--list").stdout
    assert all(name in shown for name in MEASURES)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("pagerak", "did you mean 'pagerank'?"),
        ("pagerank:alpa=1", "no option 'alpa' (did you mean 'alpha'?); its options: "),
        ("pagerank:alpha", "alpha needs a value, as in pagerank:alpha=0.85"),
        ("pagerank:alpha=high", "pagerank:alpha must be a number, not 'high'"),
        ("pagerank:alpha=2", "alpha must lie in [0, 1), not 2.0"),
        ("pagerank:weighted=maybe", "pagerank:weighted must be true or false, not 'maybe'"),
    ],
)
def test_what_cannot_be_measured(folder, status, asked, message):
    code, out, err = status("centrality", *SOURCES, "-m", asked)
    assert (code, out) == (2, "")
    assert message in err


def test_nodes_and_edges_do_not_mix(folder, status):
    code, _, err = status("centrality", *SOURCES, "-m", "pagerank", "-m", "edge_betweenness")
    assert code == 2
    assert "do not fit into one table" in err


def test_twice_the_same(folder, status):
    code, _, err = status("centrality", *SOURCES, "-m", "pagerank", "-m", "pagerank", "-m", "pagerank")
    assert code == 2
    assert "pagerank is asked for twice" in err


def test_columns_of_a_ranking(folder, invoke):
    result = invoke("rank", *SOURCES, "customers=c.csv", "--centrality", "pagerank", "--where", "pagerank > 0.2", "-q")
    ranked = csv_of(result.stdout)
    plain = csv_of(invoke("rank", *SOURCES, "customers=c.csv", "-q").stdout)
    assert ranked.columns == [*plain.columns, "pagerank"]
    assert ranked["pagerank"].min() > 0.2
    values = dict(api.measure(*SOURCES, measures=["pagerank"]).frame.rows())
    assert dict(ranked.select("id", "pagerank").rows()) == pytest.approx({id: values[id] for id in ranked["id"]})
    assert ranked.drop("pagerank").equals(plain.join(ranked.select("id"), on="id", how="semi"))


def test_a_measure_of_edges_is_no_column_of_people(folder, status):
    code, _, err = status("rank", *SOURCES, "--centrality", "edge_betweenness")
    assert code == 2
    assert "edge_betweenness is no measure of people" in err


def test_measures_of_the_whole_graph(folder, invoke):
    alone = csv_of(invoke("centrality", *SOURCES, "-m", "transitivity", "-m", "overall_reciprocity").stdout)
    assert alone.rows() == [("transitivity", 0.6), ("overall_reciprocity", 0.0)]
    beside = invoke("centrality", *SOURCES, "-m", "pagerank", "-m", "transitivity", "--undirected")
    assert "Note: transitivity of the whole graph: 0.6" in beside.stderr
    assert csv_of(beside.stdout).columns == ["id", "pagerank"]


def test_who_was_chosen_comes_first(folder, invoke):
    table = csv_of(invoke("centrality", *SOURCES, "-m", "degree_discount:k=2").stdout)
    assert table["degree_discount"].to_list() == [1.0, 2.0, None, None]
    assert table["id"].to_list()[0] == "ann"


def test_parts_by_number(folder, invoke):
    table = csv_of(invoke("centrality", *SOURCES, "-m", "strong_component").stdout)
    assert table.rows() == [("ann", 0, 1), ("bob", 1, 1), ("cy", 2, 1), ("dee", 3, 1)]


@pytest.mark.slow
def test_every_measure_runs(folder, invoke):
    from influence.centrality.measures import MEASURES

    pl.DataFrame({"source": ["ann", "ann"], "target": ["dee", "bob"]}).write_csv("back.csv")  # so that there is a cycle
    for name in MEASURES:
        assert invoke("centrality", *SOURCES, "follows=back.csv", "-m", name).exit_code == 0, name
