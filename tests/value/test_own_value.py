"""Own value: where it comes from, and its unit."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from oracles import DAY, UNDATED
from value.oracles_value import START, Log, logs

from influence.config import Settings
from influence.datasets import cdnow_sample
from influence.errors import UsageError
from influence.io import tables_from_frames
from influence.score import score_history
from influence.ties import History, Ledger
from influence.value.attribution import attribute, measure_kappa
from influence.value.contest import choose_rates
from influence.value.own import ORIGINS, UNITS, own_value


def own_of(customers, reactions=True):
    """Return the own values of 1 … 6, who all follow 1."""
    frames = {"follows": pl.DataFrame({"source": [2, 3, 4, 5, 6], "target": [1] * 5})}
    if reactions:
        frames["interactions"] = pl.DataFrame(
            {"source": [2, 2, 3], "target": [1, 3, 1], "type": ["reply"] * 3, "timestamp": [START, START, START + DAY]}
        ).with_columns(pl.col("timestamp").cast(pl.Datetime("us", "UTC")))
    settings = Settings()
    history = History.from_tables(tables_from_frames(customers=customers, **frames), settings)
    ledger = Ledger.of(history, settings)
    rates = choose_rates(ledger, START + DAY + 1 if reactions else None, 30 * DAY if reactions else None)
    attribution = attribute(ledger, rates, measure_kappa(ledger))
    return own_value(ledger, attribution.denominator), attribution


def origins(own):
    return [ORIGINS[code] for code in own.origin]


def test_clv_is_taken_as_it_is_given():
    own, _ = own_of(pl.DataFrame({"id": [6, 5, 4, 3, 2, 1], "clv": [60.0, 50.0, 40.0, 30.0, 0.0, 10.0]}))
    assert own.unit == "money"
    assert own.values.tolist() == [10.0, 0.0, 30.0, 40.0, 50.0, 60.0]
    assert origins(own) == ["given"] * 6


def test_a_missing_clv_gets_the_median_of_the_segment_else_nothing():
    customers = pl.DataFrame(
        {
            "id": [1, 2, 3, 4, 5, 6],
            "clv": [None, 10.0, 20.0, 60.0, None, None],
            "segment": ["gold", "gold", "gold", "gold", None, "new"],
        }
    )
    own, _ = own_of(customers)
    assert own.unit == "money"
    assert own.values.tolist() == [20.0, 10.0, 20.0, 60.0, 0.0, 0.0]
    assert origins(own) == ["segment median", "given", "given", "given", "no value known", "no value known"]


def test_a_missing_clv_without_segments_is_nothing():
    own, _ = own_of(pl.DataFrame({"id": [1, 2, 3, 4, 5, 6], "clv": [None, 10.0, 20.0, 60.0, 5.0, 1.0]}))
    assert own.values.tolist() == [0.0, 10.0, 20.0, 60.0, 5.0, 1.0]
    assert origins(own)[0] == "no value known"


def test_people_outside_the_table_are_worth_nothing():
    own, _ = own_of(pl.DataFrame({"id": [1, 3], "clv": [10.0, 20.0]}))
    assert own.values.tolist() == [10.0, 0.0, 20.0, 0.0, 0.0, 0.0]
    assert origins(own) == ["given", "not a customer", "given", *["not a customer"] * 3]


def test_who_is_marked_as_no_customer_is_worth_nothing():
    customers = pl.DataFrame({"id": [1, 2, 3], "clv": [10.0, 20.0, 30.0], "is_customer": [True, False, None]})
    own, _ = own_of(customers)
    assert own.values.tolist() == [10.0, 0.0, 30.0, 0.0, 0.0, 0.0]
    assert origins(own)[:3] == ["given", "not a customer", "given"]


@pytest.mark.parametrize(
    "customers",
    [None, pl.DataFrame({"id": [1, 2, 3, 4, 5, 6], "clv": pl.Series([None] * 6, dtype=pl.Float64)})],
    ids=["no table", "empty column"],
)
def test_without_money_the_unit_is_acts(customers):
    own, attribution = own_of(customers)
    assert own.unit == "acts"
    assert own.values.tolist() == attribution.denominator.tolist()
    assert origins(own) == ["expected acts"] * 6


def test_in_acts_too_only_customers_are_worth_something():
    own, attribution = own_of(pl.DataFrame({"id": [1, 2]}))
    assert own.unit == "acts"
    assert own.values.tolist() == [*attribution.denominator[:2], 0.0, 0.0, 0.0, 0.0]
    assert origins(own) == ["expected acts"] * 2 + ["not a customer"] * 4


def test_without_any_act_the_unit_is_people():
    own, _ = own_of(None, reactions=False)
    assert own.unit == "people"
    assert own.values.tolist() == [1.0] * 6
    assert origins(own) == ["one person"] * 6
    some, _ = own_of(pl.DataFrame({"id": [2, 4]}), reactions=False)
    assert some.values.tolist() == [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]


def test_units_and_origins_are_complete():
    assert UNITS == ("money", "acts", "people")
    assert len(set(ORIGINS)) == len(ORIGINS)


@settings(max_examples=50)
@given(logs())
def test_in_acts_one_hop_is_exactly_kappa_times_the_rate(log):
    """W c = κλ: the direct value is what each listener is expected to do because of the influencer."""
    log = dataclasses.replace(log, referrals=[])
    scored = score_history(log.history(), Settings())
    if scored.own.unit != "acts":
        return
    ledger, kappa = scored.ledger, scored.kappa
    share = np.full(len(ledger.history.kinds), kappa.direct)
    share[0] = kappa.item
    influenced = share @ scored.rates.follow_ons
    expected = np.bincount(ledger.influencer, influenced, ledger.n_people)
    assert scored.value.direct == pytest.approx(expected, rel=1e-12)


def test_acts_without_a_date_count_too():
    log = Log(2, follows=[(1, 0, UNDATED)], acts=[(0, 1, UNDATED), (1, 2, UNDATED)])
    scored = score_history(log.history(), Settings())
    assert scored.own.unit == "acts"
    speed = 365 * np.log(2) / 90  # the undated act is taken for one of today
    assert scored.own.values.tolist() == pytest.approx([5 + speed, 5 + speed])


@pytest.fixture(scope="module")
def shop():
    """CDNOW's customers and purchases, and follows between a few of them; the join is synthetic."""
    sold = cdnow_sample()
    transactions = sold.select(
        "customer", timestamp=pl.col("date").cast(pl.Datetime("us", "UTC")), amount=pl.col("amount_usd")
    )
    people = transactions["customer"].unique().sort()
    follows = pl.DataFrame({"source": people[1:200], "target": people[:199]})
    return {"transactions": transactions, "follows": follows}, people


def scored_shop(frames, settings=None, cut=None, **more):
    history = History.from_tables(tables_from_frames(**frames, **more), settings or Settings())
    return score_history(history, settings or Settings(), cut=cut)


def test_purchases_give_a_lifetime_value(shop):
    frames, people = shop
    customers = pl.DataFrame({"id": [*people, 1_000_001, 1_000_002]}).with_columns(
        clv=pl.when(pl.col("id") == people[0]).then(777.0).when(pl.col("id") == 1_000_002).then(5.0)
    )
    own = scored_shop(frames, customers=customers).own
    assert own.unit == "money"
    assert own.lifetime.model == "mbgnbd"  # the likelier one over the whole time
    names = origins(own)
    assert names[0] == names[-1] == "given"
    assert own.values[[0, -1]].tolist() == [777.0, 5.0]
    assert names[-2] == "no purchase"
    assert own.values[-2] == 0.0
    assert set(names[1:-2]) == {"fitted"}
    assert own.values[1:-2].tolist() == own.lifetime.clv[1:-2].tolist()
    assert (own.values[1:-2] > 0).all()


def test_lifetime_value_knows_nothing_of_later_purchases(shop):
    frames, _ = shop
    cut = int(frames["transactions"]["timestamp"].to_physical().min()) + 270 * DAY
    before = frames["transactions"].filter(pl.col("timestamp").to_physical() < cut)
    whole, past = (
        scored_shop(frames | {"transactions": table}, cut=cut).own for table in (frames["transactions"], before)
    )
    assert whole.lifetime.as_dict() == past.lifetime.as_dict()
    assert whole.values.tolist() == past.values.tolist()
    assert scored_shop(frames).own.values.tolist() != whole.values.tolist()


def test_margin_discount_and_no_fit_are_those_of_the_settings(shop):
    frames, _ = shop
    own = {
        name: scored_shop(frames, Settings(**options)).own
        for name, options in {
            "plain": {},
            "margin": {"clv_margin": 0.4},
            "discount": {"clv_discount": 0.5},
            "longer": {"clv_horizon_days": 730.0},
            "no fit": {"clv_fit": False},
        }.items()
    }
    total = {name: one.values.sum() for name, one in own.items()}
    assert own["margin"].values == pytest.approx(0.4 * own["plain"].values, rel=1e-12)
    assert total["discount"] < total["plain"] < total["longer"] < 2 * total["plain"]
    assert set(origins(own["no fit"])) == {"recent spend"}
    spent = frames["transactions"].filter(pl.col("timestamp") > pl.col("timestamp").max() - pl.duration(days=365))
    assert total["no fit"] == pytest.approx(spent["amount"].sum(), rel=0.01)


def test_segments_weigh_what_they_are_set_to():
    customers = pl.DataFrame({"id": [1, 2, 3], "clv": [10.0, 20.0, 30.0], "segment": ["gold", None, "new"]})
    settings = Settings(segment_weights={"gold": 3.0, "new": 0.5})
    follows = pl.DataFrame({"source": [2, 3], "target": [1, 1]})
    own = scored_shop({"follows": follows}, settings, customers=customers).own
    assert own.values.tolist() == [30.0, 20.0, 15.0]
    with pytest.raises(UsageError, match="no customer is in segment 'golden'; there are gold, new"):
        scored_shop({"follows": follows}, Settings(segment_weights={"golden": 2.0}), customers=customers)
