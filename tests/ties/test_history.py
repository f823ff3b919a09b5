"""Tables to numbered, sorted events, and cutting them at a moment."""

import dataclasses
import random

import numpy as np
import oracles
import polars as pl
import pytest
from tie_histories import DAY, TIME, frame, history_of, naive_acts, random_history, random_rows, tables_of

from influence.config import Settings
from influence.errors import DataError, LeakError
from influence.ties import UNDATED, History
from influence.ties.history import Acts, check_before

EVENTS = ("follows", "reactions", "referrals", "acts")


def test_who_listens_to_whom():
    """A follower and a reactor listen; the one who was referred listens to the one who referred her."""
    history = history_of(
        follows=[(0, 1, 5)],
        interactions=[(2, 3, "reply", 6), (4, 5, "referral", 7), (1, 0, "invite", 8)],
        n=6,
    )
    assert (history.follows.listener.tolist(), history.follows.influencer.tolist()) == ([0], [1])
    assert (history.reactions.listener.tolist(), history.reactions.influencer.tolist()) == ([2], [3])
    assert (history.referrals.referrer.tolist(), history.referrals.referred.tolist()) == ([4, 1], [5, 0])
    assert [getattr(history, name).time.tolist() for name in EVENTS] == [[5], [6], [7, 8], []]
    assert history.kinds == ("item", "reply", "follow", "referral")
    assert history.span == (6, 8)  # a follow is no event of its own


def test_numbers_are_in_id_order():
    history = history_of(follows=[(10, 9, None)], actions=[(100, 1, 0)])
    assert history.ids.ids().to_list() == ["9", "10", "100"]
    assert (history.follows.listener.tolist(), history.follows.influencer.tolist()) == ([1], [0])
    assert history.acts.actor.tolist() == [2]
    assert history.n_people == 3


def test_loops_are_left_out_and_counted():
    history = history_of(
        follows=[(0, 0, 1), (0, 1, 2)],
        interactions=[(1, 1, "reply", 3), (1, 1, "referral", 4), (0, 1, "reply", 5), (1, 0, "referral", 6)],
        n=2,
    )
    assert [len(getattr(history, name)) for name in EVENTS] == [1, 1, 1, 0]
    assert [note for note in history.notes if "same person" in note] == [
        "1 of 2 follows go from a person to the same person: left out",
        "2 of 4 interactions go from a person to the same person: left out",
    ]


def test_only_the_first_act_on_an_item_counts():
    history = history_of(follows=[], actions=[(0, 7, 30), (0, 7, 10), (1, 7, 20), (0, 8, 5), (0, 7, 10)], n=2)
    assert history.acts.time.tolist() == [5, 10, 20]
    assert history.acts.actor.tolist() == [0, 0, 1]
    assert history.acts.item.tolist() == [1, 0, 0]
    assert any("2 of 5 acts repeat" in note for note in history.notes)


def test_without_a_date():
    history = history_of(follows=[(0, 1, 5), (1, 0, None)], actions=[(0, 1, None), (1, 1, 3)], n=2)
    assert history.follows.time.tolist() == [UNDATED, 5]
    assert history.acts.time.tolist() == [UNDATED, 3]
    assert history.has_undated_follows
    assert not history_of(follows=[(0, 1, 5)], n=2).has_undated_follows
    assert history.span == (3, 3)
    undated = history_of(follows=[(0, 1, None)], actions=[(0, 1, None)], n=2)
    assert undated.span is None
    bare = tables_of(n=2)
    bare = dataclasses.replace(bare, follows=pl.DataFrame({"source": [0], "target": [1]}))
    assert History.from_tables(bare, Settings()).follows.time.tolist() == [UNDATED]


def test_credit_of_reactions():
    settings = Settings().replace(reaction_weights={"wave": 0.25})
    history = history_of(
        settings,
        follows=None,
        interactions=[
            (0, 1, "like", 1, None),
            (0, 1, "wave", 2, 2.0),
            (0, 1, "reply", 3, 3.0),
            (0, 1, "review_read", 4, 1.0),
            (0, 1, "referral", 5, 9.0),
        ],
        n=2,
    )
    assert history.kinds == ("item", "reply", "review_read", "like", "wave", "follow", "referral")
    assert history.reactions.weight.tolist() == [0.05, 0.5, 3.0, 0.5]
    assert [history.kinds[kind] for kind in history.reactions.kind] == ["like", "wave", "reply", "review_read"]


def test_purchases_are_acts_before_actions_are():
    bought = frame([(0, 5, 40), (1, 5, 41)], ("customer", "item", "timestamp"), (pl.Int64, pl.Int64, TIME))
    history = history_of(follows=[], actions=[(0, 9, 1)], transactions=bought, n=2)
    assert history.acts.time.tolist() == [40, 41]


def test_purchases_without_an_item():
    """Purchases of one day are one act that nobody can follow; actions, where there are any, name the items."""
    times = [3 * DAY + 5, 3 * DAY + 9, 4 * DAY, 3 * DAY]
    bought = frame(list(zip([0, 0, 0, 1], times, strict=True)), ("customer", "timestamp"), (pl.Int64, TIME))
    history = history_of(follows=[], transactions=bought, n=2)
    assert history.acts.time.tolist() == [3 * DAY, 3 * DAY, 4 * DAY]
    assert history.acts.actor.tolist() == [0, 1, 0]
    assert history.acts.item.tolist() == [-1, -1, -1]
    assert any("name no item" in note for note in history.notes)
    history = history_of(follows=[], transactions=bought, actions=[(1, 2, 50)], n=2)
    assert (history.acts.actor.tolist(), history.acts.item.tolist()) == ([1], [0])
    assert any("taken from the actions" in note for note in history.notes)


def test_who_is_listed():
    assert history_of(follows=[(0, 1, None)], n=0).listed.all() == np.False_  # a table, and nobody in it
    tables = dataclasses.replace(tables_of(follows=[(0, 1, None)]), customers=None)
    assert History.from_tables(tables, Settings()).listed.tolist() == [True, True]
    customers = pl.DataFrame({"id": [0, 1, 2], "is_customer": [True, False, None]})
    tables = dataclasses.replace(tables_of(follows=[(0, 3, None)]), customers=customers)
    assert History.from_tables(tables, Settings()).listed.tolist() == [True, False, True, False]


def test_notes_of_reading_come_first():
    assert history_of(follows=[(0, 0, 1), (0, 1, 1)], n=2, notes=("read",)).notes[0] == "read"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"actions": [(0, 1, 2)], "n": 1}, "no ties: give follows"),
        ({"follows": []}, "nobody: every table is empty"),
        ({"interactions": [(0, 1, "poke", 1)]}, "interaction type 'poke' has no weight"),
    ],
)
def test_refused(rows, message):
    with pytest.raises(DataError, match=message):
        history_of(**rows)


@pytest.mark.parametrize("seed", range(30))
def test_order_of_rows_is_forgotten(seed):
    rows, history = random_history(seed)
    rng = random.Random(seed)
    shuffled = {
        name: rng.sample(getattr(rows, name), len(getattr(rows, name)))
        for name in ("follows", "interactions", "actions")
    }
    again = history_of(**shuffled, n=rows.n)
    for name in EVENTS:
        for field in dataclasses.fields(getattr(history, name)):
            one, other = (getattr(getattr(h, name), field.name) for h in (history, again))
            if one is None and other is None:
                continue
            assert one.dtype == other.dtype
            assert one.tobytes() == other.tobytes()
            if field.name == "time":
                assert (one[1:] >= one[:-1]).all()
    acts = history.acts
    found = sorted(zip(acts.actor.tolist(), acts.item.tolist(), acts.time.tolist(), strict=True))
    # items are numbered anew, in id order, among those that occur
    number = {item: place for place, item in enumerate(sorted({item for _, item, _ in rows.actions}))}
    assert found == [(person, number[item], time) for person, item, time in naive_acts(rows.actions)]


@pytest.mark.parametrize("seed", range(30))
def test_before_is_building_from_earlier_rows(seed):
    """A cut keeps what a history of the earlier rows alone holds; an event at the cut is gone."""
    rows, history = random_history(seed)
    cut = 200 * DAY

    def early(table):
        return [row for row in table if row[-1] is None or row[-1] < cut]

    # a repeated act is the first one's, so acts are cut after that
    past = history.before(cut)
    alone = history_of(
        follows=early(rows.follows), interactions=early(rows.interactions), actions=early(rows.actions), n=rows.n
    )
    for name in ("follows", "referrals"):
        for field in dataclasses.fields(getattr(past, name)):
            one, other = (getattr(getattr(h, name), field.name) for h in (past, alone))
            assert (one is None and other is None) or (one == other).all()
    assert (past.reactions.time == alone.reactions.time).all()
    assert [past.kinds[k] for k in past.reactions.kind] == [alone.kinds[k] for k in alone.reactions.kind]
    assert (past.acts.actor == alone.acts.actor).all()
    assert (past.acts.time == alone.acts.time).all()
    assert past.cut == cut
    assert past.n_people == history.n_people
    past.assert_before(cut)


def test_an_event_at_the_cut_is_after_it():
    history = history_of(follows=[(0, 1, 10)], interactions=[(0, 1, "reply", 10)], actions=[(0, 1, 10)], n=2)
    assert [len(getattr(history.before(10), name)) for name in EVENTS] == [0, 0, 0, 0]
    assert [len(getattr(history.before(11), name)) for name in EVENTS] == [1, 1, 0, 1]


# planted leaks


@pytest.mark.parametrize("name", EVENTS)
def test_guard_finds_an_event_at_the_cut(name):
    history = history_of(
        follows=[(0, 1, 10)], interactions=[(0, 1, "reply", 10), (0, 1, "referral", 10)], actions=[(0, 1, 10)], n=2
    )
    past = dataclasses.replace(history.before(10), **{name: getattr(history, name)})
    with pytest.raises(LeakError, match=f"{name} hold an event at 1970-01-01T00:00:00.000010, but the cut is"):
        past.assert_before(10)
    past.assert_before(11)


def test_a_cut_that_does_not_cut_is_found(monkeypatch):
    history = history_of(follows=[], actions=[(0, 1, 5), (1, 1, 15)], n=2)
    monkeypatch.setattr(Acts, "before", lambda self, cut: self)
    with pytest.raises(LeakError, match="acts hold an event"):
        history.before(10)


def test_an_off_by_one_cut_is_found(monkeypatch):
    history = history_of(follows=[], actions=[(0, 1, 5), (1, 1, 10)], n=2)
    rows = Acts._rows
    monkeypatch.setattr(
        Acts, "before", lambda self, cut: rows(self, slice(0, int(np.searchsorted(self.time, cut, side="right"))))
    )
    with pytest.raises(LeakError, match="acts hold an event"):
        history.before(10)


def test_what_carries_no_date_is_before_every_cut():
    check_before(np.array([UNDATED]), UNDATED + 1, "nothing")
    check_before(np.empty(0, np.int64), 0, "nothing")
    assert oracles.UNDATED == UNDATED
    assert random_rows(0) == random_rows(0)
