"""Small tables of every role, cut into pieces, and what a store must make of them."""

import dataclasses
import io

import numpy as np
import polars as pl

from influence import rank
from influence.io import Tables, tables_from_frames

TYPES = ("share", "mention", "like", "referral", "invite")
ROLES = ("follows", "interactions", "actions", "transactions", "customers")


def moments(seconds):
    return pl.Series(np.asarray(seconds) * 1_000_000 + 1_500_000_000_000_000).cast(pl.Datetime("us", "UTC"))


def random_frames(seed, *, people=30, events=200, text=False):
    """Return frames by role; interactions have no ids, so that every row counts."""
    rng = np.random.default_rng(seed)

    def ids(size, low=0):
        numbers = pl.Series(rng.integers(low, people, size))
        return pl.Series([f"p{n}" for n in numbers]) if text else numbers

    def times(size):
        return moments(rng.integers(0, 300 * 86_400, size))

    customers = ids(people * 2).unique().sort()
    return {
        "follows": pl.DataFrame({"source": ids(events), "target": ids(events), "since": times(events)}),
        "interactions": pl.DataFrame(
            {
                "source": ids(events),
                "target": ids(events),
                "type": rng.choice(TYPES, events),
                "timestamp": times(events),
                "weight": rng.random(events).round(3),
            }
        ),
        "actions": pl.DataFrame(
            {"customer": ids(events), "item": rng.integers(0, 12, events), "timestamp": times(events)}
        ),
        "transactions": pl.DataFrame(
            {"customer": ids(events), "timestamp": times(events), "amount": rng.random(events).round(2)}
        ),
        "customers": pl.DataFrame(
            {
                "id": customers,
                "clv": rng.random(len(customers)).round(3) * 100,
                "segment": rng.choice(["a", "b"], len(customers)),
                "region": rng.choice(["north", "south"], len(customers)),
            }
        ),
    }


def pieces(frames, rng, parts):
    """Return the frames as ``parts`` lists of rows in any order, each row in one of them."""
    cut = [{} for _ in range(parts)]
    for role, frame in frames.items():
        where = rng.integers(0, parts, frame.height)
        for part in range(parts):
            rows = rng.permutation(np.flatnonzero(where == part))
            if rows.size:
                cut[part][role] = frame[rows]
    return [tables_from_frames(**piece) for piece in cut if piece]


def ranked(tables):
    """Return the ranking as the bytes of its CSV."""
    buffer = io.BytesIO()
    rank(tables).frame.write_csv(buffer)
    return buffer.getvalue()


def contents(tables):
    """Return every table with ids as text and rows sorted, to compare two of them whatever their order."""
    found = {}
    for role in ROLES:
        frame = getattr(tables, role)
        if frame is not None:
            texts = [
                pl.col(name).cast(pl.String)
                for name in ("source", "target", "customer", "id", "item")
                if name in frame.columns
            ]
            found[role] = frame.with_columns(texts).sort(sorted(frame.columns)).select(sorted(frame.columns))
    return found


def same_contents(one, other):
    first, second = contents(one), contents(other)
    return first.keys() == second.keys() and all(first[role].equals(second[role]) for role in first)


def ties_of(tables):
    """Return people in id order and {(listener, influencer): count}, in plain Python: the oracle of the graph."""
    people, counts = set(), {}

    def add(listener, influencer):
        people.update((str(listener), str(influencer)))
        if str(listener) != str(influencer):
            key = (str(listener), str(influencer))
            counts[key] = counts.get(key, 0) + 1

    if tables.follows is not None:
        for source, target in tables.follows.select("source", "target").iter_rows():
            add(source, target)
    if tables.interactions is not None:
        for source, target, kind in tables.interactions.select("source", "target", "type").iter_rows():
            add(*((target, source) if kind in ("referral", "invite") else (source, target)))
    for frame, column in (
        (tables.actions, "customer"),
        (tables.transactions, "customer"),
        (tables.customers, "id"),
    ):
        if frame is not None:
            people.update(str(one) for one in frame[column])
    try:
        if any(str(int(one)) != one for one in people):
            raise ValueError
        order = sorted(people, key=int)
    except ValueError:
        order = sorted(people, key=lambda one: one.encode())
    return order, counts


def ties_in(graph):
    """Return the same of a graph, read from its out-rows; its in-rows must agree."""
    names = graph.ids.ids().to_list()
    outs, ins = {}, {}
    for node, name in enumerate(names):
        for edge in range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1])):
            outs[name, names[graph.out_targets[edge]]] = graph.weight[edge]
        for place in range(int(graph.in_offsets[node]), int(graph.in_offsets[node + 1])):
            ins[names[graph.in_sources[place]], name] = graph.weight[graph.in_edges[place]]
    assert outs == ins
    return names, outs


def without(tables, *roles):
    return dataclasses.replace(tables, **dict.fromkeys(roles))


EMPTY = Tables()
