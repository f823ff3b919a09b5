"""BG/NBD against published answers, numeric integration, simulation and lifetimes."""

import itertools
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.stats import gamma as gamma_law
from value.purchases import CALIBRATED, N_CDNOW, cdnow, fit_peer, simulate

from influence.errors import UsageError
from influence.value import bgnbd
from influence.value.bgnbd import BetaGeo, Histories, fit_bgnbd
from influence.value.rfm import RFM

PAPER = BetaGeo(0.243, 4.414, 0.793, 2.426)


def one(x, t_x, age):
    return np.array([float(x)]), np.array([float(t_x)]), np.array([float(age)])


def over_p(function, a, b):
    """Return E[function(p)] for p ~ Beta(a, b), with QUADPACK's weights for the ends."""
    value, _ = quad(function, 0.0, 1.0, weight="alg", wvar=(a - 1.0, b - 1.0), limit=400)
    return value / beta_function(a, b)


def over_rate(function, r, alpha):
    law = gamma_law(r, scale=1.0 / alpha)
    # in the quantiles of the law, where r < 1 has no pole
    value, _ = quad(lambda u: function(law.ppf(u)), 0.0, 1.0, limit=800, epsabs=0.0, epsrel=1e-10)
    return value


def likelihood(r, alpha, a, b, x, t_x, age):
    """Integrate the likelihood of one customer, given λ and p, over both (Fader, Hardie and Lee 2005, equation 3)."""
    stays = over_p(lambda p: (1 - p) ** x, a, b) * over_rate(lambda rate: rate**x * math.exp(-rate * age), r, alpha)
    if x == 0:
        return stays
    left = over_p(lambda p: p * (1 - p) ** (x - 1), a, b)
    return stays + left * over_rate(lambda rate: rate**x * math.exp(-rate * t_x), r, alpha)


def integrated_purchases(shape, a, b, s):
    """Integrate E[(1 − (1 + p s)^−shape) / p] over Beta(a, b)."""
    return over_p(lambda p: -math.expm1(-shape * math.log1p(p * s)) / p if p > 0 else shape * s, a, b)


@pytest.fixture(scope="module")
def sample():
    rfm = RFM.of(*cdnow(), N_CDNOW, CALIBRATED)
    return rfm.frequency, rfm.recency, rfm.age


def test_the_published_fit(sample):
    x, t_x, age = sample
    fit = fit_bgnbd(x, t_x.round(2), age.round(2))  # as in the published summary
    assert fit.converged
    assert fit.message == "converged"
    assert fit.n_customers == 2_357
    assert (fit.r, fit.alpha, fit.a, fit.b) == pytest.approx((0.2426, 4.4135, 0.7929, 2.4258), abs=5.1e-5)
    assert fit.log_likelihood == pytest.approx(-9582.4256, abs=5e-5)
    exact = fit_bgnbd(x, t_x, age)
    assert (exact.r, exact.alpha, exact.a, exact.b) == pytest.approx((0.2426, 4.4136, 0.7929, 2.4259), abs=5.1e-5)


def test_published_predictions():
    assert PAPER.expected_purchases(39.0, *one(2, 30.43, 38.86))[0] == pytest.approx(1.226028, abs=5e-7)
    assert PAPER.p_alive(*one(2, 30.43, 38.86))[0] == pytest.approx(0.726579, abs=5e-7)
    assert PAPER.expected_purchases(39.0, *one(0, 0, 38.86))[0] == pytest.approx(0.195098, abs=5e-7)
    assert PAPER.p_alive(*one(0, 0, 38.86))[0] == 1.0


def test_the_fit_agrees_with_lifetimes(sample):
    theirs = fit_peer("BetaGeoFitter", *sample)
    ours = fit_bgnbd(*sample)
    assert [ours.r, ours.alpha, ours.a, ours.b] == pytest.approx(theirs.params_.tolist(), rel=1e-4)
    x, t_x, age = sample
    same = BetaGeo(*theirs.params_.tolist())
    for t in (1.0, 39.0, 400.0):
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(t, x, t_x, age)
        assert np.allclose(same.expected_purchases(t, x, t_x, age), expected, rtol=1e-9)
        assert same.expected_purchases_new(t) == pytest.approx(theirs.expected_number_of_purchases_up_to_time(t))
    assert np.allclose(same.p_alive(x, t_x, age), theirs.conditional_probability_alive(x, t_x, age), rtol=1e-12)


@pytest.mark.slow
def test_the_likelihood_is_that_of_the_model_integrated(sample):
    x, t_x, age = (column[::24] for column in sample)
    fit = fit_bgnbd(x, t_x, age)
    assert fit.converged
    assert x.max() >= 5
    slow = sum(math.log(likelihood(fit.r, fit.alpha, fit.a, fit.b, *row)) for row in zip(x, t_x, age, strict=True))
    assert fit.log_likelihood == pytest.approx(slow, rel=1e-8)


@pytest.mark.parametrize("early", [0, 1])
def test_the_gradient_is_the_slope(sample, early):
    histories = Histories.of(*sample)
    likelihood_of = bgnbd._Likelihood(
        histories.frequency, histories.recency, histories.age, histories.count.astype(float), early
    )
    at = np.log([0.6, 3.0, 0.9, 0.4])
    _, slope = likelihood_of(np.exp(at))
    for place in range(4):
        step = np.zeros(4)
        step[place] = 1e-5
        rise = likelihood_of(np.exp(at + step))[0] - likelihood_of(np.exp(at - step))[0]
        assert slope[place] == pytest.approx(rise / 2e-5, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize(("x", "t_x", "age"), [(0, 0.0, 20.0), (1, 3.0, 20.0), (4, 19.0, 20.0), (9, 11.0, 30.0)])
def test_predictions_are_those_of_the_model_integrated(x, t_x, age):
    r, alpha, a, b, t = 0.6, 5.0, 0.8, 2.0, 26.0
    model = BetaGeo(r, alpha, a, b)
    whole = likelihood(r, alpha, a, b, x, t_x, age)
    stays = over_p(lambda p: (1 - p) ** x, a, b)
    alive = stays * over_rate(lambda rate: rate**x * math.exp(-rate * age), r, alpha) / whole

    def given_rate(rate):
        ahead = over_p(lambda p: (1 - p) ** x * (-math.expm1(-rate * p * t) / p if p > 0 else rate * t), a, b)
        return rate**x * math.exp(-rate * age) * ahead

    law = gamma_law(r, scale=1 / alpha)
    ahead, _ = quad(lambda u: given_rate(law.ppf(u)), 0.0, 1.0, limit=200, epsrel=1e-8)
    assert model.p_alive(*one(x, t_x, age))[0] == pytest.approx(alive, rel=1e-8)
    assert model.expected_purchases(t, *one(x, t_x, age))[0] == pytest.approx(ahead / whole, rel=1e-6)


def test_a_new_customer_is_one_without_history():
    t = np.array([0.0, 1.0, 39.0])
    found = PAPER.expected_purchases_new(t)
    assert found.shape == (3,)
    assert found[0] == 0.0
    for time, value in zip(t, found, strict=True):
        assert value == pytest.approx(integrated_purchases(0.243, 0.793, 2.426, time / 4.414), rel=1e-9)
        assert PAPER.expected_purchases_new(float(time)) == value


def test_simulated_customers_behave_as_predicted():
    parameters = (0.8, 4.0, 0.9, 2.5)
    age, ahead = 20.0, 30.0
    x, t_x, later = simulate(parameters, [age] * 60_000, ahead, seed=1, early=False)
    ages = np.full(x.size, age)
    model = BetaGeo(*parameters)
    predicted = model.expected_purchases(ahead, x, t_x, ages)
    for group in (x == 0, x == 1, (x > 1) & (t_x < 10), (x > 1) & (t_x > 15), x > 5):
        error = later[group].std() / math.sqrt(group.sum())
        assert abs(later[group].mean() - predicted[group].mean()) < 4 * error
    assert abs(x.mean() - model.expected_purchases_new(age)) < 4 * x.std() / math.sqrt(x.size)
    fit = fit_bgnbd(x, t_x, ages)
    assert (fit.r, fit.alpha, fit.a, fit.b) == pytest.approx(parameters, rel=0.15)


CASES = [
    # r, alpha, a, b, x, T, t
    (0.243, 4.414, 0.793, 2.426, 2_000, 40.0, 39.0),  # ₂F₁ as in the paper overflows
    (0.5458741247391189, 13.409316394557274, 0.0009994943799344323, 0.03899022143378801, 0, 1.0, 30.0),
    (0.11, 2.24, 0.31, 0.50, 0, 1.0, 30.0),  # lifetimes issue 302: a + b < 1
    (0.5, 3.0, 1.0, 2.0, 3, 10.0, 20.0),  # a = 1
    (0.5, 3.0, 1.0 + 1e-9, 2.0, 3, 10.0, 20.0),
    (0.5, 3.0, 1.0 + 1e-5, 2.0, 3, 10.0, 20.0),
    (0.5, 3.0, 0.5, 0.5, 0, 10.0, 20.0),  # a + b + x = 1
    (0.5, 3.0, 0.5, 0.5 + 1e-14, 0, 10.0, 20.0),
    (0.5, 3.0, 12.0, 2.0, 3, 10.0, 20.0),  # a − 1 > r + x
    (804.0, 0.03, 59.8, 0.0743, 1_100, 0.304, 4.39),  # both sides of Euler's transformation overflow
    (254.0, 0.0584, 147.0, 0.4, 29, 5.37, 143.0),
    (9e4, 9e4, 0.5, 9e4, 12, 1.0, 2.0),  # as on a bound
]


@pytest.mark.parametrize("case", CASES)
def test_predictions_where_the_closed_form_breaks(case):
    r, alpha, a, b, x, age, t = case
    shape, s = r + x, t / (alpha + age)
    found = BetaGeo(r, alpha, a, b).expected_purchases(t, *one(x, age, age))[0]
    found /= BetaGeo(r, alpha, a, b).p_alive(*one(x, age, age))[0]

    # in the logit of p, where neither end of the Beta law has a pole; far left the integrand is shape · s · density
    def integrand(u):
        log_p, log_q = -np.logaddexp(0, -u), -np.logaddexp(0, u)
        p = math.exp(log_p)
        log_density = a * log_p + (b + x) * log_q - (math.lgamma(a) + math.lgamma(b + x) - math.lgamma(a + b + x))
        return math.exp(log_density) * (-math.expm1(-shape * math.log1p(p * s)) / p if p > 1e-300 else shape * s)

    low, middle, high = -40.0 / min(a, 1.0), math.log(a / (b + x)), 40.0 / min(b + x, 1.0)
    wide = 12.0 * math.sqrt(1.0 / a + 1.0 / (b + x))
    low, high = min(low, middle - 2 * wide), max(high, middle + 2 * wide)
    edges = [low, *sorted({low / 30, middle - wide, middle, middle + wide, high / 30}), high]
    edges = sorted(edge for edge in edges if low <= edge <= high)
    slow = sum(
        quad(integrand, left, right, limit=500, epsabs=0.0, epsrel=1e-11)[0]
        for left, right in itertools.pairwise(edges)
    )
    assert found == pytest.approx(slow, rel=1e-10)


@settings(max_examples=150)
@given(
    st.tuples(*[st.floats(-4, 3)] * 2),
    st.tuples(*[st.floats(-4, 2.5)] * 2),
    st.integers(0, 3_000),
    st.floats(0, 300),
    st.floats(0, 1),
    st.floats(0.01, 500),
)
def test_predictions_stay_within_what_is_possible(logs_rate, logs_leave, x, age, share, t):
    model = BetaGeo(*(10.0**value for value in (*logs_rate, *logs_leave)))
    history = one(x, age * share if x else 0.0, age)
    near, far = model.expected_purchases(np.array([t, 2 * t]), *history)[:, 0]
    alive = model.p_alive(*history)[0]
    assert 0.0 <= alive <= 1.0
    # nobody buys more than she would without ever leaving
    assert 0.0 <= near <= alive * (model.r + x) * t / (model.alpha + age) * (1 + 1e-8)
    assert near <= far * (1 + 1e-8)
    assert far <= 2 * near * (1 + 1e-8) + 1e-12


def test_times_and_customers_go_by_row_and_column(sample):
    x, t_x, age = (column[:5] for column in sample)
    both = PAPER.expected_purchases(np.array([4.0, 39.0]), x, t_x, age)
    assert both.shape == (2, 5)
    assert np.array_equal(both[1], PAPER.expected_purchases(39.0, x, t_x, age))


MANY_FITS = """
import numpy as np
from influence.value.bgnbd import fit_bgnbd
from influence.value.gamma_gamma import fit_gamma_gamma
from influence.value.mbgnbd import fit_mbgnbd

rng = np.random.default_rng(0)
for _ in range(12):
    x = np.floor(rng.gamma(0.5, 4.0, 200))
    age = rng.integers(5, 40, 200) * 1.0
    t_x = np.where(x > 0, rng.random(200) * age, 0.0)
    print(fit_bgnbd(x, t_x, age), fit_mbgnbd(x, t_x, age), fit_gamma_gamma(x, rng.gamma(3.0, 2.0, 200)))
"""


@pytest.mark.slow
def test_fits_do_not_hang_on_threads():
    found = []
    for threads in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", MANY_FITS],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(done.stdout)
    assert found[0].count("BetaGeo(") == 24
    assert found[0] == found[1]


@pytest.mark.parametrize("factor", [7.0, 1 / 52, 604_800.0])
def test_the_unit_of_time_scales_alpha_alone(sample, factor):
    weeks = fit_bgnbd(*sample)
    x, t_x, age = sample
    other = fit_bgnbd(x, t_x * factor, age * factor)
    assert other.alpha == pytest.approx(weeks.alpha * factor, rel=1e-5)
    assert (other.r, other.a, other.b) == pytest.approx((weeks.r, weeks.a, weeks.b), rel=1e-5)
    assert other.log_likelihood == pytest.approx(weeks.log_likelihood - x.sum() * math.log(factor), rel=1e-10)


def test_the_order_of_customers_does_not_matter(sample):
    order = np.random.default_rng(3).permutation(N_CDNOW)
    assert fit_bgnbd(*(column[order] for column in sample)) == fit_bgnbd(*sample)


def test_every_start_leads_to_the_same_place(sample, monkeypatch):
    found = []
    for start in bgnbd._STARTS:
        monkeypatch.setattr(bgnbd, "_STARTS", (start,))
        fit = fit_bgnbd(*sample)
        assert fit.converged
        found.append([fit.r, fit.alpha, fit.a, fit.b])
    assert np.allclose(found, found[0], rtol=1e-5)


def test_the_next_start_is_tried_after_a_failure(sample, monkeypatch):
    good = fit_bgnbd(*sample)
    from scipy import optimize

    calls, search = [], optimize.minimize

    def fails_once(function, start, **options):
        calls.append(start)
        return search(function, start, **{**options, "options": {"maxiter": 1}} if len(calls) == 1 else options)

    monkeypatch.setattr(optimize, "minimize", fails_once)
    second = fit_bgnbd(*sample)
    assert len(calls) == 2
    assert second.converged
    assert second.r == pytest.approx(good.r, rel=1e-5)


def test_a_search_that_stops_short_says_so(sample, monkeypatch):
    from scipy import optimize

    search = optimize.minimize
    monkeypatch.setattr(
        optimize, "minimize", lambda function, start, **o: search(function, start, **{**o, "options": {"maxiter": 1}})
    )
    fit = fit_bgnbd(*sample)
    assert not fit.converged
    assert not fit.usable
    assert "no maximum found" in fit.message


def test_customers_who_all_buy_alike_end_on_a_bound():
    fit = fit_bgnbd(np.full(50, 10.0), np.full(50, 20.0), np.full(50, 20.0))
    assert not fit.converged
    assert fit.usable
    assert "bound" in fit.message
    # every two weeks, and nobody leaves
    assert fit.expected_purchases(20.0, *one(10, 20, 20))[0] == pytest.approx(10.0, rel=1e-3)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ((np.zeros(5), np.zeros(5), np.full(5, 9.0)), "no customer came back"),
        ((np.zeros(0), np.zeros(0), np.zeros(0)), "no customers"),
    ],
)
def test_nothing_to_fit_is_said_and_does_not_raise(columns, words):
    fit = fit_bgnbd(*columns)
    assert not fit.usable
    assert words in fit.message
    assert math.isnan(fit.r)


@pytest.mark.slow
@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1), st.integers(0, 20)), max_size=12))
def test_a_fit_never_raises(rows):
    x = np.array([row[0] if row[2] else 0 for row in rows], np.float64)
    age = np.array([row[2] for row in rows], np.float64)
    t_x = np.array([row[1] for row in rows], np.float64) * age * (x > 0)
    fit = fit_bgnbd(x, t_x, age)
    assert fit.message
    if fit.usable:
        assert np.isfinite(fit.expected_purchases(10.0, x, t_x, age)).all()


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (one(1.5, 2, 3), "row 0: frequency 1.5"),
        (one(-1, 0, 3), "row 0"),
        (one(1, 4, 3), "recency 4"),
        (one(1, -1, 3), "row 0"),
        (one(1, 1, np.nan), "row 0"),
        ((np.zeros(2), np.zeros(2), np.zeros(3)), "one length"),
    ],
)
def test_impossible_histories_are_refused(history, words):
    with pytest.raises(UsageError, match=words):
        fit_bgnbd(*history)
    with pytest.raises(UsageError, match=words):
        PAPER.p_alive(*history)


def test_a_time_that_cannot_be_is_refused():
    with pytest.raises(UsageError, match="t must be"):
        PAPER.expected_purchases(-1.0, *one(0, 0, 1))


def test_histories_count_customers():
    histories = Histories.of(np.array([1.0, 0.0, 1.0]), np.array([2.0, 0.0, 2.0]), np.array([5.0, 5.0, 5.0]))
    assert histories.count.tolist() == [1, 2]
    assert histories.frequency[histories.place].tolist() == [1.0, 0.0, 1.0]
