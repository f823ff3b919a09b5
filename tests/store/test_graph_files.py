"""Files that hold a whole graph: the same ranking from every format, and nothing that XML could do besides."""

import networkx as nx
import pytest

from influence import api
from influence.errors import DataError, UsageError
from influence.store.graph_files import SUFFIXES, read_graph_file, write_graph_file

LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE graphml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<graphml><graph edgedefault="directed"><node id="&b;"/></graph></graphml>
"""
EXTERNAL = """<?xml version="1.0"?>
<!DOCTYPE graphml SYSTEM "file:///etc/passwd">
<graphml><graph edgedefault="directed"><node id="a"/></graph></graphml>
"""


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_demo_from_a_file(suffix, tmp_path):
    path = tmp_path / f"demo{suffix}"
    done = api.load(api.demo_tables(), into=path)
    assert done.totals.ties == sum(rows for role, rows in done.added.items() if role != "customers")
    assert api.rank(path).frame.equals(api.rank(api.demo_tables()).frame)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_foreign_file(suffix, tmp_path):
    path = tmp_path / f"g{suffix}"
    graph = nx.DiGraph([("bob", "ann"), ("cy", "ann")])
    write_graph_file(graph, path)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert set(read_graph_file(path).edges()) == set(graph.edges())
    assert api.read_graph(path).n_edges == 2
    assert api.rank(path).frame["id"].sort().to_list() == ["ann", "bob", "cy"]


@pytest.mark.parametrize("suffix", [".graphml", ".gexf"])
@pytest.mark.parametrize("text", [LAUGHS, EXTERNAL])
def test_entities_are_refused(suffix, text, tmp_path):
    path = tmp_path / f"bad{suffix}"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="declares a document type or an entity"):
        api.rank(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("text", ["", "nonsense", "{}", "<a/>", '{"nodes": [1]}', "graph [ node [ id 1 ] edge [ x ]"])
def test_broken_files(suffix, text, tmp_path):
    path = tmp_path / f"bad{suffix}"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"bad|no edges"):
        api.rank(path)


def test_missing_and_several(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        api.rank(tmp_path / "none.graphml")
    with pytest.raises(UsageError, match="given together"):
        api.rank(tmp_path / "a.gml", "follows=f.csv")


def test_no_file_is_written_over(tmp_path):
    path = tmp_path / "g.json"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        api.load(api.demo_tables(), into=path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_what_a_format_cannot_hold(tmp_path):
    graph = nx.DiGraph([("a", "b", {"a name with spaces": 1})])
    with pytest.raises(UsageError, match=r"\.gml cannot hold this graph"):
        write_graph_file(graph, tmp_path / "g.gml")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(Exception, match="cannot be written"):
        write_graph_file(nx.path_graph(2), tmp_path / "no" / "g.graphml")
