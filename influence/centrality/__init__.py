"""Centralities: one measure, one file."""

from influence.centrality.approximate_betweenness import ApproximateBetweenness, approximate_betweenness
from influence.centrality.betweenness import betweenness
from influence.centrality.closeness import closeness
from influence.centrality.clustering import average_clustering, clustering
from influence.centrality.collective_influence import collective_influence, collective_influence_order
from influence.centrality.communities import Communities
from influence.centrality.components import (
    Components,
    Partition,
    connected_components,
    strongly_connected_components,
    weakly_connected_components,
)
from influence.centrality.constraint import constraint, local_constraint
from influence.centrality.core_number import core_number, s_core
from influence.centrality.degree import Degree, degree, strength
from influence.centrality.degree_discount import degree_discount
from influence.centrality.distances import eccentricity, shortest_path_lengths
from influence.centrality.edge_betweenness import edge_betweenness
from influence.centrality.effective_size import EffectiveSize, effective_size
from influence.centrality.eigenvector import Eigenvector, eigenvector
from influence.centrality.h_index import HIndex, h_index
from influence.centrality.harmonic import harmonic
from influence.centrality.hits import Hits, hits
from influence.centrality.hubbell import Hubbell, hubbell
from influence.centrality.hyperball import HyperBall, hyperball
from influence.centrality.katz import Katz, katz
from influence.centrality.label_propagation import label_propagation
from influence.centrality.leaderrank import LeaderRank, leaderrank
from influence.centrality.leiden import leiden
from influence.centrality.louvain import louvain
from influence.centrality.modularity import modularity
from influence.centrality.onion import onion_layers
from influence.centrality.pagerank import PageRank, pagerank
from influence.centrality.reaching import global_reaching, local_reaching
from influence.centrality.reciprocity import overall_reciprocity, reciprocity
from influence.centrality.result import EdgeValues, NodeValues
from influence.centrality.selection import Selection
from influence.centrality.top_closeness import TopNodes, top_closeness, top_harmonic
from influence.centrality.transitivity import transitivity
from influence.centrality.triangles import triangles
from influence.centrality.trustrank import trustrank
from influence.centrality.voterank import voterank

__all__ = [
    "ApproximateBetweenness",
    "Communities",
    "Components",
    "Degree",
    "EdgeValues",
    "EffectiveSize",
    "Eigenvector",
    "HIndex",
    "Hits",
    "Hubbell",
    "HyperBall",
    "Katz",
    "LeaderRank",
    "NodeValues",
    "PageRank",
    "Partition",
    "Selection",
    "TopNodes",
    "approximate_betweenness",
    "average_clustering",
    "betweenness",
    "closeness",
    "clustering",
    "collective_influence",
    "collective_influence_order",
    "connected_components",
    "constraint",
    "core_number",
    "degree",
    "degree_discount",
    "eccentricity",
    "edge_betweenness",
    "effective_size",
    "eigenvector",
    "global_reaching",
    "h_index",
    "harmonic",
    "hits",
    "hubbell",
    "hyperball",
    "katz",
    "label_propagation",
    "leaderrank",
    "leiden",
    "local_constraint",
    "local_reaching",
    "louvain",
    "modularity",
    "onion_layers",
    "overall_reciprocity",
    "pagerank",
    "reciprocity",
    "s_core",
    "shortest_path_lengths",
    "strength",
    "strongly_connected_components",
    "top_closeness",
    "top_harmonic",
    "transitivity",
    "triangles",
    "trustrank",
    "voterank",
    "weakly_connected_components",
]
