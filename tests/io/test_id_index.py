"""One person, one code: unification of numbers and text, order, unknown ids."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.io import IdIndex
from influence.io.ids import whole

TEXTS = st.lists(st.text(min_size=1, max_size=6) | st.integers(-9, 20).map(str), max_size=30)


@given(TEXTS, TEXTS)
def test_round_trip_and_order(left, right):
    index = IdIndex.of(pl.Series(left, dtype=pl.String), pl.Series(right, dtype=pl.String))
    distinct = set(left) | set(right)
    numeric = all(re.fullmatch("0|-?[1-9][0-9]*", text, re.ASCII) for text in distinct)
    expected = sorted(distinct, key=int) if numeric else sorted(distinct, key=lambda text: text.encode())
    assert index.numeric is numeric
    assert len(index) == len(expected)
    assert index.ids().to_list() == expected
    codes = index.codes(pl.Series(left, dtype=pl.String))
    assert codes.dtype == np.int32
    assert codes.tolist() == [expected.index(text) for text in left]
    assert index.ids(codes).to_list() == left


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-50, 50), max_size=30))
def test_integers_of_any_range(numbers):
    index = IdIndex.of(pl.Series(numbers, dtype=pl.Int64))
    expected = sorted(set(numbers))
    assert index.numeric
    assert index.ids().to_list() == [str(number) for number in expected]
    assert index.codes(pl.Series(numbers, dtype=pl.Int64)).tolist() == [expected.index(number) for number in numbers]


def test_many_ids_far_apart():
    rng = np.random.default_rng(5)
    left, right = (pl.Series(rng.integers(-(2**62), 2**62, 5_000)) for _ in range(2))
    index = IdIndex.of(left, right)
    expected = sorted({*left, *right})
    assert index.ids().to_list() == [str(number) for number in expected]
    assert index.codes(right).tolist() == np.searchsorted(expected, right.to_numpy()).tolist()


def test_a_number_and_its_text_are_one_person():
    index = IdIndex.of(pl.Series([5, 40]), pl.Series(["40", "7"]), pl.Series([5, 6], dtype=pl.UInt8))
    assert index.numeric
    assert index.ids().to_list() == ["5", "6", "7", "40"]
    assert (
        index.codes(pl.Series(["40", "5"])).tolist()
        == index.codes(pl.Series([40, 5], dtype=pl.Int16)).tolist()
        == [3, 0]
    )


def test_one_word_puts_all_ids_in_the_order_of_bytes():
    index = IdIndex.of(pl.Series([9, 10]), pl.Series(["ann", "Zoë", "é", "10"]))
    assert not index.numeric
    assert index.ids().to_list() == ["10", "9", "Zoë", "ann", "é"]
    assert index.codes(pl.Series([10, 9])).tolist() == [0, 1]
    assert index.codes(pl.Series(["10", "é"])).tolist() == [0, 4]


@pytest.mark.parametrize("text", ["007", "+7", "-0", "7.0", " 7", "1e3", "٣", "9223372036854775808", ""])
def test_other_spellings_of_numbers_are_other_people(text):
    assert whole(pl.Series(["7", text])) is None
    index = IdIndex.of(pl.Series(["7", text]))
    assert not index.numeric
    assert len(index) == 2
    assert IdIndex.of(pl.Series([7, 0, 3, 1000])).codes(pl.Series([text])).tolist() == [-1]


@pytest.mark.parametrize("ids", [[1, 5, 9], [1, 10**12], ["a", "b"], []])
def test_unknown_and_null_are_minus_one(ids):
    index = IdIndex.of(pl.Series(ids, dtype=pl.String if ids[:1] == ["a"] else pl.Int64))
    assert index.codes(pl.Series(["4", None, "zz", "-3", "99999999999999999999"])).tolist() == [-1] * 5
    assert index.codes(pl.Series([4, None, 0, 10**13])).tolist() == [-1] * 4
    assert index.codes(pl.Series(ids, dtype=pl.Series(ids).dtype)).tolist() == list(range(len(ids)))


def test_largest_integers_stay_numbers_and_larger_ones_are_text():
    top = 2**63 - 1
    assert IdIndex.of(pl.Series([str(top)])).numeric
    assert IdIndex.of(pl.Series([str(top), "5"])).codes(pl.Series([top, 5])).tolist() == [1, 0]
    beyond = pl.Series([2**63, 5], dtype=pl.UInt64)
    assert IdIndex.of(beyond).ids().to_list() == ["5", "9223372036854775808"]
    assert IdIndex.of(beyond).codes(beyond).tolist() == [1, 0]


def test_nulls_are_nobody():
    assert IdIndex.of(pl.Series([None, 3]), pl.Series([None], dtype=pl.Null)).ids().to_list() == ["3"]
    assert IdIndex.of(pl.Series([None, "x"])).ids().to_list() == ["x"]
    assert len(IdIndex.of()) == 0


@pytest.mark.parametrize("codes", [[-1], [2], [0, 5]])
def test_codes_outside_the_index_are_refused(codes):
    index = IdIndex.of(pl.Series(["a", "b"]))
    with pytest.raises(IndexError, match=r"0 … 1"):
        index.ids(codes)


def test_codes_can_be_written():
    for ids in (["a", "b"], ["1", "2"], ["1", str(10**15)]):
        index = IdIndex.of(pl.Series(ids))
        assert index.codes(pl.Series(ids)).flags.writeable
        assert index.ids(np.array([1, 0, 1])).to_list() == [ids[1], ids[0], ids[1]]
