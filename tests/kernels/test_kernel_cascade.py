"""Kernels of simulated cascades and of draws, on graphs whose outcome is certain or known."""

import numpy as np
import pytest

from influence.kernels.cascade import FIXED, Arcs, Space, lay_out, picks, spread
from influence.kernels.cascade_time import TimeSpace, spread_in_time
from influence.kernels.random import exponential, mix, stream, uniform, uniforms, word

# without compilation, numpy warns of what is meant to overflow
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")

OFFSETS = np.array([0, 2, 3, 3, 4, 4])  # 0 → 1, 0 → 2, 1 → 3, 3 → 0; 4 alone
TARGETS = np.array([1, 2, 3, 0], np.int32)
# as the arrays of a graph and of a model are: a kernel is compiled for either
ONES = np.ones(4)
for array in (OFFSETS, TARGETS, ONES):
    array.setflags(write=False)
VALUE = np.array([1.0, 2.0, 4.0, 8.0, 16.0])


def test_splitmix64():
    """The first outputs of SplitMix64 from 1234567 (the test vector of its reference implementation in Java and C)."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    states = [np.uint64(1234567) + golden * np.uint64(i) for i in (1, 2, 3)]
    assert [int(mix(s)) for s in states] == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [int(word(np.uint64(1234567), i)) for i in (0, 1, 2)] == [int(mix(s)) for s in states]


def test_numbers_from_bits():
    assert uniform(np.uint64(2**64 - 1)) == 1.0
    assert uniform(np.uint64(0)) == 2.0**-53
    assert exponential(np.uint64(2**64 - 1)) == 0.0
    assert 36.7 < exponential(np.uint64(0)) < 37.0
    drawn = uniforms(3, 5, 200)
    assert drawn[7] == uniform(word(stream(3, 5), 7))
    assert abs(drawn.mean() - 0.5) < 0.1


def test_arcs_are_as_long_as_their_chance():
    chance = np.array([0.5, 0.0, 1.0, 0.5])
    chance.setflags(write=False)
    end, silent = lay_out(OFFSETS, chance)
    assert silent == pytest.approx([0.5, np.exp(-37.0), 1.0, 0.5, 1.0])
    assert end == pytest.approx([np.log(2), np.log(2), 37.0, np.log(2)])
    in_offsets, in_edges = np.array([0, 2, 3, 4]), np.array([2, 0, 1, 3])
    weight = np.array([0.5, 1.0, 0.2, 0.3])
    for array in (in_offsets, in_edges, weight):
        array.setflags(write=False)
    assert picks(in_offsets, in_edges, weight).tolist() == [0.7, 1.0, 0.2, 0.3]


@pytest.mark.parametrize("threshold", [False, True])
@pytest.mark.parametrize(("hops", "people", "worth"), [(-1, 4, 15), (0, 1, 1), (1, 3, 7), (2, 4, 15)])
def test_certain_arcs(threshold, hops, people, worth):
    end, silent = (np.ones(4), np.empty(0)) if threshold else lay_out(OFFSETS, ONES)
    space = Space(
        np.zeros((2, 5, 2), np.uint64),
        np.zeros((2, 5), np.uint64),
        *(np.zeros((2, 5), np.int32) for _ in range(3)),
        np.zeros((2, 5), np.int64),
        np.zeros((2, 3), np.int64),
    )
    found, total = np.zeros(70), np.zeros(70)
    seeds = np.array([0], np.int32)
    spread(
        Arcs(OFFSETS, TARGETS, end, ONES, silent),
        threshold,
        seeds,
        VALUE,
        hops,
        1.0,
        0,
        3,
        70,
        space,
        found,
        total,
        True,
    )
    assert found.tolist() == [0] * 3 + [people] * 67
    assert total.tolist() == [0] * 3 + [worth] * 67
    assert space.hits.sum() == people * 67 * FIXED
    assert not space.marks.any()


def test_certain_arcs_in_time():
    whole = [np.zeros((2, 5), np.int32) for _ in range(4)]
    space = TimeSpace(np.full((2, 5), np.inf), *whole, np.zeros((2, 5), np.int64))
    found, total = np.zeros(5), np.zeros(5)
    rate = np.full(4, 100.0)
    rate.setflags(write=False)
    end, silent = lay_out(OFFSETS, ONES)
    arcs = Arcs(OFFSETS, TARGETS, end, rate, silent)
    spread_in_time(arcs, 1e3, np.array([0], np.int32), VALUE, 0.5, 0, 1, 5, space, found, total, True)
    assert found.tolist() == [0] + [0.5 + 0.25 + 0.25 + 0.125] * 4
    assert total.tolist() == [0] + [0.5 + 0.5 + 1 + 1] * 4
    assert space.hits.sum(axis=0)[:4].tolist() == [4 * FIXED * x for x in (0.5, 0.25, 0.25, 0.125)]
    assert np.isinf(space.time).all()
