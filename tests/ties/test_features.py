"""Features counted by hand, and no news from the future in them."""

import dataclasses
import math

import numpy as np
import pytest
from tie_histories import DAY, history_of, naive_acts, naive_reactions, naive_ties, random_history

from influence.config import Settings
from influence.errors import LeakError
from influence.ties import UNDATED, Ledger, PersonFeatures, TieFeatures
from influence.ties.features import acts_between
from influence.ties.ledger import Credits

SETTINGS = Settings(window_days=30.0, horizon_days=100.0, recent_days=50.0, fresh_days=20.0)
CUT = 200 * DAY
SEEDS = range(25)


def ledger_of(seed, settings=SETTINGS, **options):
    rows, history = random_history(seed, **options)
    return rows, Ledger.of(history, settings)


def acts_of(rows, channel):
    """Return (person, time) of each act of a channel."""
    item = [(person, time) for person, _, time in naive_acts(rows.actions)]
    reaction = [(v, time) for _, v, time, _, _ in naive_reactions(rows)]
    return {"item": item, "reaction": reaction, None: item + reaction}[channel]


def naive_person(acts, cut, horizon, recent, fresh):
    """Return acts, horizon, recent, fresh and silence from the times of one person's acts."""
    past = [time for time in acts if time < cut]
    counts = [sum(time >= cut - length for time in past) for length in (horizon, recent, fresh)]
    dated = [time for time in past if time != UNDATED]
    return [len(past), *counts, ((cut - max(dated)) if dated else 10 * horizon) / fresh]


@pytest.mark.parametrize("channel", ["item", "reaction", None])
@pytest.mark.parametrize("seed", SEEDS)
def test_of_people(seed, channel):
    rows, ledger = ledger_of(seed)
    found = PersonFeatures.at(ledger, CUT, 100 * DAY, channel)
    for person in range(rows.n):
        own = [time for who, time in acts_of(rows, channel) if who == person]
        wanted = naive_person(own, CUT, 100 * DAY, 50 * DAY, 20 * DAY)
        values = [getattr(found, name)[person] for name in ("acts", "horizon", "recent", "fresh", "silence")]
        assert values == pytest.approx(wanted, rel=1e-12)
        design = found.design()[person]
        never = float(wanted[0] == 0)
        assert design == pytest.approx([1, *(math.log1p(wanted[k]) for k in (0, 1, 2, 4)), never], rel=1e-12)
    assert found.design().shape == (rows.n, len(PersonFeatures.names))


def test_an_act_at_the_cut_is_the_future_and_the_edge_of_a_window_is_inside():
    times = [100 * DAY, 100 * DAY - 1, 150 * DAY, 180 * DAY, 200 * DAY]
    history = history_of(follows=[], actions=[(0, item, time) for item, time in enumerate(times)], n=1)
    found = PersonFeatures.at(Ledger.of(history, SETTINGS), CUT, 100 * DAY, None)
    values = [getattr(found, name)[0] for name in ("acts", "horizon", "recent", "fresh", "silence")]
    assert values == [4, 3, 2, 1, 1.0]


def test_windows_shrink_with_the_horizon():
    """Half the horizon of the settings: recent and fresh are halved; a longer horizon leaves them."""
    history = history_of(follows=[], actions=[(0, item, (199 - item) * DAY) for item in range(60)], n=1)
    ledger = Ledger.of(history, SETTINGS)
    for horizon, recent, fresh in ((100, 50, 20), (50, 25, 10), (300, 50, 20)):
        found = PersonFeatures.at(ledger, CUT, horizon * DAY, None)
        assert (found.recent[0], found.fresh[0]) == (recent, fresh)
        assert found.silence[0] == 1 / fresh


@pytest.mark.parametrize("channel", ["item", "reaction"])
@pytest.mark.parametrize("seed", SEEDS)
def test_acts_between(seed, channel):
    rows, ledger = ledger_of(seed)
    begin, end = 90 * DAY, 260 * DAY
    wanted = [0] * rows.n
    for person, time in acts_of(rows, channel):
        wanted[person] += begin <= time < end
    assert acts_between(ledger, channel, begin, end).tolist() == wanted


@pytest.mark.parametrize("channel", ["item", "reaction"])
@pytest.mark.parametrize("seed", SEEDS)
def test_of_ties(seed, channel):
    rows, ledger = ledger_of(seed)
    horizon = 100 * DAY
    found = TieFeatures.at(ledger, CUT, horizon, channel)
    known = naive_ties(rows, before=CUT)
    couples = [(int(ledger.influencer[tie]), int(ledger.listener[tie])) for tie in found.ties]
    assert couples == sorted(known)
    credits = [
        (int(ledger.influencer[tie]), int(ledger.listener[tie]), time, credit)
        for tie, time, credit, kind in zip(
            *(getattr(ledger.credits, name).tolist() for name in ("tie", "time", "credit", "kind")), strict=True
        )
        if time < CUT and (kind == 0) == (channel == "item")
    ]
    leads = "item" if channel == "item" else None  # to items, acts on items; to people, whatever they do

    def person(who, of):
        return naive_person([t for p, t in acts_of(rows, of) if p == who], CUT, horizon, 50 * DAY, 20 * DAY)

    for row, (u, v) in enumerate(couples):
        influencer, listener = person(u, leads), person(v, channel)
        wanted = [
            *(influencer[k] for k in (0, 2, 3, 4)),
            sum(credit for one, _, _, credit in credits if one == u),
            sum(credit for one, _, time, credit in credits if one == u and time >= CUT - horizon),
            *(listener[k] for k in (0, 2, 4)),
            sum(credit for one, other, _, credit in credits if (one, other) == (u, v)),
        ]
        assert found.design[row] == pytest.approx([1.0, *(math.log1p(x) for x in wanted)], rel=1e-12, abs=1e-12)
    assert found.design.shape == (len(known), len(TieFeatures.names))
    assert set(TieFeatures.non_negative) < set(TieFeatures.names)


@pytest.mark.parametrize("seed", range(5))
def test_of_some_listeners(seed):
    rows, ledger = ledger_of(seed)
    only = np.arange(rows.n) % 2 == 0
    part = TieFeatures.at(ledger, CUT, 100 * DAY, "item", only)
    whole = TieFeatures.at(ledger, CUT, 100 * DAY, "item")
    keep = only[ledger.listener[whole.ties]]
    assert (part.ties == whole.ties[keep]).all()
    assert (part.design == whole.design[keep]).all()


# leaks


@pytest.mark.parametrize("seed", range(60))
def test_the_future_changes_no_feature(seed):
    """The same columns, to the bit, from a ledger of everything and from one of the past alone."""
    _, whole = ledger_of(seed)
    past = Ledger.of(whole.history.before(CUT), SETTINGS)
    for channel in ("item", "reaction"):
        one, other = (TieFeatures.at(ledger, CUT, 100 * DAY, channel) for ledger in (whole, past))
        assert (whole.influencer[one.ties] == past.influencer[other.ties]).all()
        assert (whole.listener[one.ties] == past.listener[other.ties]).all()
        assert one.design.tobytes() == other.design.tobytes()
    for channel in ("item", "reaction", None):
        one, other = (PersonFeatures.at(ledger, CUT, 100 * DAY, channel) for ledger in (whole, past))
        assert one.design().tobytes() == other.design().tobytes()


def busy():
    """Return a ledger with follow-ons, reactions and ties on both sides of the cut."""
    rows, ledger = ledger_of(7)
    for time in (ledger.credits.time, ledger.act_time):
        assert time[0] < CUT <= time[-1]
    return rows, ledger


def test_guard_finds_credits_that_were_not_cut(monkeypatch):
    _, ledger = busy()
    monkeypatch.setattr(Credits, "between", lambda self, begin, end: self)
    with pytest.raises(LeakError, match="the credits behind features hold an event"):
        TieFeatures.at(ledger, CUT, 100 * DAY, "item")


def test_guard_finds_credits_of_the_moment_of_the_cut(monkeypatch):
    _, ledger = busy()
    at_cut = np.append(ledger.credits.time[ledger.credits.time < CUT], CUT)
    part = Credits(*(getattr(ledger.credits, field.name)[: at_cut.size] for field in dataclasses.fields(Credits)))
    monkeypatch.setattr(Credits, "between", lambda self, begin, end: dataclasses.replace(part, time=at_cut))
    with pytest.raises(LeakError, match="the credits behind features"):
        TieFeatures.at(ledger, CUT, 100 * DAY, "item")


def test_guard_finds_acts_that_were_not_cut(monkeypatch):
    _, ledger = busy()
    monkeypatch.setattr(np, "searchsorted", lambda values, *_, **__: values.size)
    with pytest.raises(LeakError, match="the acts behind features hold an event"):
        PersonFeatures.at(ledger, CUT, 100 * DAY, None)
