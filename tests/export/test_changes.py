"""What is worth writing again: against a plain account of the same rules."""

import polars as pl
import pytest
from exported import FACTS, ranking
from hypothesis import given, settings
from hypothesis import strategies as st

from influence.export.changes import plan_changes, watched_values
from influence.export.records import make_records
from influence.export.targets import Target

FIELDS = {"fields": {"network_value": "v", "quadrant": "q", "rank": "r"}}
NONE = pl.DataFrame(schema=dict.fromkeys(("key", "id", "hash", "watched"), pl.String))


def made(values, **settings):
    target = Target.of("jsonl", {**FIELDS, **settings})
    return make_records(ranking(values), target, facts=FACTS)


def as_written(records, frame=None):
    frame = records.frame if frame is None else frame
    return pl.DataFrame(
        [frame["_key"].alias("key"), frame["_id"].alias("id"), frame["_hash"].alias("hash")]
    ).with_columns(watched_values(frame, records))


def plan(records, last=NONE, unanswered=NONE, threshold=0.01, **how):
    return plan_changes(records, last, unanswered, threshold=threshold, **how)


def keys(frame):
    return frame["_key"].to_list()


def test_what_was_never_written_is_new():
    first = plan(made({"a": 5.0, "b": 6.0}))
    assert (keys(first.write), first.new, len(first)) == (["a", "b"], 2, 2)


def test_the_threshold_holds_from_the_last_written_value():
    last = as_written(made({"a": 200.0, "b": 50.0}))
    assert len(plan(made({"a": 201.99, "b": 50.0}), last)) == 0
    assert plan(made({"a": 201.99, "b": 50.0}), last).held == 1
    assert keys(plan(made({"a": 202.01, "b": 50.0}), last).write) == ["a"]
    assert keys(plan(made({"a": 200.01, "b": 50.0}), last, threshold=0.0).write) == ["a"]


def test_nothing_to_something_is_a_change_and_so_is_something_to_nothing():
    last = as_written(made({"a": 0.0, "b": float("nan")}))
    assert keys(plan(made({"a": 0.01, "b": float("nan")}), last).write) == ["a"]
    assert keys(plan(made({"a": 0.0, "b": 3.0}), last, threshold=10.0).write) == ["b"]
    back = as_written(made({"a": 0.0, "b": 3.0}))
    assert keys(plan(made({"a": 0.0, "b": float("nan")}), back, threshold=10.0).write) == ["b"]


def test_a_tier_is_written_at_once_and_a_place_along_with_it():
    last = as_written(made({"a": 100.4, "b": 50.0}))  # above 100 is another quadrant
    moved = plan(made({"a": 99.9, "b": 99.9}), last)
    assert keys(moved.write) == ["a", "b"]
    # b passes a, whose place changes and nothing else
    assert keys(plan(made({"a": 100.4, "b": 500.0}), last).write) == ["b"]


def test_who_left_is_cleared_but_not_by_half_a_ranking():
    last = as_written(made({"a": 5.0, "b": 6.0}))
    assert keys(plan(made({"a": 5.0}), last).clear) == ["b"]
    assert len(plan(made({"a": 5.0}), last, whole=False)) == 0


def test_who_has_no_clear_key_any_more_is_left_as_she_is():
    target = Target.of("jsonl", {**FIELDS, "key": "mail"})

    def keyed(**mails):
        customers = pl.DataFrame({"id": list(mails), "mail": list(mails.values())})
        return make_records(ranking({"a": 5.0, "b": 6.0, "c": 7.0}), target, facts=FACTS, customers=customers)

    last = as_written(keyed(a="x", b="y", c="z"))
    shared = plan(keyed(a="x", b="y", c="y"), last)
    assert (keys(shared.write), keys(shared.clear)) == ([], [])  # y is doubtful, z was c's
    assert keys(plan(keyed(a="x", b="y", c=None), last).clear) == []
    moved = plan(keyed(a="x", b="y", c="w"), last)
    assert (keys(moved.write), keys(moved.clear)) == (["w"], ["z"])


def test_what_was_not_answered_is_written_again_or_cleared():
    records = made({"a": 5.0, "b": 6.0})
    unanswered = pl.DataFrame({"key": ["b", "gone"], "id": ["b", "gone"], "error": [None, None]})
    again = plan(records, as_written(records), unanswered)
    assert (keys(again.write), keys(again.clear), again.again) == (["b"], ["gone"], 1)


@pytest.mark.parametrize(
    "other",
    [
        {"fields": {"network_value": "w", "quadrant": "q", "rank": "r"}},
        {"fields": {"network_value": "v", "quadrant": "q", "rank": "r", "low": "l"}},
    ],
)
def test_another_mapping_writes_everything(other):
    last = as_written(made({"a": 5.0, "b": 6.0}))
    now = made({"a": 5.0, "b": 6.0}, **other)
    # a field that is not watched changes the idempotency key, and still nothing that is watched
    expected = ["a", "b"] if other["fields"]["network_value"] == "w" else []
    assert keys(plan(now, last).write) == expected


def test_everything_means_everything():
    records = made({"a": 5.0, "b": 6.0})
    assert keys(plan(records, as_written(records), everything=True).write) == ["a", "b"]


VALUES = st.dictionaries(
    st.sampled_from("abcdef"), st.sampled_from([0.0, 1.0, 1.005, 1.02, 99.5, 100.0, 100.5, 101.0, 700.0]), min_size=1
)


@settings(max_examples=60)
@given(st.lists(VALUES, min_size=1, max_size=5), st.sampled_from([0.0, 0.01, 0.5]))
def test_a_history_of_rankings(history, threshold):
    last, state = NONE, {}
    for values in history:
        records = made(values)
        found = plan(records, last, threshold=threshold)
        wanted = []
        for person, value in sorted(values.items()):
            then = state.get(person)
            quadrant = "Champion" if value > 100 else "Miser"
            rounded = round(value, 2)
            if (
                then is None
                or quadrant != then[1]
                or (rounded != then[0] and abs(rounded - then[0]) > threshold * abs(then[0]))
            ):
                wanted.append(person)
                state[person] = (rounded, quadrant)
        gone = sorted(set(state) - set(values))
        assert keys(found.write) == wanted
        assert keys(found.clear) == gone
        assert found.new + found.changed + found.held + found.unchanged == len(values)
        for person in gone:
            del state[person]
        kept = last.filter(pl.col("key").is_in(list(state)) & ~pl.col("key").is_in(wanted))
        last = pl.concat([kept, as_written(records, found.write)])
