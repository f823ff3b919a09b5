"""Draws are what they should be, and hang on nothing else."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from influence.datasets.community.people import Groups
from influence.datasets.community.streams import chance, draw, stream
from influence.graph.arrays import ranges


def test_each_part_has_a_stream_of_its_own() -> None:
    first = {(seed, part): stream(seed, part).random() for seed in range(5) for part in ("people", "follows", "acts")}
    assert len(set(first.values())) == 15
    assert stream(3, "acts").random() == first[3, "acts"]


def test_chance_is_uniform_and_hangs_on_the_key_alone() -> None:
    keys = np.arange(100_000)
    rolls = chance(1, "x", keys)
    assert rolls.min() >= 0
    assert rolls.max() < 1
    counts = np.bincount((rolls * 20).astype(int))
    assert counts.min() > 4_700
    assert counts.max() < 5_300
    assert abs(np.corrcoef(rolls[1:], rolls[:-1])[0, 1]) < 0.02
    shuffled = np.random.default_rng(0).permutation(keys)[:1_000]
    assert (chance(1, "x", shuffled) == rolls[shuffled]).all()
    for other in (chance(1, "y", keys), chance(2, "x", keys)):
        assert abs(np.corrcoef(rolls, other)[0, 1]) < 0.02


def test_draws_are_in_proportion_to_the_weights() -> None:
    weights = np.array([1.0, 0.0, 3.0, 6.0])
    counts = np.bincount(draw(np.random.default_rng(1), weights, 50_000), minlength=4)
    assert counts / 50_000 == pytest.approx(weights / 10, abs=0.01)


def test_draws_within_groups_are_in_proportion_too() -> None:
    weights = np.array([5.0, 1.0, 2.0, 4.0, 3.0])
    group = np.array([2, 0, 2, 0, 0])  # nobody in group 1
    pools = Groups(weights, group, 3)
    asked = np.repeat([0, 1, 2], 40_000)
    drawn, within = pools.draw(np.random.default_rng(2), asked, 0.7)
    assert not within[40_000:80_000].any()
    assert within[:40_000].mean() == pytest.approx(0.7, abs=0.01)
    assert (group[drawn[within]] == asked[within]).all()
    for one, share in ((0, [0, 1 / 8, 0, 4 / 8, 3 / 8]), (2, [5 / 7, 0, 2 / 7, 0, 0])):
        counts = np.bincount(drawn[within & (asked == one)], minlength=5)
        assert counts / counts.sum() == pytest.approx(share, abs=0.015)
    counts = np.bincount(drawn[~within], minlength=5)
    assert counts / counts.sum() == pytest.approx(weights / 15, abs=0.015)


def test_ranges_are_those_of_python() -> None:
    rng = np.random.default_rng(3)
    begin, count = rng.integers(0, 50, 30), rng.integers(0, 4, 30)
    expected = [place for one, many in zip(begin, count, strict=True) for place in range(one, one + many)]
    assert ranges(begin, count).tolist() == expected
    assert ranges(begin[:0], count[:0]).tolist() == []


def test_parts_are_not_alike() -> None:
    """Two parts that shared a stream would pick the same people."""
    picked = Counter(person for part in "abcdefgh" for person in np.argsort(stream(0, part).random(1_000))[:100])
    assert max(picked.values()) < 6
