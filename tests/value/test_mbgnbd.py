"""MBG/NBD against published answers, numeric integration, simulation and lifetimes."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma as gamma_law
from value.purchases import CALIBRATED, N_CDNOW, cdnow, fit_peer, simulate
from value.test_bgnbd import one, over_p, over_rate

from influence.value.bgnbd import BetaGeo, fit_bgnbd
from influence.value.mbgnbd import ModifiedBetaGeo, fit_mbgnbd
from influence.value.rfm import RFM


@pytest.fixture(scope="module")
def sample():
    rfm = RFM.of(*cdnow(), N_CDNOW, CALIBRATED)
    return rfm.frequency, rfm.recency, rfm.age


def likelihood(r, alpha, a, b, x, t_x, age):
    """Integrate the likelihood of one customer over λ and p: x + 1 chances to leave, the last one perhaps taken."""
    stays = over_p(lambda p: (1 - p) ** (x + 1), a, b)
    left = over_p(lambda p: p * (1 - p) ** x, a, b)
    return stays * over_rate(lambda rate: rate**x * math.exp(-rate * age), r, alpha) + left * over_rate(
        lambda rate: rate**x * math.exp(-rate * t_x), r, alpha
    )


def test_the_published_fit(sample):
    x, t_x, age = sample
    fit = fit_mbgnbd(x, t_x.round(2), age.round(2))
    assert fit.converged
    assert (fit.r, fit.alpha, fit.a, fit.b) == pytest.approx((0.52484, 6.18299, 0.89136, 1.61400), abs=5.1e-6)


def test_the_fit_agrees_with_lifetimes(sample):
    theirs = fit_peer("ModifiedBetaGeoFitter", *sample)
    ours = fit_mbgnbd(*sample)
    assert [ours.r, ours.alpha, ours.a, ours.b] == pytest.approx(theirs.params_.tolist(), rel=1e-4)
    x, t_x, age = sample
    same = ModifiedBetaGeo(*theirs.params_.tolist())
    for t in (1.0, 39.0, 400.0):
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(t, x, t_x, age)
        assert np.allclose(same.expected_purchases(t, x, t_x, age), expected, rtol=1e-9)
        assert same.expected_purchases_new(t) == pytest.approx(theirs.expected_number_of_purchases_up_to_time(t))
    assert np.allclose(same.p_alive(x, t_x, age), theirs.conditional_probability_alive(x, t_x, age), rtol=1e-12)


@pytest.mark.slow
def test_the_likelihood_is_that_of_the_model_integrated(sample):
    x, t_x, age = (column[::24] for column in sample)
    fit = fit_mbgnbd(x, t_x, age)
    assert fit.converged
    slow = sum(math.log(likelihood(fit.r, fit.alpha, fit.a, fit.b, *row)) for row in zip(x, t_x, age, strict=True))
    assert fit.log_likelihood == pytest.approx(slow, rel=1e-8)


@pytest.mark.parametrize(("x", "t_x", "age"), [(0, 0.0, 20.0), (1, 3.0, 20.0), (4, 19.0, 20.0), (9, 11.0, 30.0)])
def test_predictions_are_those_of_the_model_integrated(x, t_x, age):
    r, alpha, a, b, t = 0.6, 5.0, 0.8, 2.0, 26.0
    model = ModifiedBetaGeo(r, alpha, a, b)
    whole = likelihood(r, alpha, a, b, x, t_x, age)
    stays = over_p(lambda p: (1 - p) ** (x + 1), a, b)
    alive = stays * over_rate(lambda rate: rate**x * math.exp(-rate * age), r, alpha) / whole

    def given_rate(rate):
        ahead = over_p(lambda p: (1 - p) ** (x + 1) * (-math.expm1(-rate * p * t) / p if p > 0 else rate * t), a, b)
        return rate**x * math.exp(-rate * age) * ahead

    law = gamma_law(r, scale=1 / alpha)
    ahead, _ = quad(lambda u: given_rate(law.ppf(u)), 0.0, 1.0, limit=200, epsrel=1e-8)
    assert model.p_alive(*one(x, t_x, age))[0] == pytest.approx(alive, rel=1e-8)
    assert model.expected_purchases(t, *one(x, t_x, age))[0] == pytest.approx(ahead / whole, rel=1e-6)


def test_simulated_customers_behave_as_predicted():
    parameters = (0.8, 4.0, 0.9, 2.5)
    age, ahead = 20.0, 30.0
    x, t_x, later = simulate(parameters, [age] * 60_000, ahead, seed=2, early=True)
    ages = np.full(x.size, age)
    model = ModifiedBetaGeo(*parameters)
    predicted = model.expected_purchases(ahead, x, t_x, ages)
    for group in (x == 0, x == 1, (x > 1) & (t_x < 10), (x > 1) & (t_x > 15), x > 5):
        error = later[group].std() / math.sqrt(group.sum())
        assert abs(later[group].mean() - predicted[group].mean()) < 4 * error
    assert abs(x.mean() - model.expected_purchases_new(age)) < 4 * x.std() / math.sqrt(x.size)
    fit, plain = fit_mbgnbd(x, t_x, ages), fit_bgnbd(x, t_x, ages)
    assert (fit.r, fit.alpha, fit.a, fit.b) == pytest.approx(parameters, rel=0.15)
    assert fit.log_likelihood > plain.log_likelihood + 10


def test_a_newcomer_may_be_gone_already():
    model, plain = ModifiedBetaGeo(0.5, 5.0, 1.0, 3.0), BetaGeo(0.5, 5.0, 1.0, 3.0)
    assert model.p_alive(*one(0, 0, 0))[0] == pytest.approx(0.75)  # b / (a + b)
    assert plain.p_alive(*one(0, 0, 0))[0] == 1.0


def test_with_one_purchase_more_behind_her_she_is_as_in_bg_nbd():
    # the chances to leave are x + 1 here and x there: b + 1 there is b here
    r, alpha, a, b = 0.5, 5.0, 0.8, 3.0
    here = ModifiedBetaGeo(r, alpha, a, b).p_alive(*one(4, 8, 12))
    there = BetaGeo(r, alpha, a, b + 1).p_alive(*one(4, 8, 12))
    assert here == pytest.approx(there, rel=1e-14)


def test_nothing_to_fit_is_said():
    fit = fit_mbgnbd(np.zeros(4), np.zeros(4), np.ones(4))
    assert isinstance(fit, ModifiedBetaGeo)
    assert not fit.usable
    assert "no customer came back" in fit.message
