"""Delimited text with a header line: CSV and its kin."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from influence.errors import DataError
from influence.io.layout import Layout, scan
from influence.io.problems import SHOWN, show
from influence.io.raw import Fault, Raw
from influence.io.text import LARGE, Text

__all__ = ["DelimitedSource", "delimiter_of", "names_in", "split_fields"]

# A line of Excel's own before the header: it says the delimiter.
_SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_STEP = (
    "A field that holds {mark!r} must stand in double quotes; a last line that is too short means that the file is "
    "cut off"
)


def delimiter_of(line: str, preferred: Sequence[str]) -> str:
    """Return the delimiter of a header line: the first of ``preferred`` outside quotes, or the first of all."""
    bare = re.sub(r'"[^"]*"', "", line)
    return next((mark for mark in preferred if mark in bare), preferred[0])


def names_in(line: str, delimiter: str) -> list[str]:
    """Return the stripped names in a header line."""
    return [name.strip() for name in split_fields(line, delimiter)]


def split_fields(line: str, delimiter: str) -> list[str]:
    """Return the fields of one record; quotes count only at the start of a field, as for the parser.

    Examples
    --------
    >>> split_fields('a;"b;c";5" pipe;', ";")
    ['a', 'b;c', '5" pipe', '']
    """
    if '"' not in line:
        return line.split(delimiter)
    fields = []
    at = 0
    while True:
        text = ""
        start = at
        if line.startswith('"', at):
            end = at + 1
            while (end := line.find('"', end)) >= 0 and line.startswith('"', end + 1):
                end += 2
            text = line[at + 1 : end if end >= 0 else len(line)].replace('""', '"')
            start = end + 1 if end >= 0 else len(line)
        stop = line.find(delimiter, start)
        fields.append(text + line[start : stop if stop >= 0 else len(line)])
        if stop < 0:
            return fields
        at = stop + 1


class DelimitedSource:
    """A delimited text whose first record that isn't blank names its columns.

    Raises
    ------
    DataError
        That record holds numbers only: the file has no header.
    """

    headless = False

    def __init__(self, text: Text, preferred: Sequence[str], digest: str = "") -> None:
        self.name = text.name
        self.digest = digest
        said = _SEP.fullmatch(next(text.head()))
        self._text = text.after(1) if said else text
        header = _header(self._text)
        self.delimiter = said[1] if said else delimiter_of(header, preferred)
        self.columns: Sequence[str] = names_in(header, self.delimiter)
        if all(re.fullmatch(r"[-+.0-9]+", name) for name in self.columns):
            raise DataError(
                f"{self.name}, line {self._text.skipped + 1}: numbers stand where the names of columns should; add a "
                "header line such as source,target (a bare edge list is read if its name ends in .edges)"
            )

    def read(self, columns: Sequence[str], *, strict: bool, coded: Collection[str] = ()) -> Raw:
        """Read these columns; blank lines are passed over.

        Raises
        ------
        DataError
            A quote is left open, the text is not UTF-8, or if ``strict`` a row has more or fewer fields than the
            header.
        """
        layout = scan(self._text.data, self.delimiter, len(self.columns))
        self._check(layout, strict)
        at = {column: index for index, column in reversed(list(enumerate(self.columns)))}
        indices = sorted(at[column] for column in columns)
        options = {"separator": self.delimiter, "truncate_ragged_lines": not strict}
        if len(self._text.data) < LARGE:
            frame = self._text.parse(columns=indices, **options)
        else:
            frame = self._text.parse_coded(indices, [at[column] for column in coded], **options)
        frame.columns = [self.columns[index] for index in indices]
        header = _first_missing(layout.blank)
        if frame.height != layout.n_records - header - 1:
            # Text that is no text also shows as rows that do not fit.
            self._text.check_utf8()
            raise DataError(f"{self.name}: cannot be split into rows; double quotes stand within a field: check them")
        blank = layout.blank[layout.blank > header] - header - 1
        kept = np.delete(np.arange(frame.height, dtype=np.int64), blank) if blank.size else None
        if kept is not None:
            frame = frame[kept]

        def records(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
            return (rows if kept is None else kept[rows]) + header + 1

        def where(rows: npt.NDArray[np.int64]) -> list[str]:
            return [f"line {line}" for line in (layout.lines(records(rows)) + self._text.skipped).tolist()]

        def written(rows: npt.NDArray[np.int64]) -> list[dict[str, str | None]]:
            return [self._cells(text) for text in self._records(layout, records(rows))]

        ragged = layout.ragged - header - 1
        rows = ragged - np.searchsorted(blank, ragged)
        faults = self._faults(layout, rows) if rows.size else ()
        return Raw(self.name, frame.select(columns), where, written, faults, checked=True)

    def _records(self, layout: Layout, records: npt.NDArray[np.int64]) -> list[str]:
        """Return records as they stand in the file."""
        starts = self._text.starts(layout.lines(records) - 1)
        ends = self._text.starts(layout.lines(records + 1) - 1)
        return [self._text.between(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]

    def _cells(self, record: str) -> dict[str, str | None]:
        fields = split_fields(record, self.delimiter)
        last = len(self.columns) - 1
        # What is too much stays with the last column: nothing of the row is lost.
        fields[last:] = [self.delimiter.join(fields[last:])] if len(fields) > last else []
        return dict(zip(self.columns, fields, strict=False))

    def _faults(self, layout: Layout, rows: npt.NDArray[np.int64]) -> tuple[Fault, ...]:
        wanted = _fields(len(self.columns))
        texts = [f"has {_fields(count)}, the header {wanted}" for count in layout.fields[:SHOWN].tolist()]
        return (Fault(rows, "", texts, f"without the {wanted} of the header", _STEP.format(mark=self.delimiter)),)

    def _check(self, layout: Layout, strict: bool) -> None:
        lines = layout.lines(layout.ragged[:SHOWN]) + self._text.skipped
        if layout.open_quote:
            at = lines[0] if len(lines) else layout.lines(np.array([layout.n_records - 1]))[0] + self._text.skipped
            raise DataError(
                f"{self.name}: a double quote is opened and never closed, at or before the row of line {at}; close it, "
                'or write a quote within a field as ""'
            )
        if not len(lines):
            return
        # A header that is not one record of as many fields as names can't be told from a row that isn't.
        if not strict and int(layout.ragged[0]) != _first_missing(layout.blank):
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
                    f"{_STEP.format(mark=self.delimiter)}.",
                ]
            )
        )


def _header(text: Text) -> str:
    """Return the first record that is not blank: one line, or several where a name holds line breaks."""
    header = ""
    for line in text.head():
        header = f"{header}\n{line}" if header else line
        if header and header.count('"') % 2 == 0:
            return header
    raise DataError(
        f"{text.name}: the header {show(header)} opens a double quote and never closes it; close it"
        if header
        else f"{text.name}: the file is empty; one without rows still needs a header line"
    )


def _first_missing(sorted_ints: npt.NDArray[np.int64]) -> int:
    """Return the first of 0, 1, … that is not there."""
    gap = np.flatnonzero(sorted_ints != np.arange(len(sorted_ints)))
    return int(gap[0]) if gap.size else len(sorted_ints)


def _fields(count: int) -> str:
    return f"{count} field{'s' if count != 1 else ''}"
