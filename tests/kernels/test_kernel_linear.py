"""Pulls over rows against dense products."""

import numba
import numpy as np
import oracles
import pytest

from influence.kernels.linear import BLOCK, affine, pull, walk


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


def test_threads_do_not_change_a_byte():
    offsets, neighbours, weight, x = random_rows(5, 3 * BLOCK)
    bounds = np.array([0, 17, 1000, 1001, 3 * BLOCK])
    before = numba.get_num_threads()
    found = set()
    try:
        for threads in {1, before}:
            numba.set_num_threads(threads)
            y, tally = np.empty_like(x), np.empty((4, 6))
            affine(bounds, offsets, neighbours, weight, True, x, y, 0.5, 0.25, x, tally)
            found.add(pull(offsets, neighbours, weight, x).tobytes() + y.tobytes() + tally.tobytes())
    finally:
        numba.set_num_threads(before)
    assert len(found) == 1


def cut(n, where):
    return np.unique(np.clip([0, *where, n], 0, n)).astype(np.int64)


@pytest.mark.parametrize("where", [[], [1], [3, 4], [2, 5, 9]])
@pytest.mark.parametrize("weighted", [True, False])
def test_affine_is_a_dense_map_and_tallies_it(weighted, where):
    rng = np.random.default_rng(3)
    matrix = rng.integers(0, 3, (11, 11)) * rng.random((11, 11))
    matrix[4], matrix[6] = 0.0, 1.0  # an empty row, and one of nine and more
    if not weighted:
        matrix = (matrix > 0).astype(float)
    offsets, neighbours, weight = rows_of(matrix)
    x, own = rng.random(11), rng.random(11)
    bounds = cut(11, where)
    y, tally = np.empty(11), np.empty((bounds.size - 1, 6))
    affine(bounds, offsets, neighbours, weight if weighted else np.full(weight.size, 9.0), weighted, x, y, 0.7, 0.2,
           own, tally)  # fmt: skip
    wanted = 0.7 * matrix @ x + 0.2 * x + own
    assert y == pytest.approx(wanted, abs=1e-13)
    off = np.abs(wanted - x)
    assert tally[:, :4].sum(axis=0) == pytest.approx([off.sum(), wanted.sum(), wanted @ wanted, x @ wanted], rel=1e-12)
    assert tally[:, 4].max() == pytest.approx((off / own).max())
    assert tally[:, 5].max() == pytest.approx((wanted / x).max())
    affine(bounds, offsets, neighbours, weight, True, np.zeros(11), y, 1.0, 0.0, np.full(1, 2.0), tally)
    assert y.tolist() == [2.0] * 11
    assert tally[:, 5].max() == np.inf


@pytest.mark.parametrize("where", [[], [2], [1, 4]])
def test_walk_settles_at_the_dense_solution(where):
    matrix = oracles.dense(5, [0, 0, 1, 3, 3], [1, 2, 2, 0, 4], [1.0, 3.0, 1.0, 2.0, 2.0])  # 2 and 4 dangle
    restart = np.array([0.1, 0.2, 0.3, 0.4, 0.0])
    total = matrix.sum(axis=1)
    share = np.divide(1.0, total, out=np.zeros(5), where=total > 0)
    wanted = oracles.pagerank(matrix, 0.85, restart)
    x, following = wanted.copy(), np.empty(5)
    bounds = cut(5, where)
    tally = np.empty((bounds.size - 1, 4))
    lost = float(x[total == 0].sum())
    walk(bounds, *rows_of(matrix.T), True, x * share, following, x, share, 0.85, restart, 0.15, restart, 0.85 * lost,
         tally)  # fmt: skip
    assert x == pytest.approx(wanted, abs=1e-15)
    assert following == pytest.approx(wanted * share, abs=1e-15)
    assert tally[:, :3].sum(axis=0) == pytest.approx([0.0, lost, (wanted * share).sum()], abs=1e-15)
    before = x.copy()
    two, five = np.full(1, 2.0), np.full(1, 5.0)
    walk(bounds, *rows_of(matrix.T), True, following, x * 0.0, x, share, 0.5, two, 3.0, five, 0.5, tally)
    assert x == pytest.approx(0.5 * matrix.T @ (before * share) + 6.0 + 2.5)
    assert tally[:, 3].max() == pytest.approx((np.abs(x - before) / 6.0).max())
