"""The skeleton of a delimited text: rows, fields and blank lines, so that no row is cut or shifted unseen.

A parser that reads only some columns pads short rows and drops what is too much. That is how half a last line becomes
a customer. One pass over the bytes, before parsing, finds such rows and their line numbers.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

__all__ = ["Layout", "scan"]

_NEWLINE, _QUOTE, _RETURN = 10, 34, 13
_CHUNK = 1 << 20

Ints = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where the records of a text are; a record is one line, or several where a quoted field holds line breaks.

    Attributes
    ----------
    n_records : int
        All records, blank ones and the header included.
    blank : numpy.ndarray
        Indices of blank records.
    ragged : numpy.ndarray
        Indices of the records that do not have as many fields as asked for.
    fields : numpy.ndarray
        How many fields each ragged record has.
    open_quote : bool
        Whether the text ends within quotes.
    """

    n_records: int
    blank: Ints
    ragged: Ints
    fields: Ints
    open_quote: bool
    _breaks: Ints

    def lines(self, records: npt.NDArray[np.integer]) -> Ints:
        """Return the number, from 1, of the line on which each record starts."""
        return 1 + records + np.searchsorted(self._breaks, records, side="left")


def scan(data: npt.NDArray[np.uint8], separator: str, n_fields: int) -> Layout:
    """Return the layout of a text of which each record should have ``n_fields`` fields."""
    mark = ord(separator)
    n_records, carried, start = 0, 0, 0
    inside = False
    blank: list[Ints] = []
    ragged: list[Ints] = []
    fields: list[Ints] = []
    breaks: list[Ints] = []
    for offset in range(0, len(data), _CHUNK):
        chunk = data[offset : offset + _CHUNK]
        newline = chunk == _NEWLINE
        event = newline | (chunk == mark)
        quote = chunk == _QUOTE
        quoted_breaks = np.empty(0, dtype=np.int64)
        if inside or quote.any():
            # A doubled quote flips twice, so parity alone tells what is quoted; uint8 may wrap, its last bit doesn't.
            quoted = ((np.cumsum(quote, dtype=np.uint8) + inside) & 1).astype(bool)
            quoted_breaks = np.flatnonzero(newline & quoted)
            event &= ~quoted
            inside = bool(quoted[-1])
        at = np.flatnonzero(event)
        ends = np.flatnonzero(newline[at])
        stops = at[ends]
        if quoted_breaks.size:
            breaks.append(n_records + np.searchsorted(stops, quoted_breaks))
        if not ends.size:
            carried += len(at)
            continue
        marks = np.diff(ends, prepend=-1) - 1
        marks[0] += carried
        starts = np.concatenate([[start], stops[:-1] + 1 + offset])
        lengths = stops + offset - starts
        odd = np.flatnonzero((marks != n_fields - 1) | (lengths <= 1))
        returns = data[starts[odd]] == _RETURN
        empty = (lengths[odd] == 0) | ((lengths[odd] == 1) & returns)
        blank.append(n_records + odd[empty])
        wrong = odd[~empty & (marks[odd] != n_fields - 1)]
        ragged.append(n_records + wrong)
        fields.append(marks[wrong] + 1)
        n_records += len(ends)
        carried = len(at) - 1 - int(ends[-1])
        start = int(stops[-1]) + 1 + offset
    if start < len(data):
        last = np.array([n_records], dtype=np.int64)
        if len(data) - start == 1 and data[start] == _RETURN:
            blank.append(last)
        elif carried != n_fields - 1:
            ragged.append(last)
            fields.append(np.array([carried + 1], dtype=np.int64))
        n_records += 1
    return Layout(n_records, _joined(blank), _joined(ragged), _joined(fields), inside, _joined(breaks))


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
