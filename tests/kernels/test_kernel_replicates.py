"""Replicates of listeners against the same draws in plain Python, and against what Poisson(1) promises."""

import math

import numpy as np
import pytest

from influence.kernels.replicates import replicate_sums

# without compilation, numpy warns of what is meant to overflow
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def copies(seed, replicate, person):
    """Four replicates share the 64 bits of one draw."""
    stream = mix((mix((seed + GOLDEN) & MASK) + (replicate // 4 + 1) * GOLDEN) & MASK)
    bits = mix((stream + (person + 1) * GOLDEN) & MASK) >> 16 * (replicate % 4) & 0xFFFF
    u = (bits + 0.5) / 65_536
    count, total = 0, math.exp(-1)
    while u > total:
        count += 1
        total += math.exp(-1) / math.factorial(count)
    return count


def star(listeners):
    """One influencer with so many listeners, each worth one."""
    return np.array([0, listeners], np.int64), np.arange(listeners, dtype=np.int32), np.ones(listeners)


def test_sums_are_those_of_the_same_draws():
    offsets = np.array([0, 2, 2, 5], np.int64)
    listener = np.array([1, 2, 0, 1, 7], np.int32)
    amount = np.array([1.0, 2.0, -1.5, 0.25, 10.0])
    numbers = np.array([0, 3, 99])
    sums = replicate_sums(offsets, listener, amount, 5, numbers, 0, 3)
    for row, number in enumerate(numbers.tolist()):
        drawn = [copies(5, number, v) for v in listener.tolist()]
        assert sums[row, 0] == drawn[0] * 1.0 + drawn[1] * 2.0
        assert sums[row, 1] == 0
        assert sums[row, 2] == drawn[2] * -1.5 + drawn[3] * 0.25 + drawn[4] * 10.0


def test_a_listener_counts_the_same_for_everybody():
    offsets = np.array([0, 1, 2], np.int64)
    sums = replicate_sums(offsets, np.array([4, 4], np.int32), np.ones(2), 0, np.arange(50), 0, 2)
    assert (sums[:, 0] == sums[:, 1]).all()
    assert len(set(sums[:, 0])) > 1


def test_rows_can_be_taken_apart():
    rng = np.random.default_rng(1)
    offsets = np.concatenate([[0], np.cumsum(rng.integers(0, 9, 700))])
    listener = rng.integers(0, 700, offsets[-1]).astype(np.int32)
    amount = rng.random(offsets[-1])
    whole = replicate_sums(offsets, listener, amount, 2, np.arange(6), 0, 700)
    parts = [replicate_sums(offsets, listener, amount, 2, np.arange(6), a, b) for a, b in ((0, 300), (300, 700))]
    assert (whole == np.concatenate(parts, axis=1)).all()
    assert (whole[3] == replicate_sums(offsets, listener, amount, 2, np.array([3]), 0, 700)[0]).all()


@pytest.mark.parametrize("seed", [0, 1, 2**31])
def test_counts_are_poisson(seed):
    offsets, listener, amount = star(100)
    draws = replicate_sums(offsets, listener, amount, seed, np.arange(500), 0, 1)[:, 0]
    assert draws.mean() == pytest.approx(100, abs=4 * 10 / math.sqrt(500))
    assert draws.var() == pytest.approx(100, rel=0.25)
