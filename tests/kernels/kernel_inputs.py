"""Acts and ties as the arrays that kernels take, built the slow way."""

from types import SimpleNamespace

import numpy as np


def offsets_of(keys, size):
    return np.array([sum(key < row for key in keys) for row in range(size + 1)], np.int64)


def act_rows(acts, n, n_items):
    """Group rows (actor, item, time) by item and time, and by actor and item."""
    acts = sorted(acts, key=lambda row: (row[1], row[2], row[0]))
    own = sorted(range(len(acts)), key=lambda a: (acts[a][0], acts[a][1]))
    return SimpleNamespace(
        offsets=offsets_of([item for _, item, _ in acts], n_items),
        actor=np.array([actor for actor, _, _ in acts], np.int32),
        item=[item for _, item, _ in acts],
        time=np.array([time for _, _, time in acts], np.int64),
        own_offsets=offsets_of([actor for actor, _, _ in acts], n),
        own_item=np.array([acts[a][1] for a in own], np.int32),
        own_act=np.array(own, np.int64),
    )


def tie_rows(ties, n):
    """Number ties (influencer, listener) in order, and list them by listener."""
    edges = sorted(ties)
    into = sorted(range(len(edges)), key=lambda e: (edges[e][1], edges[e][0]))
    return SimpleNamespace(
        source=[u for u, _ in edges],
        target=[v for _, v in edges],
        known=np.array([ties[edge] for edge in edges], np.int64),
        in_offsets=offsets_of([v for _, v in edges], n),
        in_sources=np.array([edges[e][0] for e in into], np.int32),
        in_edges=np.array(into, np.int64),
    )
