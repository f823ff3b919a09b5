"""What NetworkX reads about the backend when it is imported; nothing heavy may be loaded here."""

from __future__ import annotations

from typing import Any

__all__ = ["get_info"]

#: Every covered function, and what a reader of its documentation should know.
FUNCTIONS: dict[str, str] = {}


def get_info() -> dict[str, Any]:
    """Return the backend's name, what it covers and where to read more."""
    return {
        "backend_name": "influence",
        "project": "influence-engine",
        "package": "influence",
        "short_summary": "Centralities, cores, components and communities by compiled kernels on two or more threads.",
        "description": "Parallel numba kernels with the same result on any number of threads.",
        "functions": {name: {"additional_docs": notes} for name, notes in FUNCTIONS.items()},
    }
