"""What a store holds, and what a load did to it, in plain values."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from influence.store import batches, ties
from influence.store.pointer import LoadedFile, State

__all__ = ["Appended", "StoreInfo", "describe"]


@dataclasses.dataclass(frozen=True)
class StoreInfo:
    """What a store holds.

    Attributes
    ----------
    path : str
    generation : int
        Loads that changed it.
    created, changed : str
        ISO times in UTC.
    loaded : tuple of LoadedFile
        Every file that it was loaded from.
    rows : dict of str to int
        By table. Customers are counted once, however often they were loaded.
    people, ties : int
        Nodes and edges of the tie graph.
    bytes : int
        Of its files.
    """

    path: str
    generation: int
    created: str
    changed: str
    loaded: tuple[LoadedFile, ...]
    rows: dict[str, int]
    people: int
    ties: int
    bytes: int


@dataclasses.dataclass(frozen=True)
class Appended:
    """What one load did to a store.

    Attributes
    ----------
    path : str
    generation : int
        The generation that it left; that before it if there was nothing new.
    added : dict of str to int
        Rows by table.
    loaded, skipped_files : tuple of LoadedFile
        Files whose rows were added, and files that were in the store already.
    skipped_events : int
        Interactions whose id was in the store already or came twice.
    replaced_customers : int
        Customers of whom the store has a newer row now.
    new_people, new_ties : int
        Nodes and edges that the tie graph did not have.
    totals : StoreInfo
        What the store holds now.
    notes : tuple of str
        What was recognised or assumed when the files were read.
    """

    path: str
    generation: int
    added: dict[str, int]
    loaded: tuple[LoadedFile, ...]
    skipped_files: tuple[LoadedFile, ...]
    skipped_events: int
    replaced_customers: int
    new_people: int
    new_ties: int
    totals: StoreInfo
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return dataclasses.asdict(self)


def describe(path: Path, state: State) -> StoreInfo:
    """Return what a store holds, without opening any of its files."""
    rows = {}
    for role in batches.FRAMES:
        entries = state.of(role)
        if entries:
            rows[role] = sum(entry.rows for entry in entries) - (state.replaced if role == "customers" else 0)
    counts = {entry.what: entry.rows for entry in state.files}
    return StoreInfo(
        path=str(path),
        generation=state.generation,
        created=state.created,
        changed=state.changed,
        loaded=state.loaded,
        rows=rows,
        people=counts.get(ties.IDS, 0),
        ties=counts.get(ties.TARGETS, 0),
        bytes=sum(entry.bytes for entry in state.files),
    )
