"""Metrics against plain Python, scipy, and each replicate of the bootstrap."""

import math

import numpy as np
import oracles
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from influence.value.metrics import Resampler, best_first, spearman, top_places

# few distinct values, so that ties are common
numbers = st.lists(st.one_of(st.integers(0, 4).map(float), st.floats(0, 100)), min_size=2, max_size=25)


@st.composite
def scored(draw):
    gain = draw(numbers)
    scores = draw(st.lists(st.lists(st.integers(-3, 6).map(float), min_size=len(gain), max_size=len(gain)), min_size=1))
    return scores[:3], gain


@given(scored(), st.sampled_from([0.01, 0.05, 0.2, 0.5, 1.0]), st.integers(0, 3))
def test_share_and_ndcg_of_every_replicate(drawn, share, seed):
    scores, gain = drawn
    n, k = len(gain), max(1, math.ceil(round(share * len(gain), 9)))
    resampler = Resampler(n, share, 4, seed)
    assert resampler.k == k
    orders = [best_first(np.array(score)) for score in scores]
    shares, ndcgs = resampler.captured(orders, np.array(gain), best_first(np.array(gain)))
    assert shares.shape == ndcgs.shape == (5, len(scores))
    for replicate in range(5):
        copies = resampler.copies(replicate).tolist()
        assert sum(copies) == n
        for column, score in enumerate(scores):
            expected = oracles.share_of_best(score, gain, k, copies)
            assert shares[replicate, column] == pytest.approx(expected, rel=1e-9, nan_ok=True)
            expected = oracles.ndcg(score, gain, k, copies)
            assert ndcgs[replicate, column] == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_a_known_ndcg():
    # gains 3 2 3 0 1 2 in the order of the score: the textbook example
    gain = np.array([3.0, 2.0, 3.0, 0.0, 1.0, 2.0])
    resampler = Resampler(6, 1.0, 0, 0)
    _, ndcg = resampler.captured([np.arange(6)], gain, best_first(gain))
    found = sum(g / math.log2(i + 2) for i, g in enumerate([3, 2, 3, 0, 1, 2]))
    ideal = sum(g / math.log2(i + 2) for i, g in enumerate([3, 3, 2, 2, 1, 0]))
    assert ndcg[0, 0] == pytest.approx(found / ideal)
    assert ndcg[0, 0] == pytest.approx(0.9608, abs=5e-5)


def test_replicate_zero_is_the_population_and_others_repeat():
    resampler = Resampler(50, 0.1, 3, 7)
    assert resampler.copies(0).tolist() == [1] * 50
    assert resampler.copies(1).tolist() != resampler.copies(2).tolist()
    assert resampler.copies(2).tolist() == Resampler(50, 0.2, 9, 7).copies(2).tolist()
    assert resampler.copies(2).tolist() != Resampler(50, 0.1, 3, 8).copies(2).tolist()


def test_no_gain_is_not_a_number():
    gain = np.zeros(4)
    share, ndcg = Resampler(4, 0.5, 2, 0).captured([np.arange(4)], gain, best_first(gain))
    assert np.isnan(share).all()
    assert np.isnan(ndcg).all()


def test_negative_gains_count_against_a_score():
    gain = np.array([-2.0, 4.0, 1.0])
    share, _ = Resampler(3, 0.5, 0, 0).captured([np.array([0, 1, 2])], gain, best_first(gain))
    assert share[0, 0] == pytest.approx(2.0 / 5.0)


@given(scored())
def test_spearman_is_scipys(drawn):
    scores, gain = drawn
    score = np.array(scores[0])
    gain = np.array(gain)
    found = spearman(score, gain)
    assert found == pytest.approx(oracles.spearman(scores[0], gain.tolist()), abs=1e-9, nan_ok=True)
    assume(np.ptp(score) > 0)
    assume(np.ptp(gain) > 0)
    assert found == pytest.approx(stats.spearmanr(score, gain).statistic, abs=1e-9)


def test_spearman_by_replicate_weighs_people():
    rng = np.random.default_rng(3)
    score, other, outcome = rng.integers(0, 9, 30) * 1.0, rng.random(30), rng.integers(0, 5, 30) * 1.0
    resampler = Resampler(30, 0.1, 3, 1)
    found = resampler.spearman([score, other], outcome)
    assert found.shape == (4, 2)
    assert found[0] == pytest.approx([spearman(score, outcome), spearman(other, outcome)])
    for replicate in range(1, 4):
        copies = resampler.copies(replicate)
        repeated = [np.repeat(stats.rankdata(values), copies) for values in (score, outcome)]
        assert found[replicate, 0] == pytest.approx(np.corrcoef(*repeated)[0, 1])


def test_spearman_of_a_constant_is_not_a_number():
    assert math.isnan(spearman(np.ones(5), np.arange(5.0)))
    assert math.isnan(spearman(np.arange(5.0), np.zeros(5)))


def test_ratio_by_replicate():
    predicted, observed = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 4.0, 1.0, 0.0])
    resampler = Resampler(4, 0.5, 5, 2)
    found = resampler.ratio(predicted, observed)
    assert found[0] == pytest.approx(2.0)
    for replicate in range(1, 6):
        copies = resampler.copies(replicate)
        total = (copies * observed).sum()
        expected = (copies * predicted).sum() / total if total else math.nan
        assert found[replicate] == pytest.approx(expected, nan_ok=True)
    assert np.isnan(resampler.ratio(predicted, np.zeros(4))).all()


def test_ties_break_by_position():
    score = np.array([1.0, 3.0, 1.0, 3.0, -0.0, 0.0, 2.0])
    assert best_first(score).tolist() == [1, 3, 6, 0, 2, 4, 5]
    assert best_first(np.zeros(1000)).tolist() == list(range(1000))


@pytest.mark.parametrize(
    ("n", "share", "places"),
    [(100, 0.05, 5), (101, 0.05, 6), (1, 0.01, 1), (0, 0.05, 0), (100, 0.29, 29), (1000, 0.007, 7), (10, 1.0, 10)],
)
def test_top_places_round_up(n, share, places):
    assert top_places(n, share) == places
