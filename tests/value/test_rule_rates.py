"""The rule against plain Python, and its parts one at a time."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import DAY, UNDATED
from value.oracles_value import START, Log, by_tie, logs, naive_rule, without_zeros

from influence.config import Settings
from influence.ties import Ledger
from influence.value.rule import rule_acts, rule_rates

YEAR = 365 * DAY
SPEED = 365.0 * np.log(2.0) / 90.0  # events in a year of a stream that holds a decayed stock of one


def rate_of(log, cut, settings=None, horizon=YEAR):
    """Return the rate of the tie 0 → 1 over all kinds."""
    found = by_tie(log.ledger(settings), rule_rates(log.ledger(settings), cut, horizon))
    return sum(value for (tie, _), value in found.items() if tie == (0, 1))


def replies(*times):
    return Log(2, reactions=[(1, 0, "reply", time) for time in times])


def test_a_reply_now_is_one_and_a_half_life_ago_one_half():
    cut = START + 200 * DAY
    assert rate_of(replies(cut - 90 * DAY), cut) == pytest.approx(0.5 * SPEED, rel=1e-12)
    assert rate_of(replies(cut - 180 * DAY), cut) == pytest.approx(0.25 * SPEED, rel=1e-12)
    assert rate_of(replies(cut - 1), cut) == pytest.approx(SPEED, rel=1e-9)


def test_the_half_life_and_the_horizon_are_settings():
    cut = START + 200 * DAY
    settings = Settings(half_life_days=30.0)
    expected = 0.25 * 90 * np.log(2.0) / 30
    assert rate_of(replies(cut - 60 * DAY), cut, settings, 90 * DAY) == pytest.approx(expected, rel=1e-12)


def test_a_steady_stream_is_its_own_forecast():
    cut = START + 3000 * DAY
    times = [cut - 1 - q * 10 * DAY for q in range(300)]  # one in ten days
    assert rate_of(replies(*times), cut) == pytest.approx(36.5, rel=0.05)


def test_what_happens_at_the_cut_or_later_is_not_seen():
    cut = START + 200 * DAY
    log = replies(cut - DAY, cut, cut + DAY)
    assert rate_of(log, cut) == pytest.approx(rate_of(replies(cut - DAY), cut), rel=1e-15)
    ledger = log.ledger()
    assert rule_acts(ledger, cut, YEAR)[1] == pytest.approx(0.5 ** (1 / 90) * SPEED, rel=1e-12)


def test_a_week_saturates_at_three_and_weeks_count_back_from_the_cut():
    cut = START + 200 * DAY + 12345
    viral = replies(*(cut - 1 - q * DAY for q in range(7)))  # the seven days before the cut: one week
    decayed = sum(0.5 ** ((1 + q * DAY) / (90 * DAY)) for q in range(7))
    assert rate_of(viral, cut) == pytest.approx(3 / 7 * decayed * SPEED, rel=1e-12)
    # four on either side of the border between two weeks: each has a cap of its own
    border = cut - 7 * DAY
    both = replies(*[border] * 4, *[border - 1] * 4)
    decayed = 3 * 0.5 ** (7 / 90) + 3 * 0.5 ** ((7 * DAY + 1) / (90 * DAY))
    assert rate_of(both, cut) == pytest.approx(decayed * SPEED, rel=1e-12)
    # a day later the eight share one week
    assert rate_of(both, cut + DAY) == pytest.approx(3 * 0.5 ** (8 / 90) * SPEED, rel=1e-9)
    assert rate_of(both, cut, Settings(weekly_cap=100.0)) == pytest.approx(8 / 6 * decayed * SPEED, rel=1e-9)


def test_the_cap_is_one_for_all_kinds_of_a_pair_and_none_of_another():
    cut = START + 200 * DAY
    log = Log(
        3,
        reactions=[(1, 0, "reply", cut - 1)] * 4 + [(1, 0, "like", cut - 1)] * 40 + [(2, 0, "reply", cut - 1)] * 2,
    )
    ledger = log.ledger()
    found = by_tie(ledger, rule_rates(ledger, cut, YEAR))
    # 4 replies and 40 likes of 0.05 are 6: each is halved
    assert found[(0, 1), "reply"] == pytest.approx(2 * SPEED, rel=1e-9)
    assert found[(0, 1), "like"] == pytest.approx(1 * SPEED, rel=1e-9)
    assert found[(0, 2), "reply"] == pytest.approx(2 * SPEED, rel=1e-9)


def test_a_follow_adds_a_little_or_is_all_there_is():
    cut = START + 200 * DAY
    together = Log(3, follows=[(1, 0, UNDATED)], reactions=[(2, 0, "reply", START)])
    assert rate_of(together, cut) == pytest.approx(0.05 * SPEED, rel=1e-12)
    assert rate_of(together, cut, Settings(follow_weight=0.3)) == pytest.approx(0.3 * SPEED, rel=1e-12)
    alone = Log(3, follows=[(1, 0, UNDATED), (2, 0, UNDATED)])
    assert rate_of(alone, cut) == pytest.approx(SPEED, rel=1e-12)
    # before anything was seen to follow, follows are all there is
    assert rate_of(together, START) == pytest.approx(SPEED, rel=1e-12)


def test_a_follow_counts_from_its_date():
    cut = START + 200 * DAY
    log = Log(2, follows=[(1, 0, cut)])
    assert rate_of(log, cut) == 0.0
    assert rate_of(log, cut + 1) == pytest.approx(SPEED, rel=1e-12)


def test_a_later_follow_does_not_show_on_a_tie_that_was_known_before():
    cut = START + 200 * DAY
    log = Log(2, follows=[(1, 0, cut + 5 * DAY)], reactions=[(1, 0, "reply", cut - 90 * DAY)])
    assert rate_of(log, cut) == pytest.approx(0.5 * SPEED, rel=1e-12)


def test_undated_evidence_has_no_age_and_shares_one_week():
    log = Log(2, reactions=[(1, 0, "reply", UNDATED)] * 5 + [(1, 0, "like", UNDATED)] * 2)
    ledger = log.ledger()
    cut = int(np.iinfo(np.int64).max)
    found = by_tie(ledger, rule_rates(ledger, cut, YEAR))
    assert found[(0, 1), "reply"] == pytest.approx(5 * 3 / 5.1 * SPEED, rel=1e-12)
    assert found[(0, 1), "like"] == pytest.approx(0.1 * 3 / 5.1 * SPEED, rel=1e-12)
    assert rule_acts(ledger, cut, YEAR).tolist() == pytest.approx([0.0, 7 * SPEED], rel=1e-12)


@pytest.mark.slow
@given(log=logs(), part=st.floats(0.2, 1.0), cap=st.sampled_from([0.6, 3.0]), half_life=st.sampled_from([20.0, 90.0]))
def test_any_history(log, part, cap, half_life):
    settings = Settings(weekly_cap=cap, half_life_days=half_life)
    ledger = log.ledger(settings)
    cut = START + int(part * 400 * DAY)
    horizon = 100 * DAY
    expected = without_zeros(naive_rule(log, settings, cut, horizon))
    found = by_tie(ledger, rule_rates(ledger, cut, horizon))
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-10)
    times = [[] for _ in range(log.n)]
    for actor, _, time in log.first_acts():
        times[actor].append(time)
    for v, u, _, time in log.reactions:
        if u != v:
            times[v].append(time)
    speed = oracles.stock_to_rate(horizon, half_life * DAY)
    acts = [speed * oracles.decayed_acts(own, cut, half_life * DAY) for own in times]
    assert rule_acts(ledger, cut, horizon) == pytest.approx(acts, rel=1e-10)


@given(log=logs(), part=st.floats(0.1, 0.9))
def test_reads_nothing_at_or_after_the_cut(log, part):
    """The rates from a ledger that goes on are those from one that ends at the cut."""
    settings = Settings()
    history = log.history(settings)
    cut = START + int(part * 400 * DAY)
    whole, past = Ledger.of(history, settings), Ledger.of(history.before(cut), settings)
    assert by_tie(whole, rule_rates(whole, cut, 90 * DAY)) == by_tie(past, rule_rates(past, cut, 90 * DAY))
    assert rule_acts(whole, cut, 90 * DAY).tolist() == rule_acts(past, cut, 90 * DAY).tolist()
