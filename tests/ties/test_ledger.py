"""Ties and credits of small random histories against the oracles."""

import dataclasses

import numpy as np
import oracles
import pytest
from tie_histories import DAY, history_of, naive_acts, naive_reactions, naive_ties, random_history

from influence.config import Settings
from influence.errors import LeakError
from influence.ties import UNDATED, Ledger
from influence.ties.ledger import Credits

SETTINGS = Settings(window_days=30.0, referral_days=100.0)
SEEDS = range(60)


def ledger_of(seed, **options):
    rows, history = random_history(seed, **options)
    return rows, Ledger.of(history, SETTINGS)


def couples(ledger):
    return list(zip(ledger.influencer.tolist(), ledger.listener.tolist(), strict=True))


def item_numbers(rows):
    return {item: place for place, item in enumerate(sorted({item for _, item, _ in rows.actions}))}


@pytest.mark.parametrize("seed", SEEDS)
def test_ties_and_since_when(seed):
    rows, ledger = ledger_of(seed)
    known = naive_ties(rows)
    assert couples(ledger) == sorted(known)
    assert ledger.known.tolist() == [known[couple] for couple in sorted(known)]
    never = 2**63 - 1
    followed = dict.fromkeys(known, never)
    for source, target, since in rows.follows:
        if source != target:
            since = oracles.UNDATED if since is None else since
            followed[target, source] = min(since, followed[target, source])
    assert ledger.followed.tolist() == [followed[couple] for couple in sorted(known)]
    assert ledger.follow.tolist() == [followed[couple] < never for couple in sorted(known)]
    assert ledger.n_people == rows.n


@pytest.mark.parametrize("seed", SEEDS)
def test_credits(seed):
    """Credits of acts on items are the oracle's, and those of reactions are the reactions."""
    rows, ledger = ledger_of(seed)
    credits, couple = ledger.credits, couples(ledger)
    assert (np.diff(credits.time.astype(object)) >= 0).all()
    found = sorted(
        (*couple[tie], time, round(credit, 12))
        for tie, time, credit, kind in zip(credits.tie, credits.time, credits.credit, credits.kind, strict=True)
        if kind == 0
    )
    wanted = oracles.follow_ons(naive_acts(rows.actions), naive_ties(rows), 30 * DAY)
    assert found == sorted((u, v, time, round(credit, 12)) for u, v, _, time, credit in wanted)
    kinds = ledger.history.kinds
    found = sorted(
        (*couple[tie], time, credit, kinds[kind])
        for tie, time, credit, kind in zip(credits.tie, credits.time, credits.credit, credits.kind, strict=True)
        if kind > 0
    )
    assert found == sorted(naive_reactions(rows))


def test_random_histories_hold_follow_ons():
    total = sum((Ledger.of(random_history(seed)[1], SETTINGS).credits.kind == 0).sum() for seed in SEEDS)
    assert total > 300


@pytest.mark.parametrize("seed", SEEDS)
def test_tracked_referrals(seed):
    rows, ledger = ledger_of(seed)
    first = {}
    for person, _, time in naive_acts(rows.actions):
        moments = [t for t in (time, first.get(person, time)) if t != oracles.UNDATED]
        first[person] = min(moments, default=oracles.UNDATED)
    referrals = [
        (source, target, oracles.UNDATED if time is None else time)
        for source, target, kind, time in rows.interactions
        if kind in ("referral", "invite") and source != target
    ]
    tracked = oracles.tracked_referrals(referrals, first, 100 * DAY)
    assert {couple for couple, mark in zip(couples(ledger), ledger.referral, strict=True) if mark} == tracked


@pytest.mark.parametrize(
    ("referrals", "act", "tracked"),
    [
        ([(0, 10)], 20, [0]),
        ([(0, 10), (1, 15)], 20, [1]),  # the last one before the act
        ([(0, 10), (1, 25)], 20, [0]),  # one after the act does not count
        ([(1, 25)], 20, []),
        ([(0, 10)], 110, [0]),  # a hundred days are within the limit
        ([(0, 10)], 111, []),
        ([(0, 10), (1, 15)], None, [1]),  # where nobody has acted, the last one counts
        ([(0, None), (1, 15)], 20, [1]),
        ([(0, None)], 5000, [0]),  # an undated one is early enough
        ([(1, 10), (0, 10)], 20, [1]),  # at one moment, the larger number
    ],
)
def test_one_referral_is_tracked(referrals, act, tracked):
    history = history_of(
        interactions=[(u, 2, "referral", None if day is None else day * DAY) for u, day in referrals],
        actions=[] if act is None else [(2, 1, act * DAY), (2, 2, 6000 * DAY)],
        n=3,
    )
    ledger = Ledger.of(history, SETTINGS)
    assert [u for (u, v), mark in zip(couples(ledger), ledger.referral, strict=True) if mark] == tracked
    assert ledger.credits.tie.size == 0  # a referral is a tie and no act


def test_who_has_not_acted_was_brought_by_nobody():
    rows = {"interactions": [(0, 2, "referral", 10 * DAY)], "n": 4}
    assert Ledger.of(history_of(**rows), SETTINGS).referral.tolist() == [True]  # nobody is seen to act at all
    acted = history_of(**rows, actions=[(3, 1, 20 * DAY)])
    assert Ledger.of(acted, SETTINGS).referral.tolist() == [False]


def test_credit_goes_to_the_influencer():
    """1 follows 0 and does after her what she did; 0 gains, and with the follow turned round nobody does."""
    actions = [(0, 5, 10 * DAY), (1, 5, 20 * DAY)]
    ledger = Ledger.of(history_of(follows=[(1, 0, None)], actions=actions, n=2), SETTINGS)
    assert ledger.credit_of_people(ledger.credits).tolist() == [1.0, 0.0]
    ledger = Ledger.of(history_of(follows=[(0, 1, None)], actions=actions, n=2), SETTINGS)
    assert ledger.credits.tie.size == 0
    ledger = Ledger.of(history_of(interactions=[(1, 0, "like", 3)], n=2), SETTINGS)
    assert ledger.credit_of_people(ledger.credits).tolist() == [0.05, 0.0]


@pytest.mark.parametrize("seed", range(10))
def test_credit_of_people(seed):
    _, ledger = ledger_of(seed)
    wanted = [0.0] * ledger.n_people
    for tie, credit in zip(ledger.credits.tie, ledger.credits.credit, strict=True):
        wanted[ledger.influencer[tie]] += credit
    assert ledger.credit_of_people(ledger.credits) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_credits_between(seed):
    _, ledger = ledger_of(seed)
    begin, end = 100 * DAY, 250 * DAY
    part = ledger.credits.between(begin, end)
    keep = [begin <= time < end for time in ledger.credits.time.tolist()]
    for field in dataclasses.fields(Credits):
        assert (getattr(part, field.name) == getattr(ledger.credits, field.name)[keep]).all()
    assert len(part.time) + len(ledger.credits.between(end, 10**18).time) == len(
        ledger.credits.between(begin, 10**18).time
    )
    assert len(ledger.credits.between(UNDATED, 10**18).time) == len(ledger.credits.time)


@pytest.mark.parametrize("seed", range(20))
def test_acts_of_people(seed):
    rows, ledger = ledger_of(seed)
    acts = [(time, person, True) for person, _, time in naive_acts(rows.actions)]
    acts += [(time, v, False) for _, v, time, _, _ in naive_reactions(rows)]
    found = zip(ledger.act_time.tolist(), ledger.act_actor.tolist(), ledger.act_is_item.tolist(), strict=True)
    assert sorted(found) == sorted(acts)
    assert (np.diff(ledger.act_time.astype(object)) >= 0).all()
    cut = 150 * DAY
    seen = {person for time, person, _ in acts if time < cut}
    for couple, since in naive_ties(rows).items():
        if UNDATED < since < cut:
            seen |= set(couple)
    assert np.flatnonzero(ledger.acted_or_tied(cut)).tolist() == sorted(seen)


def test_nothing_to_credit():
    ledger = Ledger.of(history_of(follows=[(0, 1, None)], actions=[], n=2), SETTINGS)
    assert (ledger.credits.tie.size, ledger.ties.n_edges) == (0, 1)
    ledger = Ledger.of(history_of(follows=[], n=1), SETTINGS)
    assert (ledger.n_people, ledger.ties.n_edges) == (1, 0)
    assert ledger.acted_or_tied(5).tolist() == [False]


# leaks


@pytest.mark.parametrize("seed", SEEDS)
def test_the_future_changes_no_credit_of_the_past(seed):
    """A ledger of everything, looked at before a cut, holds what a ledger of the past alone holds."""
    rows, whole = ledger_of(seed)
    cut = 200 * DAY
    past = Ledger.of(whole.history.before(cut), SETTINGS)

    def seen(ledger):
        credits, couple = ledger.credits.between(UNDATED, cut), couples(ledger)
        return sorted(
            (*couple[tie], time, kind, credit)
            for tie, time, credit, kind in zip(
                *(getattr(credits, name).tolist() for name in ("tie", "time", "credit", "kind")), strict=True
            )
        )

    assert seen(whole) == seen(past)
    known = {couple: since for couple, since in zip(couples(whole), whole.known, strict=True) if since < cut}
    assert known == dict(zip(couples(past), past.known, strict=True)) == naive_ties(rows, before=cut)
    assert (whole.followed[whole.known < cut] < cut).tolist() == past.follow.tolist()
    assert (whole.acted_or_tied(cut) == past.acted_or_tied(cut)).all()
    past.assert_before(cut)


def planted(**parts):
    history = history_of(
        follows=[(1, 0, None)], interactions=[(0, 1, "reply", 5)], actions=[(0, 1, 10), (1, 1, 20)], n=2
    )
    whole = Ledger.of(history, SETTINGS)
    return dataclasses.replace(
        Ledger.of(history.before(20), SETTINGS), **{name: getattr(whole, name) for name in parts or ()}
    )


def test_guard_passes_the_past():
    planted().assert_before(20)


def test_guard_finds_a_history_that_was_not_cut():
    with pytest.raises(LeakError, match="acts hold an event"):
        planted(history=True).assert_before(20)


def test_guard_finds_credits_of_the_future():
    with pytest.raises(LeakError, match="credits hold an event"):
        planted(credits=True).assert_before(20)


def test_guard_finds_a_tie_of_the_future():
    ledger = planted()
    ledger = dataclasses.replace(ledger, known=np.where(np.arange(ledger.known.size) == 0, 20, ledger.known))
    with pytest.raises(LeakError, match="ties hold an event"):
        ledger.assert_before(20)
