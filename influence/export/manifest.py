"""What a run was made of, so that it can be repeated and trusted."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import platform
from pathlib import Path
from typing import Any, BinaryIO

from influence import __version__
from influence.config import Settings
from influence.export.files import write_atomically
from influence.io import Tables
from influence.results import TableResult

__all__ = ["manifest", "manifest_path", "write_manifest"]

_LIBRARIES = ("numba", "numpy", "polars")


def manifest_path(path: Path) -> Path:
    """Return where the manifest of an output file goes by default."""
    return path.with_name(path.name + ".manifest.json")


def manifest(
    command: str, result: TableResult, tables: Tables, settings: Settings, timings: dict[str, float]
) -> dict[str, Any]:
    """Return version, settings, inputs, facts, notes and timings (in seconds) of a run as plain values."""
    return {
        "influence": __version__,
        "command": command,
        "settings": settings.as_dict(),
        "reading": tables.options.as_dict(),
        "inputs": [dataclasses.asdict(file) for file in tables.files],
        "bad_rows_left_out": dict(tables.bad_rows),
        "facts": dict(result.facts),
        "notes": list(result.notes),
        "rows": len(result),
        "timings": {name: round(seconds, 3) for name, seconds in timings.items()},
        "libraries": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _LIBRARIES},
        },
    }


def write_manifest(content: dict[str, Any], path: Path) -> None:
    """Write a manifest as JSON, whole or not at all."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def write(file: BinaryIO) -> None:
        file.write(text.encode("utf-8"))

    write_atomically(path, write)
