"""Graphs of other libraries, and back: NetworkX, igraph, sparse matrices, frames of edges."""

from influence.interop.attributed import AttributedGraph
from influence.interop.frames import from_polars, to_polars
from influence.interop.igraph import from_igraph, to_igraph
from influence.interop.networkx import from_networkx, number_networkx, to_networkx
from influence.interop.scipy import from_scipy, to_scipy
from influence.interop.tables import frames_from_networkx, tables_to_networkx

__all__ = [
    "AttributedGraph",
    "frames_from_networkx",
    "from_igraph",
    "from_networkx",
    "from_polars",
    "from_scipy",
    "number_networkx",
    "tables_to_networkx",
    "to_igraph",
    "to_networkx",
    "to_polars",
    "to_scipy",
]
