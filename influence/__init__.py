"""Rank customers by how much of what others buy rides on them.

Names are loaded when they are first used, so that importing the package costs next to nothing.

Examples
--------
>>> import influence
>>> "rank" in dir(influence)
True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Backtest": "influence.evaluate",
    "Check": "influence.evaluate.outlook",
    "DataError": "influence.errors",
    "DirectoryStore": "influence.store",
    "Graph": "influence.graph",
    "InfluenceError": "influence.errors",
    "PageRank": "influence.centrality",
    "Ranking": "influence.score",
    "ReadOptions": "influence.io",
    "Settings": "influence.config",
    "Tables": "influence.io",
    "TieRate": "influence.value.estimator",
    "UsageError": "influence.errors",
    "backtest": "influence.api",
    "check": "influence.api",
    "demo_tables": "influence.api",
    "explain": "influence.api",
    "export_changes": "influence.api",
    "export_table": "influence.api",
    "load": "influence.api",
    "load_fit": "influence.api",
    "measure": "influence.api",
    "pagerank": "influence.centrality",
    "rank": "influence.api",
    "read_graph": "influence.api",
    "read_settings": "influence.config",
    "read_tables": "influence.io",
    "read_target": "influence.export.targets",
    "save_fit": "influence.api",
    "sync": "influence.api",
    "tables_from_frames": "influence.io",
    "topics": "influence.api",
}

_PACKAGES = ("centrality", "interop", "reach")

__all__ = [
    "Backtest",
    "Check",
    "DataError",
    "DirectoryStore",
    "Graph",
    "InfluenceError",
    "PageRank",
    "Ranking",
    "ReadOptions",
    "Settings",
    "Tables",
    "TieRate",
    "UsageError",
    "__version__",
    "backtest",
    "centrality",
    "check",
    "demo_tables",
    "explain",
    "export_changes",
    "export_table",
    "interop",
    "load",
    "load_fit",
    "measure",
    "pagerank",
    "rank",
    "reach",
    "read_graph",
    "read_settings",
    "read_tables",
    "read_target",
    "save_fit",
    "sync",
    "tables_from_frames",
    "topics",
]

if TYPE_CHECKING:
    from influence import centrality, interop, reach
    from influence.api import (
        backtest,
        check,
        demo_tables,
        explain,
        export_changes,
        export_table,
        load,
        load_fit,
        measure,
        rank,
        read_graph,
        save_fit,
        sync,
        topics,
    )
    from influence.centrality import PageRank, pagerank
    from influence.config import Settings, read_settings
    from influence.errors import DataError, InfluenceError, UsageError
    from influence.evaluate import Backtest
    from influence.evaluate.outlook import Check
    from influence.export.targets import read_target
    from influence.graph import Graph
    from influence.io import ReadOptions, Tables, read_tables, tables_from_frames
    from influence.score import Ranking
    from influence.store import DirectoryStore
    from influence.value.estimator import TieRate


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    if name in _PACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
