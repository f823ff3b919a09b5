"""Pulls over rows against dense products."""

import numba
import numpy as np
import oracles
import pytest

from influence.kernels.linear import BLOCK, pagerank_step, pull


def rows_of(matrix):
    """Return offsets, neighbours and weights of the rows, ascending."""
    source, target = np.nonzero(matrix)
    offsets = np.searchsorted(source, np.arange(len(matrix) + 1)).astype(np.int64)
    return offsets, target.astype(np.int32), matrix[source, target]


MATRICES = {
    "empty": np.zeros((0, 0)),
    "one node": np.zeros((1, 1)),
    "a loop": np.array([[0.5]]),
    "asymmetric": oracles.dense(3, [0, 0, 1], [1, 2, 2], [2.0, -3.0, 5.0]),
    "disconnected": oracles.dense(5, [0, 3, 3], [1, 4, 4], [1.0, 2.0, 2.5]),
}


@pytest.mark.parametrize("name", MATRICES)
def test_pull_is_a_product(name):
    matrix = MATRICES[name]
    x = np.arange(1.0, len(matrix) + 1.0)
    assert pull(*rows_of(matrix), x) == pytest.approx(matrix @ x, abs=1e-12)


def test_pull_is_not_a_push():
    # one edge 0 -> 1: row 0 reads from 1
    assert pull(*rows_of(oracles.dense(2, [0], [1], [3.0])), np.array([10.0, 100.0])).tolist() == [300.0, 0.0]


def random_rows(seed, n):
    rng = np.random.default_rng(seed)
    degree = rng.integers(0, 4, n)
    offsets = np.concatenate([[0], np.cumsum(degree)])
    neighbours = rng.integers(0, n, offsets[-1]).astype(np.int32)
    return offsets, neighbours, rng.normal(size=offsets[-1]), rng.normal(size=n)


@pytest.mark.parametrize("n", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 37])
def test_blocks_cover_every_row(n):
    offsets, neighbours, weight, x = random_rows(n, n)
    wanted = np.zeros(n)
    np.add.at(wanted, np.repeat(np.arange(n), np.diff(offsets)), weight * x[neighbours])
    assert pull(offsets, neighbours, weight, x) == pytest.approx(wanted, abs=1e-12)
    restart = np.arange(1.0, n + 1) / (n * (n + 1) / 2)
    step = pagerank_step(offsets, neighbours, weight, x, restart, 0.7, 0.25)
    assert step == pytest.approx(0.7 * (wanted + 0.25 * restart) + 0.3 * restart, abs=1e-12)


def test_threads_do_not_change_a_byte():
    offsets, neighbours, weight, x = random_rows(5, 3 * BLOCK)
    before = numba.get_num_threads()
    found = []
    try:
        for threads in {1, before}:
            numba.set_num_threads(threads)
            found.append(pull(offsets, neighbours, weight, x).tobytes())
            found.append(pagerank_step(offsets, neighbours, weight, x, x, 0.85, 0.1).tobytes())
    finally:
        numba.set_num_threads(before)
    assert len(set(found)) == 2


def test_pagerank_step_settles_at_the_dense_solution():
    matrix = oracles.dense(5, [0, 0, 1, 3, 3], [1, 2, 2, 0, 4], [1.0, 3.0, 1.0, 2.0, 2.0])  # 2 and 4 dangle
    restart = np.array([0.1, 0.2, 0.3, 0.4, 0.0])
    total = matrix.sum(axis=1)
    share = np.divide(matrix, total[:, None], out=np.zeros_like(matrix), where=total[:, None] > 0)
    x = oracles.pagerank(matrix, 0.85, restart)
    step = pagerank_step(*rows_of(share.T), x, restart, 0.85, float(x[total == 0].sum()))
    assert step == pytest.approx(x, abs=1e-15)
