"""Delimited text with a header line: CSV and its kin."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from influence.errors import DataError
from influence.io.layout import Layout, scan
from influence.io.problems import SHOWN
from influence.io.raw import Raw
from influence.io.text import Text

__all__ = ["DelimitedSource", "delimiter_of", "names_in"]


def delimiter_of(line: str, preferred: Sequence[str]) -> str:
    """Return the delimiter of a header line: the first of ``preferred`` outside quotes, or the first of all."""
    bare = re.sub(r'"[^"]*"', "", line)
    return next((mark for mark in preferred if mark in bare), preferred[0])


def names_in(line: str, delimiter: str) -> list[str]:
    """Return the stripped names in a header line."""
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]


class DelimitedSource:
    """A delimited text whose first line that isn't blank names its columns.

    Raises
    ------
    DataError
        That line holds numbers only: the file has no header.
    """

    headless = False

    def __init__(self, text: Text, preferred: Sequence[str]) -> None:
        self.name = text.name
        self._text = text
        header = next(line for line in text.head() if line)
        self._delimiter = delimiter_of(header, preferred)
        self.columns: Sequence[str] = names_in(header, self._delimiter)
        if all(re.fullmatch(r"[-+.0-9]+", name) for name in self.columns):
            raise DataError(
                f"{self.name}, line {text.skipped + 1}: numbers stand where the names of columns should; add a header "
                "line such as source,target (a bare edge list is read if its name ends in .edges)"
            )

    def read(self, columns: Sequence[str]) -> Raw:
        """Read these columns; blank lines are passed over.

        Raises
        ------
        DataError
            A row has more or fewer fields than the header, a quote is left open, or the text is not UTF-8.
        """
        layout = scan(self._text.data, self._delimiter, len(self.columns))
        self._check(layout)
        indices = sorted(self.columns.index(column) for column in columns)
        frame = self._text.parse(separator=self._delimiter, columns=indices)
        frame.columns = [self.columns[index] for index in indices]
        records = np.arange(layout.n_records, dtype=np.int64)
        header = int(np.setdiff1d(records[: len(layout.blank) + 1], layout.blank)[0])
        if frame.height != layout.n_records - header - 1:
            raise DataError(f"{self.name}: cannot be split into rows; double quotes stand within a field: check them")
        blank = layout.blank[layout.blank > header] - header - 1
        kept = np.delete(np.arange(frame.height, dtype=np.int64), blank)
        if blank.size:
            frame = frame[kept]

        def where(rows: npt.NDArray[np.int64]) -> list[str]:
            lines = layout.lines(kept[rows] + header + 1) + self._text.skipped
            return [f"line {line}" for line in lines.tolist()]

        return Raw(self.name, frame.select(columns), where)

    def _check(self, layout: Layout) -> None:
        lines = layout.lines(layout.ragged[:SHOWN]) + self._text.skipped
        if layout.open_quote:
            at = lines[0] if len(lines) else layout.lines(np.array([layout.n_records - 1]))[0] + self._text.skipped
            raise DataError(
                f"{self.name}: a double quote is opened and never closed, at or before the row of line {at}; close it, "
                'or write a quote within a field as ""'
            )
        if not len(lines):
            return
        count, wanted = len(layout.ragged), len(self.columns)
        told = [
            f"  line {line} has {_fields(n)}" for line, n in zip(lines.tolist(), layout.fields.tolist(), strict=False)
        ]
        if count > len(told):
            told.append(f"  … and {count - len(told):,} more")
        raise DataError(
            "\n".join(
                [
                    f"{self.name}: {count:,} row{'s' if count > 1 else ''} without the {_fields(wanted)} of the header",
                    *told,
                    f"A field that holds {self._delimiter!r} must stand in double quotes; a last line that is too "
                    "short means that the file is cut off.",
                ]
            )
        )


def _fields(count: int) -> str:
    return f"{count} field{'s' if count != 1 else ''}"
