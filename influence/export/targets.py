"""Where scores go, and how: the tables ``[export]`` and ``[export.…]`` of a settings file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from influence.config import read_toml, suggest
from influence.errors import UsageError
from influence.export.fields import DEFAULT_FIELDS, describe, field_name

__all__ = ["FORMATS", "Target", "read_target"]

#: Formats of an export; the last three are for CRMs.
FORMATS = ("csv", "parquet", "jsonl", "salesforce", "hubspot", "identify")

_SHARED = ("key", "threshold", "most_cleared", "watch", "fields")
_OWN: Mapping[str, Mapping[str, Any]] = {
    "csv": {},
    "parquet": {},
    "jsonl": {},
    "salesforce": {"object": "Contact", "external_id": "Influence_Id__c", "api_version": "61.0"},
    "hubspot": {
        "object": "contacts",
        "id_property": "email",
        "group": "influence",
        "path": "/crm/v3/objects/{object}/batch/upsert",
        "clear_path": "/crm/v3/objects/{object}/batch/update",
    },
    "identify": {},
}


@dataclasses.dataclass(frozen=True)
class Target:
    """What to write where.

    Attributes
    ----------
    form : str
        One of ``FORMATS``.
    key : str
        The column of the customers table by which the CRM knows a person; ``id`` is the id of the ranking itself.
    threshold : float
        A watched number must change by more than this share of its last written value to be written again.
    most_cleared : float
        Share of the people written before whose fields one export may clear, beyond a hundred.
    names : Mapping
        Field by column, in order.
    watch : tuple of str, optional
        Columns whose change is worth writing; by default all but positions, reasons and dates.
    options : Mapping
        Of the format: ``object`` and ``external_id`` of Salesforce; ``object``, ``id_property``, ``group``, ``path``
        and ``clear_path`` of HubSpot.
    """

    form: str
    key: str = "id"
    threshold: float = 0.01
    most_cleared: float = 0.2
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    watch: tuple[str, ...] | None = None
    options: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, form: str, values: Mapping[str, Any] | None = None) -> Target:
        """Return a target by the table ``[export]`` of the settings, and in it that of the format.

        Raises
        ------
        UsageError
            There is no such format; a name is unknown (with a suggestion) or a value cannot be used.

        Examples
        --------
        >>> target = Target.of("hubspot", {"threshold": 0.05, "hubspot": {"fields": {"network_value": "advocacy"}}})
        >>> target.threshold, dict(target.names), target.options["id_property"]
        (0.05, {'network_value': 'advocacy'}, 'email')
        """
        if form not in FORMATS:
            raise UsageError(f"unknown format {form!r}{suggest(form, FORMATS)}")
        shared = dict(values or {})
        unknown(shared, (*_SHARED, *FORMATS), "export")
        own = shared.get(form, {})
        if not isinstance(own, Mapping):
            raise UsageError(f"[export.{form}] must be a table")
        unknown(own, (*_SHARED, *_OWN[form]), f"export.{form}")
        given = {**{name: shared[name] for name in _SHARED if name in shared}, **own}
        options = {name: _text(given.get(name, standard), name, form) for name, standard in _OWN[form].items()}
        return cls(
            form=form,
            key=_text(given.get("key", "id"), "key", form),
            threshold=_share(given, "threshold", 0.01, form),
            most_cleared=_share(given, "most_cleared", 0.2, form),
            names=_names(form, given.get("fields")),
            watch=_watch(given.get("watch"), form),
            options=options,
        )


def read_target(form: str, path: str | Path | None) -> Target:
    """Return a target by a settings file; the standard one without a file.

    Raises
    ------
    UsageError
        The file is not TOML, or cannot be used; the message names the file.
    """
    if path is None:
        return Target.of(form)
    try:
        return Target.of(form, table_of(path, "export"))
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def table_of(path: str | Path, name: str) -> Mapping[str, Any]:
    """Return a table of a settings file, or of ``[tool.influence]`` in a ``pyproject.toml``; empty if it has none."""
    path = Path(path)
    table = read_toml(path).get(name, {})
    if not isinstance(table, Mapping):
        raise UsageError(f"{path}: {name} must be a table [{name}]")
    return table


def unknown(table: Mapping[str, Any], known: Collection[str], where: str) -> None:
    """Refuse names that a table does not have.

    Raises
    ------
    UsageError
        With a suggestion.
    """
    for name in table:
        if name not in known:
            raise UsageError(f"[{where}]: unknown name {name!r}{suggest(name, known)}")


def _text(value: Any, name: str, form: str) -> str:
    if not isinstance(value, str) or not value.strip() or any(ord(mark) < 32 for mark in value):
        raise UsageError(f"[export.{form}]: {name} must be text, not {value!r}")
    return value


def _share(given: Mapping[str, Any], name: str, standard: float, form: str) -> float:
    value = given.get(name, standard)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise UsageError(f"[export.{form}]: {name} must be 0 or more, such as {standard:g}, not {value!r}")
    return float(value)


def _names(form: str, given: Any) -> dict[str, str]:
    if given is None:
        return {column: field_name(form, column) for column in DEFAULT_FIELDS}
    if not isinstance(given, Mapping) or not given:
        raise UsageError(f"[export.{form}.fields] must be a table of column = field, not {given!r}")
    names: dict[str, str] = {}
    for column, name in given.items():
        if not isinstance(name, str):
            raise UsageError(f"[export.{form}.fields]: {column} must be the name of a field, not {name!r}")
        describe(column, name)
        if name.casefold() in {other.casefold() for other in names.values()}:
            raise UsageError(f"[export.{form}.fields]: two columns are to be {name!r}; a field takes one")
        names[column] = name
    return names


def _watch(given: Any, form: str) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise UsageError(f"[export.{form}]: watch must be a list of columns, not {given!r}")
    return tuple(given)
