"""Parquet, from files, from bytes and from object stores."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.raw import LARGE_ROWS, Raw, first_line, frame_rows, numbered

__all__ = ["ParquetSource", "is_remote"]

_SCHEMES = ("s3", "s3a", "gs", "gcs", "az", "azure", "adl", "abfs", "abfss", "http", "https", "hf")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ImportError, ValueError, TypeError)


def is_remote(name: str) -> bool:
    """Return whether a source is the address of an object, not a path.

    Raises
    ------
    DataError
        It is an address of a kind that is not read.
    """
    url = _URL.match(name)
    if url is None:
        return False
    if url[1].lower() not in _SCHEMES:
        raise DataError(f"{name}: addresses of this kind are not read, only {', '.join(_SCHEMES)}; copy the file here")
    path = re.split(r"[?#]", name)[0]
    if not path.lower().endswith(".parquet"):
        raise DataError(f"{name}: only Parquet is read from an address; copy the file here, or convert it to .parquet")
    return True


class ParquetSource:
    """A Parquet file; only the columns that are asked for are read.

    Raises
    ------
    DataError
        It can't be read as Parquet.
    """

    headless = False

    def __init__(self, name: str, source: Path | str | bytes, digest: str = "") -> None:
        self.name = name
        self.digest = digest
        self._remote = isinstance(source, str)
        given = io.BytesIO(source) if isinstance(source, bytes) else source
        # A folder called year=2024 is a folder here, not a column; [ and * are letters.
        try:
            self._frame = pl.scan_parquet(given, glob=False, hive_partitioning=False)
            self.columns: Sequence[str] = self._frame.collect_schema().names()
        except _FAILURES as error:
            raise self._broken(error) from error

    def _broken(self, error: BaseException) -> DataError:
        if self._remote:
            return DataError(
                f"{self.name}: cannot be read from there ({first_line(error)}); check the address, the network and "
                "the credentials in the environment, or copy the file here"
            )
        return DataError(f"{self.name}: cannot be read as Parquet ({first_line(error)}); write or download it again")

    def read(self, columns: Sequence[str], *, strict: bool, coded: Collection[str] = ()) -> Raw:
        """Read these columns."""
        del strict  # a row of Parquet has all its columns
        frame = self._frame.select(columns)
        schema = frame.collect_schema()
        text = [column for column in coded if schema[column] == pl.String]
        if text and self._collect(self._frame.select(pl.len())).item() >= LARGE_ROWS:
            frame = frame.with_columns(pl.col(text).cast(pl.Categorical(pl.Categories.random())))

        def written(rows: npt.NDArray[np.int64]) -> list[dict[str, str | None]]:
            return frame_rows(self._collect(self._frame.select(pl.all().gather(pl.Series(rows)))))

        return Raw(self.name, self._collect(frame), numbered, written)

    def _collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        try:
            return frame.collect(engine="streaming")
        except _FAILURES as error:
            raise self._broken(error) from error
