"""Lists of people as they are kept: an id on each line, comments with #, with or without a header."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.delimited import DelimitedSource, names_in
from influence.io.problems import SHOWN, Problems, show
from influence.io.raw import Fault, Raw, Source
from influence.io.schema import match, normal
from influence.io.text import Text

__all__ = ["IdListSource", "open_list"]

# "#1001" may be an id, and an id taken for a comment would leave somebody in.
_COMMENT = r"^#(?:#|$|\S*\s)"
_REMARK = r"\s#(?:\s.*)?$"
_QUOTED = r'^"((?:[^"]|"")*)"[{marks} ]*(?:\s#(?:\s.*)?)?$'
# A line of Excel's own above the header.
_SEPARATOR = r'(?i)^"?sep=.?"?$'
# What an id holds only in quotes. "|" and spaces stand within ids, as in auth0|5f7c8ec7.
_MARKS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
_STEP = (
    "Write one id on each line, in double quotes if it holds {marks}; a table of several columns needs a header line "
    "that names id, such as id,reason"
)


class IdListSource:
    """A list of ids, one on each line; it has one column.

    Lines that begin with ``#`` and a space are comments, and so is what follows `` # `` on a line. An id may stand in
    double quotes, must if it holds a delimiter, and may hold spaces.

    Parameters
    ----------
    text
        The content.
    marks
        The delimiters that an id outside quotes can't hold.
    header
        The name in its first line that is neither blank nor a comment; None if an id stands there already.
    digest
        The SHA-256 of the file.

    Attributes
    ----------
    taken : str
        How it was read, in words for the user; complete once it is read.
    """

    headless = False

    def __init__(self, text: Text, marks: str, header: str | None = None, digest: str = "") -> None:
        self.name = text.name
        self.digest = digest
        self.columns: Sequence[str] = ("id",) if header is None else (header,)
        self.taken = "taken for suppress"
        self._text = text
        self._marks = marks
        self._has_header = header is not None

    def read(self, columns: Sequence[str], *, strict: bool, coded: Collection[str] = ()) -> Raw:
        """Read the ids.

        Raises
        ------
        DataError
            The text is not UTF-8, or if ``strict`` a line is not one id.
        """
        del columns, coded  # there is one, and each id stands once
        ends = f"{self._marks} \t"
        lines = self._text.lines().str.strip_chars().fill_null("")
        comment = lines.str.contains(_COMMENT)
        other = comment | lines.str.contains(_SEPARATOR) | (lines.str.strip_chars_end(ends) == "")
        kept = np.flatnonzero(~other.to_numpy())[self._has_header :]
        lines = lines.gather(kept)
        quoted = lines.str.starts_with('"')
        bare = lines.str.replace(_REMARK, "").str.strip_chars_end(ends)
        within = lines.str.extract(_QUOTED.format(marks=self._marks)).str.replace_all('""', '"', literal=True)
        whole = ~bare.str.contains(f"[{self._marks}]")
        ids = pl.select(pl.when(quoted).then(within).when(whole).then(bare)).to_series()
        self._tell(ids, int(comment.sum()), int((~quoted & lines.str.contains(_REMARK)).sum()))

        def where(rows: npt.NDArray[np.int64]) -> list[str]:
            return [f"line {self._text.skipped + 1 + line}" for line in kept[rows].tolist()]

        def cells(rows: npt.NDArray[np.int64]) -> list[dict[str, str | None]]:
            return [{self.columns[0]: line} for line in lines.gather(rows).to_list()]

        faults: tuple[Fault, ...] = ()
        bad = ids.is_null()
        step = _STEP.format(marks=" or ".join(_MARKS[mark] for mark in self._marks))
        if strict:
            problems = Problems(self.name, len(lines), where)
            problems.add(lines.alias(""), bad, "is not one id", step)
            problems.check()
        elif bad.any():
            rows = np.flatnonzero(bad.to_numpy())
            texts = [f"{show(line)} is not one id" for line in lines.gather(rows[:SHOWN]).to_list()]
            faults = (Fault(rows, "", texts, "is not one id", step),)
        return Raw(self.name, pl.DataFrame({self.columns[0]: ids}), where, cells, faults, checked=True)

    def _tell(self, ids: pl.Series, comments: int, remarks: int) -> None:
        header = "under a header" if self._has_header else "without a header"
        said = [f"taken for suppress: an id on each line, {header}; ids: {len(ids) - ids.null_count():,}"]
        spaced = int(ids.str.contains(r"\s").sum())
        if spaced:
            said.append(f"ids that hold spaces: {spaced:,} (ids on one line are read as one)")
        if comments:
            said.append(f"comments passed over: {comments:,}")
        if remarks:
            said.append(f"ids with a comment after them: {remarks:,}")
        self.taken = "; ".join(said)


def open_list(text: Text, delimiters: Sequence[str], mapped: Mapping[str, str], digest: str = "") -> Source:
    """Tell a list of ids from a table with a header that names them.

    An id taken for a header would leave somebody in, a header taken for an id does nothing: a first line is a header
    only if it holds a known name.

    Raises
    ------
    DataError
        The first line has several fields and none is a known name, or it may be either.
    """
    marks = "".join(mark for mark in delimiters if mark in _MARKS)
    above, line = _first(text)
    line = line.rstrip(f"{marks} ")
    if not line:
        return IdListSource(text, marks, digest=digest)
    if match("suppress", alone := names_in(line, "\n"), mapped):
        return IdListSource(text, marks, alone[0], digest)
    tables = {mark: names for mark in delimiters if len(names := names_in(line, mark)) > 1}
    known = {
        mark: match("suppress", names, mapped)["id"]
        for mark, names in tables.items()
        if match("suppress", names, mapped)
    }
    for mark, name in known.items():
        if mark in _MARKS or normal(name) == normal(mapped.get("id", "")):
            return DelimitedSource(text.after(above), (mark,), digest)
    for name in known.values():
        raise DataError(
            f"{text.name}: {show(line)} may be a header or an id; if each line is one id, write id as the first "
            f"line, and if this names columns, say --map suppress.id={name}"
        )
    for mark in (mark for mark in tables if mark in _MARKS):
        raise DataError(
            f"{text.name}: {show(line)} has {len(tables[mark])} fields, and no header says which of them is the id. "
            f"{_STEP.format(marks=_MARKS[mark])}"
        )
    return IdListSource(text, marks, digest=digest)


def _first(text: Text) -> tuple[int, str]:
    """Return how many lines stand above a table, and the first that is neither blank, comment nor ``sep=;``."""
    above = None
    for at, line in enumerate(line.strip() for line in text.head()):
        if not line or re.match(_COMMENT, line):
            continue
        above = at if above is None else above
        if not re.match(_SEPARATOR, line):
            return above, line
    return 0, ""
