"""Rewired ties: the same people, acts and numbers of ties, to whom chance would have it."""

from collections import Counter

import numpy as np
from evaluate.busy_log import busy_log
from oracles import DAY
from value.oracles_value import START

from influence.config import Settings
from influence.evaluate.placebo import rewired
from influence.ties import Ledger, measure_chance

SETTINGS = Settings()


def ledger_of(seed=0, **options):
    log = busy_log(seed, **options)
    log.referrals = [(0, 1, START)]
    return log.ledger(SETTINGS)


def test_degrees_and_moments_stay():
    ledger = ledger_of()
    history = rewired(ledger, 1)
    follows = history.follows
    loops = ledger.ties.n_edges - len(follows)
    assert 0 < loops < 0.2 * ledger.ties.n_edges
    for side, before in (("influencer", ledger.influencer), ("listener", ledger.listener)):
        had, has = Counter(before.tolist()), Counter(getattr(follows, side).tolist())
        assert all(has[person] <= had[person] for person in has)
        assert sum(had.values()) - sum(has.values()) == loops
    # each tie keeps its listener and the moment from which it was known
    had = Counter(zip(ledger.listener.tolist(), ledger.known.tolist(), strict=True))
    has = Counter(zip(follows.listener.tolist(), follows.time.tolist(), strict=True))
    assert not has - had
    assert (follows.influencer != follows.listener).all()
    assert (np.diff(follows.time) >= 0).all()


def test_most_ties_are_others():
    ledger = ledger_of()
    follows = rewired(ledger, 1).follows
    old = set(zip(ledger.influencer.tolist(), ledger.listener.tolist(), strict=True))
    new = list(zip(follows.influencer.tolist(), follows.listener.tolist(), strict=True))
    assert np.mean([tie in old for tie in new]) < 0.5


def test_acts_stay_and_reactions_go():
    ledger = ledger_of()
    history = rewired(ledger, 1)
    assert history.acts is ledger.history.acts
    assert len(history.reactions) == len(history.referrals) == 0
    assert history.kinds == ledger.history.kinds
    assert history.listed is ledger.history.listed
    assert len(ledger.history.reactions) > 0


def test_a_seed_is_a_deal():
    ledger = ledger_of()
    one, same, other = (rewired(ledger, seed).follows.influencer.tolist() for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_nothing_beyond_chance_is_left():
    """On the true ties there is influence beyond chance, on rewired ones hardly any."""
    ledger = ledger_of(2, n=80, items=150, pull=0.7)
    end = START + 601 * DAY
    true = measure_chance(ledger, START, end).beyond
    dealt = [measure_chance(Ledger.of(rewired(ledger, seed), SETTINGS), START, end).beyond for seed in range(8)]
    assert true > 0.15
    assert abs(np.mean(dealt)) < 0.06
