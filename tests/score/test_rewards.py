"""Suggested rewards: each rule by hand, its order, and who gets none."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from influence.score.rewards import REWARDS, suggested_rewards

COLUMNS = ("network_value", "own_value", "people_influenced", "followers", "reciprocity")


def codes(rows, **more):
    frame = pl.DataFrame(rows, schema=COLUMNS, orient="row", strict=False).with_columns(**more)
    words = suggested_rewards(frame, np.arange(frame.height))
    assert words.dtype == pl.String
    assert all(text is None or REWARDS[text.partition(": ")[0]] == text.partition(": ")[2] for text in words)
    return [text and text.partition(":")[0] for text in words]


ROWS = [
    (90.0, 1.0, 9, 1, 0.8),  # heard by many, followed by few
    (80.0, 1.0, 2, 9, 0.1),  # valuable, listens back to few
    (70.0, 1.0, 2, 9, 0.9),  # valuable, lacks neither
    (3.0, 50.0, 1, 2, 0.5),  # buys much
    (2.0, 1.0, 1, 2, 0.5),  # nothing of note
    (1.0, 1.0, 0, 2, None),
]


def test_each_rule():
    assert codes(ROWS) == ["reputation", "affiliation", "access", "access", None, None]


def test_reputation_needs_followers_to_be_known():
    unknown = [(network, own, heard, 0, back) for network, own, heard, _, back in ROWS]
    assert codes(unknown) == ["access", "affiliation", "access", "access", None, None]


def test_whoever_listens_back_to_nobody_lacks_affiliation():
    aloof = [(*row[:4], None if row[4] is None else 0.0) for row in ROWS]
    assert codes(aloof)[:3] == ["reputation", "affiliation", "affiliation"]


def test_nobody_negative_or_suspicious_gets_one():
    assert codes([(-90.0, 500.0, 9, 1, 0.8), *ROWS[1:]])[0] is None
    suspicious = pl.Series(["burst", None, "", None, None, None])
    assert codes(ROWS, trust_codes=suspicious) == [None, "affiliation", "access", "access", None, None]


def test_medians_are_those_of_the_listed():
    frame = pl.DataFrame([*ROWS, (1e9, 1e9, 10**6, 10**6, 0.5)], schema=COLUMNS, orient="row", strict=False)
    listed = np.arange(frame.height) < len(ROWS)
    words = suggested_rewards(frame, listed)[: len(ROWS)]
    assert [text and text.partition(":")[0] for text in words] == codes(ROWS)


def test_nobody_and_one():
    assert codes([]) == []
    assert codes([(5.0, 5.0, 1, 1, 0.0)]) == [None]


VALUES = st.sampled_from([-1.0, 0.0, 1.0, 2.0, 50.0])


@given(st.lists(st.tuples(VALUES, VALUES, st.integers(0, 5), st.integers(0, 5), st.none() | st.floats(0, 1))))
def test_what_always_holds(rows):
    found = codes(rows)
    for (network, own, heard, followers, _), code in zip(rows, found, strict=True):
        if network < 0 or (network <= 0 and own <= 0):
            assert code is None
        if code == "reputation":
            assert heard > 0 and network > 0 and any(row[3] for row in rows)
            assert followers <= np.median([row[3] for row in rows if row[3] > 0])
        if code == "affiliation":
            assert network > 0
