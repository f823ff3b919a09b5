"""Kernels of logs on one cascade that is worked out by hand."""

import numpy as np
import pytest

from influence.kernels.learning import (
    Acts,
    Exposed,
    count_trials,
    credit_back,
    credit_on,
    find_parents,
    grow_trees,
    maximise,
)

# 0 acts at 1, 1 at 2, 2 at 4 and 3 at 9 on one item; 2 listens to 0 and 1, 1 to 0, and 3 to 2
ACTS = Acts(
    np.array([0, 4]),
    np.array([0, 1, 2, 3], np.int32),
    np.zeros(4, np.int32),
    np.array([1, 2, 4, 9]),
    np.array([0, 1, 2, 3, 4]),
    np.zeros(4, np.int32),
    np.arange(4),
)
IN_OFFSETS = np.array([0, 0, 1, 3, 4])
IN_SOURCES = np.array([0, 0, 1, 2], np.int32)
# as the arrays of a graph are: a kernel is compiled for either
for array in (IN_OFFSETS, IN_SOURCES):
    array.setflags(write=False)
EXPOSED = Exposed(np.array([0, 0, 1, 3, 3]), np.array([0, 0, 1], np.int32), np.array([0, 0, 1], np.int32))
SHARE = np.array([0.0, 1.0, 0.5, 0.0])


def test_parents():
    rows, nothing = np.zeros(5, np.int64), np.empty(0, np.int32)
    find_parents(ACTS, IN_OFFSETS, IN_SOURCES, 4, 0, 4, rows, nothing, nothing)
    assert rows.tolist() == [0, 0, 1, 2, 0]
    rows = np.cumsum(rows)
    act, slot = np.empty(3, np.int32), np.empty(3, np.int32)
    find_parents(ACTS, IN_OFFSETS, IN_SOURCES, 4, 0, 4, rows, act, slot)
    assert (rows.tolist(), act.tolist(), slot.tolist()) == tuple(array.tolist() for array in EXPOSED)


def test_trials():
    successes, trials = np.zeros(4), np.zeros(4)
    known = np.array([1.0, 1.0, 1.0, 0.0])
    count_trials(ACTS, IN_OFFSETS, IN_SOURCES, 4, known, 0, 4, successes, trials)
    assert successes.tolist() == [1, 1, 1, 0]
    assert trials.tolist() == [1, 1, 1, 1]


def test_one_step_of_expectation_maximisation():
    chance, following, likelihood = np.array([0.5, 0.5, 0.25, 0.1]), np.zeros(4), np.zeros(4)
    maximise(ACTS, EXPOSED, IN_OFFSETS, chance, np.ones(4), 1.0, 2.0, 0, 4, following, likelihood)
    some = 1 - 0.5 * 0.75
    assert following == pytest.approx([2 / 4, (1 + 0.5 / some) / 4, (1 + 0.25 / some) / 4, 1 / 4])
    assert likelihood == pytest.approx([0, np.log(0.5), np.log(some), 0])


def test_credit_forwards_and_backwards():
    seeds = np.array([True, False, False, False])
    assert credit_on(ACTS, EXPOSED, seeds, SHARE).tolist() == [1, 1, 1, 0]
    assert credit_on(ACTS, EXPOSED, np.roll(seeds, 1), SHARE).tolist() == [0, 1, 0.5, 0]
    nobody = np.zeros(4, bool)
    assert credit_back(ACTS, EXPOSED, nobody, SHARE, np.ones(4)).tolist() == [3, 1.5, 1, 1]
    assert credit_back(ACTS, EXPOSED, np.roll(seeds, 1), SHARE, np.ones(4)).tolist() == [1.5, 1.5, 1, 1]


def test_trees():
    parent, root, size = (np.empty(4, np.int64) for _ in range(3))
    depth, distance = np.empty(4, np.int32), np.empty(4)
    grow_trees(EXPOSED, parent, root, depth, size, distance)
    assert parent.tolist() == [-1, 0, 1, -1]
    assert root.tolist() == [0, 0, 0, 3]
    assert depth.tolist() == [0, 1, 2, 0]
    assert size.tolist() == [3, 2, 1, 1]
    assert distance.tolist() == [4, 0, 0, 0]
