"""The content of a text file as UTF-8, checked for what is no text, and with a way to parse it."""

from __future__ import annotations

import codecs
import dataclasses
import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.raw import first_line
from influence.io.unpack import BINARY, unpack

__all__ = ["LARGE", "Text", "load_text", "text_of"]

#: Bytes from which a text counts as large.
LARGE = 1 << 24
_HEAD = 1 << 16
# The unit separator: no text of people holds it, so a "column" is a line.
_LINE = "\x1f"
_LF = ord("\n")
# UTF-32 begins like UTF-16: it comes first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)
_ENCODING = "save the file as UTF-8, or say how it is written with --encoding cp1252 (or latin-1, or utf-16)"


@dataclasses.dataclass(frozen=True)
class Text:
    """The content of a text file.

    Attributes
    ----------
    name : str
        What messages call it.
    data : numpy.ndarray
        Its bytes, in UTF-8.
    source : Path or bytes
        The same, as polars reads it fastest.
    skipped : int
        Lines of the file before ``data``.
    """

    name: str
    data: npt.NDArray[np.uint8]
    source: Path | bytes
    skipped: int = 0

    def head(self) -> Iterator[str]:
        """Yield line after line, without what ends them.

        Raises
        ------
        DataError
            A line is not UTF-8.
        """
        start, mark = 0, len(codecs.BOM_UTF8) if self.data[:3].tobytes() == codecs.BOM_UTF8 else 0
        while start < len(self.data):
            end = self._line_end(start)
            try:
                yield self.data[start + mark : end].tobytes().decode("utf-8").rstrip("\r")
            except UnicodeDecodeError as error:
                raise self._unreadable(error) from error
            start, mark = end + 1, 0

    def _line_end(self, start: int) -> int:
        width = _HEAD
        while start < len(self.data):
            found = np.flatnonzero(self.data[start : start + width] == _LF)
            if found.size:
                return start + int(found[0])
            start, width = start + width, 4 * width
        return len(self.data)

    def after(self, lines: int) -> Text:
        """Return the text without its first lines."""
        if not lines:
            return self
        start = int(self.starts(np.array([lines]))[0])
        data = self.data[start:]
        return Text(self.name, data, data.tobytes(), self.skipped + lines)

    def starts(self, lines: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the offset at which each line starts; lines count from 0, and those beyond the end start there."""
        starts = np.full(len(lines), len(self.data), dtype=np.int64)
        starts[lines == 0] = 0
        seen = 0
        for offset in range(0, len(self.data), 1 << 20):
            ends = np.flatnonzero(self.data[offset : offset + (1 << 20)] == _LF)
            here = (lines > seen) & (lines <= seen + len(ends))
            starts[here] = offset + ends[lines[here] - seen - 1] + 1
            seen += len(ends)
        return starts

    def between(self, start: int, end: int) -> str:
        """Return the text between two offsets, without what ends a line; bytes that are no text are shown as such."""
        return self.data[start:end].tobytes().decode("utf-8", errors="backslashreplace").removesuffix("\n").rstrip("\r")

    def parse(self, **options: Any) -> pl.DataFrame:
        """Parse with polars, every column as text.

        Raises
        ------
        DataError
            The text is not UTF-8, or can't be split into rows; the message says where.
        """
        try:
            # Names with * or [ are names of files here, not patterns.
            return pl.read_csv(self.source, infer_schema=False, glob=False, **options)
        except pl.exceptions.NoDataError:
            return pl.DataFrame()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise self._unreadable(error) from error

    def parse_coded(self, indices: Sequence[int], coded: Sequence[int], **options: Any) -> pl.DataFrame:
        """Parse the columns at ``indices`` as text, those of them in ``coded`` as Categorical, in one stream.

        Raises
        ------
        DataError
            As for :meth:`parse`.
        """
        codes = pl.Categorical(pl.Categories.random())
        try:
            lazy = pl.scan_csv(self.source, infer_schema=False, glob=False, **options)
            return lazy.select(
                pl.nth(index).cast(codes) if index in coded else pl.nth(index) for index in indices
            ).collect(engine="streaming")
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise self._unreadable(error) from error

    def lines(self) -> pl.Series:
        """Return the lines as one column; blank ones are null."""
        frame = self.parse(has_header=False, separator=_LINE, quote_char=None)
        return frame.to_series().alias("line") if frame.width else pl.Series("line", [], dtype=pl.String)

    def check_utf8(self) -> None:
        """Raise DataError at the first line that is not UTF-8."""
        try:
            self.data.tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._unreadable(error) from error

    def line_of(self, offset: int) -> int:
        """Return the number, from 1, of the line that holds a byte."""
        return self.skipped + 1 + int(np.count_nonzero(self.data[:offset] == _LF))

    def _unreadable(self, error: BaseException) -> DataError:
        try:
            self.data.tobytes().decode("utf-8")
        except UnicodeDecodeError as fault:
            return DataError(f"{self.name}, line {self.line_of(fault.start)}: not UTF-8 text; {_ENCODING}")
        return DataError(f"{self.name}: cannot be split into rows ({first_line(error)}); check its quotes")


def load_text(name: str, path: Path, packed: str, encoding: str) -> Text:
    """Return the text of a file, unpacked if ``packed`` is ``.gz`` or ``.zst``.

    Raises
    ------
    DataError
        It can't be read or unpacked, is empty, or is no text in ``encoding``.
    """
    if packed:
        return text_of(name, unpack(name, path.read_bytes(), packed), encoding)
    if not path.stat().st_size:
        return text_of(name, b"", encoding)
    data = np.memmap(path, dtype=np.uint8, mode="r")
    if _encoding(data[:4].tobytes(), encoding) != "utf-8":
        return text_of(name, path.read_bytes(), encoding)
    text = Text(name, data, path)
    _check(text)
    return text


def text_of(name: str, content: bytes, encoding: str) -> Text:
    """Return bytes as text in UTF-8, whatever it was; a byte order mark wins over ``encoding``.

    Raises
    ------
    DataError
        They are no text in that encoding; the message names the line.
    """
    known = _encoding(content[:4], encoding)
    if known != "utf-8":
        try:
            content = content.decode(known).removeprefix("\ufeff").encode("utf-8")
        except UnicodeDecodeError as error:
            line = 1 + content[: error.start].decode(known, errors="ignore").count("\n")
            raise DataError(f"{name}, line {line}: not {known} text; {_ENCODING}") from error
    text = Text(name, np.frombuffer(content, dtype=np.uint8), content)
    _check(text)
    return text


def _encoding(head: bytes, encoding: str) -> str:
    return next((known for mark, known in _MARKS if head.startswith(mark)), encoding)


def _check(text: Text) -> None:
    head = text.data[:_HEAD].tobytes()
    for magic, kind, step in BINARY:
        if head.startswith(magic):
            raise DataError(f"{text.name}: {kind}, not text; {step}")
    if not head.strip(b"\xef\xbb\xbf\r\n\t ") and not text.data[_HEAD:].tobytes().strip():
        raise DataError(f"{text.name}: the file is empty; one without rows still needs a header line")
    at = _find_nul(text)
    if at >= 0:
        raise DataError(
            f"{text.name}, line {text.line_of(at)}: a NUL byte, so not UTF-8 text (UTF-16, or not text at all); "
            f"{_ENCODING}"
        )
    if b"\n" not in head and b"\r" in head.rstrip(b"\r"):
        raise DataError(f"{text.name}: lines end in carriage returns alone; save the file with line feeds")


def _find_nul(text: Text) -> int:
    if isinstance(text.source, bytes):
        return text.source.find(b"\0")
    with text.source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b"\0")
