"""Frames of edges and back, against a dictionary."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interop.graphs import arcs

from influence.errors import DataError, UsageError
from influence.graph import Graph
from influence.interop import from_polars, to_polars

IDS = st.sampled_from(["a", "b", "10", "9", "é", ""]) | st.integers(0, 12).map(str)
EDGES = st.lists(st.tuples(IDS, IDS, st.integers(-3, 3).map(float)), max_size=14)
SCHEMA = {"source": pl.String, "target": pl.String, "weight": pl.Float64}


@settings(max_examples=60)
@given(EDGES, st.lists(IDS, max_size=3), st.booleans(), st.booleans())
def test_a_round_trip(edges, nodes, directed, loops):
    graph = from_polars(
        pl.DataFrame(edges, SCHEMA, orient="row"),
        nodes=pl.Series(nodes, dtype=pl.String),
        directed=directed,
        self_loops=loops,
    )
    expected = {}
    for u, v, w in edges:
        for pair in ({(u, v)} if directed else {(u, v), (v, u)}) if u != v or loops else ():
            expected[pair] = expected.get(pair, 0.0) + w
    assert arcs(graph, graph.ids.ids().to_list()) == expected
    assert set(graph.ids.ids()) == {end for u, v, _ in edges for end in (u, v)} | set(nodes)
    frame = to_polars(graph)
    assert dict(frame.schema) == SCHEMA
    assert frame.height == graph.n_edges
    back = from_polars(frame, nodes=graph.ids.ids(), directed=directed)
    assert np.array_equal(back.out_offsets, graph.out_offsets)
    assert np.array_equal(back.out_targets, graph.out_targets)
    assert np.array_equal(back.weight, graph.weight)


class Stream:
    """What other libraries' frames are to ours: a stream of Arrow."""

    def __init__(self, frame):
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema=None):
        return self._frame.__arrow_c_stream__(requested_schema)


FRAME = pl.DataFrame({"source": [3, 1], "target": [1, 2], "weight": [2.0, 1.0]})


@pytest.mark.parametrize(
    "convert", [lambda f: f, lambda f: f.lazy(), lambda f: f.to_arrow(), lambda f: f.to_pandas(), Stream]
)
def test_any_frame(convert):
    graph = from_polars(convert(FRAME))
    assert to_polars(graph).rows() == [("1", "2", 1.0), ("3", "1", 2.0)]


def test_columns_by_other_names_and_types():
    frame = pl.DataFrame(
        {"who": ["b", "c"], "whom": ["a", "a"], "n": [3, 4]}, {"who": pl.Categorical, "whom": pl.String, "n": pl.UInt8}
    )
    graph = from_polars(frame, source="who", target="whom", weight="n")
    assert to_polars(graph).rows() == [("b", "a", 3.0), ("c", "a", 4.0)]
    assert from_polars(frame, source="who", target="whom").weight.tolist() == [1.0, 1.0]
    assert from_polars(FRAME, weight=None).weight.tolist() == [1.0, 1.0]
    assert from_polars(
        pa.table({"source": [1, 1], "target": [2, 2], "weight": [1, 5]}), merge="max"
    ).weight.tolist() == [5.0]


def test_empty_ones():
    assert from_polars(pl.DataFrame({"source": [], "target": []})).n_nodes == 0
    assert from_polars(pl.DataFrame({"source": [], "target": []}), nodes=["x", "y"]).n_nodes == 2
    assert to_polars(Graph.from_edges([], [], n_nodes=3)).height == 0


@pytest.mark.parametrize(
    ("frame", "options", "error", "words"),
    [
        ({"source": ["a"], "to": ["b"]}, {}, UsageError, "no column 'target', but 'source', 'to'"),
        ({"source": ["a"], "target": ["b"]}, {"weight": "w"}, UsageError, "no column 'w'"),
        ({"source": ["a", None], "target": ["b", "b"]}, {}, DataError, "row 1 has no source"),
        ({"source": ["a"], "target": [1.5]}, {}, UsageError, "'target' must hold ids"),
        ({"source": ["a"], "target": ["b"], "weight": ["x"]}, {}, UsageError, "'weight' must hold numbers"),
        ({"source": ["a"], "target": ["b"], "weight": [None]}, {}, UsageError, "'weight' must hold numbers"),
        ({"source": ["a", "b"], "target": ["b", "b"], "weight": [1.0, None]}, {}, DataError, "row 1 has weight None"),
        ({"source": ["a"], "target": ["b"], "weight": [float("inf")]}, {}, DataError, "row 0 has weight inf"),
    ],
)
def test_faults_are_named(frame, options, error, words):
    with pytest.raises(error, match=words):
        from_polars(pl.DataFrame(frame), **options)


def test_what_is_no_frame():
    with pytest.raises(UsageError, match="list is no frame"):
        from_polars([("a", "b")])
