"""One column at a time: from what a file holds to the canonical type, with every bad cell reported."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping

import numpy as np
import polars as pl

from influence.config import REFERRAL_TYPES, Settings
from influence.errors import DataError, UsageError
from influence.io.ids import whole
from influence.io.problems import Problems, show
from influence.io.schema import TYPE_SPELLINGS

__all__ = [
    "as_text",
    "check_types",
    "empty",
    "read_code",
    "read_currency",
    "read_flag",
    "read_ids",
    "read_text",
    "read_type",
]

# Above it a float no longer tells neighbouring whole numbers apart.
_EXACT = 2**53
# Ids of which nothing needs to be said: printable ASCII without white space around it …
_PLAIN = r"^[!-~](?:[ -~]*[!-~])?$"
# … and no leading zero, number written as 12.0, list or record.
_TELLING = r"^(?:0[0-9]+$|-?[0-9]+\.0+$|\[|\{)"
_NO_TEXT = (pl.Binary, pl.Object, pl.Duration)
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")
# Where a row of text can be told from all of them.
_FIRST = 1 << 10
_NOBODY = ("null", "none", "nan", "n/a", "unknown", "undefined", "anonymous", "[deleted]", "(null)", "#n/a")
_PLACEHOLDERS = [spelled for name in _NOBODY for spelled in dict.fromkeys((name, name.upper(), name.title()))]
_PLACEHOLDERS += ["NaN", "NaT", "<NA>", "-", "?"]
_NO_CODE = (*_NO, "none")


def as_text(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return a column as stripped text, nothing but white space as null.

    Raises
    ------
    DataError
        The column holds lists, records, bytes, or anything else that has no one spelling.
    """
    if raw.dtype.is_nested() or raw.dtype in _NO_TEXT:
        raise DataError(f"{problems.name}, column {raw.name!r}: {raw.dtype} can't be read; store text or numbers")
    given = raw.cast(pl.String)
    text = given.str.strip_chars()
    size = text.str.len_bytes()
    if (size == given.str.len_bytes()).all():
        text = given  # as it nearly always is, and then one copy is enough
    return text if size.min() != 0 else pl.select(pl.when(size > 0).then(text)).to_series().alias(raw.name)


def empty(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return which cells of a column hold nothing."""
    return (as_text(raw, problems) if isinstance(raw.dtype, (pl.String, pl.Categorical, pl.Enum)) else raw).is_null()


def read_ids(raw: pl.Series, problems: Problems, notes: list[str], *, fold_case: bool = False) -> pl.Series:
    """Return ids as Int64 if every one is a canonical integer, otherwise as stripped text; empty ones as null."""
    dtype = raw.dtype
    if dtype.is_integer():
        numbers = raw.cast(pl.Int64, strict=False)
        return numbers if numbers.null_count() == raw.null_count() else raw.cast(pl.String)
    if dtype.is_float():
        return _float_ids(raw, problems, notes)
    if dtype == pl.Boolean or dtype.is_temporal():
        raise DataError(f"{problems.name}, column {raw.name!r}: {dtype} is no id; store ids as text or whole numbers")
    if isinstance(dtype, pl.Categorical):
        ids = _coded_ids(raw, fold_case)
        if ids is not None:
            return ids
        raw = raw.cast(pl.String)
    text = as_text(raw, problems)
    numbers_or_none = whole(text)
    if numbers_or_none is None and _is_float(text.head(_FIRST)) and _is_float(text):
        numbers_or_none = whole(text.str.replace(r"\.0+$", ""))
        if numbers_or_none is not None:
            notes.append(f"{problems.name}: the ids in {raw.name!r} are written like 12.0 and are read as 12")
    return _text_ids(raw, text, problems, notes, fold_case) if numbers_or_none is None else numbers_or_none


def _is_float(text: pl.Series) -> bool:
    return text.str.contains(r"^-?[0-9]+\.0+$").all()


def by_code(raw: pl.Series, distinct: pl.Series, values: pl.Series) -> pl.Series:
    """Return ``values`` in place of the ``distinct`` values of a Categorical column, null in place of null."""
    codes = distinct.to_physical().to_numpy()
    place = np.full(int(codes.max(initial=0)) + 2, len(values), np.uint32)
    place[codes] = np.arange(len(values), dtype=np.uint32)
    rows = raw.to_physical().fill_null(len(place) - 1).to_numpy()
    return values.extend_constant(None, 1).gather(place[rows]).alias(raw.name)


def _coded_ids(raw: pl.Series, fold_case: bool) -> pl.Series | None:
    """Return ids of which each distinct one was looked at once; None if one is not as it should be.

    What is odd is then told row by row, which a large clean column need not pay for.
    """
    distinct = raw.unique().drop_nulls()
    text = distinct.cast(pl.String)
    numbers = whole(text)
    if numbers is not None:
        return by_code(raw, distinct, numbers)
    plain = text.str.contains(_PLAIN).all() and not text.str.contains(_TELLING).any()
    if not plain or (fold_case and (text.str.to_lowercase() != text).any()):
        return None
    return raw


def _text_ids(raw: pl.Series, text: pl.Series, problems: Problems, notes: list[str], fold_case: bool) -> pl.Series:
    """Return ids that are text, and say what will keep two spellings of one person apart."""
    if not problems.checked:
        problems.add(raw, text.str.contains("\0", literal=True), "holds a NUL character")
    nested = _nested(text)
    if nested is not None:
        problems.add(raw, nested, "is a list or a record, no id")
    if fold_case:
        folded = _folded(text)
        changed = int((folded != text).sum())
        if changed:
            notes.append(f"{problems.name}: ids in {raw.name!r} are compared in lower case; rows changed: {changed:,}")
        text = folded
    held = text.filter(text.is_in(_PLACEHOLDERS))
    for name, count in held.value_counts(sort=True).head(3).rows():
        notes.append(
            f"{problems.name}: {show(name)} stands {count:,} times among the ids in {raw.name!r}, and is read as one "
            "person; remove these rows if it is nobody"
        )
    zeros = text.filter(text.str.starts_with("0").fill_null(value=False))
    zeros = zeros.filter(zeros.str.contains("^0[0-9]+$"))
    if len(zeros):
        notes.append(
            f"{problems.name}: ids in {raw.name!r} have leading zeros ({show(zeros[0])}) and stay text; without the "
            "zeros, as a spreadsheet may save them elsewhere, they are other ids"
        )
    wide = text.filter((text.str.len_bytes() != text.str.len_chars()).fill_null(value=False)).unique()
    odd = wide.filter(wide != wide.str.normalize("NFC"))
    if len(odd):
        notes.append(
            f"{problems.name}: ids in {raw.name!r} such as {show(odd.min())} are not in Unicode normal form C; ids "
            f"that only look the same are different ids; such ids: {len(odd):,}"
        )
    return text


def _nested(text: pl.Series) -> pl.Series | None:
    """Return which ids are lists or records of JSON, or None if none is; ``[deleted]`` is neither."""
    begins = text.str.starts_with("[") | text.str.starts_with("{")
    if not begins.any():
        return None
    odd = [name for name in text.filter(begins.fill_null(value=False)).unique().to_list() if _is_json(name)]
    return text.is_in(odd) if odd else None


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), (list, dict))
    except RecursionError:
        return True
    except ValueError:
        return False


def _folded(text: pl.Series) -> pl.Series:
    lower = text.str.to_lowercase()
    wide = text.filter((text.str.len_bytes() != text.str.len_chars()).fill_null(value=False)).unique()
    if not len(wide):
        return lower
    # Lower case is not enough beyond ASCII: Straße and STRASSE are one.
    folded = pl.Series([name.casefold() for name in wide.to_list()], dtype=pl.String)
    return lower.zip_with(
        ~text.is_in(wide.implode()), text.replace_strict(wide, folded, default=None, return_dtype=pl.String)
    )


def _float_ids(raw: pl.Series, problems: Problems, notes: list[str]) -> pl.Series:
    """Return ids that some tool stored as floats, as it does where one is missing; only the missing are null."""
    values = raw.cast(pl.Float64).fill_nan(None)
    good = (values == values.round()) & (values.abs() < _EXACT)
    problems.add(raw, ~good, "is no id", "Store ids as text or whole numbers")
    notes.append(f"{problems.name}: the ids in {raw.name!r} are stored as floats and are read as whole numbers")
    return pl.select(pl.when(values.is_null() | good).then(values).otherwise(0)).to_series().cast(pl.Int64)


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


def read_currency(raw: pl.Series, problems: Problems) -> pl.Series:
    """Return currencies as upper-case text; empty cells as null."""
    return as_text(raw, problems).str.to_uppercase()


def check_types(map_type: Mapping[str, str], settings: Settings) -> None:
    """Check that types are mapped to types that the settings know.

    Raises
    ------
    UsageError
        One is not; the message suggests a name.
    """
    known = (*settings.reaction_weights, *REFERRAL_TYPES)
    for theirs, ours in map_type.items():
        if ours not in known:
            close = difflib.get_close_matches(ours, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            raise UsageError(f"map_type: {theirs!r} is mapped to {ours!r}, which is no known type; {hint}")


def read_type(
    raw: pl.Series, settings: Settings, problems: Problems, map_type: Mapping[str, str], unused: set[str]
) -> pl.Series:
    """Return types of interaction under the names that the settings know.

    What the user maps wins; then a name in the settings wins over a common spelling of another: whoever weighs
    ``comment`` means comments. Names of ``map_type`` that occur are taken out of ``unused``.
    """
    known = (*settings.reaction_weights, *REFERRAL_TYPES)
    spelled = {name: name for name in known}
    spelled = {**TYPE_SPELLINGS, **{_plain(name): name for name in known}, **spelled}
    spelled |= {_plain(theirs): ours for theirs, ours in map_type.items()}
    spelled |= map_type
    coded = raw.unique().drop_nulls() if isinstance(raw.dtype, pl.Categorical) else None
    text = as_text(raw if coded is None else coded, problems)
    distinct = text.unique(maintain_order=True).drop_nulls()
    names = [spelled.get(name) or spelled.get(_plain(name)) for name in distinct.to_list()]
    mapped = pl.Series(names, dtype=pl.String)
    if not len(distinct):
        return as_text(raw, problems)
    if unused:
        seen = {*distinct.to_list(), *map(_plain, distinct.to_list())}
        unused -= {name for name in unused if name in seen or _plain(name) in seen}
    if coded is not None:
        if not mapped.null_count():
            return by_code(raw, coded, text.replace_strict(distinct, mapped, default=None, return_dtype=pl.String))
        text = as_text(raw, problems)
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
    close = difflib.get_close_matches(_plain(name[:100]), spelled, n=1, cutoff=0.7)
    hint = f"Did you mean {spelled[close[0]]!r}? " if close else ""
    if _plain(name) in ("follow", "follows", "followed"):
        hint = "Follows are a table of their own (follows=PATH). "
    more = f" (and {len(unknown) - 1:,} other unknown types)" if len(unknown) > 1 else ""
    return (
        f"{hint}Rename {show(name)}{more} to one of {', '.join(known)}, "
        "or add its weight under reaction_weights in influence.toml, or map it with --map-type THEIRS=OURS"
    )
