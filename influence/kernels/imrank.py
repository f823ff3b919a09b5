"""One sweep of IMRank: from the last of a ranking to the first, each hands her influence to those ranked before her."""

from influence.kernels._jit import jit

__all__ = ["by_rank", "hand_up"]


@jit
def by_rank(out_offsets, out_targets, chance, order, rank, rows, place, sources, live):
    """Fill in the in-arcs of each node from nodes ranked before it, in the order of the ranking.

    ========================  =======  ==================================================
    out_offsets, out_targets  int64 (n + 1,), int32 (m,)
    chance                    float64  (m,)
    order, rank               int64    (n,) nodes by rank, and the rank of each
    rows                      int64    (n + 1,) room for all in-arcs of each node
    place                     int64    (n,) filled in: the end of each node's row
    sources, live             int32, float64 (m,) filled in: the source and chance of each
    ========================  =======  ==================================================
    """
    for v in range(place.shape[0]):
        place[v] = rows[v]
    for v in order:
        for e in range(out_offsets[v], out_offsets[v + 1]):
            u = out_targets[e]
            if rank[u] > rank[v] and chance[e] > 0.0:
                sources[place[u]] = v
                live[place[u]] = chance[e]
                place[u] += 1


@jit
def hand_up(order, rows, place, sources, live, influence):
    """Hand the influence of each node, the last first, to the first in the ranking who activates it.

    =========  =======  ==========================================
    influence  float64  (n,) what each counts by itself; changed
    =========  =======  ==========================================
    """
    for i in range(order.shape[0] - 1, 0, -1):
        v = order[i]
        left = influence[v]
        for j in range(rows[v], place[v]):
            influence[sources[j]] += live[j] * left
            left *= 1.0 - live[j]
        influence[v] = left
