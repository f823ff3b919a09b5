"""The Poisson regression against maximum likelihood by other means."""

import itertools
import math

import numba
import numpy as np
import oracles
import pytest
from scipy import optimize

from influence.value.learned import PoissonFit, poisson_regression


def simulated(seed, rows=400, columns=3, spread=0.5):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(rows), rng.normal(0.0, 1.0, (rows, columns))])
    beta = rng.normal(0.0, spread, columns + 1)
    offset = np.log(rng.uniform(0.5, 4.0, rows))
    outcome = rng.poisson(np.exp(design @ beta + offset)).astype(float)
    return design, outcome, offset


def likelihood(design, outcome, offset, beta):
    eta = design @ beta + offset
    return float(outcome @ eta - np.exp(eta).sum())


def maximum(design, outcome, offset):
    """Maximise the likelihood with scipy, from far away."""

    def loss(beta):
        return -likelihood(design, outcome, offset, beta)

    def gradient(beta):
        return design.T @ (np.exp(design @ beta + offset) - outcome)

    def curvature(beta):
        return design.T @ (np.exp(design @ beta + offset)[:, None] * design)

    near = optimize.minimize(loss, np.zeros(design.shape[1]), jac=gradient, hess=curvature, method="trust-exact").x
    found = optimize.root(gradient, near, jac=curvature, tol=1e-12)
    assert np.abs(found.fun).max() < 1e-6
    return found.x


def names(columns):
    return ("constant", *(f"x{number}" for number in range(1, columns)))


def fitted(fit):
    return np.array(list(fit.coefficients.values()))


@pytest.mark.parametrize("seed", range(6))
def test_is_the_maximum_of_the_likelihood(seed):
    design, outcome, offset = simulated(seed, columns=1 + seed)
    fit = poisson_regression(design, outcome, offset, names(design.shape[1]))
    assert fit.converged
    assert fit.rows == 400
    assert fitted(fit) == pytest.approx(maximum(design, outcome, offset), abs=1e-6)
    # the score equations, in plain Python
    best = oracles.poisson_log_likelihood(design, outcome, offset, fitted(fit))
    for place in range(design.shape[1]):
        for step in (-1e-3, 1e-3):
            other = fitted(fit).copy()
            other[place] += step
            assert oracles.poisson_log_likelihood(design, outcome, offset, other) < best


def test_two_groups_have_a_closed_form():
    design = np.array([[1.0, 0.0]] * 3 + [[1.0, 1.0]] * 2)
    outcome = np.array([2.0, 0.0, 5.0, 9.0, 4.0])
    exposure = np.array([1.0, 2.0, 4.0, 3.0, 1.0])
    fit = poisson_regression(design, outcome, np.log(exposure), ("constant", "group"))
    assert fit.coefficients["constant"] == pytest.approx(math.log(7 / 7), abs=1e-6)
    assert fit.coefficients["group"] == pytest.approx(math.log((13 / 4) / (7 / 7)), abs=1e-6)
    assert fit.predict(design) == pytest.approx([1.0, 1.0, 1.0, 3.25, 3.25], rel=1e-6)


def test_the_offset_is_an_exposure():
    design, outcome, offset = simulated(3)
    plain = poisson_regression(design, outcome, offset, names(4))
    longer = poisson_regression(design, outcome, offset + math.log(10.0), names(4))
    assert longer.coefficients["constant"] == pytest.approx(plain.coefficients["constant"] - math.log(10.0), abs=1e-8)
    assert fitted(longer)[1:] == pytest.approx(fitted(plain)[1:], abs=1e-8)


@pytest.mark.parametrize("seed", range(8))
def test_non_negative_is_the_best_of_all_subsets(seed):
    design, outcome, offset = simulated(100 + seed, rows=150, columns=4)
    wanted = ("x1", "x2", "x3")
    fit = poisson_regression(design, outcome, offset, names(5), wanted)
    beta = fitted(fit)
    assert (beta[1:4] >= 0).all()

    best, at = -math.inf, None
    for count in range(4):
        for dropped in itertools.combinations((1, 2, 3), count):
            kept = [place for place in range(5) if place not in dropped]
            full = np.zeros(5)
            full[kept] = maximum(design[:, kept], outcome, offset)
            value = likelihood(design, outcome, offset, full)
            if (full[1:4] >= 0).all() and value > best:
                best, at = value, full
    assert beta == pytest.approx(at, abs=1e-5)


def test_only_the_named_columns_are_held_at_zero():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2))
    outcome = rng.poisson(np.exp(-0.8 * x[:, 0] - 0.8 * x[:, 1])).astype(float)
    design = np.column_stack([np.ones(300), x])
    free = poisson_regression(design, outcome, np.zeros(300), names(3))
    held = poisson_regression(design, outcome, np.zeros(300), names(3), ("x2",))
    assert free.coefficients["x1"] < -0.5
    assert free.coefficients["x2"] < -0.5
    assert held.coefficients["x1"] < -0.5
    assert held.coefficients["x2"] == 0.0


def test_strata_have_levels_of_their_own():
    rng = np.random.default_rng(5)
    x = rng.normal(size=600)
    stratum = np.repeat([0, 1, 2], 200)
    # the outcome is exactly its mean, so the truth is the maximum; the middle stratum is three times as high
    outcome = np.exp(0.3 + 0.7 * x) * np.array([1.0, 3.0, 0.5])[stratum]
    design = np.column_stack([np.ones(600), x])
    fit = poisson_regression(design, outcome, np.zeros(600), names(2), stratum=stratum)
    assert fit.converged
    assert fitted(fit) == pytest.approx([0.3, 0.7], abs=1e-6)
    assert fit.levels == pytest.approx([math.log(3.0), math.log(0.5)], abs=1e-6)
    # a prediction is on the level of the first stratum
    assert fit.predict(np.array([[1.0, 0.0]])) == pytest.approx([math.exp(0.3)], rel=1e-6)


def test_one_stratum_changes_nothing():
    design, outcome, offset = simulated(1)
    plain = poisson_regression(design, outcome, offset, names(4))
    one = poisson_regression(design, outcome, offset, names(4), stratum=np.zeros(400, np.int64))
    assert one == plain
    assert one.levels == ()


def test_equal_columns_share_the_coefficient():
    design, outcome, offset = simulated(2, columns=1)
    single = poisson_regression(design, outcome, offset, names(2))
    doubled = np.column_stack([design, design[:, 1]])
    fit = poisson_regression(doubled, outcome, offset, names(3))
    assert fit.converged
    assert fit.coefficients["x1"] == pytest.approx(fit.coefficients["x2"], abs=1e-6)
    assert fit.coefficients["x1"] + fit.coefficients["x2"] == pytest.approx(single.coefficients["x1"], abs=1e-6)
    assert fit.predict(doubled) == pytest.approx(single.predict(design), rel=1e-6)


def test_a_constant_column_besides_the_constant_is_solvable():
    design, outcome, offset = simulated(2, columns=1)
    fit = poisson_regression(np.column_stack([design, np.ones(400)]), outcome, offset, names(3))
    assert np.isfinite(fitted(fit)).all()
    single = poisson_regression(design, outcome, offset, names(2))
    assert fit.coefficients["constant"] + fit.coefficients["x2"] == pytest.approx(
        single.coefficients["constant"], abs=1e-5
    )


def test_a_group_without_events_stays_finite():
    design = np.array([[1.0, 0.0]] * 50 + [[1.0, 1.0]] * 50)
    outcome = np.array([1.0] * 50 + [0.0] * 50)
    fit = poisson_regression(design, outcome, np.zeros(100), ("constant", "none"))
    assert fit.converged
    assert fit.coefficients["none"] < -10
    assert fit.predict(design)[-1] < 1e-4


def test_says_when_it_does_not_converge():
    design = np.column_stack([np.ones(20), np.linspace(-1, 1, 20)])
    fit = poisson_regression(design, np.zeros(20), np.zeros(20), names(2))  # the constant runs off to minus infinity
    assert not fit.converged
    assert fit.iterations == 100
    assert np.isfinite(fitted(fit)).all()


def test_says_when_it_cannot_be_solved():
    design = np.column_stack([np.ones(20), np.full(20, np.nan)])
    fit = poisson_regression(design, np.ones(20), np.zeros(20), names(2))
    assert not fit.converged


def test_a_prediction_never_overflows():
    fit = PoissonFit({"constant": 1000.0}, (), True, 1, 1)
    assert np.isfinite(fit.predict(np.ones((1, 1)))).all()


def test_far_starts_are_damped():
    # the first Newton step overshoots by far: without halving it would run away
    design = np.column_stack([np.ones(40), np.r_[np.zeros(39), 30.0]])
    outcome = np.r_[np.zeros(39), 1000.0]
    outcome[0] = 1.0
    fit = poisson_regression(design, outcome, np.zeros(40), names(2))
    assert fit.converged
    assert fit.predict(design)[-1] == pytest.approx(1000.0, rel=1e-4)
    assert fit.predict(design)[0] == pytest.approx(1 / 39, rel=1e-4)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two threads")
def test_threads_change_no_byte():
    design, outcome, offset = simulated(9, rows=50_000, columns=2)  # four blocks of rows
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = poisson_regression(design, outcome, offset, names(3))
        numba.set_num_threads(2)
        two = poisson_regression(design, outcome, offset, names(3))
    finally:
        numba.set_num_threads(before)
    assert fitted(one).tobytes() == fitted(two).tobytes()
