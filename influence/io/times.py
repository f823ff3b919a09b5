"""Times as people write them, to microseconds in UTC: never a guess about what a number counts.

Numbers in days, in months and ``relative`` ones (seconds) count from the start of a study, a day that the data do not
tell. They are put on 1970-01-01, so that differences are right and dates are not: 30.4375 days for a month, which is a
twelfth of 365.25.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from influence.errors import DataError, UsageError
from influence.io.problems import Problems, show

__all__ = ["RELATIVE", "TIME_UNITS", "UTC", "check_unit", "read_times"]

UTC = pl.Datetime("us", "UTC")
#: Units in which a number may count from 1970-01-01 UTC, in microseconds.
TIME_UNITS = {
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
    "day": 86_400_000_000,
    "month": 2_629_800_000_000,
    "relative": 1_000_000,
}
#: Those that count from the start of a study.
RELATIVE = ("day", "month", "relative")
_OPTION = f"--time-unit {'|'.join(TIME_UNITS)}"

# 0001-01-01 and the start of the year 10000, in seconds from 1970.
_FIRST, _END = -62_135_596_800, 253_402_300_800
# 1990 to 2100: a column that lies there as a whole counts seconds or milliseconds, and hardly anything else.
_PLAUSIBLE = (631_152_000, 4_102_444_800)

_MICROS = 1_000_000
_SLICE = 1 << 16
_LOOKED_AT = 100
_CLOCK = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
_ISO = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:{_CLOCK} ?(?:Z|UTC|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)?)?$"
# What a whole slice is nearly always written in, and polars can parse.
_PLAIN_CLOCK = "[0-9]{2}:[0-9]{2}:[0-5][0-9]"
_PLAIN = {
    rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{mark}{_PLAIN_CLOCK}{zone}$": f"%Y-%m-%d{mark}%H:%M:%S{zone}"
    for mark in "T "
    for zone in ("", "Z")
}
_NOT_ISO = "is not an ISO date or date-time"
_ISO_STEP = (
    "Write times as 2024-05-31 or 2024-05-31T18:00:00, in UTC unless they carry an offset such as +02:00, "
    f"or as numbers with {_OPTION}"
)
_OUT = "lies outside the years 1 to 9999"


def check_unit(unit: str | None) -> None:
    """Raise UsageError if ``unit`` is neither None nor one of ``TIME_UNITS``."""
    if unit is not None and unit not in TIME_UNITS:
        raise UsageError(f"the time unit must be one of {', '.join(TIME_UNITS)}, not {unit!r} ({_OPTION})")


def read_times(raw: pl.Series, unit: str | None, problems: Problems) -> tuple[pl.Series, str | None]:
    """Return a column as Datetime("us", "UTC"), and what its numbers were taken to count (None without numbers).

    Empty cells stay null and are no fault here; every other value that is no time is reported to ``problems``.

    Raises
    ------
    DataError
        The column holds numbers, and neither ``unit`` nor their range says what they count; or it can't hold times.
    """
    dtype = raw.dtype
    if isinstance(dtype, pl.Datetime):
        return _in_years(raw, _zoned(raw), problems), None
    if dtype == pl.Date:
        days = raw.cast(pl.Int64)
        return _from_number(days, days * 86_400, "s", problems), None
    if dtype == pl.String:
        return _from_text(raw, unit, problems)
    if dtype.is_numeric():
        narrow = dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128)
        return _counted(raw, raw.cast(pl.Int64 if narrow else pl.Float64), unit, problems)
    if dtype == pl.Null:
        return raw.cast(UTC), None
    raise DataError(
        f"{problems.name}, column {raw.name!r}: {dtype} can't be read as a time; store it as a date, a date-time, "
        "a number or ISO text"
    )


def _from_text(raw: pl.Series, unit: str | None, problems: Problems) -> tuple[pl.Series, str | None]:
    """Return text as times: ISO, or numbers if most of it is numbers.

    One stray word doesn't turn a column of numbers into a column of dates, nor the other way round.
    """
    iso = None
    if raw.head(_LOOKED_AT).str.contains(r"^\s*[0-9]{4}-").any():
        iso = _iso(raw)
        # What is ISO is no number: with half of the column it has won.
        if 2 * (len(raw) - iso[0].null_count()) >= iso[1].sum():
            return _checked(raw, *iso, problems), None
    text = raw.str.strip_chars()
    text = pl.select(pl.when(text != "").then(text)).to_series()
    numbers = _numbers(text)
    if 2 * (len(numbers) - numbers.null_count()) <= len(text) - text.null_count():
        return _checked(raw, *(iso or _iso(raw)), problems), None
    problems.add(raw, numbers.is_null() & text.is_not_null(), "is not a number, as the rest of the column is")
    return _counted(raw, numbers, unit, problems)


def _numbers(text: pl.Series) -> pl.Series:
    whole = text.cast(pl.Int64, strict=False)
    if whole.null_count() == text.null_count():
        return whole
    return text.cast(pl.Float64, strict=False)


def _counted(raw: pl.Series, numbers: pl.Series, unit: str | None, problems: Problems) -> tuple[pl.Series, str | None]:
    """Return numbers as times, in ``unit`` or in the one that the whole column's range shows."""
    if numbers.dtype.is_float():
        problems.add(raw, numbers.is_not_null() & ~numbers.is_finite(), "is not a time")
        numbers = pl.select(pl.when(numbers.is_finite()).then(numbers)).to_series()
    known = unit or _recognise(raw, numbers, problems)
    if known is None:
        return pl.Series(raw.name, [None] * len(raw), dtype=UTC), None
    return _from_number(raw, numbers, known, problems), known


def _recognise(raw: pl.Series, numbers: pl.Series, problems: Problems) -> str | None:
    if numbers.null_count() == len(numbers):
        return None
    for unit in ("s", "ms"):
        low, high = (bound * _MICROS // TIME_UNITS[unit] for bound in _PLAUSIBLE)
        if numbers.is_between(low, high, closed="left").all():
            return unit
    inside = numbers.is_null()
    for unit in ("s", "ms"):
        low, high = (bound * _MICROS // TIME_UNITS[unit] for bound in _PLAUSIBLE)
        inside |= numbers.is_between(low, high, closed="left").fill_null(value=False)
    odd = int(np.argmin(inside.to_numpy()))
    (place,) = problems.where(np.array([odd]))
    raise DataError(
        f"{problems.name}, column {raw.name!r}: these numbers are not, as a whole, seconds or milliseconds since 1970 "
        f"that fall between 1990 and 2100 ({place}: {show(raw[odd])}). Say what they count from 1970-01-01 UTC with "
        f"{_OPTION} (the last three from the start of a study), or write them as dates (2024-05-31)"
    )


def _from_number(raw: pl.Series, numbers: pl.Series, unit: str, problems: Problems) -> pl.Series:
    factor = TIME_UNITS[unit]
    # Bounds come before the product: what overflows would come back as a year that looks right.
    first, end = _FIRST * _MICROS / factor, _END * _MICROS / factor
    if not numbers.dtype.is_float():
        first, end = (-(-bound * _MICROS // factor) for bound in (_FIRST, _END))
    inside = numbers.is_between(first, end, closed="left")
    problems.add(raw, ~inside, _OUT)
    numbers = pl.select(pl.when(inside).then(numbers)).to_series()
    micros = (numbers * float(factor)).round() if numbers.dtype.is_float() else numbers.cast(pl.Int64) * factor
    return micros.cast(pl.Int64).cast(UTC).alias(raw.name)


def _zoned(raw: pl.Series) -> pl.Series:
    """Return a date-time column's seconds since 1970, floored, by which its years are judged."""
    per_second = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[raw.dtype.time_unit]  # type: ignore[attr-defined]
    return raw.to_physical() // per_second


def _in_years(raw: pl.Series, seconds: pl.Series, problems: Problems) -> pl.Series:
    inside = seconds.is_between(_FIRST, _END, closed="left")
    # Shown as the number that it is stored as: neither Python nor polars can write such a year.
    problems.add(raw.to_physical(), ~inside, _OUT)
    kept = pl.select(pl.when(inside).then(raw)).to_series()
    # A time without a zone is UTC; one with a zone already counts from 1970 in UTC.
    naive = kept.dt.replace_time_zone("UTC") if raw.dtype.time_zone is None else kept.dt.convert_time_zone("UTC")  # type: ignore[attr-defined]
    return naive.cast(UTC).alias(raw.name)


def _iso(raw: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return ISO text as microseconds since 1970, null where it is none, and which cells are not empty."""
    # In slices, for what a slice needs on the way stays in the cache: twice as fast, and a fraction of the memory.
    micros, given = [], []
    for at in range(0, max(len(raw), 1), _SLICE):
        text = raw.slice(at, _SLICE).str.strip_chars()
        text = pl.select(pl.when(text.str.len_bytes() > 0).then(text)).to_series()
        micros.append(_micros(text))
        given.append(text.is_not_null())
    return pl.concat(micros), pl.concat(given)


def _checked(raw: pl.Series, micros: pl.Series, given: pl.Series, problems: Problems) -> pl.Series:
    """Return microseconds as times, with what is no time reported."""
    problems.add(raw, given & micros.is_null(), _NOT_ISO, _ISO_STEP)
    inside = micros.is_between(_FIRST * _MICROS, _END * _MICROS, closed="left")
    if not inside.all():
        problems.add(raw, ~inside, _OUT)
        micros = pl.select(pl.when(inside).then(micros)).to_series()
    return micros.cast(UTC).alias(raw.name)


def _micros(text: pl.Series) -> pl.Series:
    """Return ISO text as microseconds since 1970; its parts stand at fixed places, quicker to read than to parse."""
    for pattern, written in _PLAIN.items():
        if text.head(1).str.contains(pattern).all() and text.str.contains(pattern).all():
            # The parser alone would take a second of 60, or a month of one digit.
            return text.str.to_datetime(written, time_unit="us", strict=False).cast(pl.Int64)
    iso = pl.select(pl.when(text.str.contains(_ISO)).then(text)).to_series()
    micros = iso.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64) * 86_400_000_000
    rest = iso.str.slice(10)
    if not (rest != "").any():
        return micros
    tail = iso.str.slice(16)
    with_seconds = tail.str.starts_with(":")
    timed = pl.select(pl.when(with_seconds).then(iso)).to_series()
    for part, scale in ((_part(iso, 11, 24), 3_600), (_part(iso, 14, 60), 60), (_part(timed, 17, 60), 1)):
        micros += part * (scale * 1_000_000)
    tail = pl.select(pl.when(with_seconds).then(tail.str.slice(3)).otherwise(tail)).to_series()
    return micros + _tail(tail) if (tail.str.len_bytes() > 1).any() else micros


def _part(iso: pl.Series, start: int, limit: int) -> pl.Series:
    """Return two digits as a number: null if it is not below ``limit``, 0 where the text ends before it."""
    digits = iso.str.slice(start, 2)
    value = digits.cast(pl.Int64, strict=False)
    return pl.select(
        pl.when(digits == "").then(0).when(value < limit).then(value).when(digits.is_null()).then(0)
    ).to_series()


def _tail(tail: pl.Series) -> pl.Series:
    """Return what a fraction of a second and an offset add in microseconds: null if the offset is none."""
    fraction = tail.str.extract(r"^[.,]([0-9]+)").str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
    sign = pl.select(pl.when(tail.str.contains(r"-[0-9:]+$")).then(-1).otherwise(1)).to_series()
    hours = tail.str.extract(r"[+-]([0-9]{2})").cast(pl.Int64).fill_null(0)
    minutes = tail.str.extract(r"[+-][0-9]{2}:?([0-9]{2})$").cast(pl.Int64).fill_null(0)
    shift = fraction - sign * (hours * 3_600 + minutes * 60) * 1_000_000
    return pl.select(pl.when((hours < 24) & (minutes < 60)).then(shift)).to_series()
