"""Purchase days, RFM and its scores."""

import collections

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from value.purchases import CALIBRATED, DAY, HELD_OUT, N_CDNOW, cdnow

from influence.errors import UsageError
from influence.value.rfm import RFM, WEEK, purchase_days, scores


def arrays(rows):
    """Return customer, time, amount from (customer, day, amount)."""
    who, day, amount = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    return np.array(who, np.int32), np.array(day, np.int64) * DAY, np.array(amount, np.float64)


def naive(rows, n_people, end_day):
    """Return {customer: [[day, net], …]} by the rule of the docstring, refund by refund, in whole units of money."""
    left = {}
    for person in range(n_people):
        by_day = collections.defaultdict(list)
        for who, day, amount in rows:
            if who == person and day < end_day:
                by_day[day].append(amount)
        stack = []
        for day in sorted(by_day):
            net = sum(by_day[day])
            if min(by_day[day]) >= 0 or net > 0:
                stack.append([day, net])
                continue
            owed = -net
            for purchase in reversed(stack):
                taken = min(purchase[1], owed)
                purchase[1] -= taken
                owed -= taken
        left[person] = stack
    return left


LOGS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(-4, 6)),
    max_size=40,
)


@given(LOGS, st.integers(0, 13))
def test_days_and_rfm_agree_with_a_slow_reading_of_the_rule(rows, end_day):
    expected = naive(rows, 4, end_day)
    days = purchase_days(*arrays(rows), 4, end_day * DAY)
    found = [[], [], [], []]
    for who, day, net in zip(days.customer.tolist(), days.day.tolist(), days.net.tolist(), strict=True):
        found[who].append([day, net])
    assert found == [expected[person] for person in range(4)]
    rfm = RFM.of(*arrays(rows), 4, end_day * DAY, unit=DAY)
    for person in range(4):
        bought = expected[person]
        valued = [net for _, net in bought[1:] if net > 0]
        assert rfm.bought[person] == bool(bought)
        assert rfm.n_purchases[person] == len(bought)
        assert rfm.frequency[person] == max(len(bought) - 1, 0)
        assert rfm.recency[person] == (bought[-1][0] - bought[0][0] if bought else 0)
        assert rfm.age[person] == (end_day - 1 - bought[0][0] if bought else 0)
        assert rfm.n_valued[person] == len(valued)
        assert rfm.spend[person] == sum(net for _, net in bought)
        if valued:
            assert rfm.monetary[person] == pytest.approx(sum(valued) / len(valued))
        else:
            assert np.isnan(rfm.monetary[person])


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([(0, 1, 30), (0, 1, 5)], [(1, 35)]),  # two rows of a day are one purchase
        ([(0, 1, 30), (0, 1, -10)], [(1, 20)]),  # netted on the day
        ([(0, 1, 30), (0, 1, -30)], []),  # undone on the day
        ([(0, 1, 0.1), (0, 1, 0.2), (0, 1, -0.3)], []),  # undone on the day, but for rounding
        ([(0, 1, -5)], []),  # a refund of something older
        ([(0, 1, 0)], [(1, 0)]),  # nothing paid, but she came
        ([(0, 1, 30), (0, 4, -10)], [(1, 20)]),  # taken back later
        ([(0, 1, 30), (0, 4, -30)], [(1, 0)]),  # all of it: the purchase stays, its money does not
        ([(0, 1, 30), (0, 2, 10), (0, 4, -15)], [(1, 25), (2, 0)]),  # the latest purchase first
        ([(0, 1, -15), (0, 2, 30)], [(2, 30)]),  # a refund does not reach forward
        ([(1, 1, -15), (0, 2, 30)], [(2, 30)]),  # nor to somebody else
        ([(0, 1, np.nan), (0, 2, 30)], [(1, 0), (2, 30)]),  # an amount that is not known counts as 0
    ],
)
def test_what_is_a_purchase(rows, kept):
    days = purchase_days(*arrays(rows), 2, 100 * DAY)
    assert list(zip(days.day.tolist(), days.net.tolist(), strict=True)) == kept


def test_free_repeats_count_for_frequency_and_not_for_money():
    rfm = RFM.of(*arrays([(0, 1, 9), (0, 2, 0), (0, 3, 8), (0, 4, 4), (0, 5, -4), (1, 1, 9), (1, 2, 0)]), 2, 9 * DAY)
    assert rfm.frequency.tolist() == [3.0, 1.0]
    assert rfm.n_valued.tolist() == [1.0, 0.0]
    assert rfm.monetary[0] == 8.0
    assert np.isnan(rfm.monetary[1])


def test_a_day_is_a_day_in_utc():
    time = np.array([5 * DAY, 6 * DAY - 1, 6 * DAY])
    rfm = RFM.of(np.zeros(3, np.int32), time, None, 1, 9 * DAY)
    assert rfm.n_purchases.tolist() == [2]


def test_rows_at_the_end_or_after_it_are_ignored():
    time = np.array([1, 5, 9]) * DAY
    customer, amount = np.zeros(3, np.int32), np.array([1.0, 2.0, 4.0])
    assert RFM.of(customer, time, amount, 1, 9 * DAY).spend.tolist() == [3.0]
    assert RFM.of(customer, time, amount, 1, 9 * DAY + 1).spend.tolist() == [7.0]


def test_age_ends_with_the_last_day_that_begins_before_the_end():
    one = np.zeros(1, np.int32), np.array([2 * DAY]), None, 1
    assert RFM.of(*one, 9 * DAY, unit=DAY).age.tolist() == [6.0]
    assert RFM.of(*one, 9 * DAY + 1, unit=DAY).age.tolist() == [7.0]


def test_times_before_1970():
    rfm = RFM.of(np.zeros(2, np.int32), np.array([-15 * DAY, -DAY]), None, 1, 0, unit=DAY)
    assert (rfm.recency.tolist(), rfm.age.tolist()) == ([14.0], [14.0])


def test_nobody_and_nothing():
    rfm = RFM.of(np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0), 3, 5 * DAY)
    assert rfm.bought.tolist() == [False] * 3
    assert rfm.age.tolist() == [0.0] * 3
    assert scores(rfm).recency.tolist() == [0] * 3


def test_cdnow_as_published():
    customer, time, amount = cdnow()
    rfm = RFM.of(customer, time, amount, N_CDNOW, CALIBRATED)
    # the first two customers of the summary that goes with Fader, Hardie and Lee 2005
    assert rfm.frequency[:2].tolist() == [2.0, 1.0]
    assert np.round(rfm.recency[:2], 2).tolist() == [30.43, 1.71]
    assert np.round(rfm.age[:2], 2).tolist() == [38.86, 38.86]
    assert rfm.monetary[:2] == pytest.approx([22.345, 11.77])
    assert int(np.count_nonzero(rfm.frequency)) == 946
    assert int(rfm.frequency.sum()) == 2_457
    assert int(rfm.frequency.max()) == 29
    assert rfm.bought.all()
    # eight rows are free, none of them a repeat purchase: the mean values behind the published fit leave nothing out
    assert int((amount == 0.0).sum()) == 8
    whole = RFM.of(customer, time, amount, N_CDNOW, HELD_OUT)
    assert whole.spend.sum() == pytest.approx(amount.sum())
    assert whole.frequency.sum() == whole.n_valued.sum()


@given(LOGS)
def test_scores_are_quintiles_without_regard_to_number(rows):
    rfm = RFM.of(*arrays(rows), 4, 13 * DAY)
    found = scores(rfm)
    silence = [None if not b else round((t - r) * 7) for b, t, r in zip(rfm.bought, rfm.age, rfm.recency, strict=True)]
    for score, values in (
        (found.recency, [None if s is None else -s for s in silence]),
        (found.frequency, [n or None for n in rfm.n_purchases.tolist()]),
        (found.monetary, [s if b else None for b, s in zip(rfm.bought, rfm.spend.tolist(), strict=True)]),
    ):
        known = [value for value in values if value is not None]
        for mine, value in zip(score.tolist(), values, strict=True):
            below = sum(other < value for other in known) if value is not None else 0
            assert mine == (0 if value is None else 1 + 5 * below // len(known))


def test_scores_of_a_hundred_are_even():
    customer = np.arange(100, dtype=np.int32)
    found = scores(RFM.of(customer, customer.astype(np.int64) * DAY, np.arange(1.0, 101.0), 100, 200 * DAY))
    assert np.bincount(found.recency).tolist() == [0, 20, 20, 20, 20, 20]
    assert np.bincount(found.monetary).tolist() == [0, 20, 20, 20, 20, 20]
    assert np.all(np.diff(found.recency) >= 0)
    assert found.frequency.tolist() == [1] * 100


def test_the_order_of_rows_does_not_matter():
    customer, time, amount = cdnow()
    order = np.random.default_rng(0).permutation(customer.size)
    one = RFM.of(customer, time, amount, N_CDNOW, CALIBRATED)
    other = RFM.of(customer[order], time[order], amount[order], N_CDNOW, CALIBRATED)
    assert np.array_equal(one.recency, other.recency)
    assert np.allclose(one.monetary, other.monetary, rtol=1e-14, equal_nan=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.zeros(2, np.int32), np.zeros(3, np.int64), None, 1, 5), "one length"),
        ((np.array([0, 3], np.int32), np.zeros(2, np.int64), None, 3, 5), r"0 … 2"),
        ((np.array([-1], np.int32), np.zeros(1, np.int64), None, 3, 5), r"0 … 2"),
        ((np.zeros(1, np.int32), np.zeros(1, np.int64), np.array([np.inf]), 1, 5), "row 0 is infinite"),
    ],
)
def test_what_cannot_be_used_is_said(arguments, words):
    with pytest.raises(UsageError, match=words):
        purchase_days(*arguments)


def test_a_unit_is_positive():
    with pytest.raises(UsageError, match="unit"):
        RFM.of(np.zeros(1, np.int32), np.zeros(1, np.int64), None, 1, WEEK, unit=0)
