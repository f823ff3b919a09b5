"""What a database calls things: labels, types of relationships and properties, ours or those of its owner."""

from __future__ import annotations

import dataclasses
import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from influence.errors import DataError, UsageError
from influence.io.schema import SCHEMA
from influence.store.neo4j.statements import statement

if TYPE_CHECKING:
    from influence.store.neo4j.connection import Connection

__all__ = ["Names"]

#: Keys that are no properties, with our own names; what is empty is not there.
_OURS: Mapping[str, Mapping[str, str]] = {
    "people": {"label": "Person", "id": "id"},
    "customers": {"label": "Customer"},
    "follows": {"relationship": "FOLLOWS"},
    "interactions": {"relationship": "INTERACTED"},
    "actions": {"relationship": "ACTED", "label": "Item", "item": "id"},
    "transactions": {"relationship": "MADE", "label": "Transaction", "of": "OF", "item_label": "Item", "item": "id"},
    "identities": {"relationship": "HAS_HANDLE", "label": "Handle", "channel": "channel", "handle": "id"},
    "topics": {"relationship": "RAISED", "label": "Topic", "topic": "id"},
    "suppress": {"label": "Suppressed", "id": "id"},
}
#: Fields that are the ends of a tie, and not properties of its relationship.
_ENDS = ("source", "target", "customer")
_KINDS = {"label": "labels", "item_label": "labels", "relationship": "types", "of": "types"}
_PLACES = re.compile(r"`([a-z_]+)\.([a-z_]+)`")
#: Categories of characters that are not seen, or that are none.
_UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
_LISTED = 20


def _known() -> dict[str, dict[str, str]]:
    tables = {}
    for table, ours in _OURS.items():
        fields = [field.name for field in SCHEMA.get(table, ())]
        properties = {name: name for name in fields if name not in (*_ENDS, *ours) and name != "id"}
        tables[table] = {**ours, **properties}
    tables["interactions"]["id"] = "id"
    return tables


_KNOWN = _known()


@dataclasses.dataclass(frozen=True)
class Names:
    """The names of a database, from the table ``[neo4j]`` of the settings; without it our own.

    Parameters
    ----------
    given : Mapping
        ``{table: {key: name}}``. Of people: ``label``, ``id`` and ``where``, a table of property = value, or a list of
        values. Of ties: ``relationship``, ``reversed`` (she who is followed stands at its start), and the properties
        that hold the fields of the table. A label or a relationship may be a list: any of them.

    Raises
    ------
    UsageError
        A key is unknown (with a suggestion), or a name cannot stand in a statement.

    Examples
    --------
    >>> names = Names({"people": {"label": "User"}, "follows": {"relationship": ["FRIEND", "FAN"]}})
    >>> names.filled("MATCH (:`people.label`)-[:`follows.relationship`]->()")
    'MATCH (:`User`)-[:`FRIEND`|`FAN`]->()'
    """

    given: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    _quoted: Mapping[tuple[str, str], str] = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        quoted = {(table, key): _quote(name, "") for table, keys in _KNOWN.items() for key, name in keys.items()}
        for table, keys in self.given.items():
            if table not in _KNOWN:
                raise UsageError(f"unknown neo4j.{table}{_suggest(table, _KNOWN)}")
            if not isinstance(keys, Mapping):
                raise UsageError(f"neo4j.{table} must be a table of key = name, not {keys!r}")
            for key, value in keys.items():
                self._check(table, key, value)
                if key not in ("where", "reversed"):
                    quoted[table, key] = _quote(value, f"neo4j.{table}.{key}")
        if "label" in self.given.get("people", {}) and "label" not in self.given.get("customers", {}):
            quoted["customers", "label"] = quoted["people", "label"]
        object.__setattr__(self, "_quoted", MappingProxyType(quoted))

    def _check(self, table: str, key: str, value: Any) -> None:
        place = f"neo4j.{table}.{key}"
        known = [*_KNOWN[table], *_more(table)]
        if key not in known:
            raise UsageError(f"unknown {place}{_suggest(key, known)}")
        if key == "where":
            if not isinstance(value, Mapping) or not all(_is_plain(cell) for cell in value.values()):
                raise UsageError(f"{place} must be a table of property = value, or a list of values, not {value!r}")
        elif key == "reversed":
            if not isinstance(value, bool):
                raise UsageError(f"{place} must be true or false, not {value!r}")
        elif isinstance(value, list):
            if _KINDS.get(key) is None or not value or not all(isinstance(one, str) and one for one in value):
                raise UsageError(f"{place} must be a name, not {value!r}")
        elif not isinstance(value, str) or (not value and key in ("label", "relationship", "id", "item", "handle")):
            raise UsageError(f"{place} must be a name, not {value!r}")

    @property
    def where(self) -> dict[str, list[Any]]:
        """What properties of people must be, each as a list of what it may be."""
        asked = self.given.get("people", {}).get("where", {})
        return {name: value if isinstance(value, list) else [value] for name, value in asked.items()}

    def reversed(self, table: str) -> bool:
        """Whether the ties of a table lead the other way."""
        return bool(self.given.get(table, {}).get("reversed", False))

    def has(self, table: str, key: str) -> bool:
        """Whether there is such a name: an empty one says that there is none."""
        return bool(self.given.get(table, {}).get(key, "there") != "")

    def name(self, table: str, key: str) -> str:
        """Return one property's name as it is."""
        return str(self.given.get(table, {}).get(key, _KNOWN[table].get(key, key)))

    def fields(self, table: str) -> list[str]:
        """Return the fields of a table that properties hold."""
        return [field.name for field in SCHEMA[table] if field.name in _KNOWN[table] and self.has(table, field.name)]

    def statement(self, name: str, table: str = "") -> str:
        """Return the statement of a file with these names; where it is one for ``ties``, with those of a table."""
        return self.filled(statement(name).replace("`ties.", f"`{table}."))

    def filled(self, text: str) -> str:
        """Return a text in which every ```table.key``` is the quoted name of what it stands for."""
        return _PLACES.sub(lambda found: self._quoted[found[1], found[2]], text)

    def check(self, connection: Connection) -> None:
        """Compare the names that were given with those in the database.

        Raises
        ------
        DataError
            The database has no such label, relationship or property; the message lists what is there.
        """
        if not self.given:
            return
        there = dict(connection.record(statement("read_names")))
        for table, keys in self.given.items():
            asked = [(key, value) for key, value in keys.items() if key not in ("where", "reversed")]
            asked += [("where", name) for name in keys.get("where", ())]
            for key, value in asked:
                kind = _KINDS.get(key, "properties")
                for name in value if isinstance(value, list) else [value]:
                    if name and name not in there[kind]:
                        raise DataError(
                            f"{connection.uri}: neo4j.{table}.{key}: the database has no {name!r}"
                            f"{_suggest(name, sorted(there[kind]))} ({kind} there)"
                        )


def _more(table: str) -> tuple[str, ...]:
    return {"people": ("where",), "follows": ("reversed",), "interactions": ("reversed",)}.get(table, ())


def _is_plain(cell: Any) -> bool:
    return all(isinstance(one, (str, int, float, bool)) for one in (cell if isinstance(cell, list) else [cell]))


def _quote(names: str | list[str], place: str) -> str:
    r"""Return names as Cypher takes them whatever they are, or an error where they could be more than names.

    A backtick in a name is doubled. A backslash is refused, since ``\u0060`` is read as a backtick before names are
    looked for, and so are characters that are not seen.
    """
    texts = names if isinstance(names, list) else [names or "-"]
    for text in texts:
        odd = next((one for one in text if one == "\\" or unicodedata.category(one) in _UNSEEN), None)
        if odd is not None:
            raise UsageError(f"{place}: {text!r} holds the character {odd!r}, which no name may have here")
    return "|".join("`" + text.replace("`", "``") + "`" for text in texts)


def _suggest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1) or difflib.get_close_matches(
        name.casefold(), [one.casefold() for one in names], n=1
    )
    meant = next((one for one in names if close and one.casefold() == close[0].casefold()), None)
    listed = ", ".join(names[:_LISTED]) + (" …" if len(names) > _LISTED else "")
    return (f"; did you mean {meant!r}?" if meant else "") + (f" Known: {listed}" if listed else "; there are none")
