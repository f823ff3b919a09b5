"""Numbers as people write them: 1234.5, 1,234.50 and 1.234,50, and never a guess between the last two."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from influence.io.problems import Problems, show
from influence.io.schema import Field

__all__ = ["mark_of", "read_number"]

# Spaces (no-break and narrow ones too) and apostrophes only ever group digits.
_GROUPS = "[ '\u00a0\u202f\u2019]"
_CLEAN = rf"([0-9]){_GROUPS}([0-9]{{3}})"
_COMMA = r"^[+-]?(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?$"
_POINT = r"^[+-]?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?$"
_NO_NUMBER = r"^(?i)[+-]?(?:nan|inf|infinity)$"
_THOUSANDS = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$"


def mark_of(texts: Iterable[pl.Series]) -> str | None:
    """Return the decimal mark of the number columns of one file, or None where they don't tell.

    They tell by a number that only one mark explains: ``0,5`` and ``1.234,00``, or ``0.5`` and ``1,234.00``. Where
    nothing but a point occurs, it is a decimal point.
    """
    odd, comma, point = False, False, False
    for text in texts:
        numbers = text.cast(pl.Float64, strict=False)
        if numbers.null_count() == text.null_count():
            point = point or bool(text.str.contains(".", literal=True).any())
            continue
        plain = _plain(text)
        by_comma, by_point = plain.str.contains(_COMMA), plain.str.contains(_POINT) | numbers.is_not_null()
        odd = odd or bool((by_comma & by_point & plain.str.contains(",", literal=True)).any())
        comma = comma or bool((by_comma & ~by_point).any())
        point = point or bool((by_point & ~by_comma).any())
    if comma != point:
        return "," if comma else "."
    return None if comma or odd else "."


def thousands(text: pl.Series) -> str | None:
    """Return a number such as ``12.345`` if every one with a point looks like it: it may be twelve thousand."""
    pointed = text.filter(text.str.contains(".", literal=True).fill_null(value=False))
    return str(pointed[0]) if len(pointed) and pointed.str.contains(_THOUSANDS).all() else None


def read_number(
    raw: pl.Series, text: pl.Series | None, mark: str | None, field: Field, problems: Problems
) -> pl.Series:
    """Return a column as finite floats within the bounds of ``field``; empty cells as null.

    Parameters
    ----------
    raw
        The column as it came.
    text
        The same as stripped text; None if it holds numbers.
    mark
        The decimal mark; None if the file does not tell.
    field
        What the column stands for.
    problems
        Told of every bad cell.
    """
    if text is None:
        values = raw.cast(pl.Float64)
        # What some tools store where there is nothing is told from a missing value: it may be a failed division.
    else:
        values = _parsed(text, mark)
        bad = text.is_not_null() & values.is_null()
        if bad.any():
            unclear = mark is None and (_plain(text).str.contains(_COMMA) & bad).any()
            clear = ", or write numbers as 1234.50"
            step = "Say which mark is the decimal one with --decimal , or --decimal ." if unclear else None
            if not unclear and mark == "," and (text.str.contains(_POINT) & bad).any():
                step = "The decimal mark is taken to be a comma; say --decimal . if it is a point"
            elif not unclear and mark == "." and (text.str.contains(r"[0-9],[0-9]") & bad).any():
                step = "Write numbers with a decimal point, not a comma, or say --decimal ,"
            problems.add(raw, bad, "is not a number", f"{step}{clear}" if unclear else step)
    problems.add(raw, ~values.is_finite(), "is not a finite number")
    if field.low is not None:
        problems.add(raw, values.is_finite() & (values < field.low), f"is below {field.low:g}")
    if field.high is not None:
        problems.add(raw, values.is_finite() & (values > field.high), f"is above {field.high:g}")
    return values


def note_thousands(name: str, text: pl.Series) -> str | None:
    """Return a note on numbers that may be read a thousand times too small, or nothing."""
    example = thousands(text)
    if example is None:
        return None
    return f"{name!r}: {show(example)} is read with a decimal point; say --decimal , if it groups thousands"


def _parsed(text: pl.Series, mark: str | None) -> pl.Series:
    if mark != ",":
        values = text.cast(pl.Float64, strict=False)
        if values.null_count() == text.null_count() or mark is None:
            return values
        plain = _plain(text)
        grouped = pl.select(pl.when(plain.str.contains(_POINT)).then(plain)).to_series().str.replace_all(",", "")
        return values.fill_null(grouped.cast(pl.Float64, strict=False))
    plain = _plain(text)
    known = pl.select(pl.when(plain.str.contains(_COMMA)).then(plain)).to_series()
    pointed = known.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    # What is no number at all keeps its own message, whatever the mark.
    other = pl.select(pl.when(text.str.contains(_NO_NUMBER)).then(text)).to_series()
    return pointed.fill_null(other).cast(pl.Float64, strict=False)


def _plain(text: pl.Series) -> pl.Series:
    """Return numbers without what only groups their digits, and with a minus that is one."""
    plain = text.str.replace("\u2212", "-", literal=True)
    # Twice, for a digit group has a neighbour on both sides.
    return plain.str.replace_all(_CLEAN, "${1}${2}").str.replace_all(_CLEAN, "${1}${2}")
