"""Which rate is used, what it takes for the learned one to win, and the level."""

import json
import math

import numpy as np
import pytest
from oracles import DAY, UNDATED
from value.oracles_value import START, Log

import influence.value.contest as contest_of
from influence.config import Settings
from influence.errors import LeakError
from influence.ties import Ledger
from influence.value.contest import choose_rates, horizon_of
from influence.value.rule import rule_acts, rule_rates

H = 100 * DAY
CUT = START + 300 * DAY


def chatter(pairs, per_pair, *, days=300, seed=0, first=START):
    """Return a log in which each listener replies ``per_pair`` times to her influencer, evenly over the days."""
    rng = np.random.default_rng(seed)
    log = Log(1 + max(max(pair) for pair in pairs))
    for u, v in pairs:
        for q in range(per_pair):
            time = first + int((q + rng.random()) * days / per_pair * DAY)
            log.reactions.append((v, u, "reply", time))
    # a first event, so that every log begins at the same moment
    log.reactions.append((pairs[0][1], pairs[0][0], "reply", START))
    return log


def wide(n, listeners=3):
    """Return pairs (influencer, listener): n influencers with listeners of their own."""
    return [(u, n + u * listeners + q) for u in range(n) for q in range(listeners)]


def chosen(log, settings=None, cut=CUT, horizon=H):
    settings = settings or Settings()
    return choose_rates(Ledger.of(log.history(settings).before(cut), settings), cut, horizon)


# gates


def test_too_few_follow_ons():
    rates = chosen(chatter(wide(60, 1), 6))  # about 120 in the last hundred days
    assert rates.model == rates.contest.winner == "rule"
    assert "too few to learn from" in rates.contest.reason
    assert "200 of 50" in rates.contest.reason
    assert rates.contest.follow_ons < 200
    assert rates.contest.rounds == 0
    assert rates.contest.learned is None


def test_too_few_influencers():
    rates = chosen(chatter(wide(20, 6), 9))
    assert rates.contest.follow_ons >= 200
    assert rates.contest.influencers == 20
    assert "too few to learn from" in rates.contest.reason
    assert rates.model == "rule"


def test_the_facts_are_counts():
    log = chatter(wide(60), 9)
    rates = chosen(log)
    late = [row for row in log.reactions if CUT - H <= row[-1] < CUT]
    assert rates.contest.follow_ons == len(late)
    assert rates.contest.influencers == len({u for _, u, _, _ in late})
    known = {(u, v) for v, u, _, time in log.reactions if time < CUT - H}
    assert rates.contest.known_share == pytest.approx(sum((u, v) in known for v, u, *_ in late) / len(late))


def strangers(share_known):
    """Return a log whose last horizon falls on new ties, but for a share."""
    pairs = wide(60)
    n = 60 * 4
    known = chatter(pairs, 6, days=200)
    rng = np.random.default_rng(1)
    for place in range(600):
        time = CUT - H + int(rng.random() * 99 * DAY)
        if rng.random() < share_known:
            u, v = pairs[place % len(pairs)]
        else:
            u, v = place % 60, n + place  # somebody new
        known.reactions.append((v, u, "reply", time))
    known.n = n + 600
    known.follows = [(v, 0, CUT + 1) for v in range(1, known.n)]  # everybody occurs; known only later
    return known


def test_new_ties_cannot_be_learned():
    rates = chosen(strangers(0.3))
    assert rates.contest.known_share == pytest.approx(0.3, abs=0.05)
    assert rates.model == "rule"
    assert "ties do not tell the future here" in rates.contest.reason
    assert rates.contest.learned is None
    assert rates.contest.rule is not None
    assert rates.contest.prior_reactions is not None
    assert chosen(strangers(0.7)).contest.learned is not None
    assert chosen(strangers(0.3), Settings(min_known_share=0.1)).contest.learned is not None


@pytest.mark.parametrize("ahead", [0.02, -0.2])
def test_learned_wins_only_by_more_than_one_standard_error(monkeypatch, ahead):
    rng = np.random.default_rng(0)
    noise = [rng.normal(0, sd, 101) for sd in (0.02, 0.06)]
    draws = iter(noise)

    def round_(ledger, begin, horizon, fits, *, learn):
        shift = next(draws)
        rule = np.full(101, 0.5)
        learned = 0.5 + ahead + shift
        learned[0] = 0.5 + ahead
        return {"rule": rule, "learned": learned, "prior_reactions": np.full(101, 0.4)}

    monkeypatch.setattr(contest_of, "_round", round_)
    rates = chosen(chatter(wide(60), 9))
    error = math.sqrt(sum(np.var(part[1:], ddof=1) for part in noise)) / 2  # of the mean of two rounds
    assert rates.contest.rounds == 2
    assert rates.contest.difference_error == pytest.approx(error)
    assert rates.contest.learned == pytest.approx(0.5 + ahead)
    assert rates.contest.prior_reactions == pytest.approx(0.4)
    assert rates.contest.winner == rates.model == "rule"


@pytest.mark.parametrize(("factor", "winner"), [(0.99, "rule"), (1.01, "learned")])
def test_the_border_is_one_standard_error(monkeypatch, factor, winner):
    noise = np.random.default_rng(0).normal(0, 0.05, 101)
    error = math.sqrt(2 * np.var(noise[1:], ddof=1)) / 2

    def round_(ledger, begin, horizon, fits, *, learn):
        learned = 0.5 + noise
        learned[0] = 0.5 + factor * error
        return {"rule": np.full(101, 0.5), "learned": learned, "prior_reactions": np.full(101, 0.9)}

    monkeypatch.setattr(contest_of, "_round", round_)
    rates = chosen(chatter(wide(60), 9))
    assert rates.model == rates.contest.winner == winner
    assert (rates.learned is not None) == (winner == "learned")
    assert ("not beyond" in rates.contest.reason) == (winner == "rule")


def test_the_rounds_look_at_the_last_two_horizons(monkeypatch):
    seen = []

    def round_(ledger, begin, horizon, fits, *, learn):
        seen.append((begin, horizon, learn))
        return {name: np.full(101, 0.5) for name in ("rule", "learned", "prior_reactions")}

    monkeypatch.setattr(contest_of, "_round", round_)
    chosen(chatter(wide(60), 9), horizon=90 * DAY)
    assert seen == [(CUT - 90 * DAY, 90 * DAY, True), (CUT - 180 * DAY, 90 * DAY, True)]


# forced rates


def test_a_rate_can_be_forced():
    log = chatter(wide(20, 2), 9)
    learned = chosen(log, Settings(rate="learned"))
    assert learned.model == learned.contest.winner == "learned"
    assert learned.contest.reason == "as set"
    assert learned.learned is not None
    assert chosen(log).model == "rule"
    rule = chosen(log, Settings(rate="rule"))
    assert rule.learned is None
    assert rule.follow_ons.tolist() == chosen(log).follow_ons.tolist()


def test_a_forced_rate_needs_history():
    log = Log(2, reactions=[(1, 0, "reply", START)])
    rates = chosen(log, Settings(rate="learned"), START + 1, DAY)
    assert rates.model == "rule"
    assert rates.contest.reason == "too little history to learn a rate from"


def test_learned_rates_add_up_and_lie_on_known_ties():
    log = chatter(wide(40), 9)
    rates = chosen(log, Settings(rate="learned"))
    settings = Settings(rate="learned")
    ledger = Ledger.of(log.history(settings).before(CUT), settings)
    fit = rates.learned
    acts = fit.expected_acts(ledger, CUT)
    total = sum(fit.rates(ledger, CUT, acts).values())
    assert rates.follow_ons.sum(axis=0) == pytest.approx(total * rates.level.factor, rel=1e-12)
    assert rates.acts == pytest.approx(sum(acts.values()), rel=1e-12)
    assert (rates.follow_ons >= 0).all()


# no dates


def test_without_dates_the_rule_counts_without_decay():
    log = Log(3, reactions=[(1, 0, "reply", UNDATED), (2, 0, "like", UNDATED)])
    settings = Settings()
    rates = choose_rates(Ledger.of(log.history(settings), settings), None, None)
    assert rates.model == "rule"
    assert rates.horizon == 365 * DAY
    speed = 365 * math.log(2) / 90
    assert rates.follow_ons.sum(axis=0) == pytest.approx([speed, 0.05 * speed])


def test_refuses_a_ledger_that_goes_beyond_the_cut():
    settings = Settings()
    ledger = chatter(wide(5), 9).ledger(settings)
    with pytest.raises(LeakError, match="reactions hold an event at"):
        choose_rates(ledger, CUT - 50 * DAY, H)


# horizon


@pytest.mark.parametrize(("days", "expected"), [(30, 10), (1095, 365), (3000, 365)])
def test_horizon_is_a_third_of_what_the_data_spans(days, expected):
    log = Log(2, reactions=[(1, 0, "reply", START), (1, 0, "reply", START + days * DAY)])
    history = log.history()
    assert horizon_of(history, Settings()) == expected * DAY
    assert horizon_of(history, Settings(horizon_days=7.0)) == 7 * DAY


def test_horizon_of_a_part():
    log = Log(2, reactions=[(1, 0, "reply", START), (1, 0, "reply", START + 300 * DAY)])
    assert horizon_of(log.history(), Settings(), START + 30 * DAY) == 10 * DAY
    assert horizon_of(Log(2, follows=[(1, 0, START)]).history(), Settings()) is None
    snapshot = Log(2, reactions=[(1, 0, "reply", START)]).history()
    assert horizon_of(snapshot, Settings(), START + 1) == 365 * DAY


# level


def level_log(early, middle, late):
    """Return a log with so many replies in each of three horizons, all on ties known from the start."""
    pairs = wide(30)
    log = chatter(pairs, 1, days=1)
    for place, count in enumerate((early, middle, late)):
        for q in range(count):
            u, v = pairs[q % len(pairs)]
            log.reactions.append((v, u, "reply", START + place * H + DAY + q * 98 * DAY // count))
    return log


def test_level_puts_the_rates_on_what_came():
    log = level_log(300, 400, 600)
    settings = Settings(rate="rule")
    ledger = Ledger.of(log.history(settings).before(CUT), settings)
    rates = choose_rates(ledger, CUT, H)
    counts = [sum(a <= row[-1] < a + H for row in log.reactions) for a in (CUT - 2 * H, CUT - H)]
    assert counts == [400, 600]
    expected_then = rule_rates(ledger, CUT - H, H).sum()
    assert rates.level.fit == pytest.approx(600 / expected_then)
    assert rates.level.trend == pytest.approx(math.sqrt(600 / 400))
    assert rates.level.factor == pytest.approx(600 / expected_then * math.sqrt(1.5))
    assert rates.follow_ons == pytest.approx(rule_rates(ledger, CUT, H) * rates.level.factor)
    assert rates.acts.tolist() == rule_acts(ledger, CUT, H).tolist()


def test_level_needs_follow_ons():
    assert chosen(level_log(300, 300, 150)).level == contest_of.Level()
    few_before = chosen(level_log(300, 150, 400)).level
    assert few_before.trend == 1.0
    assert few_before.fit != 1.0


def test_trend_needs_a_whole_horizon_before():
    log = level_log(300, 400, 600)
    settings = Settings(rate="rule")
    ledger = Ledger.of(log.history(settings).before(CUT), settings)
    assert choose_rates(ledger, CUT, 160 * DAY).level.trend == 1.0  # 320 days are more than there are
    assert choose_rates(ledger, CUT, 140 * DAY).level.trend != 1.0


def newcomers(*, undated_follows):
    """Return a log whose last horizon is all about people of whom nothing was heard before."""
    log = Log(500, reactions=[(1, 0, "reply", START + q * DAY) for q in range(0, 190, 5)])
    for q in range(500):
        log.reactions.append((62 + q % 438, 2 + q % 60, "reply", CUT - H + (q % 95) * DAY))
    if undated_follows:
        log.follows = [(v, u, UNDATED) for v, u, *_ in log.reactions]
    return log


@pytest.mark.parametrize("undated_follows", [False, True])
def test_a_round_without_an_outcome_measures_nothing(undated_follows):
    """Everybody who was followed was new: there is no NDCG, and none is made up."""
    rates = chosen(newcomers(undated_follows=undated_follows))
    contest = rates.contest
    assert contest.known_share == (1.0 if undated_follows else 0.0)
    assert rates.model == contest.winner == "rule"
    assert (contest.rule, contest.learned, contest.prior_reactions, contest.rounds) == (None, None, None, 0)
    expected = "nothing to compare" if undated_follows else "ties do not tell the future here"
    assert expected in contest.reason
    json.dumps(contest.as_dict(), allow_nan=False)
