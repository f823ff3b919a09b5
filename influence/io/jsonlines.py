"""JSON lines: one object on each line, its values as the text that a CSV file would hold."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.problems import SHOWN, Problems, show
from influence.io.raw import Fault, Raw
from influence.io.text import Text

__all__ = ["JsonLinesSource"]

_STEP = "Write one JSON object on each line (jq -c . FILE does it)"
_SPACE = " \t\r"
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, RuntimeError)


class JsonLinesSource:
    """JSON lines; the columns are the keys of all lines, and a key that a line lacks is empty there.

    Values that are no text become text, as in any text file; lists and records become JSON.

    Raises
    ------
    DataError
        The text is one JSON array, or not UTF-8.
    """

    headless = False

    def __init__(self, text: Text, digest: str = "") -> None:
        self.name = text.name
        self.digest = digest
        first = next(line for line in text.head() if line.strip(_SPACE))
        if first.lstrip(_SPACE).startswith("["):
            raise DataError(
                f"{self.name}: holds a JSON array, not one object on each line; convert it with jq -c '.[]' FILE"
            )
        self._text = text
        marked = text.data[:3].tobytes() == b"\xef\xbb\xbf"
        # A name with * or [ would be taken for a pattern.
        odd = isinstance(text.source, Path) and re.search(r"[*?\[]", str(text.source))
        self._content = text.data[3 if marked else 0 :].tobytes() if marked or odd else text.source
        self._slow: _Lines | None = None
        try:
            schema = pl.scan_ndjson(self._content, infer_schema_length=None).collect_schema()
            self.columns: Sequence[str] = schema.names()
        except _FAILURES:
            text.check_utf8()
            # Line by line: which are bad, and which keys there are whatever their values.
            self._slow = _Lines.of(text)
            self.columns = self._slow.columns
            if not self.columns:
                Problems(self.name, len(self._slow.objects), self._where, self._slow.faults()).check()

    def read(self, columns: Sequence[str], *, strict: bool, coded: Collection[str] = ()) -> Raw:
        """Read these keys.

        Raises
        ------
        DataError
            If ``strict``, a line is no JSON object.
        """
        kept = _written(self._text)

        def written(rows: npt.NDArray[np.int64]) -> list[dict[str, str | None]]:
            starts, ends = self._text.starts(kept[rows]), self._text.starts(kept[rows] + 1)
            return [
                _cells(self._text.between(start, end))
                for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
            ]

        frame = None if self._slow else self._quickly(columns, len(kept))
        faults: tuple[Fault, ...] = ()
        if frame is None:
            slow = self._slow = self._slow or _Lines.of(self._text)
            frame = slow.frame(columns)
            faults = slow.faults()
        if strict and faults:
            Problems(self.name, frame.height, self._where, faults).check()
        return Raw(self.name, frame, self._where, written, faults)

    def _where(self, rows: npt.NDArray[np.int64]) -> list[str]:
        return [f"line {self._text.skipped + 1 + line}" for line in _written(self._text)[rows].tolist()]

    def _quickly(self, columns: Sequence[str], n_rows: int) -> pl.DataFrame | None:
        try:
            frame = pl.scan_ndjson(
                self._content, schema=dict.fromkeys(columns, pl.String()), low_memory=False
            ).collect()
        except _FAILURES:
            return None
        return frame.select(columns) if frame.height == n_rows else None


def _written(text: Text) -> npt.NDArray[np.int64]:
    """Return the indices of the lines that are not blank."""
    starts = np.concatenate([[0], np.flatnonzero(text.data == ord("\n")) + 1])
    if starts[-1] == len(text.data):
        starts = starts[:-1]
    lines = np.arange(len(starts))
    ends = np.append(starts[1:], len(text.data) + (text.data[-1] != ord("\n")))
    # A line that begins with "{" is not blank; the few others are looked at.
    doubtful = np.flatnonzero(text.data[np.minimum(starts, len(text.data) - 1)] != ord("{"))
    blank = [line for line in doubtful.tolist() if not text.between(starts[line], ends[line]).strip(_SPACE)]
    return np.delete(lines, np.array(blank, dtype=np.int64))


@dataclasses.dataclass
class _Lines:
    """Lines parsed one by one, which says what is wrong with each; bad ones are empty objects."""

    columns: list[str]
    objects: list[dict[str, Any]]
    bad: dict[int, str]

    @classmethod
    def of(cls, text: Text) -> _Lines:
        columns: dict[str, None] = {}
        objects: list[dict[str, Any]] = []
        bad: dict[int, str] = {}
        for line in text.head():
            if not line.strip(_SPACE):
                continue
            try:
                value = _loads(line)
                fault = "" if isinstance(value, dict) else "is not a JSON object"
            except RecursionError:
                value, fault = {}, "is nested too deeply"
            except ValueError:
                value, fault = {}, "is not JSON"
            if fault:
                bad[len(objects)] = f"{show(line)} {fault}" if len(bad) < SHOWN else fault
                value = {}
            columns |= dict.fromkeys(value)
            objects.append(value)
        return cls([_clean(name) for name in columns], objects, bad)

    def frame(self, columns: Sequence[str]) -> pl.DataFrame:
        return pl.DataFrame(
            [pl.Series(name, [_text(o.get(name)) for o in self.objects], dtype=pl.String) for name in columns]
        )

    def faults(self) -> tuple[Fault, ...]:
        if not self.bad:
            return ()
        rows = np.array(list(self.bad), dtype=np.int64)
        return (Fault(rows, "", list(self.bad.values())[:SHOWN], "is not a JSON object", _STEP),)


def _loads(line: str) -> Any:
    # Of a key that is there twice the first counts, as for the quick reader.
    return json.loads(line, object_pairs_hook=_object, parse_constant=_no_constant)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _clean(value)
    return json.dumps(value) if isinstance(value, (bool, list, dict)) else str(value)


def _clean(text: str) -> str:
    """Return text whose halves of surrogate pairs, which no UTF-8 can hold, are NUL characters."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\0", text)


def _cells(line: str) -> dict[str, str | None]:
    """Return the values of a line as text; a line that is no object is all text."""
    try:
        value = _loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return {"text": line}
    return {_clean(name): _text(cell) for name, cell in value.items()}
