"""The graph: compressed rows both ways, with the ids inside."""

from influence.graph.graph import Graph
from influence.graph.people import extend_tie_graph, tie_graph

__all__ = ["Graph", "extend_tie_graph", "tie_graph"]
