"""Nothing at or after the cut reaches a score: planted leaks are seen, and a poisoned future changes no byte."""

import dataclasses

import numpy as np
import pytest
from evaluate.busy_log import busy_log
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import DAY
from value.oracles_value import DIRECT, START, logs

import influence.score.mvp as mvp
import influence.ties.features as features
from influence.config import Settings
from influence.errors import LeakError
from influence.evaluate import backtest
from influence.evaluate.baselines import baselines
from influence.score import score_history
from influence.ties import History, Ledger
from influence.ties.ledger import Credits

SETTINGS = Settings(bootstrap=5, min_exposed=20, min_follow_ons=20, min_influencers=5)
CUT = START + 420 * DAY


def run(**changes):
    return backtest(busy_log().history(SETTINGS), SETTINGS.replace(**changes), cut=CUT, placebos=0)


def test_without_a_leak_it_runs():
    assert run().facts["contest"]["learned"] is not None
    assert run(rate="learned").facts["rate"] == "learned"


def test_a_history_that_keeps_later_events_is_seen(monkeypatch):
    monkeypatch.setattr(History, "before", lambda self, cut: dataclasses.replace(self, cut=cut))
    with pytest.raises(LeakError, match="hold an event at"):
        run()


@pytest.mark.parametrize("name", ["follows", "reactions", "referrals", "acts"])
def test_one_kind_of_event_that_is_kept_is_seen(monkeypatch, name):
    log = busy_log()
    log.follows.append((0, 5, CUT + DAY))
    log.referrals = [(1, 2, START), (3, 4, CUT + DAY)]
    before = History.before
    monkeypatch.setattr(
        History, "before", lambda self, cut: dataclasses.replace(before(self, cut), **{name: getattr(self, name)})
    )
    with pytest.raises(LeakError, match=f"{name} hold an event at"):
        backtest(log.history(SETTINGS), SETTINGS, cut=CUT, placebos=0)


def test_a_history_that_forgets_one_kind_is_seen_at_once(monkeypatch):
    history = busy_log().history(SETTINGS)
    monkeypatch.setattr(type(history.acts), "before", lambda self, cut: self)
    with pytest.raises(LeakError, match="acts hold an event at"):
        history.before(CUT)


def test_a_ledger_of_the_whole_history_is_seen(monkeypatch):
    whole = busy_log().history(SETTINGS)
    of = Ledger.of
    monkeypatch.setattr(mvp.Ledger, "of", lambda history, settings: of(whole, settings))
    with pytest.raises(LeakError):
        score_history(whole, SETTINGS, cut=CUT)
    monkeypatch.undo()
    ledger = Ledger.of(whole, SETTINGS)
    with pytest.raises(LeakError):
        baselines(ledger, CUT, 90 * DAY, None)
    with pytest.raises(LeakError, match="hold an event at"):
        ledger.assert_before(CUT)


def test_an_event_at_the_cut_itself_is_the_future():
    log = busy_log()
    log.acts.append((0, 99, CUT))
    history = log.history(SETTINGS)
    with pytest.raises(LeakError):
        history.assert_before(CUT)
    history.before(CUT).assert_before(CUT)
    log.acts[-1] = (0, 99, CUT - 1)
    assert len(log.history(SETTINGS).before(CUT).acts) == len(history.before(CUT).acts) + 1


@pytest.mark.parametrize("rate", ["auto", "learned"])
def test_tie_features_that_read_on_are_seen(monkeypatch, rate):
    between = Credits.between
    monkeypatch.setattr(Credits, "between", lambda self, begin, end: between(self, begin, end + 30 * DAY))
    with pytest.raises(LeakError, match="the credits behind features hold an event at"):
        run(rate=rate)


class _ReadsOn:
    """numpy, but that a search for one moment finds the end."""

    def __getattr__(self, name):
        return getattr(np, name)

    @staticmethod
    def searchsorted(values, moment, side="left"):
        return np.searchsorted(values, moment, side) if np.ndim(moment) else values.size


@pytest.mark.parametrize("rate", ["auto", "learned"])
def test_person_features_that_read_on_are_seen(monkeypatch, rate):
    monkeypatch.setattr(features, "np", _ReadsOn())
    with pytest.raises(LeakError, match="the acts behind features hold an event at"):
        run(rate=rate)


# poison


def bytes_of(history, settings, cut):
    scored = score_history(history, settings, cut=cut)
    arrays = [
        scored.value.network,
        scored.value.direct,
        scored.value.conserved,
        scored.own.values,
        scored.attribution.weight,
        scored.rates.follow_ons.sum(axis=0),
        scored.rates.acts,
        scored.ledger.listener,
    ]
    return [array.tobytes() for array in arrays], scored.rates.contest, scored.kappa, scored.rates.horizon


def poisoned(log, cut, random):
    """Return the log with another future, among the same people."""
    n = log.n

    def later(rows, make):
        past = [row for row in rows if row[-1] < cut]
        return past + [make() for _ in range(random.randint(0, 30))]

    def who():
        return random.randrange(n)

    def when():
        return cut + random.choice([0, 1, DAY, random.randrange(400 * DAY)])

    return dataclasses.replace(
        log,
        follows=later(log.follows, lambda: (who(), who(), when())),
        reactions=later(log.reactions, lambda: (who(), who(), random.choice(sorted(DIRECT)), when())),
        referrals=later(log.referrals, lambda: (who(), who(), when())),
        acts=later(log.acts, lambda: (who(), random.randrange(200), when())),
    )


@settings(max_examples=50)
@given(logs(money=True), st.floats(0.1, 0.9), st.randoms(use_true_random=False))
def test_another_future_changes_no_byte(log, part, random):
    cut = START + int(part * 400 * DAY)
    past = bytes_of(log.before(cut).history(), Settings(), cut)
    assert bytes_of(log.history(), Settings(), cut) == past
    assert bytes_of(poisoned(log, cut, random).history(), Settings(), cut) == past


@pytest.mark.parametrize("rate", ["auto", "rule", "learned"])
@settings(max_examples=8)
@given(random=st.randoms(use_true_random=False))
def test_another_future_changes_no_byte_of_a_fit(rate, random):
    """The same on a log that is busy enough for the contest, the fit, the level and a measured κ."""
    log = busy_log()
    chosen = SETTINGS.replace(rate=rate)
    past = bytes_of(log.before(CUT).history(chosen), chosen, CUT)
    assert past[1].winner == rate or (rate == "auto" and past[1].learned is not None)
    assert past[2].beyond_chance is not None
    assert bytes_of(log.history(chosen), chosen, CUT) == past
    assert bytes_of(poisoned(log, CUT, random).history(chosen), chosen, CUT) == past


def test_another_past_does_change_the_score():
    """The poison test could not pass by reading nothing."""
    log = busy_log()
    one = bytes_of(log.history(SETTINGS), SETTINGS, CUT)
    rows = [row for row in log.reactions if row[-1] < CUT]
    other = dataclasses.replace(log, reactions=[row for row in log.reactions if row is not rows[-1]])
    assert bytes_of(other.history(SETTINGS), SETTINGS, CUT)[0] != one[0]
