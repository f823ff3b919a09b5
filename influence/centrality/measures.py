"""The measures by name, as a command line or a settings file asks for them."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from influence import centrality
from influence.centrality.result import Chosen, EdgeValues, NodeValues
from influence.centrality.selection import Selection
from influence.centrality.top_closeness import TopNodes
from influence.errors import UsageError
from influence.graph import Graph

__all__ = ["MEASURES", "Asked", "Measure"]

#: Options that can be written down: numbers, words and yes or no, alone or none at all.
_PLAIN = re.compile(r"(?:float|int|bool|str|Distance|Literal\[[^\]]*\])(?: \| (?:None|random\.Random))?")


@dataclasses.dataclass(frozen=True)
class Measure:
    """A measure that can be asked for by name.

    Attributes
    ----------
    name : str
    about : str
        What it says of somebody, in one line.
    function : callable
        Of a graph and options.
    undirected : bool
        Whether it is only defined without directions; a directed graph then loses its own.
    turned : bool
        Whether it wants edges along which influence runs; those given lead from the listener to whom she listens.
    defaults : dict
        Options that differ from the function's own defaults.
    """

    name: str
    about: str
    function: Callable[..., Any]
    undirected: bool = False
    turned: bool = False
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        """Return the options that can be written down, with their defaults."""
        parameters = inspect.signature(self.function).parameters.values()
        return {
            p.name: self.defaults.get(p.name, p.default)
            for p in parameters
            if p.default is not p.empty and _PLAIN.fullmatch(str(p.annotation))
        }

    def __call__(self, graph: Graph, **options: Any) -> NodeValues | EdgeValues | float:
        """Measure a graph: of nodes, of edges, or as a whole."""
        graph = graph.undirected() if self.undirected else graph.reverse() if self.turned else graph
        found = self.function(graph, **{**self.defaults, **options})
        if isinstance(found, Selection):
            places = _spread(graph, found.nodes, np.arange(1.0, len(found) + 1))
            return Chosen(self.name, places, graph.ids, _spread(graph, found.nodes, found.scores))
        if isinstance(found, TopNodes):
            return NodeValues(self.name, _spread(graph, found.nodes, found.values), graph.ids)
        measured: NodeValues | EdgeValues | float = found
        return measured


def _spread(graph: Graph, nodes: npt.NDArray[Any], values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return values of some nodes as values of all, NaN for the others."""
    everybody = np.full(graph.n_nodes, np.nan)
    everybody[nodes] = values
    return everybody


@dataclasses.dataclass(frozen=True)
class Asked:
    """A measure with options, as somebody asked for it.

    Attributes
    ----------
    measure : Measure
    options : dict
    text : str
        What was asked for.
    """

    measure: Measure
    options: Mapping[str, Any]
    text: str

    @classmethod
    def of(cls, text: str) -> Asked:
        """Read ``NAME`` or ``NAME:option=value,option=value``.

        Raises
        ------
        UsageError
            There is no such measure or option, or the value does not fit.

        Examples
        --------
        >>> asked = Asked.of("pagerank:alpha=0.5")
        >>> asked.measure.name, asked.options
        ('pagerank', {'alpha': 0.5})
        """
        name, _, rest = text.partition(":")
        name = name.strip().replace("-", "_")
        if name not in MEASURES:
            raise UsageError(f"there is no measure {name!r}{_near(name, MEASURES)}; --list shows them all")
        measure, options = MEASURES[name], {}
        allowed = measure.options()
        kinds = inspect.signature(measure.function).parameters
        for part in filter(None, (part.strip() for part in rest.split(","))):
            option, equals, value = (piece.strip() for piece in part.partition("="))
            if option not in allowed:
                known = ", ".join(allowed) or "none"
                raise UsageError(f"{name} has no option {option!r}{_near(option, allowed)}; its options: {known}")
            if not equals:
                raise UsageError(f"{text!r}: {option} needs a value, as in {name}:{option}={allowed[option]}")
            options[option] = _value(f"{name}:{option}", value, str(kinds[option].annotation))
        return cls(measure, options, text)


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def _value(name: str, text: str, annotation: str) -> Any:
    """Return a written value as what the annotation says; only plain ones come here."""
    kind, _, optional = annotation.partition(" | ")
    if optional == "None" and text.lower() == "none":
        return None
    if kind == "bool":
        if text.lower() not in ("true", "false"):
            raise UsageError(f"{name} must be true or false, not {text!r}")
        return text.lower() == "true"
    if kind in ("int", "float"):
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            raise UsageError(f"{name} must be a{'n integer' if kind == 'int' else ' number'}, not {text!r}") from None
    return text


MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("degree", "with how many she is tied: all, in, out", centrality.degree),
        Measure("strength", "the weight of her ties: all, in, out", centrality.strength),
        Measure("pagerank", "whom a surfer along the ties meets most", centrality.pagerank),
        Measure("leaderrank", "PageRank with a ground node instead of a damping factor", centrality.leaderrank),
        Measure("katz", "how many walks lead to her, longer ones counting less", centrality.katz),
        Measure("hubbell", "status of her own and a share of those who chose her", centrality.hubbell),
        Measure("eigenvector", "in proportion to those who point at her", centrality.eigenvector),
        Measure("hits", "authority: good hubs point at her; hub: she points at good authorities", centrality.hits),
        Measure("betweenness", "the share of shortest paths that pass through her", centrality.betweenness),
        Measure(
            "approximate_betweenness",
            "betweenness within epsilon of the true value, of all at once, with probability 1 - delta",
            centrality.approximate_betweenness,
        ),
        Measure("edge_betweenness", "the share of shortest paths along each tie", centrality.edge_betweenness),
        Measure("closeness", "one over the mean distance of those who reach her", centrality.closeness),
        Measure("top_closeness", "the k with the greatest closeness, exactly", centrality.top_closeness),
        Measure("harmonic", "the sum of one over the distance of those who reach her", centrality.harmonic),
        Measure("top_harmonic", "the k with the greatest harmonic centrality, exactly", centrality.top_harmonic),
        Measure("hyperball", "estimates of harmonic, closeness and how many reach her", centrality.hyperball),
        Measure(
            "local_reaching", "the share of all to whom word of hers can come", centrality.local_reaching, turned=True
        ),
        Measure(
            "global_reaching", "how far all fall short of who reaches most", centrality.global_reaching, turned=True
        ),
        Measure("eccentricity", "the greatest distance from her", centrality.eccentricity),
        Measure("core_number", "the largest k such that she is in a k-core", centrality.core_number),
        Measure("s_core", "her core by the weight of ties", centrality.s_core),
        Measure("onion_layers", "in which round she is peeled off", centrality.onion_layers),
        Measure("h_index", "the largest h such that h neighbours have a degree of h", centrality.h_index),
        Measure("triangles", "triangles that she is a corner of", centrality.triangles, undirected=True),
        Measure("clustering", "the share of pairs of neighbours who are tied", centrality.clustering),
        Measure("average_clustering", "the mean of that over all", centrality.average_clustering),
        Measure("transitivity", "the share of open triples that are closed", centrality.transitivity, undirected=True),
        Measure("constraint", "how far her contacts are tied to each other (Burt)", centrality.constraint),
        Measure("effective_size", "her contacts less what is redundant (Burt)", centrality.effective_size),
        Measure("reciprocity", "the share of her ties that are answered", centrality.reciprocity),
        Measure("overall_reciprocity", "the share of all ties that are answered", centrality.overall_reciprocity),
        Measure("voterank", "place and votes in an election where voters tire", centrality.voterank),
        Measure(
            "degree_discount",
            "place by listeners, less for those chosen before",
            centrality.degree_discount,
            turned=True,
        ),
        Measure(
            "collective_influence",
            "degree times the degrees at the border of a ball around her",
            centrality.collective_influence,
            undirected=True,
        ),
        Measure("weak_component", "her component, directions aside", centrality.weakly_connected_components),
        Measure("strong_component", "her component along the ties", centrality.strongly_connected_components),
        Measure("leiden", "her community (Leiden)", centrality.leiden),
        Measure("louvain", "her community (Louvain)", centrality.louvain),
        Measure("label_propagation", "her community (label propagation)", centrality.label_propagation),
    )
}
