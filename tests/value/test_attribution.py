"""Attribution: which share of a listener is owed to whom, and that it never passes three quarters."""

import math

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from oracles import DAY, UNDATED
from value.oracles_value import HOUR, START, Log, by_tie, logs, without_zeros

from influence.config import Settings
from influence.ties import Ledger
from influence.value.attribution import Kappa, attribute, measure_kappa
from influence.value.contest import Contest, Rates, choose_rates

KAPPA = Kappa(0.4, 0.25, 0.8, 0.1, 1000)


def rates_of(ledger, follow_ons, acts, model="rule"):
    return Rates(np.asarray(follow_ons, float), np.asarray(acts, float), model, 365 * DAY, Contest(model, "given"))


def column_sums(ledger, attribution):
    return np.bincount(ledger.listener, np.abs(attribution.weight), ledger.n_people)


@st.composite
def attributed(draw):
    """Draw a history with arbitrary rates along its ties, some enormous, and any κ that the settings allow."""
    log = draw(logs())
    settings = Settings(
        referral_share=draw(st.sampled_from([0.0, 0.5, 0.75])),
        referral_rest=0.0,
        prior_acts_rule=draw(st.sampled_from([1e-9, 1.0, 5.0])),
    )
    if settings.referral_share <= 0.5:
        settings = settings.replace(referral_rest=draw(st.sampled_from([0.0, 0.1, 0.25])))
    ledger = log.ledger(settings)
    size = (len(ledger.history.kinds), ledger.ties.n_edges)
    value = st.one_of(st.just(0.0), st.floats(0.0, 1e9))
    flat = draw(st.lists(value, min_size=size[0] * size[1], max_size=size[0] * size[1]))
    acts = draw(st.lists(st.floats(0.0, 1e4), min_size=log.n, max_size=log.n))
    share = st.floats(0.0, 0.75)
    kappa = Kappa(draw(share), draw(share), None, None, 0)
    model = draw(st.sampled_from(["rule", "learned"]))
    return log, ledger, rates_of(ledger, np.reshape(flat, size), acts, model), kappa


@effort(max_examples=40)
@given(attributed())
def test_nobody_owes_more_than_three_quarters(drawn):
    _, ledger, rates, kappa = drawn
    assert column_sums(ledger, attribute(ledger, rates, kappa)).max(initial=0.0) <= 0.75 * (1 + 1e-12)


@effort(max_examples=60)
@given(logs())
def test_nobody_owes_more_than_three_quarters_at_the_rates_in_use(log):
    settings = Settings(min_exposed=1)
    history = log.history(settings)
    span = history.span
    cut = None if span is None else span[1] + 1
    ledger = Ledger.of(history if cut is None else history.before(cut), settings)
    rates = choose_rates(ledger, cut, 30 * DAY)
    attribution = attribute(ledger, rates, measure_kappa(ledger))
    assert column_sums(ledger, attribution).max(initial=0.0) <= 0.75 * (1 + 1e-12)
    assert (attribution.weight >= 0).all()


@effort(max_examples=40)
@given(attributed())
def test_the_formula(drawn):
    """W_uv = κ λ_uv / (m₀ + max(a_v, Σ_k |λ_kv|)) where nobody was referred; every part of it matters."""
    log, ledger, rates, kappa = drawn
    settings = ledger.settings
    prior = settings.prior_acts_learned if rates.model == "learned" else settings.prior_acts_rule
    attribution = attribute(ledger, rates, kappa)
    n = log.n
    heard = [0.0] * n
    for tie in range(ledger.ties.n_edges):
        heard[ledger.listener[tie]] += rates.follow_ons[:, tie].sum()
    denominator = [prior + max(a, h) for a, h in zip(rates.acts, heard, strict=True)]
    assert attribution.denominator == pytest.approx(denominator, rel=1e-12)
    referred = set(ledger.listener[ledger.referral].tolist())
    for tie in range(ledger.ties.n_edges):
        v = ledger.listener[tie]
        if v not in referred:
            for kind in range(len(ledger.history.kinds)):
                share = kappa.item if kind == 0 else kappa.direct
                expected = share * rates.follow_ons[kind, tie] / denominator[v]
                assert attribution.by_kind[kind, tie] == pytest.approx(expected, rel=1e-12)


@effort(max_examples=40)
@given(attributed())
def test_kinds_add_up(drawn):
    _, ledger, rates, kappa = drawn
    attribution = attribute(ledger, rates, kappa)
    assert attribution.weight == pytest.approx(attribution.by_kind.sum(axis=0), rel=1e-15)


def two_listeners():
    """Return a ledger in which 0 is heard by 2 and 3, and 1 by 2; the rates of its ties in the order 02, 03, 12."""
    log = Log(4, reactions=[(2, 0, "reply", START), (3, 0, "reply", START), (2, 1, "like", START + HOUR)])
    ledger = log.ledger()
    assert list(zip(ledger.influencer.tolist(), ledger.listener.tolist(), strict=True)) == [(0, 2), (0, 3), (1, 2)]
    assert ledger.history.kinds == ("item", "reply", "like", "follow", "referral")
    follow_ons = np.zeros((5, 3))
    follow_ons[1] = [3.0, 8.0, 0.0]
    follow_ons[2, 2] = 1.0
    return ledger, follow_ons


def test_by_hand():
    ledger, follow_ons = two_listeners()
    # listener 2 acts more often than she follows, listener 3 less
    rates = rates_of(ledger, follow_ons, [0.0, 0.0, 10.0, 2.0])
    attribution = attribute(ledger, rates, KAPPA)
    assert attribution.denominator.tolist() == [5.0, 5.0, 15.0, 13.0]
    assert attribution.weight == pytest.approx([0.25 * 3 / 15, 0.25 * 8 / 13, 0.25 * 1 / 15], rel=1e-14)
    assert attribution.weight == pytest.approx(
        oracles.attribution([3.0, 8.0, 1.0], [0.0, 0.0, 10.0, 2.0], [2, 3, 2], 0.25, 5.0)
    )


def test_a_few_acts_are_no_proof():
    """m₀ keeps the share of a rare buyer low, five acts with the rule and one when learned."""
    ledger, follow_ons = two_listeners()
    follow_ons = follow_ons * 0.01
    acts = np.zeros(4)
    rule = attribute(ledger, rates_of(ledger, follow_ons, acts), KAPPA)
    learned = attribute(ledger, rates_of(ledger, follow_ons, acts, "learned"), KAPPA)
    assert rule.weight == pytest.approx([0.25 * 0.03 / 5.04, 0.25 * 0.08 / 5.08, 0.25 * 0.01 / 5.04], rel=1e-14)
    assert learned.weight == pytest.approx([0.25 * 0.03 / 1.04, 0.25 * 0.08 / 1.08, 0.25 * 0.01 / 1.04], rel=1e-14)
    assert rule.weight.max() < 0.005  # without m₀ it would be 0.25


def test_acts_on_items_have_a_share_of_their_own():
    log = Log(2, reactions=[(1, 0, "reply", START)], acts=[(0, 1, START), (1, 1, START + DAY)])
    ledger = log.ledger()
    follow_ons = np.zeros((len(ledger.history.kinds), 1))
    follow_ons[0], follow_ons[1] = 2.0, 3.0
    attribution = attribute(ledger, rates_of(ledger, follow_ons, [0.0, 0.0]), KAPPA)
    assert by_tie(ledger, attribution.by_kind) == {
        ((0, 1), "item"): pytest.approx(0.4 * 2 / 10),
        ((0, 1), "reply"): pytest.approx(0.25 * 3 / 10),
    }


def referred(*, strong):
    """Return a log in which 0 brought 3, who also replies to 0, 1 and 2."""
    times = [START + 40 * DAY - q * 8 * DAY for q in range(5 if strong else 1)]
    reactions = [(3, u, "reply", t) for u in (0, 1, 2) for t in times]
    return Log(5, reactions=[*reactions, (4, 0, "reply", START)], referrals=[(0, 3, START)])


@pytest.mark.parametrize("strong", [False, True])
def test_a_referrer_gets_half_and_the_others_at_most_a_quarter(strong):
    ledger = referred(strong=strong).ledger()
    follow_ons = np.zeros((len(ledger.history.kinds), ledger.ties.n_edges))
    into = np.flatnonzero(ledger.listener == 3)
    follow_ons[1, into] = 1000.0 if strong else 1.0
    kappa = Kappa(0.7, 0.7, None, None, 0)
    attribution = attribute(ledger, rates_of(ledger, follow_ons, np.zeros(5)), kappa)
    found = by_tie(ledger, attribution.by_kind)
    other = 0.125 if strong else 0.7 / 8
    assert found == {
        ((0, 3), "referral"): 0.5,  # her replies to the one who brought her count no second time
        ((1, 3), "reply"): pytest.approx(other),
        ((2, 3), "reply"): pytest.approx(other),
    }
    assert column_sums(ledger, attribution)[3] == pytest.approx(0.75 if strong else 0.5 + 2 * other)


def test_the_shares_of_a_referral_are_settings():
    settings = Settings(referral_share=0.3, referral_rest=0.1)
    ledger = referred(strong=True).ledger(settings)
    follow_ons = np.full((len(ledger.history.kinds), ledger.ties.n_edges), 100.0)
    attribution = attribute(ledger, rates_of(ledger, follow_ons, np.zeros(5)), KAPPA)
    assert by_tie(ledger, attribution.by_kind)[(0, 3), "referral"] == 0.3
    assert column_sums(ledger, attribution)[3] == pytest.approx(0.4)


def test_only_the_last_referral_before_the_first_act_counts():
    log = Log(
        4,
        follows=[(0, 3, UNDATED)],
        referrals=[(0, 3, START), (1, 3, START + 5 * DAY), (2, 3, START + 20 * DAY)],
        acts=[(3, 1, START + 10 * DAY)],
    )
    ledger = log.ledger()
    rates = rates_of(ledger, np.zeros((len(ledger.history.kinds), ledger.ties.n_edges)), np.zeros(4))
    assert by_tie(ledger, attribute(ledger, rates, KAPPA).by_kind) == {((1, 3), "referral"): 0.5}


# κ


def contagion(people=40, items=60, lag=DAY):
    """Return a log in which everybody listens to one of two leaders and acts a day after hers."""
    follows = [(v, v % 2, UNDATED) for v in range(2, people)]
    acts = []
    for item in range(items):
        leader = item % 2
        acts.append((leader, item, START + item * 3 * DAY))
        acts += [(v, item, START + item * 3 * DAY + lag) for v in range(2, people) if v % 2 == leader]
    return Log(people, follows, acts=acts)


def test_kappa_is_half_of_what_is_beyond_chance():
    settings = Settings()
    log = contagion()
    ledger = log.ledger(settings)
    kappa = measure_kappa(ledger)
    exposed = 60 * 19
    assert kappa.exposed == exposed
    span = log.span()
    _, by_chance = oracles.expected_by_chance(log.first_acts(), log.ties(), 90 * DAY, span[0], span[1] + 1, log.n)
    beyond = 1 - by_chance / exposed
    assert 0.05 < beyond < 1
    assert kappa.beyond_chance == pytest.approx(beyond, rel=1e-9)
    assert kappa.item == pytest.approx(0.5 * beyond, rel=1e-9)
    assert kappa.direct == 0.25
    assert not kappa.none_found
    assert measure_kappa(log.ledger(Settings(influence_share=0.1))).item == pytest.approx(0.1 * beyond, rel=1e-9)


def test_few_exposed_acts_get_the_default():
    log = contagion(people=8, items=60)  # 180 exposed acts
    kappa = measure_kappa(log.ledger())
    assert (kappa.item, kappa.beyond_chance, kappa.exposed) == (0.25, None, 180)
    assert measure_kappa(log.ledger(Settings(kappa_default=0.1))).item == 0.1
    assert measure_kappa(log.ledger(Settings(min_exposed=180))).beyond_chance is not None
    assert not kappa.none_found


def test_without_acts_on_items_there_is_nothing_to_measure():
    kappa = measure_kappa(Log(2, reactions=[(1, 0, "reply", START)]).ledger())
    assert (kappa.item, kappa.direct, kappa.exposed) == (0.25, 0.25, 0)


def test_no_influence_beyond_chance_is_said_and_floored():
    rng = np.random.default_rng(0)
    n = 60
    follows = [(v, int(u), UNDATED) for v in range(n) for u in rng.choice(n, 6, replace=False) if u != v]
    acts = {
        (int(v), int(i)): START + int(t) * DAY
        for v, i, t in zip(rng.integers(0, n, 1500), rng.integers(0, 40, 1500), rng.integers(0, 170, 1500), strict=True)
    }
    log = Log(n, follows, acts=[(v, i, t) for (v, i), t in acts.items()])
    kappa = measure_kappa(log.ledger())
    assert kappa.exposed > 200
    assert kappa.beyond_chance < 0.05
    assert kappa.none_found
    floor = max(0.02, kappa.beyond_chance)
    assert kappa.item == pytest.approx(0.5 * floor)
    assert measure_kappa(log.ledger(Settings(kappa_floor=0.5))).item == 0.25


def test_the_shuffle_keeps_tastes_and_destroys_order():
    """Where all people meet all items, and a leader's followers do so in the weeks after her, order is all there is."""
    rng = np.random.default_rng(1)
    log = contagion(items=0)
    for item in range(60):
        begun = START + (item * 5 + 150) * DAY
        log.acts.append((item % 2, item, begun))
        for v in range(2, 40):
            lag = rng.integers(1, 30) if v % 2 == item % 2 else rng.integers(-200, 200)
            log.acts.append((v, item, begun + int(lag) * DAY))
    kappa = measure_kappa(log.ledger())
    assert kappa.exposed >= 60 * 19
    assert kappa.beyond_chance > 0.2
    assert abs(kappa.shuffled) < 0.1


def test_the_measured_share_is_used():
    log = contagion()
    ledger = log.ledger()
    span = log.span()
    rates = choose_rates(ledger, span[1] + 1, 60 * DAY)
    kappa = measure_kappa(ledger)
    attribution = attribute(ledger, rates, kappa)
    items = without_zeros({key: w for key, w in by_tie(ledger, attribution.by_kind).items() if key[1] == "item"})
    assert items
    total = rates.follow_ons[0].sum()
    assert math.fsum(share * attribution.denominator[v] for ((_, v), _), share in items.items()) == pytest.approx(
        kappa.item * total, rel=1e-9
    )
