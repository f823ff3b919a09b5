"""Heaps and elections on small graphs, against sorting."""

import numpy as np
import pytest

from influence.kernels.voting import elect, heap_build, heap_pop, heap_update, pick_discounted


def heap_of(key):
    n = key.size
    heap, where, size = np.empty(n, np.int32), np.empty(n, np.int32), np.zeros(1, np.int64)
    heap_build(heap, where, key, size)
    return heap, where, key, size


@pytest.mark.parametrize("kind", [np.int64, np.float64])
@pytest.mark.parametrize("n", [0, 1, 2, 7, 40])
def test_heap(n, kind):
    rng = np.random.default_rng(n)
    state = heap_of(rng.integers(0, 9, n).astype(kind))
    left = set(range(n))
    for step in range(3 * n):
        if step % 3 == 2:
            key = state[2]
            wanted = min(left, key=lambda v: (-key[v], v))
            assert heap_pop(*state) == wanted
            left.remove(wanted)
        heap_update(*state, int(rng.integers(n)), kind(rng.integers(0, 9)))
        heap, where, _, size = state
        assert set(heap[: size[0]].tolist()) == left
        assert all(where[v] == (heap.tolist().index(v) if v in left else -1) for v in range(n))


def test_elections():
    # a star of 3 leaves with a path of 2 at one of them: the centre first, then the path
    offsets = np.array([0, 3, 5, 6, 7, 8], np.int64)
    targets = np.array([1, 2, 3, 0, 4, 0, 0, 1], np.int32)
    ability, score = np.full(5, 8), np.diff(offsets) * 8
    state = heap_of(score.copy())
    chosen, votes = np.empty(5, np.int32), np.empty(5, np.int64)
    arrays = offsets, targets, offsets, targets, False, 5, ability, score, *state, chosen, votes
    assert elect(*arrays, 0, 1) == 1
    assert ability.tolist() == [0, 3, 3, 3, 8]
    assert elect(*arrays, 1, 5) == 2
    assert (chosen[:2].tolist(), votes[:2].tolist()) == ([0, 1], [24, 8])
    assert (ability >= 0).all()


def test_discounts():
    offsets = np.array([0, 3, 5, 6, 7, 8], np.int64)
    targets = np.array([1, 2, 3, 0, 4, 0, 0, 1], np.int32)
    degree = np.diff(offsets)
    state = heap_of(degree.astype(np.float64))
    chosen, scores = np.empty(5, np.int32), np.empty(5)
    pick_discounted(offsets, targets, offsets, targets, 0.5, degree, np.zeros(5, np.int64), np.zeros(5, np.int64),
                    *state, chosen, scores, 0, 5)  # fmt: skip
    assert chosen.tolist() == [0, 4, 2, 3, 1]
    assert scores.tolist() == [3.0, 1.0, -1.0, -1.0, -2.0]
