"""Centralities: one measure, one file."""

from influence.centrality.pagerank import PageRank, pagerank
from influence.centrality.result import EdgeValues, NodeValues
from influence.centrality.trustrank import trustrank

__all__ = ["EdgeValues", "NodeValues", "PageRank", "pagerank", "trustrank"]
