"""One person, one code: the ids of every table, in one order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError

__all__ = ["IdIndex", "whole"]

# One spelling per number: "007", "+7" and "-0" stay text, else two people could become one.
_CANONICAL = r"^(?:0|-?[1-9][0-9]{0,18})$"
# A table of at most this many slots per id costs less than hashing.
_SPARSE = 8
_SMALL = 1 << 22
_FIRST = 1 << 10


def whole(text: pl.Series) -> pl.Series | None:
    """Return text as Int64 if every value is a canonical integer that fits, else None; nulls stay null."""
    # Where it is none, the first rows mostly show it.
    if not text.head(_FIRST).str.contains(_CANONICAL).all() or not text.str.contains(_CANONICAL).all():
        return None
    numbers = text.cast(pl.Int64, strict=False)
    return numbers if numbers.null_count() == text.null_count() else None


class IdIndex:
    """A two-way map between ids and the codes 0, 1, … in id order.

    Ids compare as text: the number 5 and the text ``"5"`` are one id. If all ids are canonical integers they are in
    numeric order, else all are in the order of their UTF-8 bytes. Codes depend on the set of ids alone.

    Attributes
    ----------
    numeric : bool
        Whether all ids are canonical integers.

    Examples
    --------
    >>> import polars as pl
    >>> index = IdIndex.of(pl.Series([10, 9]), pl.Series(["9", "11"]))
    >>> index.ids().to_list(), index.codes(pl.Series(["10", "12"])).tolist()
    (['9', '10', '11'], [1, -1])
    """

    __slots__ = ("_ids", "_low", "_table", "numeric")

    def __init__(self, ids: pl.Series) -> None:
        # Private: ``ids`` is sorted, distinct, without nulls, and Int64 or String. Use ``of``.
        if len(ids) > np.iinfo(np.int32).max:
            raise DataError(f"{len(ids):,} different ids are more than the engine can hold (2,147,483,647)")
        self._ids = ids
        self.numeric = ids.dtype == pl.Int64
        self._low = 0
        self._table: npt.NDArray[np.int32] | None = None
        if self.numeric and len(ids):
            values = ids.to_numpy()
            self._low = int(values[0])
            span = int(values[-1]) - self._low + 1
            if span <= max(_SMALL, _SPARSE * len(ids)):
                self._table = np.full(span, -1, dtype=np.int32)
                self._table[values - self._low] = np.arange(len(ids), dtype=np.int32)

    @classmethod
    def of(cls, *columns: pl.Series) -> IdIndex:
        """Return the index of every id in ``columns``, of integers or text; nulls are passed over."""
        parts = []
        for column in columns:
            part = _integers(column)
            if part.dtype != pl.Int64:
                part = part.unique().cast(pl.String)
                number = whole(part)
                part = part if number is None else number
            parts.append(part)
        if all(part.dtype == pl.Int64 for part in parts):
            return cls(_distinct([part.drop_nulls() for part in parts]))
        texts = [part.drop_nulls().unique().cast(pl.String) for part in parts]
        # "" is nobody's id, yet dropping it here would hide a fault of the caller: it stays.
        return cls(pl.concat(texts).unique().sort())

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return f"IdIndex({len(self):,} {'numeric' if self.numeric else 'text'} ids)"

    def codes(self, column: pl.Series) -> npt.NDArray[np.int32]:
        """Return the code of each id: int32, the shape of ``column``, -1 where an id is unknown or null."""
        if isinstance(column.dtype, pl.Categorical):
            return self._of_each(column)
        if not self.numeric:
            return self._look_up(column.cast(pl.String))
        column = _integers(column)
        if column.dtype != pl.Int64:
            text = column.cast(pl.String)
            column = (
                pl.select(pl.when(text.str.contains(_CANONICAL)).then(text)).to_series().cast(pl.Int64, strict=False)
            )
        if self._table is None:
            return self._look_up(column)
        known = column.is_between(self._low, self._low + len(self._table) - 1).fill_null(value=False).to_numpy()
        if known.all():
            return np.take(self._table, column.to_numpy() - self._low)
        values = column.fill_null(self._low).to_numpy()
        out = np.full(len(column), -1, dtype=np.int32)
        out[known] = self._table[values[known] - self._low]
        return out

    def _of_each(self, column: pl.Series) -> npt.NDArray[np.int32]:
        """Return codes of a Categorical column by looking each distinct id up once."""
        distinct = column.unique().drop_nulls()
        physical = distinct.to_physical().to_numpy()
        table = np.full(int(physical.max(initial=0)) + 2, -1, np.int32)
        table[physical] = self.codes(distinct.cast(pl.String))
        return np.take(table, column.to_physical().fill_null(len(table) - 1).to_numpy())

    def _look_up(self, column: pl.Series) -> npt.NDArray[np.int32]:
        if not len(self._ids):
            return np.full(len(column), -1, dtype=np.int32)
        codes = pl.Series(np.arange(len(self._ids), dtype=np.int32))
        found = column.replace_strict(self._ids, codes, default=-1, return_dtype=pl.Int32)
        # Kernels take arrays that can be written: a read-only one would compile them a second time.
        return np.array(found.fill_null(-1).to_numpy(), dtype=np.int32)

    def ids(self, codes: npt.ArrayLike | None = None) -> pl.Series:
        """Return the ids of ``codes`` as canonical text, or all ids in order.

        Raises
        ------
        IndexError
            A code is not one of 0 … len - 1; -1 would otherwise name the last person.
        """
        if codes is None:
            return self._ids.cast(pl.String).alias("id")
        wanted = np.asarray(codes, dtype=np.int64)
        if wanted.size and (wanted.min() < 0 or wanted.max() >= len(self)):
            raise IndexError(f"codes must lie in 0 … {len(self) - 1}, not {wanted.min()} … {wanted.max()}")
        return self._ids.gather(wanted).cast(pl.String).alias("id")


def _integers(column: pl.Series) -> pl.Series:
    """Return an integer column as Int64 where all of it fits; any other column as it is."""
    if column.dtype == pl.Int64 or not column.dtype.is_integer():
        return column
    wide = column.cast(pl.Int64, strict=False)
    return wide if wide.null_count() == column.null_count() else column


def _distinct(parts: list[pl.Series]) -> pl.Series:
    """Return the sorted distinct values of Int64 columns without nulls."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return pl.Series("id", [], dtype=pl.Int64)
    low = min(int(part.to_numpy().min()) for part in parts)
    high = max(int(part.to_numpy().max()) for part in parts)
    if high - low + 1 > max(_SMALL, _SPARSE * sum(map(len, parts))):
        return pl.concat([part.unique() for part in parts]).unique().sort()
    present = np.zeros(high - low + 1, dtype=bool)
    for part in parts:
        present[part.to_numpy() - low] = True
    return pl.Series("id", np.flatnonzero(present) + low, dtype=pl.Int64)
