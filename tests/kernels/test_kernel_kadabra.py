"""Paths drawn on a few small graphs, against the shares that each node should get."""

import numpy as np
import pytest
from test_kernel_brandes import GRAPHS, plain, rows

from influence.kernels.kadabra import draw_paths, draw_weighted_paths

# without compilation, numpy warns of what is meant to overflow
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")

DRAWS = 600


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", ["asymmetric", "random", "hubs"])
def test_draws_come_in_proportion(name, threads):
    matrix = GRAPHS[name]
    n = len(matrix)
    wanted = plain(matrix)[0] / (n * (n - 1))
    out, into = rows(matrix), rows(matrix.T)
    label, count, failed = (
        np.zeros((threads, n), np.int32),
        np.zeros((threads, n), np.int64),
        np.zeros(threads, np.int64),
    )
    work = np.empty((threads, n)), *np.empty((2, threads, n), np.uint32), np.empty((threads, n))
    for part in ((0, 1), (1, DRAWS)):
        draw_paths(*part, 7, *out, *into, label, *work, count, failed)
    by_length = np.zeros((threads, n), np.int64)
    heap, place, far = (
        np.empty((threads, 2, n), np.int32),
        np.full((threads, 2, n), -1, np.int32),
        np.full((threads, 2, n), np.inf),
    )
    work = heap, place, far, np.empty((threads, 2, n), np.uint32), np.empty((threads, 2, n))
    halves = np.full(out[1].size, 0.5)
    draw_weighted_paths(0, DRAWS, 7, *out, halves, *into, halves, 1e-12, *work, by_length, failed)
    spread = np.sqrt(DRAWS * wanted * (1 - wanted)) + 0.25
    for found in (count, by_length):
        assert (abs(found.sum(0) - DRAWS * wanted) <= 4 * spread).all()
    assert not label.any() and (place == -1).all() and np.isinf(far).all() and not failed.any()
