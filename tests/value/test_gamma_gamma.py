"""Gamma-Gamma against published answers, numeric integration and lifetimes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma as gamma_law
from value.purchases import CALIBRATED, N_CDNOW, cdnow, fit_peer

from influence.errors import UsageError
from influence.value.gamma_gamma import GammaGamma, _Likelihood, fit_gamma_gamma
from influence.value.rfm import RFM

PAPER = GammaGamma(6.25, 3.74, 15.44)


@pytest.fixture(scope="module")
def rfm():
    return RFM.of(*cdnow(), N_CDNOW, CALIBRATED)


def likelihood(p, q, gamma, x, m):
    """Integrate the density of a mean of x purchases over ν; the mean of x Gamma(p, ν) is Gamma(p x, ν x)."""
    law = gamma_law(q, scale=1.0 / gamma)
    # where the mass lies; what is integrated does not hang on it
    low, high = gamma_law(p * x + q, scale=1.0 / (gamma + x * m)).ppf([1e-12, 1.0 - 1e-12])
    value, _ = quad(lambda nu: law.pdf(nu) * gamma_law(p * x, scale=1.0 / (nu * x)).pdf(m), low, high, epsrel=1e-10)
    return value


def test_the_published_fit(rfm):
    fit = fit_gamma_gamma(rfm.n_valued, rfm.monetary)
    assert fit.converged
    assert fit.n_customers == 946
    # Fader and Hardie 2013
    assert (fit.p, fit.q, fit.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=5e-3)
    # the four digits that are passed on belong to means rounded up to whole cents, as the published summary has them
    cents = np.floor(np.round(rfm.monetary * rfm.n_valued * 100) / np.maximum(rfm.n_valued, 1) + 0.5) / 100
    rounded = fit_gamma_gamma(rfm.n_valued, cents)
    assert (rounded.p, rounded.q, rounded.gamma) == pytest.approx((6.2488, 3.7446, 15.4477), abs=5.1e-5)
    # Fader and Hardie report 0.11 for the customers with a repeat purchase
    assert fit.correlation == pytest.approx(0.11, abs=5e-3)
    kept = rfm.n_valued > 0
    assert fit.correlation == pytest.approx(np.corrcoef(rfm.n_valued[kept], rfm.monetary[kept])[0, 1])


def test_the_published_prediction():
    assert PAPER.expected_value(np.array([2.0]), np.array([22.35]))[0] == pytest.approx(24.663714, abs=5e-7)


def test_the_fit_agrees_with_lifetimes(rfm):
    kept = rfm.n_valued > 0
    theirs = fit_peer("GammaGammaFitter", rfm.n_valued[kept], rfm.monetary[kept])
    ours = fit_gamma_gamma(rfm.n_valued, rfm.monetary)
    assert [ours.p, ours.q, ours.gamma] == pytest.approx(theirs.params_.tolist(), rel=1e-4)
    same = GammaGamma(*theirs.params_.tolist())
    expected = theirs.conditional_expected_average_profit(rfm.n_valued, np.nan_to_num(rfm.monetary))
    assert np.allclose(same.expected_value(rfm.n_valued, rfm.monetary), expected, rtol=1e-12)


@pytest.mark.slow
def test_the_likelihood_is_that_of_the_model_integrated(rfm):
    kept = np.flatnonzero(rfm.n_valued > 0)[::24]
    x, m = rfm.n_valued[kept], rfm.monetary[kept]
    fit = fit_gamma_gamma(x, m)
    assert fit.usable
    slow = sum(math.log(likelihood(fit.p, fit.q, fit.gamma, *row)) for row in zip(x, m, strict=True))
    assert fit.log_likelihood == pytest.approx(slow, rel=1e-7)


def test_the_expectation_is_that_of_the_model_integrated():
    p, q, gamma, x, m = 3.0, 2.5, 12.0, 4.0, 7.0
    law = gamma_law(q, scale=1.0 / gamma)

    def density(nu):
        return law.pdf(nu) * gamma_law(p * x, scale=1.0 / (nu * x)).pdf(m)

    above, _ = quad(lambda nu: density(nu) * p / nu, 0.0, 3.0, limit=400)
    below, _ = quad(density, 0.0, 3.0, limit=400)
    found = GammaGamma(p, q, gamma).expected_value(np.array([x]), np.array([m]))[0]
    assert found == pytest.approx(above / below, rel=1e-7)


def test_the_gradient_is_the_slope(rfm):
    kept = rfm.n_valued > 0
    likelihood_of = _Likelihood(rfm.n_valued[kept], rfm.monetary[kept])
    at = np.log([2.0, 3.0, 9.0])
    _, slope = likelihood_of(np.exp(at))
    for place in range(3):
        step = np.zeros(3)
        step[place] = 1e-5
        rise = likelihood_of(np.exp(at + step))[0] - likelihood_of(np.exp(at - step))[0]
        assert slope[place] == pytest.approx(rise / 2e-5, rel=1e-6)


def test_simulated_spend_is_recovered():
    p, q, gamma = 4.0, 3.0, 20.0
    rng = np.random.default_rng(5)
    x = rng.geometric(0.3, 40_000).astype(np.float64)
    rate = rng.gamma(q, 1 / gamma, x.size)
    m = rng.gamma(p * x, 1 / (rate * x))
    fit = fit_gamma_gamma(x, m)
    assert (fit.p, fit.q, fit.gamma) == pytest.approx((p, q, gamma), rel=0.05)
    assert abs(fit.correlation) < 0.03
    few = x == 1
    expected, true = fit.expected_value(x, m), p / rate
    assert abs((expected - true)[few].mean()) < 4 * true[few].std() / math.sqrt(few.sum())
    assert np.abs(expected - true).mean() < np.abs(m - true).mean()


def test_the_mean_of_all_and_a_customer_of_whom_nothing_is_known():
    assert PAPER.mean == pytest.approx(6.25 * 15.44 / 2.74)
    found = PAPER.expected_value(np.array([0.0, 0.0, 1e9]), np.array([np.nan, 5.0, 5.0]))
    assert found[:2].tolist() == [PAPER.mean] * 2
    assert found[2] == pytest.approx(5.0)


def test_without_a_mean_it_is_said():
    rng = np.random.default_rng(8)
    rate = rng.gamma(0.6, 1.0, 4_000)
    fit = fit_gamma_gamma(np.full(4_000, 3.0), rng.gamma(6.0, 1 / (3 * rate)))
    assert fit.converged
    assert fit.q < 1
    assert "mean value over customers does not exist" in fit.message
    assert math.isnan(fit.mean)
    found = fit.expected_value(np.array([0.0, 3.0]), np.array([np.nan, 5.0]))
    assert math.isnan(found[0])
    assert found[1] > 0


@pytest.mark.parametrize("factor", [2.0, 100.0, 1e-3])
def test_the_currency_scales_gamma_alone(rfm, factor):
    one, other = (fit_gamma_gamma(rfm.n_valued, rfm.monetary * f) for f in (1.0, factor))
    assert (other.p, other.q, other.gamma) == pytest.approx((one.p, one.q, one.gamma * factor), rel=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - 946 * math.log(factor), rel=1e-10)
    assert other.correlation == pytest.approx(one.correlation)


def test_the_order_of_customers_does_not_matter(rfm):
    order = np.random.default_rng(3).permutation(N_CDNOW)
    assert fit_gamma_gamma(rfm.n_valued[order], rfm.monetary[order]) == fit_gamma_gamma(rfm.n_valued, rfm.monetary)


def test_one_price_for_all_ends_on_a_bound():
    fit = fit_gamma_gamma(np.full(50, 3.0), np.full(50, 7.0))
    assert not fit.converged
    assert fit.usable
    assert "bound" in fit.message
    assert math.isnan(fit.correlation)
    assert fit.expected_value(np.array([0.0, 3.0]), np.array([0.0, 7.0])) == pytest.approx([7.0, 7.0], rel=1e-3)


def test_customers_without_a_repeat_of_some_value_are_left_out(rfm):
    x = np.append(rfm.n_valued, [0.0, 4.0, 4.0, 4.0])
    m = np.append(rfm.monetary, [9.0, 0.0, -3.0, np.nan])
    assert fit_gamma_gamma(x, m) == fit_gamma_gamma(rfm.n_valued, rfm.monetary)


@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 5), st.floats(-1, 1e6)), max_size=12))
def test_a_fit_never_raises(rows):
    x = np.array([row[0] for row in rows], np.float64)
    m = np.array([row[1] for row in rows], np.float64)
    fit = fit_gamma_gamma(x, m)
    assert fit.message
    if fit.usable and fit.q > 1:
        assert (fit.expected_value(x, np.maximum(m, 0.0)) > 0).all()


@pytest.mark.parametrize(
    ("x", "m", "words"),
    [(np.ones(2), np.ones(3), "one length"), (np.ones(2), np.array([1.0, np.inf]), "finite")],
)
def test_what_cannot_be_used_is_refused(x, m, words):
    with pytest.raises(UsageError, match=words):
        fit_gamma_gamma(x, m)
