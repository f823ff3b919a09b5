"""What holds for the score of any history."""

import dataclasses
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles import DAY
from value.oracles_value import START, Log, by_tie, logs, naive_score, without_zeros

import influence
from influence.config import Settings
from influence.io import tables_from_frames
from influence.score import rank_people, score_history
from influence.ties import History


def values_of(ranking):
    return {
        name: dict(zip(ranking.frame["id"], ranking.frame[name], strict=True))
        for name in ("network_value", "direct_value", "own_value", "total_value", "conserved_value")
    }


@given(log=logs(money=True), part=st.floats(0.3, 1.0))
def test_is_what_the_definition_says(log, part):
    """Rule, attribution, referrals, own value and the solution, against plain Python."""
    options = Settings(suspicion_factors={"self_referral": 1.0, "referral_ring": 1.0})  # the definition knows no trust
    history = log.history(options)
    span = log.span()
    cut = None if span is None else span[0] + 1 + int(part * (span[1] - span[0]))
    scored = score_history(history, options, cut=cut)
    assume(not scored.trust.ring_tie.any())
    past = log if cut is None else log.before(cut)
    expected = naive_score(past, options, kappa_item=scored.kappa.item, cut=cut)
    assert scored.kappa.item == options.kappa_default  # too few exposed acts to measure
    assert by_tie(scored.ledger, scored.rates.follow_ons) == pytest.approx(without_zeros(expected.rates), rel=1e-9)
    assert scored.rates.acts == pytest.approx(expected.acts, rel=1e-9)
    found = by_tie(scored.ledger, scored.attribution.by_kind)
    assert found == pytest.approx(without_zeros(expected.by_kind), rel=1e-9)
    assert scored.own.values == pytest.approx(expected.own, rel=1e-9)
    scale = max(1.0, sum(expected.own))
    for name in ("gross", "network", "direct", "conserved"):
        assert getattr(scored.value, name) == pytest.approx(getattr(expected, name), rel=1e-9, abs=1e-11 * scale)


@pytest.mark.slow
@settings(max_examples=40)
@given(logs(money=True))
def test_contributions_add_up_and_ties_stand_by_id(log):
    ranking = rank_people(log.history(), Settings(), include_non_customers=True)
    frame = ranking.frame
    assert frame["rank"].to_list() == list(range(1, log.n + 1))
    scale = max(1.0, ranking.facts["sum_of_own_value"])
    for person, value in frame.select("id", "network_value").rows():
        parts = ranking.contributions(person)
        assert math.fsum(parts["value"]) == pytest.approx(value, rel=1e-9, abs=1e-12 * scale)
        assert parts["value"].is_sorted(descending=True)
    keys = [(-value, int(person)) for person, value in frame.select("id", "network_value").rows()]
    assert keys == sorted(keys)
    own = sorted(frame.rows(named=True), key=lambda row: row["rank_by_own_value"])
    assert [row["id"] for row in own] == [
        row["id"] for row in sorted(own, key=lambda row: (-row["own_value"], int(row["id"])))
    ]
    assert abs(math.fsum(frame["conserved_value"]) - math.fsum(frame["own_value"])) <= 1e-12 * scale
    assert (frame["network_value"] >= 0).all()
    assert not frame.select(pl.col(pl.Float64).is_nan().any()).row(0).count(True)


@given(logs(money=True), st.floats(1e-3, 1e3))
def test_own_value_is_a_unit(log, factor):
    scaled = dataclasses.replace(log, clv={v: None if c is None else c * factor for v, c in log.clv.items()})
    if not any(c for c in log.clv.values()):
        return
    one, other = (score_history(some.history(), Settings()) for some in (log, scaled))
    assert other.value.network == pytest.approx(factor * one.value.network, rel=1e-9, abs=1e-9)


@pytest.mark.slow
@settings(max_examples=30)
@given(logs(money=True), st.randoms(use_true_random=False))
def test_names_and_the_order_of_rows_do_not_matter(log, random):
    """Other ids permute the values; other rows change no byte."""
    frames = log.frames()
    one = influence.rank(**frames, include_non_customers=True)
    shuffled = {role: frame.sample(fraction=1.0, shuffle=True, seed=3) for role, frame in frames.items()}
    same = influence.rank(**shuffled, include_non_customers=True)
    assert same.frame.equals(one.frame)

    names = [f"p{number}" for number in range(log.n)]
    random.shuffle(names)
    rename = {
        role: frame.with_columns(
            pl.col(name).replace_strict(dict(enumerate(names)), return_dtype=pl.String)
            for name in ("source", "target", "customer", "id")
            if name in frame.columns
        )
        for role, frame in frames.items()
    }
    renamed = values_of(influence.rank(**rename, include_non_customers=True))
    for name, values in values_of(one).items():
        expected = {names[int(person)]: value for person, value in values.items()}
        assert renamed[name] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(max_examples=30)
@given(logs(money=True))
def test_an_isolated_newcomer_changes_nobody(log):
    frames = log.frames()
    before = values_of(influence.rank(**frames))
    newcomer = frames["customers"].head(1).with_columns(id=pl.lit(log.n, pl.Int64), clv=pl.lit(0.0))
    if "segment" in newcomer.columns:
        newcomer = newcomer.with_columns(segment=pl.lit("other"))
    if frames["customers"]["clv"].null_count() == frames["customers"].height:
        return  # a value where there was none changes the unit
    after = values_of(influence.rank(**frames | {"customers": pl.concat([frames["customers"], newcomer])}))
    for name, values in after.items():
        worth = values.pop(str(log.n))
        assert worth == 0.0
        assert values == before[name]


def community(seed, **options):
    from influence.datasets.community import synthetic_community

    made = synthetic_community(150, 8, seed=seed, **options)
    return {"follows": made.follows, "interactions": made.interactions, "actions": made.actions}, made


@pytest.mark.parametrize("rate", ["rule", pytest.param("learned", marks=pytest.mark.slow)])
def test_contributions_add_up_for_everybody_of_the_demo(rate):
    ranking = influence.rank(
        influence.demo_tables(), settings=Settings(rate=rate), include_non_customers=True, show_counterparts=True
    )
    assert ranking.facts["rate"] == rate
    values = dict(ranking.frame.select("id", "network_value").rows())
    assert len(values) > 2400
    total = 0.0
    for person, value in values.items():
        parts = ranking.contributions(person)
        assert abs(math.fsum(parts["value"]) - value) <= 1e-9 * abs(value), person
        total += value
    assert total > 0
    facts = ranking.facts
    gap = abs(facts["sum_of_conserved_value"] - facts["sum_of_own_value"])
    assert gap <= 1e-12 * facts["sum_of_own_value"]
    assert facts["solver"]["residual"] <= 1e-12 * facts["sum_of_own_value"]
    assert facts["solver"]["norm"] <= 0.75


def test_a_transposed_community_fails():
    """Nothing of a good ranking is left when every tie is turned round."""
    frames, made = community(2, pull=0.4, acts_per_person=12)
    planted = {str(person) for person in made.planted}
    top = set(influence.rank(**frames).frame["id"].head(15))
    turn = {"source": "target", "target": "source"}
    turned = {**frames, "follows": frames["follows"].rename(turn), "interactions": frames["interactions"].rename(turn)}
    turned_top = set(influence.rank(**turned).frame["id"].head(15))
    assert len(top & planted) >= 5
    assert len(turned_top & planted) <= 3


def test_as_of_is_the_past_alone():
    frames, _ = community(4)
    moment = pl.lit("1998-01-01").str.to_datetime(time_unit="us", time_zone="UTC")
    past = {
        "follows": frames["follows"].filter(pl.col("since") < moment),
        "interactions": frames["interactions"].filter(pl.col("timestamp") < moment),
        "actions": frames["actions"].filter(pl.col("timestamp") < moment),
        "customers": pl.DataFrame({"id": range(1, 151)}),
    }
    then = influence.rank(**frames, customers=past["customers"], as_of="1997-12-31")
    alone = influence.rank(**past, as_of="1997-12-31")
    assert then.frame.equals(alone.frame)
    assert not then.frame.equals(influence.rank(**frames, customers=past["customers"]).frame)


def test_as_of_before_everything_leaves_follows_without_a_date():
    log = Log(3, follows=[(1, 0, -(2**63)), (2, 0, START + DAY)], reactions=[(2, 1, "reply", START)])
    ranking = influence.rank(**log.frames(), as_of="2000-01-01")
    assert ranking.unit == "people"
    assert dict(ranking.frame.select("id", "audience").rows()) == {"0": 1, "1": 0, "2": 0}


def test_measured_influence_counts_more():
    """κ of co-action is measured where there is enough, and enters."""
    frames, _ = community(5, pull=0.4, acts_per_person=15)
    ranking = influence.rank(**frames, settings=Settings(rate="rule"))
    kappa = ranking.facts["kappa"]
    assert kappa["exposed"] > 200
    assert kappa["item"] == pytest.approx(0.5 * kappa["beyond_chance"])
    default = influence.rank(**frames, settings=Settings(rate="rule", min_exposed=10**9))
    assert default.facts["kappa"]["item"] == 0.25
    ratio = kappa["item"] / 0.25
    best = ranking.frame["id"][0]
    item = ranking.contributions(best).filter(pl.col("kind") == "item")["value"].sum()
    other = default.contributions(best).filter(pl.col("kind") == "item")["value"].sum()
    assert (item > other) == (ratio > 1)


def test_rate_of_the_contest_is_noted():
    frames, _ = community(6)
    ranking = influence.rank(**frames)
    assert ranking.notes[-1] or ranking.notes
    assert f"rate: {ranking.facts['rate']} ({ranking.facts['contest']['reason']})" in ranking.notes
    assert ranking.facts["contest"]["winner"] == ranking.facts["rate"]
    learned = influence.rank(**frames, settings=Settings(rate="learned"))
    assert learned.facts["rate"] == "learned"
    fitted = learned.facts["learned"]
    assert set(fitted["follow_ons"]) <= {"item", "reaction"}
    assert all(cut.endswith("Z") for cut in fitted["cuts"])
    assert np.isfinite(list(next(iter(fitted["follow_ons"].values()))["coefficients"].values())).all()


def test_repr_says_what_it_is():
    ranking = influence.rank(follows=pl.DataFrame({"source": ["b"], "target": ["a"]}))
    assert repr(ranking).startswith("<Ranking of 2 rows>")
    assert "<table" in ranking._repr_html_()
    assert len(ranking.head(1)) == 1
    assert ranking.head(1).facts is ranking.facts
    assert ranking.to_polars() is ranking.frame


def test_history_of_a_score_is_the_past():
    log = Log(2, reactions=[(1, 0, "reply", START), (1, 0, "reply", START + 9 * DAY)])
    history = History.from_tables(tables_from_frames(**log.frames()), Settings())
    scored = score_history(history, Settings(), cut=START + DAY)
    assert len(scored.ledger.history.reactions) == 1
    assert scored.predicted[0] == pytest.approx(scored.rates.follow_ons.sum())
    assert len(history.reactions) == 2
