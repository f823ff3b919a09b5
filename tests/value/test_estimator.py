"""The estimator learns what the score learns, and has scikit-learn's manners."""

import numpy as np
import pytest

import influence
from influence.config import Settings
from influence.datasets.community import synthetic_community
from influence.io import tables_from_frames
from influence.ties import History, Ledger
from influence.value.contest import horizon_of
from influence.value.estimator import TieRate
from influence.value.learned import fit_rate


@pytest.fixture(scope="module")
def tables():
    made = synthetic_community(400, 15, seed=2)
    return tables_from_frames(follows=made.follows, interactions=made.interactions, actions=made.actions)


def test_it_is_the_rate_of_the_score(tables):
    model = TieRate().fit(tables)
    settings = Settings()
    history = History.from_tables(tables, settings)
    cut = history.newest + 1
    ledger = Ledger.of(history.before(cut), settings)
    horizon = horizon_of(ledger.history, settings, cut)
    rate = fit_rate(ledger, cut, horizon)
    assert model.coef_ == {channel: fit.coefficients for channel, fit in rate.follow_ons.items()}
    assert model.horizon_days_ == horizon / 86_400_000_000
    found = model.predict(tables)
    expected = sum(rate.rates(ledger, cut, rate.expected_acts(ledger, cut)).values())
    assert found["rate"].to_list() == expected.tolist()
    ids = ledger.history.ids
    assert found["influencer"].equals(ids.ids(ledger.influencer).alias("influencer"))
    assert found["listener"].equals(ids.ids(ledger.listener).alias("listener"))
    assert np.isfinite(found["rate"].to_numpy()).all()


def test_parameters_as_scikit_learn_has_them():
    model = TieRate(horizon_days=30.0)
    assert type(model)(**model.get_params()).get_params() == model.get_params()
    assert model.set_params(fit_cuts=1) is model
    assert model.get_params()["fit_cuts"] == 1
    with pytest.raises(influence.UsageError, match="no parameter 'cuts'"):
        model.set_params(cuts=1)


def test_nothing_to_learn_from(tables):
    with pytest.raises(influence.UsageError, match="call fit first"):
        TieRate().predict(tables)
    undated = tables_from_frames(follows=tables.follows.drop("since"))
    with pytest.raises(influence.UsageError, match="too little history"):
        TieRate().fit(undated)
