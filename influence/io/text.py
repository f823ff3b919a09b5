"""The bytes of a text file, unpacked, checked for what is no UTF-8 text, and with a way to parse them."""

from __future__ import annotations

import dataclasses
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.raw import first_line

__all__ = ["Text", "load_text"]

_HEAD = 1 << 16
# The unit separator: no text of people holds it, so a "column" is a line.
_LINE = "\x1f"


@dataclasses.dataclass(frozen=True)
class Text:
    """The content of a text file.

    Attributes
    ----------
    name : str
        What messages call it.
    data : numpy.ndarray
        Its bytes.
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
        """Yield the first lines, without what ends them."""
        text = self.data[:_HEAD].tobytes().decode("utf-8-sig", errors="replace")
        return (line.rstrip("\r") for line in text.split("\n"))

    def after(self, lines: int) -> Text:
        """Return the text without its first lines."""
        if not lines:
            return self
        ends = np.flatnonzero(self.data[:_HEAD] == ord("\n"))
        data = self.data[int(ends[lines - 1]) + 1 :]
        return Text(self.name, data, data.tobytes(), self.skipped + lines)

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
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unreadable(error) from error

    def lines(self) -> pl.Series:
        """Return the lines as one column; blank ones are null."""
        frame = self.parse(has_header=False, separator=_LINE, quote_char=None)
        return frame.to_series().alias("line") if frame.width else pl.Series("line", [], dtype=pl.String)

    def _unreadable(self, error: Exception) -> DataError:
        try:
            self.data.tobytes().decode("utf-8")
        except UnicodeDecodeError as fault:
            line = self.skipped + 1 + int(np.count_nonzero(self.data[: fault.start] == ord("\n")))
            return DataError(f"{self.name}, line {line}: not UTF-8 text; save the file as UTF-8")
        return DataError(f"{self.name}: cannot be split into rows ({first_line(error)}); check its quotes")


def load_text(name: str, path: Path, packed: str) -> Text:
    """Return the text of a file, unpacked if ``packed`` is ``.gz`` or ``.zst``.

    Raises
    ------
    DataError
        It can't be read or unpacked, is empty, or is no UTF-8 text with line feeds.
    """
    content = b""
    try:
        if packed == ".gz":
            # Python checks length and checksum of each member; a parser would read what there is.
            content = gzip.decompress(path.read_bytes())
        elif packed == ".zst":
            content = _unzstd(path)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{name}: cannot be unpacked ({first_line(error)}); it may be cut off: copy or download it again"
        ) from error
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{name}: not UTF-8 text ({first_line(error)}); save the file as UTF-8") from error
    if packed:
        text = Text(name, np.frombuffer(content, dtype=np.uint8), content)
    elif path.stat().st_size:
        text = Text(name, np.memmap(path, dtype=np.uint8, mode="r"), path)
    else:
        text = Text(name, np.empty(0, dtype=np.uint8), b"")
    _check(text)
    return text


def _unzstd(path: Path) -> bytes:
    """Unpack Zstandard by way of polars: the standard library can't before Python 3.14."""
    if not path.stat().st_size:
        return b""
    try:
        frame = pl.read_csv(path, has_header=False, separator=_LINE, quote_char=None, infer_schema=False, glob=False)
    except pl.exceptions.NoDataError:
        return b""
    joined: str = frame.to_series().fill_null("").str.join("\n").item()
    return f"{joined}\n".encode()


def _check(text: Text) -> None:
    head = text.data[:_HEAD].tobytes()
    if not head.strip(b"\xef\xbb\xbf\r\n\t "):
        raise DataError(f"{text.name}: the file is empty; one without rows still needs a header line")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head:
        raise DataError(f"{text.name}: not UTF-8 text (UTF-16, or not text at all); save the file as UTF-8")
    if b"\n" not in head and b"\r" in head.rstrip(b"\r"):
        raise DataError(f"{text.name}: lines end in carriage returns alone; save the file with line feeds")
