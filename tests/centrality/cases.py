"""Graphs on which a wrong measure shows: directed, weighted, asymmetric, apart, dangling, looped, doubled, empty."""

import csv
import dataclasses
from pathlib import Path

import networkx as nx
import numpy as np

from influence.graph import Graph


@dataclasses.dataclass(frozen=True)
class Case:
    n: int
    source: list
    target: list
    weight: list
    directed: bool = True

    def graph(self, *, loops=False):
        return Graph.from_edges(
            self.source, self.target, self.weight, n_nodes=self.n, self_loops=loops, directed=self.directed
        )

    def networkx(self, *, loops=False):
        """Return the same graph as NetworkX sees it, parallel edges added up."""
        graph = nx.DiGraph() if self.directed else nx.Graph()
        graph.add_nodes_from(range(self.n))
        for u, v, w in zip(self.source, self.target, self.weight, strict=True):
            if u != v or loops:
                graph.add_edge(u, v, weight=w + (graph[u][v]["weight"] if graph.has_edge(u, v) else 0.0))
        return graph

    def dense(self, *, loops=False):
        """Return A[u, v], the weight of the arc u → v, 0 where there is none."""
        matrix = np.zeros((self.n, self.n))
        for u, v, w in zip(self.source, self.target, self.weight, strict=True):
            if u != v or loops:
                matrix[u, v] += w
                if not self.directed and u != v:
                    matrix[v, u] += w
        return matrix


def random_case(seed, n=24, m=70, *, directed=True, integers=False, loops=2):
    """Return a random case: some nodes without edges, some doubled edges, some self-loops."""
    rng = np.random.default_rng(seed)
    live = max(2, n - 3)
    source, target = rng.integers(0, live, m), rng.integers(0, live, m)
    source[:loops] = target[:loops]
    weight = rng.integers(1, 9, m).astype(float) if integers else rng.uniform(0.1, 3.0, m)
    return Case(n, source.tolist(), target.tolist(), weight.tolist(), directed)


#: Directed, weighted, asymmetric, with doubles and a loop; 4 dangles, 5 and 6 are apart, 7 is alone.
ASYMMETRIC = Case(
    8,
    [0, 0, 0, 1, 2, 2, 3, 3, 5, 6, 0, 1],
    [1, 2, 3, 2, 0, 4, 2, 4, 6, 5, 1, 1],
    [1.0, 2.0, 0.5, 3.0, 1.0, 1.5, 4.0, 0.25, 1.0, 2.0, 2.5, 1.5],
)

CASES = {
    "empty": Case(0, [], [], []),
    "one node": Case(1, [], [], []),
    "one loop": Case(1, [0], [0], [2.0]),
    "no edges": Case(4, [], [], []),
    "chain": Case(3, [0, 1], [1, 2], [1.0, 5.0]),
    "cycle": Case(4, [0, 1, 2, 3], [1, 2, 3, 0], [1.0, 2.0, 3.0, 4.0]),
    "star in": Case(5, [1, 2, 3, 4], [0, 0, 0, 0], [1.0, 2.0, 3.0, 4.0]),
    "asymmetric": ASYMMETRIC,
    "path undirected": Case(4, [0, 1, 2], [1, 2, 3], [1.0, 2.0, 3.0], directed=False),
    "bipartite undirected": Case(5, [0, 0, 1, 1, 2], [3, 4, 3, 4, 4], [1.0] * 5, directed=False),
    "asymmetric undirected": dataclasses.replace(ASYMMETRIC, directed=False),
    "random directed": random_case(1),
    "random undirected": random_case(2, directed=False),
    "dense directed": random_case(3, n=14, m=150),
    "dense undirected": random_case(4, n=14, m=120, directed=False),
    "integer weights": random_case(5, integers=True),
}


def reference(name, column, folder):
    """Return a column of the published small graphs' reference values, in node order (as text)."""
    with (Path(folder) / "small-ground-truth" / "reference_centralities.csv").open(encoding="utf-8") as file:
        return {row["node"]: float(row[column]) for row in csv.DictReader(file) if row["graph"] == name}
