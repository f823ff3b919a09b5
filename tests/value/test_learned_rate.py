"""The learned rate on worlds whose truth is known, and what its features may read."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import DAY, UNDATED
from value.oracles_value import START, Log, by_tie, logs

from influence.config import Settings
from influence.ties import Ledger, PersonFeatures, TieFeatures
from influence.ties.features import CHANNELS, acts_between
from influence.value.contest import choose_rates
from influence.value.learned import fit_rate
from influence.value.metrics import spearman

H = 200 * DAY
CUT = START + 800 * DAY


def fans(seed, *, recent=False, loyal=False, n=60, n_fans=240):
    """Return a log of posts by n people, whom fans answer, and the true rate of each tie over H.

    Fans differ in how often they answer. How much somebody posts changes slowly. With ``recent`` fans answer those
    who post much at the time; with ``loyal`` each has one favourite among the five she listens to, for ever.
    """
    rng = np.random.default_rng(seed)
    mood = rng.normal(0.0, 1.2, (n, 8))
    for period in range(1, 8):
        mood[:, period] = 0.8 * mood[:, period - 1] + 0.6 * mood[:, period]
    posting = np.exp(1.0 + mood)  # posts in each hundred days
    log = Log(n + n_fans)
    posts = []
    for u in range(n):
        for period in range(8):
            for _ in range(rng.poisson(posting[u, period])):
                time = START + int((period + rng.random()) * 100 * DAY)
                posts.append((u, time))
                log.acts.append((u, len(posts), time))  # everybody posts on something of her own
    log.acts.append((0, 0, START))
    truth = {}
    for v in range(n, n + n_fans):
        heard = rng.choice(n, 5, replace=False)
        log.follows += [(v, int(u), UNDATED) for u in heard]
        taste = np.array([20.0, 1.0, 1.0, 1.0, 1.0]) if loyal else np.ones(5)
        activity = rng.lognormal(1.0, 0.6)
        for period in range(8):
            weight = taste * (posting[heard, period] if recent else 1.0)
            for _ in range(rng.poisson(activity)):
                u = int(rng.choice(heard, p=weight / weight.sum()))
                log.reactions.append((v, u, "reply", START + int((period + rng.random()) * 100 * DAY)))
        weight = taste * (posting[heard, 7] if recent else 1.0)
        truth |= {(int(u), v): 2 * activity * w / weight.sum() for u, w in zip(heard, weight, strict=True)}
    return log, truth


def fitted(log, settings=None):
    settings = settings or Settings(recent_days=120.0, fresh_days=60.0)
    ledger = Ledger.of(log.history(settings).before(CUT), settings)
    return ledger, fit_rate(ledger, CUT, H)


def check_against_truth(ledger, fit, truth):
    rates = fit.rates(ledger, CUT, fit.expected_acts(ledger, CUT))["reaction"]
    pairs = list(zip(ledger.influencer.tolist(), ledger.listener.tolist(), strict=True))
    true = np.array([truth[pair] for pair in pairs])
    assert spearman(rates, true) > 0.75


def test_finds_that_the_recently_active_are_answered():
    log, truth = fans(0, recent=True)
    ledger, fit = fitted(log)
    found = fit.follow_ons["reaction"].coefficients
    lately = found["influencer_acts_fresh"] + found["influencer_acts_recent"]
    assert lately > 0.1
    assert lately + found["influence_in_horizon"] > 0.4
    assert abs(found["tie_record"]) < 0.35
    check_against_truth(ledger, fit, truth)


def test_finds_that_fans_are_loyal():
    log, truth = fans(1, loyal=True)
    ledger, fit = fitted(log)
    found = fit.follow_ons["reaction"].coefficients
    assert found["tie_record"] > 0.7
    assert abs(found["influencer_acts_fresh"]) < 0.2
    check_against_truth(ledger, fit, truth)


def test_finds_nothing_where_there_is_nothing():
    log, _truth = fans(2)
    _, fit = fitted(log)
    found = fit.follow_ons["reaction"].coefficients
    for name, value in found.items():
        if name not in ("constant", "listener_silence", "influencer_silence"):
            assert abs(value) < 0.3, name


def test_expects_as_many_acts_as_people_are_used_to():
    log, _ = fans(3)
    ledger, fit = fitted(log)
    done = acts_between(ledger, "reaction", CUT - H, CUT)
    before = fit.expected_acts(ledger, CUT - H)["reaction"]
    assert before.sum() == pytest.approx(done.sum(), rel=1e-6)  # that is what was fitted
    expected = fit.expected_acts(ledger, CUT)["reaction"]
    assert spearman(expected, done) > 0.7
    assert expected[:60].max() < expected[60:].min()  # those who never reacted


def test_a_rate_is_proportional_to_the_acts_of_the_listener():
    ledger, fit = fitted(fans(1, loyal=True)[0])
    acts = fit.expected_acts(ledger, CUT)
    once = fit.rates(ledger, CUT, acts)["reaction"]
    twice = fit.rates(ledger, CUT, {channel: 2 * values for channel, values in acts.items()})["reaction"]
    assert twice.tolist() == (2 * once).tolist()


def test_fits_the_outcome_it_was_given():
    """The score equation of the constant: over the rows of the latest cut, expected and observed are equal."""
    ledger, fit = fitted(fans(1, loyal=True)[0])
    cut = CUT - H
    assert fit.cuts == (cut, cut - H // 2, cut - H)
    acted = acts_between(ledger, "reaction", cut, cut + H)
    features = TieFeatures.at(ledger, cut, H, "reaction", only=acted > 0)
    expected = fit.follow_ons["reaction"].predict(features.design) * acted[ledger.listener[features.ties]]
    late = list(zip(ledger.credits.tie, ledger.credits.time, ledger.credits.kind, strict=True))
    observed = sum(cut <= time < cut + H and kind > 0 and ledger.known[tie] < cut for tie, time, kind in late)
    assert expected.sum() == pytest.approx(observed, rel=1e-6)
    assert fit.follow_ons["reaction"].converged
    assert len(fit.follow_ons["reaction"].levels) == 2


def test_channels_are_fitted_apart_and_only_where_there_is_something():
    ledger, fit = fitted(fans(0)[0])
    assert set(fit.follow_ons) == set(fit.acts) == {"reaction"}  # nobody acts on anybody's item
    assert set(fit.rates(ledger, CUT, fit.expected_acts(ledger, CUT))) == {"reaction"}


def test_cuts_reach_as_far_back_as_there_is_history():
    log, _ = fans(0)
    settings = Settings()
    ledger = Ledger.of(log.history(settings).before(CUT), settings)
    assert fit_rate(ledger, START + 500 * DAY, H).cuts == (START + 300 * DAY, START + 200 * DAY, START + 100 * DAY)
    assert fit_rate(ledger, START + 350 * DAY, H).cuts == (START + 150 * DAY,)
    assert fit_rate(ledger, START + 250 * DAY, H).cuts == (START + 50 * DAY,)
    assert fit_rate(ledger, START + 200 * DAY, H) is None
    assert fit_rate(ledger, START + 150 * DAY, H) is None
    one = Settings(fit_cuts=1)
    assert fit_rate(Ledger.of(log.history(one).before(CUT), one), CUT, H).cuts == (CUT - H,)


def test_no_fit_without_a_date_or_a_follow_on():
    settings = Settings()
    assert fit_rate(Log(2, reactions=[(1, 0, "reply", UNDATED)]).ledger(settings), CUT, H) is None
    quiet = Log(2, follows=[(1, 0, UNDATED)], acts=[(0, q, START + q * 10 * DAY) for q in range(80)])
    assert fit_rate(quiet.ledger(settings), CUT, H) is None


def test_reactions_are_spread_over_the_types_that_each_receives():
    log, _ = fans(1, loyal=True)
    kinds = ("reply", "share")
    log.reactions = [(v, u, kinds[u % 2], time) for v, u, _, time in log.reactions]
    settings = Settings(rate="learned")
    ledger = Ledger.of(log.history(settings).before(CUT), settings)
    rates = choose_rates(ledger, CUT, H)
    received = np.zeros((2, ledger.n_people))
    for _, u, kind, _ in log.reactions:
        received[kinds.index(kind), u] += 1
    overall = received.sum(axis=1)
    mix = received + 0.5 * (overall / overall.sum())[:, None]
    mix /= mix.sum(axis=0)
    total = rates.follow_ons.sum(axis=0)
    for place, kind in enumerate(kinds):
        row = rates.follow_ons[ledger.history.kinds.index(kind)]
        assert row == pytest.approx(total * mix[place, ledger.influencer], rel=1e-12)


# what is read


@given(log=logs(), part=st.floats(0.1, 0.9), channel=st.sampled_from(CHANNELS))
def test_features_read_nothing_at_or_after_the_cut(log, part, channel):
    """Features from a ledger that goes on are those from one that ends at the cut."""
    settings = Settings()
    history = log.history(settings)
    cut, horizon = START + int(part * 400 * DAY), 60 * DAY
    whole, past = Ledger.of(history, settings), Ledger.of(history.before(cut), settings)
    for one in (channel, None):
        here, there = (PersonFeatures.at(ledger, cut, horizon, one) for ledger in (whole, past))
        for field in dataclasses.fields(here):
            assert getattr(here, field.name).tolist() == getattr(there, field.name).tolist(), field.name
    here, there = (_rows(ledger, TieFeatures.at(ledger, cut, horizon, channel)) for ledger in (whole, past))
    assert here == there


def _rows(ledger, features):
    pairs = zip(ledger.influencer[features.ties].tolist(), ledger.listener[features.ties].tolist(), strict=True)
    return dict(zip(pairs, features.design.tolist(), strict=True))


def test_a_fit_reads_nothing_after_its_moment():
    log, _ = fans(1, loyal=True)
    settings = Settings()
    history = log.history(settings)
    until = START + 600 * DAY
    whole = fit_rate(Ledger.of(history, settings), until, H)
    past = fit_rate(Ledger.of(history.before(until), settings), until, H)
    assert whole == past
    whole_ledger, past_ledger = Ledger.of(history, settings), Ledger.of(history.before(until), settings)
    rates = [
        by_tie(ledger, whole.rates(ledger, until, whole.expected_acts(ledger, until))["reaction"][None, :])
        for ledger in (whole_ledger, past_ledger)
    ]
    assert rates[0] == rates[1]


def test_the_contest_is_fought_on_the_past_of_each_round():
    """What a round's contestants know does not change with what came after the round."""
    log, _ = fans(1, loyal=True)
    settings = Settings(min_follow_ons=1, min_influencers=1)
    rates = choose_rates(Ledger.of(log.history(settings).before(CUT), settings), CUT, H)
    assert rates.contest.rounds == 2
    assert rates.contest.learned > rates.contest.prior_reactions - 0.1
    # an outcome turned round after the fact: who was answered most is answered no more
    turned = dataclasses.replace(
        log,
        reactions=[
            (v, u, kind, time) if time < CUT - H else (v, (u + 30) % 60, kind, time)
            for v, u, kind, time in log.reactions
        ],
    )
    after = choose_rates(Ledger.of(turned.history(settings).before(CUT), settings), CUT, H)
    # with the features of the outcome's own time it could not fail
    assert after.contest.rule < rates.contest.rule
    assert after.contest.learned is None or after.contest.learned < rates.contest.learned
