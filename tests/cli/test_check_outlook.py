"""What `influence check` promises of a score, and that the score then keeps the promise."""

import datetime as dt
import random

import polars as pl
import pytest
from check_words import about, follows, found, frame

import influence
from influence.config import Settings
from influence.errors import DataError, UsageError
from influence.evaluate.outlook import UNUSED

SETTINGS = Settings(bootstrap=5)


def shop(seed=0, n=30, dated=True):
    """Return tables of a small community, with whatever can be wrong with one here and there."""
    rng = random.Random(seed)
    names = [f"p{number:02d}" for number in range(n)]

    def when():
        return dt.date(2023, 1, 1) + dt.timedelta(days=rng.randrange(400))

    reactions = [(*rng.choices(names, k=2), rng.choice(["reply", "like", "referral"]), when()) for _ in range(5 * n)]
    tables = {
        "follows": follows(*(tuple(rng.choices(names, k=2)) for _ in range(4 * n))),
        "interactions": frame(["source", "target", "type", "timestamp"], reactions),
        "actions": frame(
            ["customer", "item", "timestamp"], [(rng.choice(names), rng.randrange(20), when()) for _ in range(5 * n)]
        ),
        "customers": frame(
            ["id", "clv", "segment"],
            [(name, rng.choice([None, 0.0, 5.0, 9.0]), rng.choice([None, "x", "y"])) for name in names[: n // 2]],
        ),
    }
    return tables if dated else {role: table.drop("timestamp", strict=False) for role, table in tables.items()}


def some(tables, *roles):
    return {role: tables[role] for role in roles}


def bought(tables, *columns):
    """Return acts as purchases."""
    priced = tables["actions"].with_columns(amount=pl.lit(1.5))
    return {**some(tables, "follows"), "transactions": priced.select("customer", "timestamp", *columns)}


CASES = {
    "everything": lambda: shop(0),
    "no customers table": lambda: some(shop(1), "follows", "interactions", "actions"),
    "no clv": lambda: {**shop(2), "customers": shop(2)["customers"].drop("clv")},
    "follows only": lambda: some(shop(3), "follows"),
    "follows and values": lambda: some(shop(4), "follows", "customers"),
    "reactions only": lambda: some(shop(5), "interactions"),
    "no dates": lambda: shop(6, dated=False),
    "follows and acts": lambda: some(shop(7), "follows", "actions"),
    "purchases of items": lambda: bought(shop(8), "item", "amount"),
    "purchases without items": lambda: bought(shop(9), "amount"),
    "acts and purchases": lambda: {**bought(shop(10), "amount"), "actions": shop(10)["actions"]},
    "one moment": lambda: {
        **some(shop(11), "follows"),
        "actions": shop(11)["actions"].with_columns(timestamp=pl.lit("2024-01-01")),
    },
    "only loops": lambda: {"follows": follows(("a", "a")), "actions": shop(12)["actions"]},
    "the demo": lambda: {
        role: getattr(influence.demo_tables(), role)
        for role in ("follows", "interactions", "actions", "transactions", "customers", "identities")
    },
}


# ----- the promise, and the score -----


def agree(score, ranking):
    """Compare what was promised with what came."""
    facts = ranking.facts
    for name in ("unit", "people", "listed", "ties", "acts"):
        assert score[name] == facts[name], name
    assert score["follow_ons"] == pytest.approx(facts["follow_ons"])
    assert score["last"] == facts["as_of"]
    assert score["horizon_days"] == (facts["horizon_days"] if facts["as_of"] else None)
    assert score["listed_with_audience"] == (ranking.frame["audience"] > 0).sum()
    origins = dict(ranking.frame["own_value_origin"].value_counts().rows())
    assert score["own_value_origins"] == origins
    kappa = facts["kappa"]
    assert score["influence_beyond_chance"]["measurable"] == (kappa["beyond_chance"] is not None)
    if facts["as_of"]:
        assert score["influence_beyond_chance"]["exposed"] == kappa["exposed"]
    contest, rate = facts["contest"], score["rate"]
    for name in ("follow_ons", "influencers", "known_share"):
        assert rate.get(name) == (None if contest[name] is None else pytest.approx(contest[name]))
    assert ("learned" in contest and contest["learned"] is not None) <= rate["may_learn"]
    refused = ("carries a date", "shorter than one horizon", "too few to learn", "do not tell the future")
    assert any(words in contest["reason"] for words in refused) == (not rate["may_learn"])


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.slow] * (case == "the demo")) for case in CASES]
)
def test_the_score_keeps_the_promise(case):
    tables = CASES[case]()
    score = influence.check(**tables, settings=SETTINGS).facts["score"]
    agree(score, influence.rank(**tables, settings=SETTINGS))
    promised = score["backtest"]
    if promised["possible"]:
        facts = influence.backtest(**tables, settings=SETTINGS, placebos=0).facts
        assert promised["cut"] == facts["cut"]
        assert promised["horizon_days"] == facts["horizon_days"]
        assert promised["follow_ons"] == pytest.approx(facts["follow_ons_of_population"])
    else:
        with pytest.raises((DataError, UsageError)):
            influence.backtest(**tables, settings=SETTINGS, placebos=0)


@pytest.mark.parametrize("least", [(200, 50, 0.5), pytest.param((1, 1, 0.0), marks=pytest.mark.slow), (1, 1, 1.0)])
def test_who_may_compete_follows_the_settings(least):
    settings = SETTINGS.replace(min_follow_ons=least[0], min_influencers=least[1], min_known_share=least[2])
    tables = CASES["no customers table"]()
    agree(influence.check(**tables, settings=settings).facts["score"], influence.rank(**tables, settings=settings))


def test_nothing_is_scored(monkeypatch):
    def never(*_):
        raise AssertionError("a score was computed")

    for name in ("choose_rates", "network_value", "attribute", "measure_kappa"):
        monkeypatch.setattr(f"influence.score.mvp.{name}", never)
    assert influence.check(**shop()).facts["score"]["possible"]


@pytest.mark.slow
def test_columns_said_to_be_left_out_are():
    rng = random.Random(3)
    tables = shop(3)
    tables |= bought(tables, "item", "amount")
    fill = {"discounted": [True, False], "incentivised": [True, False]}
    full = {
        role: table.with_columns(
            pl.Series(name, [rng.choice(fill.get(name, [0.25, 0.75])) for _ in range(table.height)])
            for name in UNUSED.get(role, ())
        )
        for role, table in tables.items()
    }
    (line,) = about(influence.check(**full), "Not in the score")
    assert line == "value (actions); read and stored only"
    assert influence.rank(**full).frame.equals(influence.rank(**tables).frame)
    assert not about(influence.check(**shop()), "Not in the score")


# ----- in words -----


def test_what_it_says_of_little_data():
    only = influence.check(**CASES["follows only"]())
    assert about(only, "Unit")[0].startswith("people")
    assert about(only, "Follow-ons") == ["none seen; follows alone say who could be heard, not who is"]
    assert about(only, "Time") == ["nothing carries a date: evidence counts the same whatever its age"]
    assert about(only, "Rate") == ["the rule, without decay, since nothing carries a date"]
    assert about(only, "Backtest") == ["not possible, since nothing carries a date"]
    assert found(only, "follows")[0] == "no dates (column since)"

    without_items = influence.check(**CASES["purchases without items"]())
    assert "transactions name no item: nobody can be seen to follow a purchase" in about(without_items, "Follow-ons")
    both = influence.check(**CASES["acts and purchases"]())
    assert "acts are taken from the actions; transactions name no item" in about(both, "Follow-ons")
    named = influence.check(**CASES["purchases of items"](), actions=shop()["actions"])
    assert any("the actions are not used" in line for line in about(named, "Follow-ons"))

    listless = influence.check(follows=follows(("a", "b")), customers=frame(["id", "clv"], [("z", 1.0)]))
    assert about(listless, "Audience") == ["nobody listens to any of them, so every network value will be 0"]
    strangers = influence.check(
        follows=follows(("a", "b")), customers=frame(["id", "is_customer"], [("a", False), ("b", False)])
    )
    assert strangers.outlook == (
        "Ranked: nobody; nobody is listed as a customer. --include-non-customers lists the others",
    )
    no_ties = influence.check(customers=frame(["id", "clv"], [("z", 1.0)]))
    assert no_ties.loadable
    assert no_ties.outlook[0].startswith("Ranked: nobody; no ties: give follows")


def test_what_it_says_of_values():
    rows = [("a", 5.0, "x"), ("b", None, "x"), ("c", None, None)]
    result = influence.check(follows=follows(("a", "b")), customers=frame(["id", "clv", "segment"], rows))
    (said,) = about(result, "Unit")
    assert said == (
        "money, from the column clv; it is given for 1 of 3 (33 %) customers, 1 get the median of their segment, "
        "1 count as 0"
    )
    euros = frame(["id", "clv", "currency"], [("a", 5.0, "EUR")])
    assert about(influence.check(follows=follows(("a", "b")), customers=euros), "Unit")[0].startswith("money (EUR)")


def test_a_date_in_the_future_is_told():
    acts = frame(["customer", "item", "timestamp"], [("a", "i", "2020-01-01"), ("b", "i", "2920-01-01")])
    result = influence.check(follows=follows(("a", "b")), actions=acts)
    assert any("2920-01-01, lies in the future" in line for line in about(result, "Time"))
    assert not any("future" in line for line in influence.check(**shop()).outlook)


# ----- real data -----


@pytest.mark.data
def test_ciao(data_folder):
    sources = f"follows={data_folder / 'ciao/trust.parquet'}", f"actions={data_folder / 'ciao/reviews.parquet'}"
    result = influence.check(*sources)
    facts = result.facts
    assert facts["people"] == 7_375
    assert facts["tables"]["follows"]["undated"] == 111_781
    assert facts["tables"]["actions"]["items"] == 105_114
    assert facts["score"]["unit"] == "acts"
    assert facts["score"]["horizon_days"] == 365.0
    assert facts["score"]["influence_beyond_chance"]["measurable"]
    assert facts["score"]["rate"]["may_learn"]
    assert "Follows without a date may be younger" in about(result, "Backtest")[0]


@pytest.mark.slow
@pytest.mark.data
def test_higgs_mini(data_folder):
    folder = data_folder / "higgs-mini"
    result = influence.check(folder / "follows.csv.gz", folder / "interactions.csv.gz")
    facts = result.facts
    assert facts["people"] == 5_789
    assert facts["tables"]["interactions"]["types"] == {"share": 7_763, "mention": 7_180, "reply": 1_270}
    assert facts["tables"]["interactions"]["self_loops"] == 867
    assert facts["score"]["horizon_days"] == pytest.approx(2.31, abs=0.01)
    assert not facts["score"]["influence_beyond_chance"]["measurable"]
    ranking = influence.rank(folder / "follows.csv.gz", folder / "interactions.csv.gz")
    agree(facts["score"], ranking)
