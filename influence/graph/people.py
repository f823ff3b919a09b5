"""The tie graph: who listens to whom and how often, from the tables that name people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.config import REFERRAL_TYPES
from influence.graph.graph import Graph
from influence.io import IdIndex
from influence.io.schema import PEOPLE

__all__ = ["extend_tie_graph", "tie_graph"]

Ints = npt.NDArray[np.int32]


#: When a tie was seen, by role.
_TIMES = {"follows": "since", "interactions": "timestamp"}


def tie_graph(tables: Mapping[str, pl.DataFrame], *, cut: int | None = None) -> Graph:
    """Return the people and ties of tables as a graph.

    An edge leads from the listener to the influencer: from who follows to who is followed, from who reacts to whom
    she reacts to, and from who was referred to the referrer. Its weight counts the follows and interactions; those
    with oneself are left out. Nodes are in id order.

    Parameters
    ----------
    cut : int, optional
        Leave out the ties seen at this moment or later, in microseconds since 1970; who is only seen later stays,
        without ties.
    """
    ids = IdIndex.of(*_people(tables))
    if cut is not None:
        tables = {
            role: frame.filter((pl.col(_TIMES[role]).to_physical() < cut).fill_null(value=True))
            if _TIMES.get(role) in frame.columns
            else frame
            for role, frame in tables.items()
        }
    listener, influencer = _edges(tables, ids)
    return Graph.from_edges(listener, influencer, ids=ids)


def extend_tie_graph(old: Graph | None, tables: Mapping[str, pl.DataFrame]) -> Graph | None:
    """Add the people and ties of tables to a graph, or return None if they add nothing."""
    if old is None or old.ids is None:
        return tie_graph(tables)
    ids = IdIndex.of(old.ids.ids(), *_people(tables))
    listener, influencer = _edges(tables, ids)
    if not listener.size and len(ids) == old.n_nodes:
        return None
    number = ids.codes(old.ids.ids())
    return Graph.from_edges(
        np.concatenate([number[old.edge_sources()], listener]),
        np.concatenate([number[old.out_targets], influencer]),
        np.concatenate([old.weight, np.ones(listener.size)]),
        ids=ids,
    )


def _people(tables: Mapping[str, pl.DataFrame]) -> list[pl.Series]:
    return [frame[name] for role, frame in tables.items() for name in PEOPLE.get(role, ())]


def _edges(tables: Mapping[str, pl.DataFrame], ids: IdIndex) -> tuple[Ints, Ints]:
    listeners, influencers = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for role in ("follows", "interactions"):
        frame = tables.get(role)
        if frame is None:
            continue
        source, target = ids.codes(frame["source"]), ids.codes(frame["target"])
        if role == "interactions":
            # The source of a referral is who brought the target: she is listened to.
            turned = frame["type"].is_in(REFERRAL_TYPES).to_numpy()
            source, target = np.where(turned, target, source), np.where(turned, source, target)
        listeners.append(source)
        influencers.append(target)
    return np.concatenate(listeners), np.concatenate(influencers)
