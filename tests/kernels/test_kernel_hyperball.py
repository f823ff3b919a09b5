"""Counters of balls against sets."""

import numpy as np
import pytest

from influence.kernels.hyperball import first_registers, grow_balls


def test_one_register_a_node():
    registers = np.full((200, 64), 9, np.uint8)
    with np.errstate(over="ignore"):
        first_registers(np.uint64(3), 6, registers)
    assert ((registers > 0).sum(axis=1) == 1).all()
    # a rank of r has the chance 2^-r
    assert registers.max(axis=1).mean() == pytest.approx(2.0, abs=0.4)
    assert np.unique(registers.argmax(axis=1)).size > 40


def test_balls_are_unions():
    """Of 0 → 1 → 2 and 3 → 3: after two steps 2 holds the registers of all three, and the sums hold every size."""
    offsets, nodes = np.array([0, 0, 1, 2, 3]), np.array([0, 1, 3], np.int32)
    before, after = np.zeros((4, 64), np.uint8), np.full((4, 64), 7, np.uint8)
    before[[0, 1, 2, 3], [5, 6, 5, 0]] = [1, 2, 4, 3]
    marks, tops = np.array([[1] * 4, [9] * 4], np.uint8), np.full((1, 64), 255, np.uint8)
    empty, size, sums, changed = (
        np.arange(65.0),
        np.array([1.0, 2.0, 2.0, 1.0]),
        np.zeros((4, 4)),
        np.zeros(64, np.int64),
    )
    top = np.zeros(4, np.int32)
    grow_balls(offsets, nodes, before, after, marks[0], marks[1], tops, top, empty, 1, size, sums, changed)
    assert marks[1].tolist() == [0, 1, 1, 0]
    assert changed.sum() == 2
    assert (after[1, 5], after[1, 6], after[2, 5], after[2, 6], after[3, 0]) == (1, 2, 4, 2, 3)
    grow_balls(offsets, nodes, after, before, marks[1], marks[0], tops, top, empty, 2, size, sums, changed)
    assert marks[0].tolist() == [0, 0, 0, 0]  # 0's register is below what 2 has there
    assert changed.sum() == 0
    assert before.tolist() == after.tolist()
    assert sums[0].tolist() == [2.0, 4.0, 4.0, 2.0]
    assert sums[1].tolist() == [2.0, 8.0, 8.0, 2.0]
    assert sums[2] == pytest.approx(size * (1 / 2 + 1 / 6))
    assert sums[3] == pytest.approx(size**2 * (1 / 2 + 1 / 6))


def test_estimate():
    """63 registers of 0 and one of 2: α m² / (σ + ¼), σ as given, and no more than there are nodes."""
    offsets, nodes = np.array([0, 1] + [1] * 299), np.array([1], np.int32)
    before, after = np.zeros((300, 64), np.uint8), np.zeros((300, 64), np.uint8)
    before[1, 3] = 2
    marks, tops = np.ones((2, 300), np.uint8), np.full((1, 64), 255, np.uint8)
    empty, size, sums, changed = np.full(65, 50.0), np.ones(300), np.zeros((4, 300)), np.zeros(64, np.int64)
    top = np.zeros(300, np.int32)
    grow_balls(offsets, nodes, before, after, marks[0], marks[1], tops, top, empty, 2, size, sums, changed)
    assert size[0] == pytest.approx(64 * 64 / (2 * np.log(2)) / 50.25)
    empty[:] = 1.0
    marks[:] = 1
    grow_balls(offsets, nodes, before, after, marks[0], marks[1], tops, top, empty, 2, size, sums, changed)
    assert size[0] == 300.0
