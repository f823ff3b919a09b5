"""The baselines against plain Python."""

import dataclasses
import math

import numpy as np
import oracles
import pytest
from evaluate.busy_log import busy_log
from oracles import DAY
from value.oracles_value import START, Log

from influence.config import Settings
from influence.evaluate.baselines import baselines
from influence.ties import Ledger

SETTINGS = Settings()
CUT = START + 420 * DAY
HORIZON = 365 * DAY


def at(log, own=None, horizon=HORIZON):
    return baselines(Ledger.of(log.history(SETTINGS).before(CUT), SETTINGS), CUT, horizon, own)


def naive(log, recent):
    past = log.before(CUT)
    follows = {(u, v) for v, u, _ in past.follows if u != v}
    acts, lately = [0] * log.n, [0] * log.n
    done = [(v, t) for v, _, t in past.first_acts()] + [(v, t) for v, u, _, t in past.reactions if u != v]
    for v, time in done:
        acts[v] += 1
        lately[v] += time >= CUT - recent
    audience = [sum(u == w for w, _ in follows) for u in range(log.n)]
    heard_lately = [sum(lately[v] for w, v in follows if w == u) for u in range(log.n)]
    item, reaction = [0.0] * log.n, [0.0] * log.n
    for (u, _), _, credit, kind in past.credits(SETTINGS):
        (item if kind == "item" else reaction)[u] += credit
    matrix = np.zeros((log.n, log.n))
    for u, v in follows:
        matrix[v, u] = 1.0  # from the follower to the followed
    return {
        "followers": audience,
        "audience × own activity": [a * b for a, b in zip(audience, acts, strict=True)],
        "own activity × audience's recent activity": [a * b for a, b in zip(acts, heard_lately, strict=True)],
        "own recent × audience's recent activity": [a * b for a, b in zip(lately, heard_lately, strict=True)],
        "follow-ons so far": item,
        "prior reactions received": reaction,
        "PageRank": oracles.pagerank(matrix).tolist(),
    }


@pytest.mark.parametrize("seed", [0, 1])
def test_every_baseline(seed):
    log = busy_log(seed)
    found = at(log)
    expected = naive(log, 180 * DAY)
    assert list(found) == [*expected, "random"]
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, rel=1e-8), name


def test_recent_shrinks_with_the_horizon():
    log = busy_log(2)
    found = at(log, horizon=73 * DAY)  # a fifth of a year
    expected = naive(log, 36 * DAY)
    for name in ("own activity × audience's recent activity", "own recent × audience's recent activity"):
        assert found[name] == pytest.approx(expected[name])


def test_without_follows_every_tie_is_an_audience():
    log = Log(4, reactions=[(1, 0, "reply", START), (2, 0, "like", START), (3, 1, "reply", START)])
    found = at(log)
    assert found["followers"].tolist() == [2, 1, 0, 0]
    assert found["prior reactions received"].tolist() == pytest.approx([1.05, 1, 0, 0])
    assert "follow-ons so far" not in found
    assert np.argmax(found["PageRank"]) == 0


def test_own_value_and_chance():
    log = busy_log(3)
    own = np.arange(log.n, dtype=float)
    found = at(log, own)
    assert found["own value"].tolist() == own.tolist()
    assert "own value" not in at(log)
    assert found["random"].tolist() == at(log)["random"].tolist()
    assert len(set(found["random"].tolist())) == log.n
    assert not math.isnan(sum(found["random"]))


def test_what_is_missing_is_left_out():
    log = dataclasses.replace(busy_log(4), reactions=[])
    assert "prior reactions received" not in at(log)
    assert "follow-ons so far" in at(log)
