"""The tie graph of a store: who listens to whom and how often, kept so that new events are added to old sums."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from influence.io import IdIndex
from influence.store.disk import StoredFile, read_array, read_frame, write_array, write_frame

if TYPE_CHECKING:
    from influence.graph import Graph

__all__ = ["IDS", "PREFIX", "TARGETS", "read_graph", "same", "write_graph"]

#: What the files of the graph are called.
PREFIX = "graph."
IDS = f"{PREFIX}ids"
TARGETS = f"{PREFIX}out_targets"


def _arrays() -> tuple[str, ...]:
    from influence.graph import Graph

    # the ties of a store are directed
    return tuple(field.name for field in dataclasses.fields(Graph) if field.name not in ("ids", "directed"))


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
