"""One person, one id: what merging identities does to every table, by hand and against a plain union-find."""

import random
import time

import polars as pl
import pytest

import influence
from influence.errors import DataError
from influence.io import merge_identities, suppress, tables_from_frames
from influence.io.identities import ABSURD


def frame(columns, rows):
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def identities(*rows):
    return frame(["customer", "channel", "handle"], rows)


def follows(*pairs):
    return frame(["source", "target"], pairs)


def events(*rows):
    return frame(["source", "target", "type", "timestamp", "channel"], rows)


def merged(**frames):
    return merge_identities(tables_from_frames(**frames))


def said(tables, *words):
    return [note for note in tables.notes if all(word in note for word in words)]


def test_without_identities_nothing_changes():
    tables = tables_from_frames(follows=follows(("a", "b")))
    assert merge_identities(tables) is tables
    empty = pl.DataFrame(schema={"customer": pl.String, "channel": pl.String, "handle": pl.String})
    tables = tables_from_frames(follows=follows(("a", "b")), identities=empty)
    assert merge_identities(tables) is tables


def test_a_handle_becomes_its_customer_in_every_table():
    day = "2024-01-01"
    tables = merged(
        follows=follows(("@ann", "bob"), ("cy", "@ann")),
        interactions=events(("@ann", "bob", "like", day, "x"), ("cy", "@ann", "reply", day, None)),
        actions=frame(["customer", "item", "timestamp"], [("@ann", "book", day)]),
        transactions=frame(["customer", "timestamp", "amount"], [("@ann", day, 3.0)]),
        customers=frame(["id", "clv"], [("ann", 5.0), ("bob", 6.0)]),
        suppress=frame(["id"], [("@ann",)]),
        identities=identities(("ann", "x", "@ann")),
    )
    assert tables.follows.rows() == [("ann", "bob"), ("cy", "ann")]
    assert tables.interactions.select("source", "target").rows() == [("ann", "bob"), ("cy", "ann")]
    assert tables.actions["customer"].to_list() == ["ann"]
    assert tables.transactions["customer"].to_list() == ["ann"]
    assert tables.customers.rows() == [("ann", 5.0), ("bob", 6.0)]
    assert tables.suppress["id"].to_list() == ["ann"]
    assert said(tables, "7 ids became", "1 people have handles")


def test_handles_on_several_channels_are_one_customer():
    tables = merged(
        follows=follows(("@ann", "ann.mail"), ("cy", "ann.mail")),
        identities=identities(("ann", "x", "@ann"), ("ann", "mail", "ann.mail"), ("ann", "forum", "annie")),
    )
    assert tables.follows.rows() == [("ann", "ann"), ("cy", "ann")]
    assert not said(tables, "are merged")


def test_merges_are_transitive():
    rows = [
        ("d", "x", "1"),
        ("c", "x", "1"),
        ("c", "mail", "2"),
        ("b", "mail", "2"),
        ("b", "app", "3"),
        ("a", "app", "3"),
    ]
    tables = merged(follows=follows(("d", "z"), ("c", "z"), ("1", "z"), ("3", "z")), identities=identities(*rows))
    assert tables.follows["source"].to_list() == ["a"] * 4
    assert said(tables, "3 customers share a handle with another and are merged", "b is a, c is a, d is a")


def test_the_same_handle_on_another_channel_merges_nobody():
    tables = merged(follows=follows(("ann", "bob")), identities=identities(("ann", "x", "joe"), ("bob", "mail", "joe")))
    assert tables.follows.rows() == [("ann", "bob")]


def test_a_long_chain_of_examples_is_cut():
    rows = [(f"c{number}", "x", "same") for number in range(6)]
    tables = merged(follows=follows(("c5", "z")), identities=identities(*rows))
    (note,) = said(tables, "are merged")
    assert note.endswith("5 customers share a handle with another and are merged (c1 is c0, c2 is c0, c3 is c0, …)")


@pytest.mark.parametrize(
    ("listed", "name"),
    [([], "9"), (["10"], "10"), (["11", "10"], "10"), (["11"], "11"), (["other"], "9")],
)
def test_who_gives_the_name(listed, name):
    """The listed customer, else the first: 9 comes before 10 where all ids are integers."""
    customers = {"customers": frame(["id", "clv"], [(one, 1.0) for one in listed])} if listed else {}
    handles = identities((11, "x", "h"), (9, "x", "h"), (10, "x", "h"))
    tables = merged(follows=follows(("h", "zoe")), identities=handles, **customers)
    assert tables.follows["source"].to_list() == [name]


def test_the_name_is_the_first_in_order_of_text_where_an_id_is_text():
    tables = merged(
        follows=follows(("9", "z")), identities=identities(("9", "x", "h"), ("10", "x", "h"), ("a", "y", "i"))
    )
    assert tables.follows["source"].to_list() == [10]


def test_a_handle_of_several_people_needs_the_channel():
    day = "2024-01-01"
    tables = merged(
        interactions=events(
            ("joe", "zoe", "like", day, "x"),
            ("joe", "zoe", "like", day, "mail"),
            ("joe", "zoe", "like", day, "phone"),
            ("joe", "joe", "like", day, None),
        ),
        follows=follows(("joe", "zoe")),
        identities=identities(("ann", "x", "joe"), ("bob", "mail", "joe")),
    )
    assert tables.interactions["source"].to_list() == ["ann", "bob", "joe", "joe"]
    assert tables.interactions["target"].to_list() == ["zoe", "zoe", "zoe", "joe"]
    assert tables.follows.rows() == [("joe", "zoe")]
    assert said(tables, "4 ids are handles of several people on different channels")
    assert said(tables, "2 ids became")


def test_channels_are_the_same_whatever_their_case():
    tables = merged(
        interactions=events(("joe", "zoe", "like", "2024-01-01", "MAIL")),
        identities=identities(("ann", "X", "joe"), ("bob", "Mail", "joe"), ("eve", "x", "joe")),
    )
    assert tables.interactions["source"].to_list() == ["bob"]
    assert said(tables, "eve is ann")


@pytest.mark.parametrize("listed", [True, False])
def test_an_id_of_a_customer_is_no_handle_of_another(listed):
    """Whether the customers table knows bob, or the identities do."""
    bob = {"customers": frame(["id", "clv"], [("bob", 1.0), ("ann", 2.0)])} if listed else {}
    rows = [("ann", "x", "bob"), ("ann", "mail", "a@b.c"), *([] if listed else [("bob", "x", "bobby")])]
    tables = merged(
        follows=follows(("bob", "zoe"), ("a@b.c", "zoe")),
        interactions=events(("bob", "zoe", "like", "2024-01-01", "x")),
        identities=identities(*rows),
        **bob,
    )
    assert tables.follows["source"].to_list() == ["bob", "ann"]
    assert tables.interactions["source"].to_list() == ["bob"]
    assert said(tables, "1 handles are ids of customers too")


def test_ones_own_id_as_a_handle_is_no_conflict():
    tables = merged(follows=follows(("ann", "zoe")), identities=identities(("ann", "crm", "ann")))
    assert tables.follows["source"].to_list() == ["ann"]
    assert not said(tables, "ids of customers too")


def test_a_placeholder_is_refused_by_name():
    rows = [(f"c{number}", "mail", "none@none") for number in range(ABSURD + 1)]
    with pytest.raises(DataError) as caught:
        merged(follows=follows(("a", "b")), identities=identities(*rows, ("c0", "x", "fine")))
    message = str(caught.value)
    assert "101 customers would become one person" in message
    assert "'none@none' on channel 'mail' alone belongs to 101 of them" in message
    merged(follows=follows(("a", "b")), identities=identities(*rows[:ABSURD]))  # as many as can be one person


def test_a_placeholder_is_found_among_the_handles_that_lead_to_it():
    rows = [(f"c{number}", "mail", f"h{number // 2}") for number in range(200)]
    rows += [(f"c{number}", "x", "?") for number in range(0, 200, 2)]
    with pytest.raises(DataError, match=r"200 customers .* '\?' on channel 'x' alone belongs to 100 of them"):
        merged(follows=follows(("a", "b")), identities=identities(*rows))


def test_lifetime_values_add_up_and_an_empty_one_is_nothing():
    rows = [("a", 5.0), ("b", None), ("c", 2.5), ("d", None), ("e", None), ("f", 7.0)]
    tables = merged(
        follows=follows(("a", "z")),
        customers=frame(["id", "clv"], rows),
        identities=identities(
            ("a", "x", "1"), ("b", "x", "1"), ("c", "x", "1"), ("d", "x", "2"), ("e", "x", "2"), ("f", "x", "3")
        ),
    )
    assert tables.customers.rows() == [("a", 7.5), ("d", None), ("f", 7.0)]
    assert said(tables, "3 rows of the customers table", "clv adds up")


def test_the_row_that_stays_is_that_of_the_name_whatever_the_order_of_rows():
    rows = [("10", "gold", None, 1.0), ("9", "silver", None, 2.0), ("11", "iron", "Rome", 4.0), ("3", "x", "y", 8.0)]
    for seed in range(8):
        shuffled = random.Random(seed).sample(rows, 4)
        tables = merged(
            follows=follows(("9", "3")),
            customers=frame(["id", "segment", "city", "clv"], shuffled),
            identities=identities(("9", "x", "h"), ("10", "x", "h"), ("11", "x", "h")),
        )
        assert tables.customers.sort("id").rows() == [(3, 8.0, "x", "y"), (9, 7.0, "silver", "Rome")]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("column", "denied"), [("consent", False), ("suppress", True)])
def test_who_denied_consent_in_one_row_denied_it(column, denied, order):
    tables = merged(
        follows=follows(("a", "z")),
        customers=frame(["id", column], [("a", not denied), ("b", denied), ("c", None), ("d", None)][::order]),
        identities=identities(("a", "x", "1"), ("b", "x", "1"), ("c", "x", "2"), ("d", "x", "2")),
    )
    assert dict(tables.customers.rows()) == {"a": denied, "c": None}
    assert suppress(tables).follows.height == 0


def test_who_is_a_customer_in_one_row_is_one():
    rows = [("a", False), ("b", True), ("c", False), ("d", None), ("e", False), ("f", False)]
    tables = merged(
        follows=follows(("a", "z")),
        customers=frame(["id", "is_customer"], rows),
        identities=identities(
            ("a", "x", "1"), ("b", "x", "1"), ("c", "x", "2"), ("d", "x", "2"), ("e", "x", "3"), ("f", "x", "3")
        ),
    )
    assert dict(tables.customers.rows()) == {"a": True, "c": True, "e": False}


def test_integers_stay_integers_where_they_can():
    numbers = follows((10, 20), (11, 20))
    tables = merged(follows=numbers, identities=identities((10, "x", 11)))
    assert tables.follows.schema["source"] == pl.Int64
    assert tables.follows.rows() == [(10, 20), (10, 20)]
    # a handle that is a number leads to a customer that is none: only the column that holds it becomes text
    tables = merged(follows=numbers, identities=identities(("ann", "x", "11")))
    assert tables.follows.rows() == [("10", 20), ("ann", 20)]
    assert tables.follows.schema["target"] == pl.Int64
    # text stays text, and what is a number there is the same person elsewhere
    mixed = merged(
        follows=numbers,
        actions=frame(["customer", "item", "timestamp"], [("@ten", "i", "2024-01-01"), ("11", "i", "2024-01-01")]),
        identities=identities((10, "x", "@ten")),
    )
    assert mixed.actions["customer"].to_list() == ["10", "11"]
    assert mixed.follows.schema["source"] == pl.Int64
    assert influence.rank(mixed).frame["id"].sort().to_list() == ["10", "11", "20"]


def test_a_number_with_zeros_before_it_is_another_id():
    tables = merged(follows=follows((5, 20), (7, 20)), identities=identities(("007", "x", "5")))
    assert tables.follows["source"].to_list() == ["007", "7"]


def test_merging_again_changes_nothing():
    once = merged(
        follows=follows(("@ann", "b"), ("joe", "c")),
        customers=frame(["id", "clv"], [("b", 1.0), ("a", 2.0)]),
        identities=identities(("ann", "x", "@ann"), ("a", "x", "@ann"), ("b", "x", "joe"), ("a", "y", "joe")),
    )
    again = merge_identities(once)
    for table in ("follows", "customers", "identities"):
        assert getattr(again, table).equals(getattr(once, table))
    assert said(again, "0 ids became")


def test_a_suppressed_person_is_not_named_among_the_merged():
    rows = [(f"c{number}", "x", f"h{number // 2}") for number in range(4)]
    tables = merged(follows=follows(("c1", "z")), suppress=frame(["id"], [("c1",)]), identities=identities(*rows))
    (note,) = said(tables, "are merged")
    assert "2 customers" in note
    assert "c3 is c2" in note
    assert "c0" not in note
    tables = merged(follows=follows(("c1", "z")), suppress=frame(["id"], [("c1",)]), identities=identities(*rows[:2]))
    (note,) = said(tables, "are merged")
    assert note.endswith("are merged")


# ----- against a plain union-find -----


class Oracle:
    """The same rules, one id at a time."""

    def __init__(self, rows, listed):
        self.parent = {row[0]: row[0] for row in rows}
        self.known = set(self.parent) | set(listed)
        first = {}
        for customer, channel, handle in rows:
            other = first.setdefault((channel, handle), customer)
            self.parent[self.root(customer)] = self.root(other)
        numeric = all(one.isdecimal() for one in self.parent)
        groups = {}
        for customer in self.parent:
            groups.setdefault(self.root(customer), []).append(customer)
        self.name = {}
        for group in groups.values():
            best = min(group, key=lambda one: (one not in listed, int(one) if numeric else 0, one.encode()))
            self.name |= dict.fromkeys(group, best)
        self.by_channel = {(channel, handle): self.name[customer] for customer, channel, handle in rows}

    def root(self, customer):
        while self.parent[customer] != customer:
            customer = self.parent[customer]
        return customer

    def person(self, one, channel=None):
        if one in self.known:
            return self.name.get(one, one)
        owners = {person for (_, handle), person in self.by_channel.items() if handle == one}
        if len(owners) == 1:
            return owners.pop()
        return self.by_channel.get((channel, one), one)


@pytest.mark.parametrize("seed", range(40))
def test_like_a_union_find(seed):
    rng = random.Random(seed)
    names = [str(n) for n in range(1, 40)] if seed % 2 else [rng.choice("abc") + str(n) for n in range(40)]
    channels = ["x", "mail", "app"]
    handles = [f"h{n}" for n in range(30)] + rng.sample(names, 4)
    rows = [(rng.choice(names), rng.choice(channels), rng.choice(handles)) for _ in range(rng.choice([5, 25, 45]))]
    listed = rng.sample(names, rng.choice([0, 5, 20]))
    pool = names + handles
    pairs = [(rng.choice(pool), rng.choice(pool)) for _ in range(60)]
    happened = [(*pair, "like", "2024-01-01", rng.choice([*channels, None])) for pair in pairs]
    clv = {one: float(rng.randint(0, 9)) for one in listed}
    tables = merged(
        follows=follows(*pairs),
        interactions=events(*happened),
        identities=identities(*rows),
        **({"customers": frame(["id", "clv"], list(clv.items()))} if listed else {}),
    )
    oracle = Oracle(rows, listed)
    assert tables.follows.cast(pl.String).rows() == [tuple(map(oracle.person, pair)) for pair in pairs]
    assert tables.interactions.select(pl.col("source", "target").cast(pl.String)).rows() == [
        (oracle.person(one, channel), oracle.person(other, channel)) for one, other, _, _, channel in happened
    ]
    expected = {}
    for one, value in clv.items():
        expected[oracle.person(one)] = expected.get(oracle.person(one), 0.0) + value
    if listed:
        assert dict(tables.customers.select(pl.col("id").cast(pl.String), "clv").rows()) == expected


@pytest.mark.parametrize("shape", ["pairs", "chains"])
def test_a_hundred_thousand_identities_are_fast(shape):
    n = 100_000
    rng = random.Random(1)
    names = rng.sample(range(n), n)  # chains in no order are the hard case
    size = 2 if shape == "pairs" else 50
    linked = [(names[k], "x", f"h{k}") for k in range(n // 2)]
    linked += [(names[k + 1], "x", f"h{k}") for k in range(n // 2) if (k + 1) % size]
    handles = pl.DataFrame(linked, schema=["customer", "channel", "handle"], orient="row")
    pairs = pl.DataFrame({"source": names, "target": names[::-1]})
    tables = tables_from_frames(follows=pairs, identities=handles)
    began = time.perf_counter()
    done = merge_identities(tables)
    assert time.perf_counter() - began < 2
    people = done.follows["source"].n_unique()
    assert people == n // 2 + n // 2 // size


def test_files_end_to_end(tmp_path):
    """A store of handles is ranked like one in which everybody went by one id from the start."""
    pl.DataFrame({"source": ["@bob", "b2", "cy"], "target": ["ann", "@ann", "bob"]}).write_csv(tmp_path / "f.csv")
    pl.DataFrame({"id": ["ann", "bob", "b2", "cy"], "clv": [1, 2, 3, 4]}).write_csv(tmp_path / "c.csv")
    rows = [("ann", "x", "@ann"), ("bob", "x", "@bob"), ("b2", "x", "@bob")]
    identities(*rows).write_csv(tmp_path / "i.csv")
    named = [f"{role}={tmp_path / name}" for role, name in (("follows", "f.csv"), ("customers", "c.csv"))]
    found = influence.rank(*named, f"identities={tmp_path / 'i.csv'}")
    by_hand = influence.rank(
        follows=follows(("b2", "ann"), ("b2", "ann"), ("cy", "b2")),
        customers=frame(["id", "clv"], [("ann", 1.0), ("b2", 5.0), ("cy", 4.0)]),
    )
    assert found.frame.equals(by_hand.frame)
    assert any("are merged" in note for note in found.notes)
