"""A measure as one library has it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["Measure", "labels", "numbers"]

Options = Mapping[str, Any]


def numbers(found: Any) -> np.ndarray:
    """Return what a library found as an array; a dictionary in the order of its nodes."""
    if hasattr(found, "values") and hasattr(found, "items"):
        if len(found) and isinstance(next(iter(found)), int):
            return np.array([found[node] for node in sorted(found)], float)
        return np.array([value for _, value in sorted(found.items())], float)
    return np.asarray(found, float)


def labels(n: int, groups: Any) -> np.ndarray:
    """Return the number of the group that each node is in."""
    found = np.full(n, -1)
    for number, group in enumerate(groups):
        found[list(group)] = number
    return found


@dataclasses.dataclass(frozen=True)
class Measure:
    """What is timed, and how its answer is read afterwards.

    Attributes
    ----------
    run : callable
        Of a graph of the library and the options of the case; timed.
    read : callable
        Of what ``run`` returned and the graph; to an array, not timed.
    prepare : callable, optional
        Of the graph; to what ``run`` is given instead, not timed.
    """

    run: Callable[[Any, Options], Any]
    read: Callable[[Any, Any], np.ndarray] = lambda found, graph: numbers(found)
    prepare: Callable[[Any], Any] | None = None
