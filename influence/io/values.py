"""One column at a time: from what a file holds to the canonical type, with every bad cell reported."""

from __future__ import annotations

import difflib

import polars as pl

from influence.config import REFERRAL_TYPES, Settings
from influence.errors import DataError
from influence.io.ids import whole
from influence.io.problems import Problems, show
from influence.io.schema import TYPE_SPELLINGS, Field

__all__ = ["as_text", "empty", "read_code", "read_flag", "read_ids", "read_number", "read_text", "read_type"]

# Above it a float no longer tells neighbouring whole numbers apart.
_EXACT = 2**53
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")
_NO_CODE = (*_NO, "none")


def as_text(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return a column as stripped text, nothing but white space as null.

    Raises
    ------
    DataError
        The column holds lists, records or bytes.
    """
    if raw.dtype.is_nested() or raw.dtype in (pl.Binary, pl.Object):
        raise DataError(f"{problems.name}, column {raw.name!r}: {raw.dtype} can't be read; store text or numbers")
    text = raw.cast(pl.String).str.strip_chars()
    return pl.select(pl.when(text != "").then(text)).to_series().alias(raw.name)


def empty(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return which cells of a column hold nothing."""
    return (as_text(raw, problems) if raw.dtype in (pl.String, pl.Categorical, pl.Enum) else raw).is_null()


def read_ids(raw: pl.Series, problems: Problems, notes: list[str]) -> pl.Series:
    """Return ids as Int64 if every one is a canonical integer, otherwise as stripped text; empty ones as null."""
    dtype = raw.dtype
    if dtype.is_integer():
        numbers = raw.cast(pl.Int64, strict=False)
        return numbers if numbers.null_count() == raw.null_count() else raw.cast(pl.String)
    if dtype.is_float():
        return _float_ids(raw, problems, notes)
    if dtype == pl.Boolean or dtype.is_temporal():
        raise DataError(f"{problems.name}, column {raw.name!r}: {dtype} is no id; store ids as text or whole numbers")
    text = as_text(raw, problems)
    numbers_or_none = whole(text)
    if numbers_or_none is None and text.str.contains(r"^-?[0-9]+\.0+$").all():
        numbers_or_none = whole(text.str.replace(r"\.0+$", ""))
        if numbers_or_none is not None:
            notes.append(f"{problems.name}: the ids in {raw.name!r} are written like 12.0 and are read as 12")
    return text if numbers_or_none is None else numbers_or_none


def _float_ids(raw: pl.Series, problems: Problems, notes: list[str]) -> pl.Series:
    """Return ids that some tool stored as floats, as it does where one is missing; only the missing are null."""
    values = raw.cast(pl.Float64).fill_nan(None)
    good = (values == values.round()) & (values.abs() < _EXACT)
    problems.add(raw, ~good, "is no id", "Store ids as text or whole numbers")
    notes.append(f"{problems.name}: the ids in {raw.name!r} are stored as floats and are read as whole numbers")
    return pl.select(pl.when(values.is_null() | good).then(values).otherwise(0)).to_series().cast(pl.Int64)


def read_number(raw: pl.Series, field: Field, problems: Problems) -> pl.Series:
    """Return a column as finite floats within the bounds of ``field``; empty cells as null."""
    if raw.dtype.is_numeric() or raw.dtype == pl.Null:
        given = raw.is_not_null()
        values = raw.cast(pl.Float64)
    else:
        text = as_text(raw, problems)
        given = text.is_not_null()
        values = text.cast(pl.Float64, strict=False)
        commas = (text.str.contains(r"^[+-]?[0-9]+,[0-9]+$") & values.is_null()).any()
        step = "Write numbers with a decimal point, not a comma" if commas else None
        problems.add(raw, given & values.is_null(), "is not a number", step)
    problems.add(raw, ~values.is_finite(), "is not a finite number")
    if field.low is not None:
        problems.add(raw, values.is_finite() & (values < field.low), f"is below {field.low:g}")
    if field.high is not None:
        problems.add(raw, values.is_finite() & (values > field.high), f"is above {field.high:g}")
    return values


def read_flag(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return a column of true/false, 1/0 or yes/no as Boolean; empty cells as null."""
    if raw.dtype == pl.Boolean:
        return raw
    text = _flag_text(raw, problems)
    yes, no = text.is_in(_YES), text.is_in(_NO)
    problems.add(raw, ~(yes | no), "is neither true nor false", "Write true or false, 1 or 0, yes or no")
    return yes


def read_code(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return a column as Boolean, in which any text but a no, such as the code of a coupon, is a yes."""
    if raw.dtype == pl.Boolean:
        return raw
    return ~_flag_text(raw, problems).is_in(_NO_CODE)


def _flag_text(raw: pl.Series, problems: Problems) -> pl.Series:
    if raw.dtype.is_float():
        raw = pl.select(pl.when(raw == raw.round()).then(raw.cast(pl.Int64, strict=False))).to_series().alias(raw.name)
    return as_text(raw, problems).str.to_lowercase()


def read_text(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return a column as stripped text; empty cells as null."""
    return as_text(raw, problems)


def read_type(raw: pl.Series, settings: Settings, problems: Problems) -> pl.Series:
    """Return types of interaction under the names that the settings know.

    A name in the settings wins over a common spelling of another: whoever weighs ``comment`` means comments.
    """
    text = as_text(raw, problems)
    known = (*settings.reaction_weights, *REFERRAL_TYPES)
    spelled = {name: name for name in known}
    spelled = {**TYPE_SPELLINGS, **{_plain(name): name for name in known}, **spelled}
    distinct = text.unique(maintain_order=True).drop_nulls()
    names = [spelled.get(name) or spelled.get(_plain(name)) for name in distinct.to_list()]
    mapped = pl.Series(names, dtype=pl.String)
    if not len(distinct):
        return text
    result = text.replace_strict(distinct, mapped, default=None, return_dtype=pl.String)
    unknown = [name for name, canonical in zip(distinct.to_list(), names, strict=True) if canonical is None]
    if unknown:
        problems.add(
            raw, text.is_not_null() & result.is_null(), "is not a known type", _type_step(unknown, spelled, known)
        )
    return result


def _plain(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _type_step(unknown: list[str], spelled: dict[str, str], known: tuple[str, ...]) -> str:
    name = unknown[0]
    close = difflib.get_close_matches(_plain(name), spelled, n=1, cutoff=0.7)
    hint = f"Did you mean {spelled[close[0]]!r}? " if close else ""
    if _plain(name) in ("follow", "follows", "followed"):
        hint = "Follows are a table of their own (follows=PATH). "
    more = f" (and {len(unknown) - 1:,} other unknown types)" if len(unknown) > 1 else ""
    return (
        f"{hint}Rename {show(name)}{more} to one of {', '.join(known)}, "
        "or add its weight under reaction_weights in influence.toml"
    )
