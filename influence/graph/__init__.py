"""The graph: compressed rows both ways, with the ids inside."""

from influence.graph.graph import Graph

__all__ = ["Graph"]
