"""The verbs of graphs: read one, and measure it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from influence.api.inputs import people_of
from influence.api.stages import Stages, parse_moment
from influence.config import Settings

if TYPE_CHECKING:
    from influence.centrality.table import Measures
    from influence.graph import Graph
    from influence.io import ReadOptions

__all__ = ["measure", "read_graph"]


def read_graph(
    *sources: Any,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    as_of: str | None = None,
    time_unit: str | None = None,
    stages: Stages | None = None,
    **frames: Any,
) -> Graph:
    """Read follows and interactions into a graph with the ids inside.

    An edge leads from who follows, reacts or was referred to whom she follows, reacts to or was referred by; its
    weight counts how often. Everybody in any table is a node, in id order.

    Parameters
    ----------
    *sources, settings, options, time_unit, stages, **frames
        As for :func:`rank`.
    as_of : str, optional
        ISO date or date-time; later follows and interactions are left out. Follows without a date stay.

    Examples
    --------
    >>> import polars as pl
    >>> g = read_graph(follows=pl.DataFrame({"source": ["bob", "cy"], "target": ["ann", "ann"]}))
    >>> g.n_nodes, g.n_edges, g.ids.ids().to_list()
    (3, 2, ['ann', 'bob', 'cy'])
    """
    from influence.graph import tie_graph
    from influence.io.schema import PEOPLE

    settings, stages = settings or Settings(), stages or Stages()
    cut = None if as_of is None else parse_moment(as_of, end_of_day=True) + 1
    tables = people_of(sources, frames, settings, time_unit, stages, options)
    graph = tie_graph(tables.frames(PEOPLE), cut=cut)
    stages.end()
    return graph


def measure(
    *sources: Any,
    measures: Sequence[str],
    undirected: bool = False,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    as_of: str | None = None,
    time_unit: str | None = None,
    stages: Stages | None = None,
    common: Mapping[str, Any] | None = None,
    **frames: Any,
) -> Measures:
    """Measure the graph of follows and interactions: centralities of everybody, or of every tie, in one table.

    Parameters
    ----------
    *sources, settings, options, as_of, time_unit, stages, **frames
        As for :func:`read_graph`; or one :class:`Graph`.
    measures : sequence of str
        Names of measures, each alone or with options: ``pagerank:alpha=0.9``.
    undirected : bool
        Forget who listens to whom; the weights of both ways add up.
    common : Mapping, optional
        Options for every measure that has them, such as ``weighted`` or ``distance``.

    Raises
    ------
    UsageError
        There is no such measure or option, or the graph does not allow it.

    Examples
    --------
    >>> import polars as pl
    >>> follows = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})
    >>> measure(measures=["pagerank"], follows=follows).frame["id"].to_list()
    ['ann', 'cy', 'bob', 'dee']
    """
    settings, stages = settings or Settings(), stages or Stages()
    from influence.centrality.table import measure_graph
    from influence.graph import Graph

    if len(sources) == 1 and isinstance(sources[0], Graph):
        graph = sources[0]
    else:
        graph = read_graph(
            *sources, settings=settings, options=options, as_of=as_of, time_unit=time_unit, stages=stages, **frames
        )
    stages.begin("measure")
    result = measure_graph(
        graph.undirected() if undirected else graph, measures, seed=settings.seed, **dict(common or {})
    )
    stages.end()
    return result
