"""Poisson sums against numpy and against slopes taken numerically; the solver against LAPACK."""

import numba
import numpy as np
import oracles
import pytest

from influence.kernels.poisson import BLOCK, cholesky_solve, poisson_sums


def problem(m, p, seed=0):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(m), rng.normal(size=(m, p - 1))]) if p else np.empty((m, 0))
    return design, rng.poisson(1.5, m).astype(float), rng.normal(size=m), rng.normal(size=p) / 3


@pytest.mark.parametrize(("m", "p"), [(0, 2), (1, 1), (7, 3), (50, 4), (BLOCK + 100, 2)])
def test_sums_are_those_of_numpy(m, p):
    design, outcome, offset, beta = problem(m, p)
    value, gradient, information = poisson_sums(design, outcome, offset, beta)
    eta = design @ beta + offset
    mu = np.exp(eta)
    assert value == pytest.approx((outcome * eta - mu).sum(), rel=1e-12, abs=1e-12)
    assert gradient == pytest.approx(design.T @ (outcome - mu), rel=1e-9, abs=1e-9)
    assert information == pytest.approx(design.T @ (mu[:, None] * design), rel=1e-12)
    assert (information == information.T).all()


def test_value_is_the_log_likelihood_and_the_rest_its_slopes():
    design, outcome, offset, beta = problem(12, 3, seed=4)
    value, gradient, information = poisson_sums(design, outcome, offset, beta)
    assert value == pytest.approx(oracles.poisson_log_likelihood(design, outcome, offset, beta), rel=1e-12)
    step = 1e-5
    for place in range(3):
        move = np.eye(3)[place] * step
        up, down = (oracles.poisson_log_likelihood(design, outcome, offset, beta + s * move) for s in (1, -1))
        assert gradient[place] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-6)
        above, below = (poisson_sums(design, outcome, offset, beta + s * move)[1] for s in (1, -1))
        assert -information[place] == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-6)


def test_huge_predictors_stay_finite():
    value, gradient, information = poisson_sums(np.ones((2, 1)), np.array([1.0, 0.0]), np.zeros(2), np.array([1e6]))
    assert np.isfinite([value, gradient[0], information[0, 0]]).all()
    value, gradient, _ = poisson_sums(np.ones((1, 1)), np.array([2.0]), np.zeros(1), np.array([-1e6]))
    assert (value, gradient[0]) == (-1400.0, 2.0)


def test_threads_do_not_change_a_byte():
    arguments = problem(2 * BLOCK + 11, 2)
    before = numba.get_num_threads()
    found = set()
    try:
        for threads in {1, before}:
            numba.set_num_threads(threads)
            value, gradient, information = poisson_sums(*arguments)
            found.add(np.float64(value).tobytes() + gradient.tobytes() + information.tobytes())
    finally:
        numba.set_num_threads(before)
    assert len(found) == 1


@pytest.mark.parametrize("p", [1, 2, 5, 12])
def test_solver(p):
    rng = np.random.default_rng(p)
    root = rng.normal(size=(p + 3, p))
    matrix, right = root.T @ root, rng.normal(size=p)
    kept = right.copy()
    assert cholesky_solve(matrix, right) == pytest.approx(np.linalg.solve(matrix, right), rel=1e-8)
    assert (right == kept).all()


@pytest.mark.parametrize(
    "matrix",
    [[[0.0]], [[-1.0]], [[1.0, 2.0], [2.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]], [[np.nan]], [[1.0, np.nan], [np.nan, 1.0]]],
)
def test_what_is_not_positive_definite_gives_nan_throughout(matrix):
    assert np.isnan(cholesky_solve(np.array(matrix), np.ones(len(matrix)))).all()
