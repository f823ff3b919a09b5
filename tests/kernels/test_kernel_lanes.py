"""Rows of 512 bits against numpy; the plain functions do the same where compilation is switched off."""

import numpy as np
import pytest

from influence.kernels._jit import jit
from influence.kernels.lanes import WIDTH, WORDS, max_row, pull_row, row_count


@jit
def pull(nodes, begin, end, marks, before, seen, after, number, everyone):
    return pull_row(nodes, begin, end, marks, np.uint8(1), before, seen, after, number, everyone)


@jit
def count(table, number):
    return row_count(table, number)


@jit
def greatest(nodes, begin, end, marks, before, after, number, part, tops, top):
    return max_row(nodes, begin, end, marks, np.uint8(1), before, after, number, part, tops, top)


def words(rng, n):
    return rng.integers(0, 2**63, (n, WORDS)).astype(np.uint64)


@pytest.mark.parametrize(("begin", "end"), [(0, 0), (0, 1), (2, 6), (0, 7)])
def test_pull_row(begin, end):
    rng = np.random.default_rng(end)
    before, seen, nodes = words(rng, 5), words(rng, 5), np.array([0, 1, 2, 3, 4, 1, 0], np.int32)
    marks = np.array([1, 1, 0, 2, 1], np.uint8)
    wanted = seen[3].copy()
    for node in nodes[begin:end]:
        if marks[node] == 1:
            wanted |= before[node]
    new, others = wanted & ~seen[3], seen[[0, 1, 2, 4]].copy()
    after = np.zeros((5, WORDS), np.uint64)
    everyone = np.full(WORDS, 2**64 - 1, np.uint64)
    found = pull(nodes, begin, end, marks, before, seen, after, 3, everyone)
    assert found == np.bitwise_count(new).sum()
    assert seen[3].tolist() == wanted.tolist()
    assert after.tolist() == [[0] * WORDS] * 3 + [new.tolist()] + [[0] * WORDS]
    assert seen[[0, 1, 2, 4]].tolist() == others.tolist()


def test_pull_stops_at_everyone():
    """What comes after the row is full is not asked, and a full row asks nobody."""
    everyone = np.full(WORDS, 3, np.uint64)
    before = np.stack([everyone, everyone])
    seen, after = np.zeros((2, WORDS), np.uint64), np.ones((2, WORDS), np.uint64)
    marks = np.ones(2, np.uint8)
    assert pull(np.array([0, 1], np.int32), 0, 2, marks, before, seen, after, 1, everyone) == 2 * WORDS
    assert seen[1].tolist() == after[1].tolist() == everyone.tolist()
    assert pull(np.array([0, 1], np.int32), 0, 2, marks, before, seen, after, 1, everyone) == 0
    assert after[1].tolist() == [0] * WORDS


def test_row_count():
    table = words(np.random.default_rng(0), 4)
    table[2] = np.uint64(2**64 - 1)
    assert [count(table, i) for i in range(4)] == np.bitwise_count(table).sum(axis=1).tolist()
    assert count(table, 2) == 512


@pytest.mark.parametrize("part", [0, 1])
def test_max_row(part):
    rng = np.random.default_rng(part)
    before = rng.integers(0, 250, (4, 2 * WIDTH)).astype(np.uint8)
    after = np.zeros_like(before)
    marks, nodes = np.array([1, 0, 1, 1], np.uint8), np.array([0, 1, 2], np.int32)
    tops = np.full((1, 2 * WIDTH), 255, np.uint8)
    place = slice(part * WIDTH, (part + 1) * WIDTH)
    assert greatest(nodes, 0, 3, marks, before, after, 3, part, tops, 0)
    wanted = np.zeros_like(before)
    wanted[3, place] = before[[0, 2, 3], place].max(axis=0)
    assert after.tolist() == wanted.tolist()
    assert not greatest(nodes, 1, 2, marks, before, after, 3, part, tops, 0)
    assert after[3, place].tolist() == before[3, place].tolist()


def test_max_stops_at_the_top():
    before = np.array([[3] * WIDTH, [9] * WIDTH, [1] * WIDTH], np.uint8)
    after = np.zeros_like(before)
    tops = np.array([[9] * WIDTH], np.uint8)
    assert greatest(np.array([0, 1, 0], np.int32), 0, 3, np.ones(3, np.uint8), before, after, 2, 0, tops, 0)
    assert not greatest(np.array([0], np.int32), 0, 1, np.ones(3, np.uint8), before, after, 1, 0, tops, 0)
    assert after.tolist() == [[0] * WIDTH, [9] * WIDTH, [9] * WIDTH]
