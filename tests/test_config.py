"""Settings: every check, and where they are read from."""

import dataclasses
import math

import pytest

from influence.config import REACTION_WEIGHTS, Settings, find_settings, read_settings
from influence.errors import UsageError

NUMBERS = [field.name for field in dataclasses.fields(Settings) if field.type in ("float", "int")]
WHOLE = [field.name for field in dataclasses.fields(Settings) if field.type == "int"]
SHARES = ("influence_share", "kappa_default", "kappa_floor", "min_known_share", "top_share")
DAYS = ("horizon_days", "window_days", "half_life_days", "recent_days", "fresh_days")


def test_the_defaults_are_those_of_the_definition():
    settings = Settings()
    assert (settings.horizon_days, settings.window_days, settings.half_life_days) == (365.0, 90.0, 90.0)
    assert (settings.follow_weight, settings.weekly_cap) == (0.05, 3.0)
    assert (settings.influence_share, settings.kappa_default, settings.kappa_floor) == (0.5, 0.25, 0.02)
    assert (settings.prior_acts_rule, settings.prior_acts_learned) == (5.0, 1.0)
    assert (settings.referral_share, settings.referral_rest, settings.referral_days) == (0.5, 0.25, 365.0)
    assert (settings.min_follow_ons, settings.min_influencers, settings.min_known_share) == (200, 50, 0.5)
    assert (settings.top_share, settings.rate, settings.seed, settings.min_exposed) == (0.05, "auto", 0, 200)
    assert dict(settings.reaction_weights) == {
        "reply": 1.0,
        "answer": 1.0,
        "share": 1.0,
        "mention": 1.0,
        "review_read": 0.5,
        "helpful_vote": 0.5,
        "like": 0.05,
    }


def test_frozen():
    settings = Settings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.seed = 3
    with pytest.raises(TypeError):
        settings.reaction_weights["reply"] = 2.0
    with pytest.raises(TypeError):
        REACTION_WEIGHTS["reply"] = 2.0
    given = {"reply": 0.7}
    settings = Settings(reaction_weights=given)
    given["reply"] = 0.1
    assert settings.reaction_weights["reply"] == 0.7


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "1", None, True, [1]])
def test_every_number_is_checked(name, value):
    with pytest.raises(UsageError, match=rf"^{name} must be "):
        Settings(**{name: value})


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers_are_whole(name):
    with pytest.raises(UsageError, match=rf"^{name} must be a whole number, not 1.5"):
        Settings(**{name: 1.5})


@pytest.mark.parametrize("name", [*DAYS, "weekly_cap", "prior_acts_rule", "prior_acts_learned", "top_share"])
def test_what_must_be_above_zero(name):
    with pytest.raises(UsageError, match=rf"^{name} must be above 0"):
        Settings(**{name: 0})


@pytest.mark.parametrize("name", SHARES)
def test_shares_are_at_most_one(name):
    with pytest.raises(UsageError, match=rf"^{name} is a share and must lie in \[0, 1\], not 1.5"):
        Settings(**{name: 1.5})


@pytest.mark.parametrize("name", [*DAYS, "referral_days"])
def test_days_are_no_microseconds(name):
    with pytest.raises(UsageError, match=f"{name} is in days and at most 36,525"):
        Settings(**{name: 7_776_000_000_000})
    assert getattr(Settings(**{name: 36_525}), name) == 36_525


@pytest.mark.parametrize(
    "changes",
    [
        {"influence_share": 0.76},
        {"kappa_default": 0.76},
        {"referral_share": 0.6},
        {"referral_share": 0.76, "referral_rest": 0.0},
    ],
)
def test_the_value_must_converge(changes):
    with pytest.raises(UsageError, match="need not converge"):
        Settings(**changes)


def test_the_edge_of_convergence_is_allowed():
    settings = Settings(influence_share=0.75, kappa_default=0.75, referral_share=0.75, referral_rest=0.0)
    assert settings.referral_share == 0.75


def test_other_checks():
    with pytest.raises(UsageError, match="fit_cuts must be at least 1"):
        Settings(fit_cuts=0)
    with pytest.raises(UsageError, match="rate must be one of auto, rule, learned, not 'rules'"):
        Settings(rate="rules")
    assert Settings(bootstrap=0).bootstrap == 0
    assert Settings(horizon_days=30).horizon_days == 30  # a whole number is a number


@pytest.mark.parametrize("weight", [-0.1, math.nan, math.inf, "1", True, None])
def test_reaction_weights_are_checked(weight):
    with pytest.raises(UsageError, match=r"^reaction_weights.like must be 0 or more and finite"):
        Settings(reaction_weights={"like": weight})


@pytest.mark.parametrize("name", ["referral", "invite"])
def test_a_referral_is_no_reaction(name):
    with pytest.raises(UsageError, match="a referral is not a reaction"):
        Settings(reaction_weights={name: 1.0})


def test_replace_is_validated_and_adds_weights():
    settings = Settings(seed=4).replace(horizon_days=30.0, reaction_weights={"like": 0.2, "cheer": 0.3})
    assert (settings.seed, settings.horizon_days) == (4, 30.0)
    assert settings.reaction_weights["like"] == 0.2
    assert settings.reaction_weights["cheer"] == 0.3
    assert settings.reaction_weights["reply"] == 1.0
    assert Settings().replace() == Settings()
    with pytest.raises(UsageError):
        settings.replace(horizon_days=-1.0)
    with pytest.raises(UsageError, match="reaction_weights must be a table"):
        settings.replace(reaction_weights=[1.0])


@pytest.mark.parametrize(
    ("name", "meant"), [("horizon_day", "horizon_days"), ("halflife_days", "half_life_days"), ("seeds", "seed")]
)
def test_unknown_settings_get_a_suggestion(name, meant):
    with pytest.raises(UsageError, match=f"unknown setting '{name}'; did you mean '{meant}'"):
        Settings.from_mapping({name: 1})


def test_an_unknown_setting_like_nothing_gets_the_list():
    with pytest.raises(UsageError, match="unknown setting 'zzz'; known: horizon_days, window_days"):
        Settings.from_mapping({"zzz": 1})


def test_round_trip():
    settings = Settings(horizon_days=30, rate="rule", reaction_weights={"reply": 0.5, "cheer": 2})
    values = settings.as_dict()
    assert list(values) == [field.name for field in dataclasses.fields(Settings)]
    assert type(values["reaction_weights"]) is dict
    assert Settings(**values) == settings
    again = Settings.from_mapping({**values, "reaction_weights": {}})
    assert again.replace(reaction_weights=values["reaction_weights"]).as_dict()["reaction_weights"]["cheer"] == 2


# files


def test_toml(tmp_path):
    path = tmp_path / "influence.toml"
    path.write_text('horizon_days = 30\nrate = "rule"\n[reaction_weights]\ncheer = 0.3\n', encoding="utf-8")
    settings = read_settings(path)
    assert (settings.horizon_days, settings.rate) == (30, "rule")
    assert settings.reaction_weights["cheer"] == 0.3
    assert settings.reaction_weights["reply"] == 1.0
    assert settings.window_days == 90.0
    over = read_settings(str(path), base=Settings(seed=9, horizon_days=7.0))
    assert (over.seed, over.horizon_days) == (9, 30)


def test_pyproject(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "shop"\n[tool.influence]\nseed = 5\n', encoding="utf-8")
    assert read_settings(path).seed == 5
    path.write_text('[project]\nname = "shop"\n', encoding="utf-8")
    assert read_settings(path) == Settings()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("horizon_days = ", "cannot be read as TOML"),
        ("horizon_dayz = 3", "unknown setting 'horizon_dayz'; did you mean 'horizon_days'"),
        ("horizon_days = -3", "horizon_days must be 0 or more"),
        ('seed = "x"', "seed must be a whole number"),
        ("[influence]\nseed = 1", "unknown setting 'influence'"),
    ],
)
def test_errors_name_the_file(tmp_path, text, says):
    path = tmp_path / "influence.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says) as caught:
        read_settings(path)
    assert str(caught.value).startswith(str(path))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="cannot be read as TOML"):
        read_settings(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'rate = "\xe9"')
    with pytest.raises(UsageError, match="cannot be read as TOML"):
        read_settings(tmp_path / "latin.toml")


def test_find_settings(tmp_path, monkeypatch):
    assert find_settings(tmp_path) is None
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.other]\nname = "x"\n', encoding="utf-8")
    assert find_settings(tmp_path) is None
    project.write_text("[tool.influence]\nseed = 1\n", encoding="utf-8")
    assert find_settings(tmp_path) == project
    own = tmp_path / "influence.toml"
    own.write_text("seed = 2\n", encoding="utf-8")
    assert find_settings(tmp_path) == own
    monkeypatch.chdir(tmp_path)
    assert find_settings().resolve() == own
    own.unlink()
    project.write_text("not toml at all [", encoding="utf-8")  # somebody else's problem
    assert find_settings(tmp_path) is None
