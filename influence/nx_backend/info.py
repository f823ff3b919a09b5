"""What NetworkX reads about the backend when it is imported; nothing heavy may be loaded here."""

from __future__ import annotations

from typing import Any

__all__ = ["get_info"]

#: Every covered function, and what a reader of its documentation should know.
FUNCTIONS: dict[str, str] = {
    "all_pairs_shortest_path_length": "",
    "asyn_lpa_communities": "A call with a seed is left to NetworkX unless the config's exact_seeds is off.",
    "average_clustering": "Not for multigraphs.",
    "betweenness_centrality": "With k the same pivots as NetworkX's. Weights by a function are not covered.",
    "betweenness_centrality_subset": "Weights by a function are not covered.",
    "closeness_centrality": "Distances by a function, or found before, are not covered.",
    "clustering": "Not for multigraphs.",
    "connected_components": "The component with the first node comes first.",
    "constraint": "For all nodes at once.",
    "core_number": "",
    "eccentricity": "By hops, of all nodes.",
    "edge_betweenness_centrality": "Not for multigraphs. Weights by a function are not covered.",
    "effective_size": "For all nodes at once; undirected and unweighted.",
    "eigenvector_centrality": "Goes on until the residual is 1e-9 or tol, also beyond max_iter.",
    "global_reaching_centrality": "Unweighted.",
    "harmonic_centrality": "Distances by a function are not covered.",
    "hits": "By power iteration, never negative; normalized only.",
    "is_connected": "",
    "is_strongly_connected": "",
    "is_weakly_connected": "",
    "katz_centrality": "Goes on until the certified error is 1e-9 or tol, also beyond max_iter.",
    "katz_centrality_numpy": "By iteration to a certified error of 1e-12, without a dense matrix.",
    "leiden_communities": "By modularity: before NetworkX 3.7 its only one, from 3.7 with metric='modularity'.",
    "local_reaching_centrality": "Unweighted.",
    "louvain_communities": "A call with a seed is left to NetworkX unless the config's exact_seeds is off.",
    "modularity": "",
    "number_connected_components": "",
    "number_strongly_connected_components": "",
    "number_weakly_connected_components": "",
    "onion_layers": "",
    "overall_reciprocity": "",
    "pagerank": "",
    "reciprocity": "",
    "single_source_shortest_path_length": "",
    "single_target_shortest_path_length": "",
    "strongly_connected_components": "In the order of a search that takes neighbours in the order of nodes.",
    "transitivity": "Not for multigraphs.",
    "triangles": "Not for multigraphs.",
    "voterank": "Votes are counted in whole parts: nodes that NetworkX tells apart by rounding are equal here.",
    "weakly_connected_components": "The component with the first node comes first.",
}


def get_info() -> dict[str, Any]:
    """Return the backend's name, what it covers and where to read more."""
    return {
        "backend_name": "influence",
        "project": "influence-engine",
        "package": "influence",
        "short_summary": "Centralities, cores, components and communities by compiled kernels on two or more threads.",
        "description": "Parallel numba kernels with the same result on any number of threads.",
        "default_config": {"exact_seeds": True},
        "functions": {name: {"additional_docs": notes} for name, notes in FUNCTIONS.items()},
    }
