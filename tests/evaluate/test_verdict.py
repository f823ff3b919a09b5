"""What the backtest says in words, whoever wins."""

import importlib

import numpy as np
import pytest
from evaluate.busy_log import busy_log
from oracles import DAY
from value.oracles_value import START

from influence.config import Settings

# the package offers the function under the name of its module
module = importlib.import_module("influence.evaluate.backtest")
SETTINGS = Settings(bootstrap=40, min_exposed=20)
CUT = START + 420 * DAY


def told(monkeypatch, ahead, spread, *, placebo=None, **changes):
    """Run a backtest in which ours is ``ahead`` of "followers", the best baseline, give or take ``spread``."""

    def measure(scores, observed, excess, predicted, settings):
        rng = np.random.default_rng(0)
        names = list(scores)
        draws = np.full((41, len(names)), 0.2)
        draws[:, names.index("followers")] = 0.5
        draws[:, 0] = 0.5 + ahead + spread * rng.uniform(-1, 1, 41)
        draws[0, 0] = 0.5 + ahead
        values = dict.fromkeys(module.METRICS, draws)
        return {name: draw.copy() for name, draw in values.items()}

    monkeypatch.setattr(module, "_measure", measure)
    if placebo is not None:
        monkeypatch.setattr(module, "_placebos", lambda *_, **__: placebo)
    history = busy_log().history(SETTINGS)
    return module.backtest(history, SETTINGS.replace(**changes), cut=CUT, placebos=1)


def test_it_beats_the_best_baseline(monkeypatch):
    result = told(monkeypatch, 0.1, 0.05)
    said = "\n".join(result.verdict)
    row = result.frame.row(-1, named=True)
    for name in ("NDCG", "excess capture"):
        assert (
            f"It beats the best baseline, followers, in {name} "
            f"(+0.100, 90 % interval {row['ndcg_low']:+.3f} to {row['ndcg_high']:+.3f})." in said
        )
    assert row["ndcg_low"] > 0
    assert "A baseline wins" not in said
    assert "cannot be told apart" not in said


def test_it_cannot_be_told_apart(monkeypatch):
    said = "\n".join(told(monkeypatch, 0.01, 0.05).verdict)
    assert "It cannot be told apart from the best baseline, followers, in NDCG (+0.010, 90 % interval -0.0" in said
    assert "It cannot be told apart from the best baseline, followers, in excess capture" in said
    assert "It beats" not in said


def test_a_baseline_wins(monkeypatch):
    said = "\n".join(told(monkeypatch, -0.1, 0.05).verdict)
    assert "A baseline wins: followers does better in NDCG (-0.100, 90 % interval -0.1" in said
    assert "A baseline wins: followers does better in excess capture" in said
    assert "Use it instead." in said
    assert "It beats" not in said


@pytest.mark.parametrize("edge", [0.0])
def test_a_difference_that_touches_zero_is_no_win(monkeypatch, edge):
    said = "\n".join(told(monkeypatch, edge, 0.0).verdict)
    assert "It cannot be told apart" in said


def test_the_interval_is_of_the_paired_difference(monkeypatch):
    result = told(monkeypatch, 0.1, 0.05)
    rng = np.random.default_rng(0)
    draws = 0.1 + 0.05 * rng.uniform(-1, 1, 41)
    row = result.frame.row(-1, named=True)
    assert row["ndcg_low"] == pytest.approx(np.quantile(draws[1:], 0.05))
    assert row["ndcg_high"] == pytest.approx(np.quantile(draws[1:], 0.95))


def test_the_placebo_is_judged(monkeypatch):
    fine = "\n".join(told(monkeypatch, 0.1, 0.05, placebo=[-0.05, 0.02]).verdict)
    assert "On rewired ties its excess capture falls to -0.015 (2 draws, standard error 0.035)" in fine
    assert "as it must" in fine
    bad = "\n".join(told(monkeypatch, 0.1, 0.05, placebo=[0.31, 0.29]).verdict)
    assert "which is too much: do not trust the excess above" in bad
    assert "as it must" not in bad


def test_the_first_line_says_how_much_the_top_holds(monkeypatch):
    result = told(monkeypatch, 0.1, 0.0)
    facts = result.facts
    assert result.verdict[0] == (
        f"The top 5% by network value ({facts['top']} of {facts['population']}) hold 60% of the follow-ons that the "
        f"best possible {facts['top']} hold, in the 140 days after 2023-03-04."
    )
    assert result.verdict[-1] == "A backtest is not a causal proof."


def test_the_rate_and_the_contest_are_told(monkeypatch):
    result = told(monkeypatch, 0.1, 0.0, min_follow_ons=20, min_influencers=5)
    contest = result.facts["contest"]
    assert f"Rate: {result.facts['rate']}; {contest['reason']}." in result.verdict
    better = any("follow-ons received so far did better" in line for line in result.verdict)
    assert better == (contest["prior_reactions"] > contest[result.facts["rate"]])
