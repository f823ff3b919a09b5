"""Counts over neighbours on small graphs, against dense matrices."""

import numpy as np
import pytest

from influence.kernels.local import count_mutual, count_transitive, h_round, mark_around


def rows_of(a):
    offsets = np.concatenate([[0], np.cumsum(a.sum(1))]).astype(np.int64)
    return offsets, np.nonzero(a)[1].astype(np.int32)


@pytest.mark.parametrize(("n", "density"), [(0, 0.0), (1, 1.0), (4, 0.0), (9, 0.4), (9, 1.0)])
def test_counts(n, density):
    a = (np.random.default_rng(3).random((n, n)) < density).astype(int)
    out, into = rows_of(a), rows_of(a.T)
    for loops in (False, True):
        counts = np.empty(n, np.int64)
        count_mutual(*out, *into, loops, counts)
        assert counts.tolist() == ((a * a.T).sum(1) - (0 if loops else np.diag(a))).tolist()
    marks, counts = np.zeros((2, n), np.bool_), np.zeros(2, np.int64)
    count_transitive(*out, np.array([0, n // 2, n], np.int64), marks, counts)
    proper = a - np.diag(np.diag(a))
    assert counts.sum() == np.trace(proper @ proper @ proper.T)
    assert not marks.any()

    values = proper.sum(1)
    tally, following = np.zeros((2, n + 1), np.int64), np.full(n, -1)
    h_round(*out, np.arange(n, dtype=np.int32), np.array([0, n // 2, n], np.int64), values, tally, following)
    for v in range(n):
        seen = sorted((values[j] for j in np.flatnonzero(proper[v])), reverse=True)
        assert following[v] == sum(value > rank for rank, value in enumerate(seen))
    assert not tally.any()
    marks = np.zeros(n, np.bool_)
    mark_around(*out, np.arange(n // 2, dtype=np.int32), marks)
    assert marks.tolist() == a[: n // 2].any(0).tolist()
