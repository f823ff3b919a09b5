"""The Cypher statements, which are files: nothing is ever put together from text."""

from __future__ import annotations

import functools
from pathlib import Path

__all__ = ["statement", "statements"]

_SHIPPED = Path(__file__).parents[2] / "_cypher"
_SOURCE = Path(__file__).parents[3] / "cypher"  # of a checkout, which is installed as it lies there


@functools.cache
def statement(name: str) -> str:
    """Return the statement of a file, without its comments."""
    folder = _SHIPPED if _SHIPPED.is_dir() else _SOURCE
    lines = (folder / f"{name}.cypher").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("//")).strip()


def statements(name: str) -> list[str]:
    """Return the statements of a file of several."""
    return [one.strip() for one in statement(name).split(";") if one.strip()]
