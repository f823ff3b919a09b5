"""Which rows of a ranking to show: those that meet a condition, without people who were contacted already."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import operator
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from influence.io import read_tables
from influence.io.problems import listed, show
from influence.io.schema import normal
from influence.score.conditions import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Contains,
    Literal,
    Membership,
    Missing,
    Name,
    Negation,
    Operand,
    Truth,
    fault,
    parse,
)

__all__ = ["exclude", "read_ids", "where"]

_KINDS = {"number": "a number", "text": "text", "flag": "true or false", "time": "a time"}
_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TYPES = {"number": pl.Float64(), "text": pl.String(), "flag": pl.Boolean(), "time": pl.Datetime("us")}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def where(frame: pl.DataFrame, condition: str, labels: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the rows of a ranking that meet a condition; columns, order and ranks stay.

    As in SQL, a comparison with an empty cell is neither true nor false, nor is its negation: ``not nps < 7`` leaves
    out who gave no answer, and ``nps is null`` finds her. NaN is an empty cell.

    Parameters
    ----------
    frame : polars.DataFrame
        With ``id`` where there are labels.
    condition : str
        Such as ``segment = 'gold' and own_value > 100``; see :func:`influence.score.conditions.parse`. Names are those
        of the columns, also with other case, spaces or underscores where only one reads so. ``"gold"`` is a column if
        there is one, else text. Times are compared with ISO dates in quotes, which stand for their midnight in UTC.
        Labels that came as text and are all numbers compare with numbers.
    labels : polars.DataFrame, optional
        The customers table, by ``id``; a column of the ranking wins over a label of the same name.

    Raises
    ------
    UsageError
        It is no condition, names no column, or compares what cannot be compared; the message names the position.

    Examples
    --------
    >>> frame = pl.DataFrame({"rank": [1, 2, 3], "id": ["a", "b", "c"], "own_value": [5.0, 500.0, 50.0]})
    >>> labels = pl.DataFrame({"id": ["a", "b", "c"], "nps": [9.0, None, 3.0]})
    >>> where(frame, "own_value >= 50 and not nps < 7", labels)["id"].to_list()
    []
    >>> where(frame, "own_value >= 50 or nps > 8", labels)["id"].to_list()
    ['a', 'b', 'c']
    """
    tree = parse(condition)
    columns = list(frame.columns)
    if labels is not None:
        columns += [name for name in labels.columns if name not in frame.columns]
    chosen = {name: column for name in _names(tree) if (column := _find(name.name, columns)) is not None}
    needed = [column for column in dict.fromkeys(chosen.values()) if column not in frame.columns]
    table = frame
    if needed and labels is not None:
        key = "_id"
        while key in columns:
            key += "_"
        known = labels.select(pl.col("id").cast(pl.String).alias(key), *needed).unique(key, keep="first")
        table = frame.with_columns(pl.col("id").cast(pl.String).alias(key)).join(
            known, on=key, how="left", maintain_order="left"
        )
    keep = table.select(keep=_Compiler(table, chosen, columns).expression(tree))["keep"]
    return frame.filter(keep.fill_null(value=False))


def exclude(frame: pl.DataFrame, ids: Sequence[str | int] | pl.Series) -> tuple[pl.DataFrame, str]:
    """Return a ranking without some people, such as those contacted already, and a note of how many these are.

    They were ranked, and their ties count: only their rows go. Everybody keeps her ``rank``: it says where she stands
    among all, compares with other runs, and does not change because somebody above her was called.

    Parameters
    ----------
    ids : sequence of str or int, or polars.Series
        Compared as text.
    """
    given = (ids if isinstance(ids, pl.Series) else pl.Series([str(one) for one in ids], dtype=pl.String)).cast(
        pl.String
    )
    people = given.drop_nulls().unique()
    names = frame["id"].cast(pl.String)
    kept = frame.filter(~names.is_in(people.implode()))
    strangers = len(people) - int(people.is_in(names.implode()).sum())
    note = f"excluded from the list, still in the graph: {frame.height - kept.height:,} people; ranks stay"
    if strangers:
        note += f"; {strangers:,} of the {len(people):,} ids are not in the ranking"
    return kept, note


def read_ids(path: str | Path) -> pl.Series:
    """Read a list of people: a table with a column of ids, or one id on each line.

    Returns
    -------
    polars.Series
        Distinct ids as text, in the order of the file.

    Raises
    ------
    DataError
        The file is missing, or holds no ids; the message names the line.
    """
    table = read_tables([f"suppress={path}"]).suppress
    ids = pl.Series("id", [], dtype=pl.String) if table is None else table["id"].cast(pl.String)
    return ids.unique(maintain_order=True).alias("id")


def _names(tree: Condition) -> list[Name]:
    if isinstance(tree, Comparison):
        return [operand for operand in (tree.left, tree.right) if isinstance(operand, Name)]
    if isinstance(tree, Negation):
        return _names(tree.condition)
    if isinstance(tree, (All, AnyOf)):
        return [name for part in tree.conditions for name in _names(part)]
    return [tree.name]


def _find(name: str, columns: Sequence[str]) -> str | None:
    """Return the column of this very name, else the only one that reads the same."""
    if name in columns:
        return name
    alike = [column for column in columns if normal(column) == normal(name)]
    return alike[0] if len(alike) == 1 else None


class _Compiler:
    """A tree to an expression over a table, whose types it checks."""

    def __init__(self, table: pl.DataFrame, chosen: dict[Name, str], columns: Sequence[str]) -> None:
        self._table = table
        self._chosen = chosen
        self._columns = columns
        self._numbers: dict[str, bool] = {}

    def expression(self, tree: Condition) -> pl.Expr:
        if isinstance(tree, Comparison):
            return self._comparison(tree)
        if isinstance(tree, Negation):
            return ~self.expression(tree.condition)
        if isinstance(tree, All):
            return _balanced([self.expression(part) for part in tree.conditions], operator.and_)
        if isinstance(tree, AnyOf):
            return _balanced([self.expression(part) for part in tree.conditions], operator.or_)
        column = self._column(tree.name)
        if isinstance(tree, Missing):
            return _cells(self._table.schema[column], column).is_null()
        kind = self._kind(column, tree.name.at)
        if isinstance(tree, Truth):
            if kind not in ("flag", "empty"):
                fault(f"{column} is {_KINDS[kind]}, no condition by itself; compare it with something", tree.name.at)
            return self._read(column, "flag")
        if isinstance(tree, Contains):
            if kind not in ("text", "empty"):
                fault(f"{column} is {_KINDS[kind]}; contains looks into text", tree.name.at)
            return self._read(column, "text").str.contains(str(tree.text.value), literal=True)
        if isinstance(tree, Membership):
            return self._with_any(column, tree.values)
        raise AssertionError(tree)

    def _comparison(self, tree: Comparison) -> pl.Expr:
        left, right, sign = tree.left, tree.right, tree.operator
        if self._is_value(left, right):
            left, right, sign = right, left, _TURNED.get(sign, sign)
        if isinstance(left, Literal):
            fault("two values are compared, and no column", left.at)
        column = self._column(left)
        if isinstance(right, Literal):
            return self._with_value(sign, column, right)
        if right not in self._chosen and right.quote == '"':
            return self._with_value(sign, column, Literal(right.name, right.at))
        return self._with_column(sign, column, self._column(right, column), right.at)

    def _is_value(self, one: Operand, other: Operand) -> bool:
        """Return whether one is a value beside a column; what stands in double quotes is text if it is no column."""
        if not isinstance(other, Name):
            return False
        return isinstance(one, Literal) or (one.quote == '"' and one not in self._chosen and other in self._chosen)

    def _column(self, name: Name, beside: str | None = None) -> str:
        if name in self._chosen:
            return self._chosen[name]
        alike = [column for column in self._columns if normal(column) == normal(name.name)]
        if alike:
            fault(f"{show(name.name)} may be any of the columns {listed(alike)}; write one of them", name.at)
        close = difflib.get_close_matches(name.name[:100], self._columns, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {listed(self._columns)}"
        if beside is not None and not name.quote:
            hint += f" (if it is text, write '{name.name[:40]}')"
        fault(f"there is no column {show(name.name)}; {hint}", name.at)

    def _kind(self, column: str, at: int) -> str:
        dtype = self._table.schema[column]
        if dtype.is_numeric():
            return "number"
        if dtype == pl.Boolean:
            return "flag"
        if dtype in (pl.Date, pl.Datetime):
            return "time"
        if dtype == pl.String or isinstance(dtype, (pl.Categorical, pl.Enum)):
            return "text"
        if dtype == pl.Null:
            return "empty"
        fault(f"{column} holds {dtype}, which cannot be compared; is null is all that can be asked", at)

    def _read(self, column: str, kind: str) -> pl.Expr:
        """Return a column in the one type of its kind."""
        dtype = self._table.schema[column]
        cells = _cells(dtype, column)
        if dtype == pl.Null:
            return cells.cast(pl.String if kind == "text" else pl.Boolean)
        if kind == "number":
            if dtype == pl.String:
                return cells.str.strip_chars().cast(pl.Float64, strict=False).fill_nan(None)
            return cells.cast(pl.Int64 if self._is_whole(column) else pl.Float64)
        if kind == "time":
            if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
                cells = cells.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            return cells.cast(pl.Datetime("us"))
        return cells.cast(pl.String) if kind == "text" else cells

    def _is_whole(self, column: str) -> bool:
        dtype = self._table.schema[column]
        return dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128)

    def _holds_numbers(self, column: str) -> bool:
        """Return whether a column of text holds numbers alone: labels of a CSV file come as text."""
        if column not in self._numbers:
            dtype = self._table.schema[column]
            cells = self._table[column].drop_nulls()
            self._numbers[column] = dtype == pl.String and bool(
                len(cells) and cells.str.strip_chars().cast(pl.Float64, strict=False).is_finite().fill_null(False).all()
            )
        return self._numbers[column]

    def _with_value(self, sign: str, column: str, value: Literal) -> pl.Expr:
        kind, given = self._value(column, value)
        cells = self._read(column, kind)
        if kind == "empty":
            return cells  # whatever is asked, no cell has an answer
        if kind == "flag" and sign not in ("=", "!="):
            fault(f"{column} is true or false; compare with = or !=, not {sign}", value.at)
        return _COMPARE[sign](cells, pl.lit(given))

    def _with_any(self, column: str, values: Sequence[Literal]) -> pl.Expr:
        given = [self._value(column, value) for value in values]
        kind = given[0][0]
        if any(other != kind for other, _ in given):  # a label of numbers beside numbers and text
            return _balanced([self._with_value("=", column, value) for value in values], operator.or_)
        cells = self._read(column, kind)
        if kind == "empty":
            return cells
        dtype = _TYPES[kind]
        if kind == "number" and all(isinstance(number, int) for _, number in given) and self._is_whole(column):
            dtype = pl.Int64()
        among = pl.Series([one for _, one in given], dtype=dtype)
        return cells.cast(dtype).is_in(among.implode())

    def _value(self, column: str, value: Literal) -> tuple[str, float | str | bool | dt.datetime]:
        """Return as what a column is compared with a value, and the value as that."""
        kind = self._kind(column, value.at)
        given = value.value
        flag = isinstance(given, bool)
        if kind == "text" and not flag and not isinstance(given, str) and self._holds_numbers(column):
            kind = "number"
        if kind == "text" and not isinstance(given, str):
            fault(f"{column} is text; {_said(given)} is not: write '{_said(given)}' in quotes", value.at)
        if kind == "flag" and not flag:
            fault(f"{column} is true or false; {_said(given)} is not", value.at)
        if kind == "time":
            return kind, _moment(column, value)
        if kind == "number":
            number = _as_number(given) if isinstance(given, str) else given
            if number is None or flag:
                fault(f"{column} is a number; {_said(given)} is not", value.at)
            return kind, number
        return kind, given

    def _with_column(self, sign: str, one: str, other: str, at: int) -> pl.Expr:
        kinds = [self._kind(column, at) for column in (one, other)]
        if "empty" in kinds:
            return self._read((one, other)[kinds.index("empty")], "flag")
        for place, column in enumerate((one, other)):
            if kinds[place] == "text" and kinds[1 - place] == "number" and self._holds_numbers(column):
                kinds[place] = "number"
        if kinds[0] != kinds[1]:
            fault(f"{one} is {_KINDS[kinds[0]]} and {other} is {_KINDS[kinds[1]]}: they cannot be compared", at)
        if kinds[0] == "flag" and sign not in ("=", "!="):
            fault(f"{one} is true or false; compare with = or !=", at)
        return _COMPARE[sign](self._read(one, kinds[0]), self._read(other, kinds[1]))


def _cells(dtype: pl.DataType, column: str) -> pl.Expr:
    cells = pl.col(column)
    return cells.fill_nan(None) if dtype.is_float() else cells


def _balanced(parts: list[pl.Expr], join: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    """Join in pairs: a chain of thousands would be as deep as it is long."""
    while len(parts) > 1:
        pairs = [join(*parts[place : place + 2]) for place in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[2 * len(pairs) :]
    return parts[0]


def _said(value: float | str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else show(value)


def _as_number(text: str) -> float | None:
    try:
        number = float(text.replace("_", "x"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _moment(column: str, value: Literal) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(str(value.value) if isinstance(value.value, str) else "")
        return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        fault(f"{column} is a time; {_said(value.value)} is not: write '2024-01-31' or '2024-01-31T12:00:00'", value.at)
