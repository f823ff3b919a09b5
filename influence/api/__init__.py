"""The verbs that a user calls: one function behind each command."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from influence.api.inputs import ROLES, demo_tables
from influence.api.measuring import measure, read_graph
from influence.api.ranking import backtest, explain, load_fit, rank, save_fit, topics
from influence.api.spreading import reach, seeds
from influence.api.stages import Stages, parse_moment
from influence.api.storing import check, load, write_back

if TYPE_CHECKING:
    from influence.api.exporting import export_changes, export_table
    from influence.api.syncing import SyncSettings, last_sync, sync

#: These load polars, which no other verb does before it is called.
_LATER = {
    "SyncSettings": "syncing",
    "export_changes": "exporting",
    "export_table": "exporting",
    "last_sync": "syncing",
    "sync": "syncing",
}

__all__ = [
    "ROLES",
    "Stages",
    "SyncSettings",
    "backtest",
    "check",
    "demo_tables",
    "explain",
    "export_changes",
    "export_table",
    "last_sync",
    "load",
    "load_fit",
    "measure",
    "parse_moment",
    "rank",
    "reach",
    "read_graph",
    "save_fit",
    "seeds",
    "sync",
    "topics",
    "write_back",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
