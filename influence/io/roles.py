"""Which table a source is: said by the user, or told by its columns."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from influence.errors import UsageError
from influence.io.options import ReadOptions
from influence.io.problems import listed
from influence.io.raw import Source
from influence.io.schema import ROLES, SCHEMA, candidates, match, missing

__all__ = ["split_source", "tell_role"]

_ROLE = re.compile(r"([A-Za-z_]+)=(.+)", re.DOTALL)
_LISTED = ", ".join(ROLES)
# That a file has times tells nothing about which table it is.
_KEYS = {
    role: {field.name for field in fields if field.required and field.kind != "time"} for role, fields in SCHEMA.items()
}


def split_source(text: str) -> tuple[str | None, str]:
    """Return the role (None if none is given) and the path of ``ROLE=path`` or ``path``.

    Raises
    ------
    UsageError
        What stands before ``=`` is no role, and there is no file of that whole name.
    """
    parts = _ROLE.fullmatch(text)
    if parts is None:
        return None, text
    role, path = parts.groups()
    if role.casefold() in ROLES:
        return role.casefold(), path
    if Path(text).exists() or "/" in role:
        return None, text
    close = difflib.get_close_matches(role.casefold(), ROLES, n=1)
    hint = f"did you mean {close[0]}={path}?" if close else f"write ROLE=path with ROLE one of {_LISTED}"
    raise UsageError(f"{text}: {role!r} is no role; {hint}")


def tell_role(source: Source, options: ReadOptions) -> str:
    """Return the one role that fits the columns of ``source``.

    Raises
    ------
    UsageError
        None fits, or several do; the message names columns and roles.
    """
    if source.headless:
        return "follows"
    maps = options.maps
    roles = candidates(source.columns, maps)
    if len(roles) == 1:
        return roles[0]
    columns = listed(source.columns)
    if roles:
        ways = " or ".join(f"{role}={source.name}" for role in roles)
        raise UsageError(f"{source.name}: may be {' or '.join(roles)} (columns: {columns}); write {ways}")
    close = [
        f"{role} lacks {' and '.join(lacking)}"
        for role in ROLES
        if (lacking := missing(role, source.columns, maps[role]))
        and _KEYS[role] & match(role, source.columns, maps[role]).keys()
    ]
    nearest = f" {'; '.join(close)}." if close else ""
    raise UsageError(
        f"{source.name}: its columns don't tell which table it is (columns: {columns}).{nearest} "
        f"Write ROLE={source.name} with ROLE one of {_LISTED}, or rename its columns, or say what they are with "
        "--map ROLE.FIELD=COLUMN"
    )
