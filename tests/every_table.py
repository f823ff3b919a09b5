"""A few rows of every table, with what is easily lost: doubles, gaps, times before 1970, microseconds."""

import polars as pl

from influence.io import tables_from_frames

ROLES = ("follows", "interactions", "actions", "transactions", "customers", "identities", "topics", "suppress")


def everything():
    return tables_from_frames(
        follows=pl.DataFrame(
            {
                "source": ["b", "c", "c", "b"],
                "target": ["a", "a", "b", "a"],
                "since": ["2024-01-02", None, None, "2024-01-01"],
            }
        ),
        interactions=pl.DataFrame(
            {
                "source": ["b", "b", "d"],
                "target": ["a", "a", "c"],
                "type": ["reply", "reply", "like"],
                "timestamp": [*["1969-12-31T23:59:59.999999"] * 2, "2024-05-02T10:00:00.123456"],
                "sentiment": [0.5, 0.5, None],
                "incentivised": ["no", "no", "yes"],
                "id": [None, None, "7"],
            }
        ),
        actions=pl.DataFrame({"customer": ["a", "b"], "item": ["x", "x"], "timestamp": ["2024-04-01", "2024-04-03"]}),
        transactions=pl.DataFrame(
            {
                "customer": ["a", "a", "c"],
                "timestamp": ["2024-03-01", "2024-03-01", "2024-03-02"],
                "amount": [10.0, 10.0, 0.1],
                "item": ["x", None, "y"],
                "discounted": [True, False, None],
            }
        ),
        customers=pl.DataFrame(
            {
                "id": ["a", "b", "c", "e"],
                "clv": [1.5, 2.0, None, 4.0],
                "a tier": ["x", None, "y", "y"],
                "n": [1, 2, 3, None],
            }
        ),
        identities=pl.DataFrame({"customer": ["a"], "channel": ["mail"], "handle": ["a@x"]}),
        topics=pl.DataFrame({"customer": ["a"], "topic": ["price"], "timestamp": ["2024-04-01"]}),
        suppress=pl.DataFrame({"id": ["d"]}),
    )


def rows(frame):
    return sorted(frame.select(sorted(frame.columns)).rows(), key=repr)
