"""Tables as one NetworkX graph and back; a graph in memory is ranked like the files it was made from."""

import networkx as nx
import polars as pl
import pytest
from every_table import ROLES, everything, rows

import influence
from influence.errors import DataError, UsageError
from influence.interop.tables import frames_from_networkx, tables_to_networkx
from influence.io import tables_from_frames


def test_there_and_back():
    tables = everything()
    graph = tables_to_networkx(tables)
    again = tables_from_frames(**frames_from_networkx(graph))
    for role in ROLES:
        assert rows(getattr(again, role)) == rows(getattr(tables, role)), role
    assert graph.nodes["item:x"]["kind"] == "item"
    assert graph.nodes["d"] == {"kind": "person", "suppress": True}


def test_a_graph_is_ranked_like_its_tables():
    graph = nx.MultiDiGraph()
    graph.add_nodes_from([("ann", {"clv": 5.0, "segment": "gold"}), ("bob", {"clv": 90.0}), ("cy", {"clv": 20.0})])
    graph.add_edges_from([("bob", "ann"), ("cy", "ann")])
    for day in range(1, 9):
        graph.add_edge("bob", "ann", type="reply", timestamp=f"2024-05-0{day}")
        graph.add_edge("ann", "cy", type="like", timestamp=f"2024-06-0{day}")
    found = influence.rank(graph)
    frames = {
        "follows": pl.DataFrame({"source": ["bob", "cy"], "target": ["ann", "ann"]}),
        "customers": pl.DataFrame(
            {"id": ["ann", "bob", "cy"], "clv": [5.0, 90.0, 20.0], "segment": ["gold", None, None]}
        ),
        "interactions": pl.DataFrame(
            {
                "source": ["bob"] * 8 + ["ann"] * 8,
                "target": ["ann"] * 8 + ["cy"] * 8,
                "type": ["reply"] * 8 + ["like"] * 8,
                "timestamp": [f"2024-0{month}-0{day}" for month in (5, 6) for day in range(1, 9)],
            }
        ),
    }
    assert found.frame.equals(influence.rank(**frames).frame)
    assert found.frame["id"][0] == "ann"
    assert influence.read_graph(graph).n_edges == 3


def test_edges_without_direction_count_both_ways():
    frames = frames_from_networkx(nx.path_graph(3))
    assert sorted(frames["follows"].rows()) == [("0", "1"), ("1", "0"), ("1", "2"), ("2", "1")]
    assert set(frames) == {"follows"}


def test_attributes_make_a_customers_table():
    graph = nx.karate_club_graph()
    customers = frames_from_networkx(graph)["customers"]
    assert customers.columns == ["id", "club"]
    assert customers.height == 34


def test_values_of_several_kinds_are_text():
    graph = nx.DiGraph([(1, 2)])
    graph.nodes[1]["tier"], graph.nodes[2]["tier"] = "one", 2
    graph.nodes[1]["x"], graph.nodes[2]["x"] = 1, 2.5
    customers = frames_from_networkx(graph)["customers"]
    assert customers["tier"].to_list() == ["one", "2"]
    assert customers["x"].to_list() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("graph", "error", "words"),
    [
        (nx.DiGraph([(1, 2), ("1", 3)]), UsageError, "the same id as text"),
        (nx.empty_graph(3), DataError, "has no edges"),
        (nx.DiGraph([("a", "b", {"kind": "befriends"})]), DataError, "of the kind 'befriends'"),
    ],
)
def test_what_is_refused(graph, error, words):
    with pytest.raises(error, match=words):
        frames_from_networkx(graph)


def test_a_person_called_like_an_item():
    tables = tables_from_frames(
        follows=pl.DataFrame({"source": ["item:x"], "target": ["b"]}),
        actions=pl.DataFrame({"customer": ["b"], "item": ["x"]}),
    )
    with pytest.raises(DataError, match="a person is called 'item:x'"):
        tables_to_networkx(tables)
