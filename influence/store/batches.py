"""From validated tables to what a store does not have yet, and back from its segments to tables."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import secrets
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl

from influence.errors import DataError, UsageError
from influence.io import SourceFile, Tables
from influence.store.pointer import LoadedFile

__all__ = ["CONSENT", "FRAMES", "KEYS", "Fresh", "fresh_rows", "latest", "stacked", "unseen"]

#: The tables, as :class:`Tables` names them.
FRAMES: tuple[str, ...] = tuple(field.name for field in dataclasses.fields(Tables) if "DataFrame" in str(field.type))

#: Columns whose values a store holds once: a second event is skipped, a second customer replaces the first.
KEYS: Mapping[str, str] = {"interactions": "id", "customers": "id"}

#: Columns of the customers that leave people out.
CONSENT = ("consent", "suppress")


@dataclasses.dataclass(frozen=True)
class Fresh:
    """Rows that come from files which are not in the store.

    Attributes
    ----------
    frames : dict of str to polars.DataFrame
    loaded : tuple of LoadedFile
        Where they come from.
    skipped : tuple of LoadedFile
        Files that the store has already, or that came twice.
    """

    frames: dict[str, pl.DataFrame]
    loaded: tuple[LoadedFile, ...]
    skipped: tuple[LoadedFile, ...]


def fresh_rows(tables: Tables, known: Iterable[LoadedFile]) -> Fresh:
    """Leave out the rows of files, or of whole frames, whose content is known.

    Raises
    ------
    UsageError
        A known file and a new one were read into one table in such a way that their rows cannot be told apart.
    """
    seen = {file.key for file in known}
    frames: dict[str, pl.DataFrame] = {}
    loaded: list[LoadedFile] = []
    skipped: list[LoadedFile] = []
    for role in FRAMES:
        frame = getattr(tables, role)
        if frame is None:
            continue
        files = _identified([f for f in tables.files if f.role == role], role, frame)
        kept = []
        for file in files:
            kept.append(file.key not in seen)
            seen.add(file.key)
            (loaded if kept[-1] else skipped).append(file)
        if all(kept):
            frames[role] = frame
        elif any(kept):
            # Rows are in the order of their files.
            if sum(file.rows for file in files) != frame.height:
                names = ", ".join(file.path for file, new in zip(files, kept, strict=True) if not new)
                raise UsageError(f"{names}: in the store already; load the other {role} without it")
            mask = np.repeat(np.array(kept), [file.rows for file in files])
            frames[role] = frame.filter(pl.Series(mask))
    return Fresh(frames, tuple(loaded), tuple(skipped))


def _identified(files: Sequence[SourceFile], role: str, frame: pl.DataFrame) -> list[LoadedFile]:
    """Return what a table was read from, each with a hash: of its rows, where none is known of its bytes."""
    if not files:
        return [LoadedFile(f"{role} frame", role, frame.height, _fingerprint(frame))]
    told_apart = sum(file.rows for file in files) == frame.height
    found = []
    start = 0
    for file in files:
        content = file.sha256
        if not content:  # and without its rows, nothing can be said to be the same as it
            content = _fingerprint(frame[start : start + file.rows]) if told_apart else secrets.token_hex(32)
        found.append(LoadedFile(file.path, role, file.rows, content))
        start += file.rows
    return found


def _fingerprint(frame: pl.DataFrame) -> str:
    """Return the SHA-256 of a frame's content."""
    buffer = io.BytesIO()
    try:
        # The oldest layout: the newest one keeps traces of how texts came together.
        frame.rechunk().write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(f"a column cannot be stored: {error}") from error
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


def unseen(values: pl.Series, before: Sequence[pl.Series]) -> pl.Series:
    """Return which values occur for the first time; nulls always do. Values compare as text."""
    series = [values, *before]
    if any(one.dtype != pl.Int64 for one in series):
        series = [one.cast(pl.String) for one in series]
    new = series[0].is_first_distinct()
    for old in series[1:]:
        new = new & ~series[0].is_in(old.implode()).fill_null(False)
    return new | values.is_null()


def stacked(role: str, named: Sequence[tuple[str, pl.DataFrame]]) -> pl.DataFrame:
    """Return frames one below the other under the rules by which files are.

    Raises
    ------
    DataError
        They cannot be one table.
    """
    from influence.io.canonical import Part, joined
    from influence.io.raw import numbered
    from influence.io.schema import SCHEMA

    if role in SCHEMA:
        return joined(role, [Part(name, frame, numbered) for name, frame in named])
    return pl.concat([frame for _, frame in named], how="diagonal_relaxed")


def latest(role: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the table with one row for each customer, the one that was loaded last.

    A consent that was denied stays denied where the newer row says nothing about it: a file without that column is no
    change of mind.
    """
    if role != "customers":
        return frame
    kept = [pl.col(name).forward_fill().over("id") for name in CONSENT if name in frame.columns]
    return frame.with_columns(kept).unique("id", keep="last", maintain_order=True)
