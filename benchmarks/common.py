"""What the benchmarks share: the data folder, the machine, Markdown."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from pathlib import Path


def data_folder() -> Path:
    """Return the folder of the real data sets, or end with the reason why there is none."""
    folder = Path(os.environ.get("INFLUENCE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        sys.exit(f"{folder}: no data sets here; set INFLUENCE_DATA to their folder")
    return folder


def machine() -> str:
    """Return the machine and the versions in one line."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1] for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].strip() if names else model
    libraries = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "numba", "polars"))
    return f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, {libraries}"


def markdown(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
