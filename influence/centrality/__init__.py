"""Centralities: one measure, one file."""

from influence.centrality.pagerank import PageRank, pagerank

__all__ = ["PageRank", "pagerank"]
