"""Intervals hold the errors of earlier predictions, cover what comes, and know nothing of what came later."""

import numpy as np
import pytest

from influence.config import Settings
from influence.datasets.community import synthetic_community
from influence.io import tables_from_frames
from influence.score.mvp import score_history
from influence.ties import History, Ledger
from influence.value.intervals import Residuals, intervals, measure_residuals

SETTINGS = Settings(min_follow_ons=50, replicates=40)


@pytest.fixture(scope="module")
def history():
    made = synthetic_community(600, 25, seed=3)
    return History.from_tables(
        tables_from_frames(follows=made.follows, interactions=made.interactions, actions=made.actions), SETTINGS
    )


@pytest.fixture(scope="module")
def middle(history):
    first, last = history.span
    return first + 3 * (last - first) // 4


@pytest.fixture(scope="module")
def scored(history, middle):
    return score_history(history, SETTINGS, cut=middle)


@pytest.fixture(scope="module")
def residuals(scored):
    found = measure_residuals(scored.ledger, scored.cut, scored.rates)
    assert found is not None
    return found


def test_bounds_by_hand():
    made = Residuals(np.array([1.0]), np.log([0.5, 0.25]), np.log([2.0, 4.0]), (0,), 100, (1.0,))
    low, high = made.bounds(np.array([0.5, 1.0, 3.5]))
    assert low == pytest.approx([0.0, 0.0, 0.5])  # (0.5 + ½) · ½ − ½, (1 + ½) / 4 − ½ < 0, (3.5 + ½) / 4 − ½
    assert high == pytest.approx([1.5, 5.5, 15.5])
    assert made.spread(np.array([0.0])) == pytest.approx(np.log(4.0) / 3.2897, rel=1e-4)


def test_nothing_at_or_after_the_cut_counts(history, middle, scored, residuals):
    """The same errors from a history that ends at the cut, and other ones once the future is let in."""
    again = score_history(history.before(middle), SETTINGS, cut=middle)
    same = measure_residuals(again.ledger, again.cut, again.rates)
    assert same.as_dict() == residuals.as_dict()
    whole = Ledger.of(history, SETTINGS)
    with pytest.raises(Exception, match="cut"):
        measure_residuals(whole, scored.cut, scored.rates)


def test_earlier_cuts_are_whole_horizons_back(scored, residuals):
    assert residuals.cuts == tuple(scored.cut - k * scored.rates.horizon for k in (1, 2))[: len(residuals.cuts)]


def test_what_comes_is_covered(history, middle, scored, residuals):
    ledger, horizon = scored.ledger, scored.rates.horizon
    whole = Ledger.of(history, SETTINGS)
    came = whole.credit_of_people(whole.credits.between(middle, middle + horizon))
    people = ledger.acted_or_tied(middle)
    low, high = residuals.bounds(scored.predicted)
    inside = ((came >= low - 1e-9) & (came <= high + 1e-9))[people]
    assert 0.75 < inside.mean() < 0.99


def run(scored, residuals, k=10):
    return intervals(
        scored.ledger,
        scored.rates,
        scored.attribution,
        scored.value,
        residuals,
        np.arange(scored.ledger.n_people),
        k,
    )


@pytest.mark.parametrize("kind", ["predictive", "sampling only"])
def test_intervals_hold_their_value_and_chances_add_up(scored, residuals, kind):
    found = run(scored, residuals if kind == "predictive" else None)
    assert found.kind == kind
    if kind == "predictive":
        assert (found.low <= scored.value.network).all()
        assert (scored.value.network <= found.high).all()
    assert (found.low <= found.high).all()
    assert found.p_top.sum() == pytest.approx(10)
    assert found.p_top[np.argmax(scored.value.network)] > 0.5
    assert found.p_top[scored.value.network == 0].max() == 0


def test_more_error_makes_chances_less_sure(scored, residuals):
    sure, unsure = run(scored, None), run(scored, residuals)
    best = np.argsort(-scored.value.network)[:10]
    assert unsure.p_top[best].mean() < sure.p_top[best].mean()


def test_a_person_is_as_sure_as_her_listeners_are_many(scored):
    """A sum over many listeners varies less, relative to itself, than one over few: Poisson(1) each."""
    found = run(scored, None)
    listeners = scored.ledger.ties.out_degree
    worth = scored.value.network > 0
    width = (found.high - found.low)[worth] / scored.value.network[worth]
    few, many = width[listeners[worth] <= 3], width[listeners[worth] >= 30]
    assert np.median(many) < np.median(few)


def test_ties_in_value_go_to_the_smaller_id(scored):
    """Where everybody is worth the same, nothing, the first ids fill the top of every replicate."""
    nobody = np.zeros_like(scored.attribution.weight)
    flat = type(scored.attribution)(nobody, scored.attribution.by_kind, scored.attribution.denominator)
    found = intervals(scored.ledger, scored.rates, flat, scored.value, None, np.arange(5, 30), 4)
    assert np.flatnonzero(found.p_top).tolist() == [5, 6, 7, 8]
