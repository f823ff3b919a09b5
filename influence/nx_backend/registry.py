"""How a function of the backend says what it covers and what it refuses."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["COVERED", "Covered", "covers"]

Answer = bool | str


@dataclasses.dataclass(frozen=True)
class Covered:
    """A function that the backend has.

    Attributes
    ----------
    function : callable
        With NetworkX's signature; the graph is a :class:`BackendGraph`.
    refuses : callable or None
        Of the same arguments, but with the graph as it was given: the reason not to run, or None.
    cost : {"edges", "product", "heavy"}
        What NetworkX's own time grows with: edges; nodes times edges; or more than edges, such as triangles.
    """

    function: Callable[..., Any]
    refuses: Callable[..., str | None] | None
    cost: str

    def can_run(self, args: Any, kwargs: Any) -> Answer:
        """Return True, or the reason why not."""
        if self.refuses is None:
            return True
        return self.refuses(*args, **kwargs) or True

    def should_run(self, args: Any, kwargs: Any) -> Answer:
        """Return True, or the reason why it would not pay."""
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        graph = next(iter(bound.arguments.values()))
        if getattr(graph, "__networkx_backend__", "networkx") != "networkx":
            return True
        n, m = len(graph), graph.number_of_edges()
        work = n * m if self.cost == "product" else m
        least = _LEAST[self.cost]
        if work >= least:
            return True
        kind = "nodes times edges" if self.cost == "product" else "edges"
        return f"{work:,} {kind} are few: converting costs more than it saves below {least:,}"


#: Below these NetworkX was done before the conversion, the loading of the kernels left aside.
_LEAST = {"edges": 20_000, "heavy": 2_000, "product": 100_000}
COVERED: dict[str, Covered] = {}


def covers(
    *, cost: str = "edges", refuses: Callable[..., str | None] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function under its own name."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        COVERED[function.__name__] = Covered(function, refuses, cost)
        return function

    return register
