"""The backtest against counts in plain Python."""

import dataclasses
import math

import numpy as np
import oracles
import pytest
from evaluate.busy_log import busy_log
from oracles import DAY, UNDATED
from scipy import stats
from value.oracles_value import START, Log

import influence
from influence.config import Settings
from influence.errors import DataError, UsageError
from influence.evaluate import backtest
from influence.score import score_history
from influence.value.metrics import Resampler

SETTINGS = Settings(bootstrap=20, min_exposed=20)
CUT = START + 420 * DAY
DIFFERENCE = "ours − best baseline"
METRICS = ("ndcg", "share_top", "share_top_1", "excess", "spearman", "predicted_observed")


def rows_of(result):
    return {row["score"]: row for row in result.frame.iter_rows(named=True)}


def outcome_of(log, cut, horizon, settings=SETTINGS):
    """Return credited follow-ons of everybody in the horizon after the cut, all and those on items."""
    total, items = [0.0] * log.n, [0.0] * log.n
    for (u, _), time, credit, kind in log.credits(settings):
        if cut <= time < cut + horizon:
            total[u] += credit
            items[u] += credit if kind == "item" else 0.0
    return total, items


def population_of(log, cut):
    seen = {actor for actor, _, time in log.first_acts() if time < cut}
    seen |= {v for v, u, _, time in log.reactions if time < cut and u != v}
    for (u, v), known in log.ties().items():
        if UNDATED < known < cut:
            seen |= {u, v}
    return sorted(seen)


@pytest.fixture(scope="module")
def tested():
    log = busy_log()
    return log, backtest(log.history(SETTINGS), SETTINGS, cut=CUT, placebos=2)


def test_the_outcome_is_what_followed(tested):
    log, result = tested
    horizon = (CUT - START) // 3
    observed, _ = outcome_of(log, CUT, horizon)
    people = population_of(log, CUT)
    assert result.facts["horizon_days"] == pytest.approx(140)
    assert result.facts["population"] == len(people)
    assert result.facts["follow_ons"] == pytest.approx(sum(observed))
    assert result.facts["follow_ons_of_population"] == pytest.approx(sum(observed[u] for u in people))
    known = {tie for tie, since in log.ties().items() if since < CUT}
    on_known = sum(
        credit for tie, time, credit, _ in log.credits(SETTINGS) if CUT <= time < CUT + horizon and tie in known
    )
    assert result.facts["known_share"] == pytest.approx(on_known / sum(observed))
    assert result.facts["cut"] == "2023-03-04T00:00:00Z"


def test_every_metric_of_every_score(tested):
    log, result = tested
    horizon = (CUT - START) // 3
    history = log.history(SETTINGS)
    people = population_of(log, CUT)
    observed, on_items = outcome_of(log, CUT, horizon)
    chance, _ = oracles.expected_by_chance(log.first_acts(), log.ties(), 90 * DAY, CUT, CUT + horizon, log.n)
    gain = [observed[u] for u in people]
    excess = [on_items[u] - chance[u] for u in people]
    scored = score_history(history.before(CUT), SETTINGS, cut=CUT, horizon=horizon)
    follows = {(v, u) for v, u, since in log.follows if since < CUT and u != v}
    followers = [sum(u == w for _, w in follows) for u in people]
    scores = {"network value": scored.value.network[people].tolist(), "followers": followers}
    five, one = math.ceil(0.05 * len(people)), math.ceil(0.01 * len(people))
    assert result.facts["top"] == five
    found = rows_of(result)
    for name, score in scores.items():
        row = found[name]
        assert row["ndcg"] == pytest.approx(oracles.ndcg(score, gain, five), rel=1e-9)
        assert row["share_top"] == pytest.approx(oracles.share_of_best(score, gain, five), rel=1e-9)
        assert row["share_top_1"] == pytest.approx(oracles.share_of_best(score, gain, one), rel=1e-9)
        assert row["excess"] == pytest.approx(oracles.share_of_best(score, excess, five), rel=1e-6)
        assert row["spearman"] == pytest.approx(stats.spearmanr(score, gain).statistic, abs=1e-9)
    predicted = scored.predicted[people].sum()
    assert found["network value"]["predicted_observed"] == pytest.approx(predicted / sum(gain))
    assert found["followers"]["predicted_observed"] is None


def test_the_population_are_those_who_were_there():
    log = busy_log(1)
    late = CUT + 5 * DAY
    n = log.n
    # a newcomer who is followed at once, one whom somebody has always followed, and one with a tie from before
    log.follows += [(n, 0, late), (n + 1, 0, UNDATED), (n + 2, 0, CUT - DAY), (1, n, UNDATED)]
    log.acts += [(n, 0, late), (1, 0, late + DAY)]
    log.n = n + 3
    result = backtest(log.history(SETTINGS), SETTINGS, cut=CUT, placebos=0)
    people = population_of(log, CUT)
    assert n not in people
    assert n + 1 not in people
    assert n + 2 in people
    assert result.facts["population"] == len(people)


def test_columns_and_intervals(tested):
    _, result = tested
    frame = result.frame
    expected = ["score", *(metric + suffix for metric in METRICS for suffix in ("", "_low", "_high"))]
    assert frame.columns == expected
    names = frame["score"].to_list()
    assert names[0] == "network value"
    assert names[-1] == DIFFERENCE
    assert set(names[1:-1]) == {
        "followers",
        "audience × own activity",
        "own activity × audience's recent activity",
        "own recent × audience's recent activity",
        "follow-ons so far",
        "prior reactions received",
        "PageRank",
        "random",
    }
    for row in frame.iter_rows(named=True):
        for metric in METRICS:
            if row[metric] is not None:
                assert row[metric + "_low"] <= row[metric + "_high"], (row["score"], metric)
    for row in frame.iter_rows():
        assert not any(isinstance(value, float) and math.isnan(value) for value in row)


def test_the_difference_is_to_the_best_baseline(tested):
    _, result = tested
    rows = rows_of(result)
    difference = rows.pop(DIFFERENCE)
    ours = rows.pop("network value")
    for metric in METRICS[:-1]:
        best = max(rows, key=lambda name: rows[name][metric])
        assert result.facts["best_baseline"][metric] == best
        assert difference[metric] == pytest.approx(ours[metric] - rows[best][metric])
    assert difference["predicted_observed"] is None


def test_intervals_are_quantiles_over_customers(tested):
    """The interval of a difference is over replicates in which both scores see the same customers."""
    log, result = tested
    people = population_of(log, CUT)
    horizon = (CUT - START) // 3
    observed, _ = outcome_of(log, CUT, horizon)
    gain = [observed[u] for u in people]
    scored = score_history(log.history(SETTINGS), SETTINGS, cut=CUT, horizon=horizon)
    ours = scored.value.network[people].tolist()
    resampler = Resampler(len(people), 0.05, 20, 0)
    five = math.ceil(0.05 * len(people))
    draws = [oracles.ndcg(ours, gain, five, resampler.copies(r).tolist()) for r in range(1, 21)]
    row = rows_of(result)["network value"]
    assert row["ndcg_low"] == pytest.approx(np.quantile(draws, 0.05))
    assert row["ndcg_high"] == pytest.approx(np.quantile(draws, 0.95))
    # the best baseline in NDCG, in plain Python where it is one of the simple ones
    seeded = backtest(log.history(SETTINGS), SETTINGS.replace(seed=1), cut=CUT, placebos=0)
    assert rows_of(seeded)["network value"]["ndcg"] == row["ndcg"]
    assert rows_of(seeded)["network value"]["ndcg_low"] != row["ndcg_low"]


def test_the_same_again():
    log = busy_log(2)
    one, two = (backtest(log.history(SETTINGS), SETTINGS, cut=CUT, placebos=1) for _ in range(2))
    assert one.frame.equals(two.frame)
    assert one.facts == two.facts
    assert one.verdict == two.verdict


def test_without_acts_on_items_there_is_no_excess():
    log = dataclasses.replace(busy_log(3), acts=[])
    result = backtest(log.history(SETTINGS), SETTINGS, cut=START + 400 * DAY)
    assert result.frame["excess"].null_count() == result.frame.height
    assert result.facts["placebo_excess"] is None
    assert any("Excess over chance is not defined" in line for line in result.verdict)
    assert "follow-ons so far" not in result.frame["score"].to_list()


def test_own_value_is_a_baseline_where_it_is_given():
    log = dataclasses.replace(busy_log(4), clv={v: float(v) for v in range(30)})
    result = backtest(log.history(SETTINGS), SETTINGS, cut=CUT, placebos=0)
    assert "own value" in result.frame["score"].to_list()
    assert any("Own values are taken as they are given" in line for line in result.verdict)
    assert result.facts["placebo_excess"] is None


def test_undated_follows_are_said_to_leak():
    undated = busy_log(5, dated_follows=False)
    said = backtest(undated.history(SETTINGS), SETTINGS, cut=CUT, placebos=0).verdict
    assert any("Follows carry no date" in line for line in said)
    dated = backtest(busy_log(5).history(SETTINGS), SETTINGS, cut=CUT, placebos=0).verdict
    assert not any("Follows carry no date" in line for line in dated)
    assert "not a causal proof" in dated[-1]


def test_the_default_cut_leaves_a_quarter():
    log = busy_log(6)
    span = log.span()
    result = backtest(log.history(SETTINGS), SETTINGS, placebos=0)
    horizon = (span[1] + 1 - span[0]) // 4
    cut = np.datetime64(result.facts["cut"].removesuffix("Z"), "us").astype(np.int64)
    assert cut == span[1] + 1 - horizon
    assert result.facts["horizon_days"] == pytest.approx(horizon / DAY, rel=1e-9)
    short = backtest(log.history(SETTINGS), SETTINGS.replace(horizon_days=50.0), placebos=0)
    assert short.facts["horizon_days"] == 50.0


def test_a_late_cut_looks_as_far_as_there_is_data():
    log = busy_log(7)
    result = backtest(log.history(SETTINGS), SETTINGS, cut=log.span()[1] + 1 - 40 * DAY, placebos=0)
    assert result.facts["horizon_days"] == pytest.approx(40)


@pytest.mark.parametrize("cut", [START, START - 5 * DAY, START + 600 * DAY + 1, START + 900 * DAY])
def test_a_cut_outside_the_data_is_refused(cut):
    with pytest.raises(UsageError, match="lies outside the data, which spans 2022-01-08"):
        backtest(busy_log().history(SETTINGS), SETTINGS, cut=cut)


def test_nothing_to_test():
    undated = Log(2, follows=[(1, 0, UNDATED)])
    with pytest.raises(DataError, match="nothing carries a date"):
        backtest(undated.history(), Settings())
    with pytest.raises(DataError, match="nothing carries a date"):
        backtest(undated.history(), Settings(), cut=CUT)
    quiet = Log(2, reactions=[(1, 0, "reply", START)], acts=[(1, 1, START + 300 * DAY)])
    with pytest.raises(DataError, match="nothing followed anybody in the"):
        backtest(quiet.history(), Settings(), cut=START + 200 * DAY)


def test_the_demo():
    result = influence.backtest(influence.demo_tables(), settings=Settings(bootstrap=5), placebos=1)
    rows = rows_of(result)
    assert rows["network value"]["ndcg"] > 0.7  # 0.6 if it kept what referrals are worth
    assert rows["network value"]["excess"] > 0.5
    assert rows["random"]["ndcg"] < 0.2
    assert rows["own value"]["ndcg"] < 0.2
    assert result.facts["placebo_excess"][0] < 0.1
    assert result.facts["population"] > 2000
    assert any("join is synthetic" in note for note in result.notes)
