"""A saved fit gives the same ranking, learns nothing anew, and is refused where it does not belong."""

import json

import pytest

import influence
from influence.config import Settings
from influence.datasets.community import synthetic_community
from influence.errors import DataError, UsageError
from influence.io import tables_from_frames
from influence.value.fit import Fit

SETTINGS = Settings(min_follow_ons=50, min_influencers=10, replicates=20)


@pytest.fixture(scope="module")
def tables():
    made = synthetic_community(500, 20, seed=5)
    return tables_from_frames(follows=made.follows, interactions=made.interactions, actions=made.actions)


@pytest.fixture(scope="module", params=["rule", "learned"])
def first(request, tables):
    return influence.rank(tables, settings=SETTINGS.replace(rate=request.param))


def test_the_same_ranking_with_nothing_learned_anew(tables, first, tmp_path, monkeypatch):
    influence.save_fit(first, tmp_path / "fit.json")

    def never(*_, **__):
        raise AssertionError("something was learned")

    for name in ("choose_rates", "measure_kappa", "measure_residuals"):
        monkeypatch.setattr(f"influence.score.mvp.{name}", never)
    settings = SETTINGS.replace(rate=first.facts["rate"])
    again = influence.rank(tables, settings=settings, fit=tmp_path / "fit.json")
    assert again.frame.equals(first.frame)
    assert again.facts["saved_fit"] == {"as_of": first.facts["as_of"]}
    assert any("as it was fitted until" in note for note in again.notes)
    assert again.fit.to_json() == first.fit.to_json()


def test_a_later_day_uses_what_was_learned_before(tables, first):
    early = influence.rank(tables, settings=SETTINGS, as_of="1998-03-31")
    late = influence.rank(tables, settings=SETTINGS, fit=early.fit)
    assert late.facts["as_of"] == first.facts["as_of"]
    assert late.facts["kappa"] == early.facts["kappa"]
    assert late.facts["learned"] == early.facts["learned"]
    assert not late.frame.equals(early.frame)


def test_other_settings_are_refused(tables, first):
    with pytest.raises(UsageError, match=r"half_life_days = 90\.0, and it is 10 now"):
        influence.rank(tables, settings=SETTINGS.replace(half_life_days=10), fit=first.fit)
    influence.rank(tables, settings=SETTINGS.replace(top_share=0.1), fit=first.fit)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "another"}, "not a saved fit"),
        ({"version": 2}, "version 2"),
        ({"horizon": -5}, "damaged"),
        ({"horizon": "x"}, "damaged"),
        ({"kappa": {}}, "damaged"),
        ({"contest": None}, "damaged"),
        ({"residuals": {"edges": 1}}, "damaged"),
        ({"learned": {"horizon": 1, "cuts": [], "acts": {"item": {}}, "follow_ons": {}}}, "damaged"),
        ({"more": 1}, "damaged"),
    ],
)
def test_damage_is_told(first, change, said):
    content = json.loads(first.fit.to_json()) | change
    with pytest.raises(DataError, match=f"x.json: .*{said}"):
        Fit.from_json(json.dumps(content), "x.json")


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00", '"a"'])
def test_what_is_no_fit(text, tmp_path):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match=r"x\.json"):
        influence.load_fit(tmp_path / "x.json")


def test_coefficients_of_another_model_are_refused(tables):
    learned = influence.rank(tables, settings=SETTINGS.replace(rate="learned"))
    content = json.loads(learned.fit.to_json())
    fit = next(iter(content["learned"]["follow_ons"].values()))
    fit["coefficients"] = dict(reversed(fit["coefficients"].items()))
    with pytest.raises(DataError, match="other coefficients"):
        Fit.from_json(json.dumps(content), "x.json")


def test_there_is_no_such_file(tmp_path):
    with pytest.raises(DataError, match="--save-model"):
        influence.load_fit(tmp_path / "none.json")
