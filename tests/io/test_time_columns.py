"""Times in every spelling, and what is refused instead of guessed."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.errors import DataError, UsageError
from influence.io import tables_from_frames

UTC = dt.UTC
NEW_YEAR = dt.datetime(2004, 1, 1, tzinfo=UTC)


def times(values, dtype=None, **options):
    column = pl.Series("timestamp", values, dtype=dtype)
    frame = pl.DataFrame({"customer": range(len(column)), "item": [1] * len(column)}).with_columns(column)
    return tables_from_frames(actions=frame, **options)


def read(values, dtype=None, **options):
    column = times(values, dtype, **options).actions["timestamp"]
    assert column.dtype == pl.Datetime("us", "UTC")
    return column.to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2004-01-01", NEW_YEAR),
        (" 2004-01-01 ", NEW_YEAR),
        ("2004-01-01T00:00", NEW_YEAR),
        ("2004-01-01 00:00:00", NEW_YEAR),
        ("2004-01-01T00:00:00Z", NEW_YEAR),
        ("2004-01-01 00:00:00 UTC", NEW_YEAR),
        ("2004-01-01T02:00:00+02:00", NEW_YEAR),
        ("2004-01-01T02:00+0200", NEW_YEAR),
        ("2003-12-31T18:30:00-05:30", NEW_YEAR),
        ("2003-12-31T19:00:00-05", NEW_YEAR),
        ("2004-01-01T02:00:00.25+02:00", NEW_YEAR + dt.timedelta(milliseconds=250)),
        ("2004-01-01T00:00:00,123456789", NEW_YEAR + dt.timedelta(microseconds=123456)),
        ("2004-02-29T23:59:59.000001Z", dt.datetime(2004, 2, 29, 23, 59, 59, 1, tzinfo=UTC)),
        ("0001-01-01", dt.datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59", dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_iso_text(text, expected):
    assert read([text]) == [expected]
    # Among others of another shape it must come out the same.
    assert read(["1999-05-06", text, "1999-05-06T07:08:09.5-01:00"])[1] == expected


@given(
    st.lists(
        st.datetimes(
            dt.datetime(2, 1, 1),
            dt.datetime(9998, 1, 1),
            timezones=st.sampled_from(
                [UTC, dt.timezone(dt.timedelta(hours=5, minutes=30)), dt.timezone(-dt.timedelta(hours=9, minutes=45))]
            ),
        ),
        max_size=5,
    )
)
def test_iso_text_agrees_with_the_standard_library(moments):
    assert read([moment.isoformat() for moment in moments], pl.String) == moments


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2004-02-30",
        "2003-02-29",
        "2004-13-01",
        "04-01-2004",
        "2004/01/01",
        "2004-1-1",
        "20040101T000000",
        "2004-01-01T24:00",
        "2004-01-01T00:60",
        "2004-01-01T00:00:60",
        "2004-01-01T00:00+24:00",
        "2004-01-01T00:00+02:60",
        "2004-01-01T",
        "2004-01-01+02:00",
        "2004-01-01T00:00:00 CET",
        "٢٠٠٤-01-01",
    ],
)
def test_what_is_no_iso_time_is_a_bad_row(text):
    with pytest.raises(DataError) as error:
        times(["2004-01-01", "2004-01-02", text])
    assert f"row 3, column 'timestamp': {text!r} is not an ISO date or date-time" in str(error.value)
    assert "--time-unit s|ms|us" in str(error.value)
    assert "1 bad row\n" in str(error.value)


@pytest.mark.parametrize("text", ["0000-01-01", "0001-01-01T00:00+02:00", "9999-12-31T23:59-02:00"])
def test_years_outside_the_calendar(text):
    with pytest.raises(DataError, match=r"row 2, .*lies outside the years 1 to 9999"):
        times(["2004-01-01", text])


@pytest.mark.parametrize("cast", [pl.Int32, pl.UInt32, pl.Int64, pl.Float64, pl.String])
def test_epoch_seconds_are_recognised_and_reported(cast):
    values = pl.Series([1072915200, 1072915261]).cast(cast)
    assert read(values) == [NEW_YEAR, NEW_YEAR + dt.timedelta(seconds=61)]
    notes = times(values).notes
    assert "actions frame: 'timestamp' is read as seconds since 1970 (2004-01-01 to 2004-01-01)" in notes


def test_epoch_milliseconds_are_recognised_and_reported():
    assert read(["1072915200001"]) == [NEW_YEAR + dt.timedelta(milliseconds=1)]
    assert any("milliseconds" in note for note in times([1072915200001]).notes)


def test_fractions_of_seconds():
    assert read(["1072915200.5"]) == read([1072915200.5]) == [NEW_YEAR + dt.timedelta(milliseconds=500)]


@pytest.mark.parametrize(
    "values", [[184, 3920], [0, 1072915200], ["20040101"], [2004], [1072915200000000], [1072915200, 10**12]]
)
def test_other_numbers_are_never_guessed(values):
    with pytest.raises(DataError) as error:
        times(values)
    assert "--time-unit s|ms|us" in str(error.value)
    assert "actions frame, column 'timestamp'" in str(error.value)


def test_the_number_that_spoils_recognition_is_named():
    with pytest.raises(DataError, match=r"row 2: 0"):
        times([1072915200, 0, 1072915200])


@pytest.mark.parametrize(("unit", "scale"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("relative", 1)])
def test_units(unit, scale):
    one_day = dt.datetime(1970, 1, 2, tzinfo=UTC)
    assert read([86_400 * scale, -86_400 * scale], time_unit=unit) == [one_day, dt.datetime(1969, 12, 31, tzinfo=UTC)]
    assert read([str(86_400 * scale)], time_unit=unit) == [one_day]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_no_numbers(value):
    with pytest.raises(DataError, match=r"row 2, column 'timestamp': (nan|inf) is not a time"):
        times([1072915200.0, value])


@pytest.mark.parametrize(("value", "unit"), [(10**12, "s"), (9 * 10**18, "s"), (9 * 10**18, "us"), (-(10**11), "s")])
def test_numbers_beyond_the_calendar(value, unit):
    with pytest.raises(DataError, match=r"row 2, column 'timestamp': .* lies outside the years"):
        times([0, value], time_unit=unit)


def test_a_word_among_numbers_is_the_bad_row():
    with pytest.raises(DataError) as error:
        times(["1072915200", "soon", "1072915200"])
    assert "row 2, column 'timestamp': 'soon' is not a number" in str(error.value)
    assert "1 bad row\n" in str(error.value)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_stored_times_with_and_without_zone(unit):
    naive = pl.Series([dt.datetime(2004, 1, 1)], dtype=pl.Datetime(unit))
    assert read(naive) == [NEW_YEAR]
    zoned = naive.dt.replace_time_zone("Asia/Kolkata")
    assert read(zoned) == [NEW_YEAR - dt.timedelta(hours=5, minutes=30)]


def test_stored_dates():
    assert read([dt.date(2004, 1, 1)]) == [NEW_YEAR]
    with pytest.raises(DataError, match=r"outside the years"):
        times(pl.Series([5_000_000], dtype=pl.Int32).cast(pl.Date))
    with pytest.raises(DataError, match=r"row 2, .*outside the years"):
        times(pl.Series([0, 9 * 10**18]).cast(pl.Datetime("us")))


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_empty_time_is_a_bad_row(empty):
    with pytest.raises(DataError, match=r"row 2, column 'timestamp': is empty"):
        times(["2004-01-01", empty])


def test_an_empty_since_is_not():
    frame = pl.DataFrame({"source": [1, 2], "target": [2, 3], "since": ["2004-01-01", None]})
    assert tables_from_frames(follows=frame).follows["since"].to_list() == [NEW_YEAR, None]


def test_a_column_that_holds_no_times():
    with pytest.raises(DataError, match=r"column 'timestamp': List\(Int64\) can't be read as a time"):
        times([[1]])


def test_unknown_unit():
    with pytest.raises(UsageError, match=r"s, ms, us, day, month, relative, not 'week'"):
        times(["2004-01-01"], time_unit="week")


def test_a_unit_that_nothing_needs_is_told():
    assert any("'s' was not needed" in note for note in times(["2004-01-01"], time_unit="s").notes)
    assert not any("not needed" in note for note in times([5], time_unit="s").notes)
