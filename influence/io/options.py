"""How sources are read: units, encodings, other people's names for things, and what becomes of bad rows."""

from __future__ import annotations

import codecs
import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from influence.config import READING, read_toml, suggest
from influence.errors import UsageError
from influence.io.schema import ROLES, SCHEMA
from influence.io.times import check_unit

__all__ = ["ReadOptions", "pairs", "read_options"]

ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1")
_TABLES = ("map", "map_type")
_POLICIES = "fail, skip or quarantine=FILE"


@dataclasses.dataclass(frozen=True)
class ReadOptions:
    """How sources are read.

    Examples
    --------
    >>> ReadOptions(map={"interactions.source": "actor"}).columns("interactions")
    {'source': 'actor'}
    """

    #: What numbers in time columns count: ``s``, ``ms``, ``us`` from 1970-01-01 UTC; ``day``, ``month``, ``relative``
    #: (seconds) from the start of a study, which is put on 1970-01-01. None: recognised, or an error.
    time_unit: str | None = None
    #: Of text files without a byte order mark: ``utf-8``, ``utf-16`` (``utf-16-le``, ``utf-16-be``), ``cp1252``,
    #: ``latin-1``.
    encoding: str = "utf-8"
    #: The decimal mark of numbers, ``.`` or ``,``; None: recognised where only one reading is possible.
    decimal: str | None = None
    #: ``{"role.field": column}``: wins over what is recognised; an empty column means that there is none.
    map: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: ``{their name: ours}`` for types of interaction.
    map_type: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: Whether ids of people are the same whatever their case, as e-mail addresses are.
    fold_case: bool = False
    #: ``fail``, ``skip``, or ``quarantine=FILE``: skip, and write them to a CSV file.
    on_bad_rows: str = "fail"
    #: ``{table: {key: name}}``: what a Neo4j database calls people, ties and their properties; see
    #: ``influence.store.neo4j.Names``, which checks it. Read as a whole: it replaces what stands.
    neo4j: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.time_unit is not None and not isinstance(self.time_unit, str):
            raise UsageError(f"time_unit must be text, not {self.time_unit!r}")
        check_unit(self.time_unit)
        object.__setattr__(self, "encoding", _encoding(self.encoding))
        if self.decimal not in (None, ".", ","):
            raise UsageError(f"decimal must be '.' or ',', not {self.decimal!r}")
        if not isinstance(self.fold_case, bool):
            raise UsageError(f"fold_case must be true or false, not {self.fold_case!r}")
        for name in _TABLES:
            value = getattr(self, name)
            if not isinstance(value, Mapping) or not all(isinstance(t, str) for kv in value.items() for t in kv):
                raise UsageError(f"{name} must be a table of name = name, not {value!r}")
            object.__setattr__(self, name, MappingProxyType(dict(value)))
        if not isinstance(self.neo4j, Mapping):
            raise UsageError(f"neo4j must be a table of tables, not {self.neo4j!r}")
        for key, column in self.map.items():
            _check_key(key, column)
        for role in ROLES:
            _check_once(role, self.columns(role))
        self._check_policy()

    def _check_policy(self) -> None:
        policy = self.on_bad_rows
        if not isinstance(policy, str):
            raise UsageError(f"on_bad_rows must be {_POLICIES}, not {policy!r}")
        path = self.quarantine
        if policy not in ("fail", "skip") and path is None:
            raise UsageError(f"on_bad_rows must be {_POLICIES}, not {policy!r}")
        if path is not None:
            try:
                usable = path.parent.is_dir() and not path.is_dir()
            except (OSError, ValueError):  # a name that no file can have
                usable = False
            if not usable:
                raise UsageError(f"on_bad_rows: {str(path)!r} can't be written; name a file in a folder that exists")

    @property
    def quarantine(self) -> Path | None:
        """The file that bad rows are written to, if any."""
        _, _, path = self.on_bad_rows.partition("quarantine=")
        return Path(path).expanduser() if path and self.on_bad_rows.startswith("quarantine=") else None

    @property
    def strict(self) -> bool:
        """Whether a bad row is an error."""
        return self.on_bad_rows == "fail"

    def columns(self, role: str) -> dict[str, str]:
        """Return what the user said about the columns of ``role``: ``{field: column}``."""
        return {key.partition(".")[2]: column for key, column in self.map.items() if key.partition(".")[0] == role}

    @property
    def maps(self) -> dict[str, dict[str, str]]:
        """``{role: {field: column}}``."""
        return {role: self.columns(role) for role in ROLES}

    def replace(self, **changes: Any) -> ReadOptions:
        """Return a copy with some options changed, validated again."""
        return ReadOptions.from_mapping(changes, base=self)

    def as_dict(self) -> dict[str, Any]:
        """Return the options as plain values."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], base: ReadOptions | None = None) -> ReadOptions:
        """Return options from names and values, over ``base``; ``map`` and ``map_type`` add to what stands.

        Raises
        ------
        UsageError
            A name is unknown (with a suggestion), or a value cannot be used.
        """
        base = base or cls()
        names = [field.name for field in dataclasses.fields(cls)]
        merged = {name: getattr(base, name) for name in names}
        for name, value in values.items():
            if name not in names:
                raise UsageError(f"unknown reading option {name!r}{suggest(name, names)}")
            if name in _TABLES and isinstance(value, Mapping):
                merged[name] = {**merged[name], **_flat(value)}
            else:
                merged[name] = value
        return cls(**merged)


def read_options(path: str | Path, base: ReadOptions | None = None) -> ReadOptions:
    """Read the reading options of a TOML file, passing over all else that it holds.

    They stand at its top level (of ``[tool.influence]`` in a ``pyproject.toml``): ``time_unit``, ``encoding``,
    ``decimal``, ``fold_case``, ``on_bad_rows``, and the tables ``[map]``, ``[map_type]`` and ``[neo4j]``.

    Raises
    ------
    UsageError
        The file is not TOML, or a value can't be used; the message names the file.
    """
    path = Path(path)
    values = read_toml(path)
    try:
        return ReadOptions.from_mapping({name: values[name] for name in READING if name in values}, base=base)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    """Return ``NAME=NAME`` texts of a repeated command line option as a mapping.

    Raises
    ------
    UsageError
        A text holds no ``=``, or a name is given twice.

    Examples
    --------
    >>> pairs(["interactions.source=actor"], "--map")
    {'interactions.source': 'actor'}
    """
    found: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not name.strip():
            raise UsageError(f"{option} {text}: write NAME=NAME, as in {option} {_EXAMPLES.get(option, 'a=b')}")
        if name.strip() in found:
            raise UsageError(f"{option} {text}: {name.strip()!r} is given twice")
        found[name.strip()] = value.strip()
    return found


_EXAMPLES = {"--map": "interactions.source=actor", "--map-type": "retweet=share"}


def _encoding(name: object) -> str:
    known = (*ENCODINGS, "utf-16-le", "utf-16-be")
    try:
        plain = codecs.lookup(str(name).strip()).name.replace("utf-8-sig", "utf-8").replace("iso8859-1", "latin-1")
    except (LookupError, ValueError):
        plain = ""
    if not isinstance(name, str) or plain not in known:
        raise UsageError(f"encoding must be one of {', '.join(ENCODINGS)}, not {name!r}")
    return plain


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a TOML table in which ``interactions.source`` may stand as a key of a key."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{field}": column for field, column in value.items()}
        else:
            flat[name] = value
    return flat


def _check_key(key: str, column: str) -> None:
    role, mark, name = key.partition(".")
    if not mark:
        raise UsageError(f"map: {key!r} must be written ROLE.FIELD, as in interactions.source")
    if role not in ROLES:
        raise UsageError(f"map: {role!r} in {key!r} is no role{suggest(role, ROLES)}")
    fields = {field.name: field for field in SCHEMA[role]}
    if name not in fields:
        raise UsageError(f"map: {role} have no {name!r}{suggest(name, fields)}")
    if not column and fields[name].required:
        raise UsageError(f"map: {role} need {name!r}; name its column")


def _check_once(role: str, columns: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for field, column in columns.items():
        if column and column in seen:
            raise UsageError(
                f"map: {role}.{seen[column]} and {role}.{field} are both {column!r}; a column stands for one field"
            )
        seen[column] = field
