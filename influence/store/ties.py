"""The tie graph of a store: who listens to whom and how often, kept so that new events are added to old sums."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.config import REFERRAL_TYPES
from influence.io import IdIndex
from influence.store.disk import StoredFile, read_array, read_frame, write_array, write_frame

if TYPE_CHECKING:
    from influence.graph import Graph

__all__ = ["IDS", "PEOPLE", "PREFIX", "TARGETS", "build", "extend", "read_graph", "same", "write_graph"]

#: Which columns of which tables name people: everybody there is a node, tied or not.
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "follows": ("source", "target"),
    "interactions": ("source", "target"),
    "actions": ("customer",),
    "transactions": ("customer",),
    "customers": ("id",),
}

#: What the files of the graph are called.
PREFIX = "graph."
IDS = f"{PREFIX}ids"
TARGETS = f"{PREFIX}out_targets"

Ints = npt.NDArray[np.int32]


def build(tables: Mapping[str, pl.DataFrame]) -> Graph:
    """Return the people and ties of tables as a graph.

    An edge leads from the listener to the influencer: from who follows to who is followed, from who reacts to whom
    she reacts to, and from who was referred to the referrer. Its weight counts the follows and interactions; those
    with oneself are left out. Nodes are in id order.
    """
    from influence.graph import Graph

    ids = IdIndex.of(*_people(tables))
    listener, influencer = _edges(tables, ids)
    return Graph.from_edges(listener, influencer, ids=ids)


def extend(old: Graph | None, tables: Mapping[str, pl.DataFrame]) -> Graph | None:
    """Add the people and ties of tables to a graph, or return None if they add nothing."""
    from influence.graph import Graph

    if old is None or old.ids is None:
        return build(tables)
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


def _arrays() -> tuple[str, ...]:
    from influence.graph import Graph

    return tuple(field.name for field in dataclasses.fields(Graph) if field.name != "ids")


def same(one: Graph, other: Graph) -> bool:
    """Say whether two graphs have the same people and the same ties."""
    if one.ids is None or other.ids is None or not one.ids.ids().equals(other.ids.ids()):
        return False
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in _arrays())


def write_graph(folder: Path, mark: str, graph: Graph, entries: list[StoredFile]) -> None:
    """Write a graph's ids and arrays as new files, ``mark`` in their names, and add them to ``entries``."""
    ids = pl.Series("id", [], dtype=pl.String) if graph.ids is None else graph.ids.ids()
    if graph.ids is not None and graph.ids.numeric:
        ids = ids.cast(pl.Int64)  # quicker to read: text would have to be found to be numbers
    entries.append(write_frame(folder, f"{IDS}-{mark}.parquet", IDS, ids.to_frame()))
    for name in _arrays():
        what = f"{PREFIX}{name}"
        entries.append(write_array(folder, f"{what}-{mark}.npy", what, getattr(graph, name)))


def read_graph(folder: Path, entries: Mapping[str, StoredFile], *, mmap: bool, verify: bool) -> Graph:
    """Read a graph, or map its arrays into memory.

    Parameters
    ----------
    entries
        The files of the graph by what they hold.
    verify
        Compare the arrays with their checksums first, which reads all of them once. The ids are always compared.
    """
    from influence.graph import Graph

    arrays: dict[str, Any] = {
        name: read_array(folder, entries[f"{PREFIX}{name}"], mmap=mmap, verify=verify) for name in _arrays()
    }
    return Graph(**arrays, ids=IdIndex.of(read_frame(folder, entries[IDS])["id"]))
