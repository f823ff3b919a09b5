"""What every verb begins with: sources or frames to tables, people, a history."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from influence.api.stages import Stages
from influence.config import Settings
from influence.errors import UsageError

if TYPE_CHECKING:
    from influence.io import ReadOptions, Tables
    from influence.ties import History

__all__ = ["ROLES", "demo_tables", "history_of", "people_of", "tables_of"]

ROLES = ("follows", "interactions", "actions", "transactions", "customers", "identities", "topics", "suppress")


def demo_tables() -> Tables:
    """Return the tables of the demo: real purchases of CDNOW, joined to a synthetic community."""
    from influence.datasets import demo
    from influence.io import tables_from_frames

    data = demo()
    tables = tables_from_frames(
        follows=data.follows,
        interactions=data.interactions,
        actions=data.actions,
        transactions=data.transactions,
        customers=data.customers,
        identities=data.identities,
    )
    return dataclasses.replace(tables, notes=(data.label, *tables.notes))


def tables_of(
    sources: tuple[Any, ...],
    frames: dict[str, Any],
    settings: Settings,
    time_unit: str | None,
    stages: Stages,
    options: ReadOptions | None = None,
) -> Tables:
    """Return what is named, or given as frames, as tables."""
    stages.begin("read")
    from influence.io import Tables, tables_from_frames
    from influence.store import read_sources

    given = {role: frame for role, frame in frames.items() if frame is not None}
    unknown = set(given) - set(ROLES)
    if unknown:
        raise UsageError(f"unknown argument {min(unknown)!r}; frames are {', '.join(ROLES)}")
    if sources and given:
        raise UsageError("give either files or frames, not both")
    if len(sources) == 1 and isinstance(sources[0], Tables):
        return sources[0]
    networkx = sys.modules.get("networkx")  # without it nobody has a graph of it
    if len(sources) == 1 and networkx is not None and isinstance(sources[0], networkx.Graph):
        from influence.interop.tables import frames_from_networkx

        given = dict(frames_from_networkx(sources[0]))
    if given:
        return tables_from_frames(**given, options=options, time_unit=time_unit, settings=settings)
    if sources:
        named = [str(source) for source in sources]
        return read_sources(named, options=options, time_unit=time_unit, settings=settings)
    raise UsageError("nothing to read: give files as ROLE=path, for example follows=follows.csv")


def people_of(
    sources: tuple[Any, ...],
    frames: dict[str, Any],
    settings: Settings,
    time_unit: str | None,
    stages: Stages,
    options: ReadOptions | None = None,
) -> Tables:
    """Return the tables with one id for each person, and without those who must not be processed."""
    tables = tables_of(sources, frames, settings, time_unit, stages, options)
    stages.begin("load")
    from influence.io import merge_identities, suppress

    return suppress(merge_identities(tables))


def history_of(
    sources: tuple[Any, ...],
    frames: dict[str, Any],
    settings: Settings,
    time_unit: str | None,
    stages: Stages,
    options: ReadOptions | None = None,
) -> History:
    """Return what is named or given as a history: one id for each person, and all that was done."""
    tables = people_of(sources, frames, settings, time_unit, stages, options)
    from influence.ties import History

    return History.from_tables(tables, settings)
