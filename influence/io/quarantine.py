"""Bad rows that are put aside, so that somebody can mend them and read them again."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from influence.errors import DataError
from influence.io.problems import Ints, Problems
from influence.io.raw import Rows

__all__ = ["Quarantine"]

_OURS = ("file", "line", "column", "reason")
_SLICE = 10_000


class Quarantine:
    """Rows as they were in their files, and why they are here; written as one CSV file at the end.

    Its columns are ``file, line, column, reason`` and then those of all files; a file's own column of such a name gets
    an underscore at its end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._columns: dict[str, str] = {}
        self._rows: list[dict[str, str | None]] = []

    def put(self, problems: Problems, rows: Rows) -> None:
        """Add the bad rows of a source."""
        bad = problems.bad()
        self.put_rows(problems.name, bad, problems.where(bad), problems.reasons(), rows)

    def put_rows(self, name: str, at: Ints, places: Sequence[str], why: Sequence[tuple[str, str]], rows: Rows) -> None:
        """Add the rows at ``at``, which stand at ``places`` of the source ``name``."""
        cells = [row for start in range(0, len(at), _SLICE) for row in rows(at[start : start + _SLICE])]
        for place, (column, reason), row in zip(places, why, cells, strict=True):
            for own in row:
                self._columns.setdefault(own, f"{own}_" if own in _OURS else own)
            ours = zip(_OURS, (name, place.rpartition(" ")[2], column, reason), strict=True)
            self._rows.append({**dict(ours), **{self._columns[own]: cell for own, cell in row.items()}})

    def write(self) -> int:
        """Write the file, whole or not at all, and return how many rows it holds.

        Raises
        ------
        DataError
            It can't be written.
        """
        beside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            try:
                with beside.open("x", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, [*_OURS, *dict.fromkeys(self._columns.values())], lineterminator="\n")
                    writer.writeheader()
                    writer.writerows(self._rows)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(self.path)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            raise DataError(f"{self.path}: cannot be written ({error.strerror or error})") from error
        return len(self._rows)
