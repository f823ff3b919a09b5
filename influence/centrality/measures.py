"""The measures by name, as a command line or a settings file asks for them."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from influence import centrality
from influence.centrality.result import EdgeValues, NodeValues
from influence.errors import UsageError
from influence.graph import Graph

__all__ = ["MEASURES", "Asked", "Measure"]

#: Options that can be written down: numbers, words and yes or no, alone or none at all.
_PLAIN = re.compile(r"(?:float|int|bool|str|Distance|Literal\[[^\]]*\])(?: \| None)?")


@dataclasses.dataclass(frozen=True)
class Measure:
    """A measure that can be asked for by name.

    Attributes
    ----------
    name : str
    about : str
        What it says of somebody, in one line.
    function : callable
        Of a graph and options.
    undirected : bool
        Whether it is only defined without directions; a directed graph then loses its own.
    defaults : dict
        Options that differ from the function's own defaults.
    """

    name: str
    about: str
    function: Callable[..., NodeValues | EdgeValues]
    undirected: bool = False
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        """Return the options that can be written down, with their defaults."""
        parameters = inspect.signature(self.function).parameters.values()
        return {
            p.name: self.defaults.get(p.name, p.default)
            for p in parameters
            if p.kind is p.KEYWORD_ONLY and _PLAIN.fullmatch(str(p.annotation))
        }

    def __call__(self, graph: Graph, **options: Any) -> NodeValues | EdgeValues:
        """Measure a graph."""
        return self.function(graph.undirected() if self.undirected else graph, **{**self.defaults, **options})


@dataclasses.dataclass(frozen=True)
class Asked:
    """A measure with options, as somebody asked for it.

    Attributes
    ----------
    measure : Measure
    options : dict
    text : str
        What was asked for.
    """

    measure: Measure
    options: Mapping[str, Any]
    text: str

    @classmethod
    def of(cls, text: str) -> Asked:
        """Read ``NAME`` or ``NAME:option=value,option=value``.

        Raises
        ------
        UsageError
            There is no such measure or option, or the value does not fit.

        Examples
        --------
        >>> asked = Asked.of("pagerank:alpha=0.5")
        >>> asked.measure.name, asked.options
        ('pagerank', {'alpha': 0.5})
        """
        name, _, rest = text.partition(":")
        name = name.strip().replace("-", "_")
        if name not in MEASURES:
            raise UsageError(f"there is no measure {name!r}{_near(name, MEASURES)}; --list shows them all")
        measure, options = MEASURES[name], {}
        allowed = measure.options()
        kinds = inspect.signature(measure.function).parameters
        for part in filter(None, (part.strip() for part in rest.split(","))):
            option, equals, value = (piece.strip() for piece in part.partition("="))
            if option not in allowed:
                known = ", ".join(allowed) or "none"
                raise UsageError(f"{name} has no option {option!r}{_near(option, allowed)}; its options: {known}")
            if not equals:
                raise UsageError(f"{text!r}: {option} needs a value, as in {name}:{option}={allowed[option]}")
            options[option] = _value(f"{name}:{option}", value, str(kinds[option].annotation))
        return cls(measure, options, text)


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def _value(name: str, text: str, annotation: str) -> Any:
    """Return a written value as what the annotation says; only plain ones come here."""
    kind, _, optional = annotation.partition(" | ")
    if optional and text.lower() == "none":
        return None
    if kind == "bool":
        if text.lower() not in ("true", "false"):
            raise UsageError(f"{name} must be true or false, not {text!r}")
        return text.lower() == "true"
    if kind in ("int", "float"):
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            raise UsageError(f"{name} must be a{'n integer' if kind == 'int' else ' number'}, not {text!r}") from None
    return text


MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (Measure("pagerank", "whom a surfer along the ties meets most", centrality.pagerank),)
}
