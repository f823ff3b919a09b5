"""Degree discounts: seeds picked by what their arcs bring, less what the seeds before them brought."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["discount"]

_BLOCK = 1024


@jit
def discount(out_offsets, out_targets, chance, in_offsets, in_sources, in_edges, value, single, open_, seeds):
    """Fill in seeds by falling score, ties by node number; return how many there are.

    The score of v is the number of her listeners who are no seeds (``single``), or what she adds within one step,
    Π_{seeds s} (1 - p_sv) (c_v + Σ_{listeners u, no seeds} p_vu c_u).

    =========================  =======  ==========================
    out_offsets, out_targets   int64 (n + 1,), int32 (m,)
    chance                     float64  (m,) in the order of the out-rows
    in_offsets, in_sources     int64 (n + 1,), int32 (m,)
    in_edges                   int64    (m,)
    value                      float64  (n,)
    single                     bool
    open_                      bool     (n,) who may be a seed
    seeds                      int32    (k,)
    =========================  =======  ==========================
    """
    n = value.shape[0]
    safe = np.ones(n)
    brings = np.zeros(n)
    for v in range(n):
        total = 0.0 if single else value[v]
        for e in range(out_offsets[v], out_offsets[v + 1]):
            if out_targets[e] != v:
                total += 1.0 if single else chance[e] * value[out_targets[e]]
        brings[v] = total
    picked = ~open_
    best = np.full((n + _BLOCK - 1) // _BLOCK, np.inf)
    at = 0
    while at < seeds.shape[0]:
        block = 0
        for b in range(best.shape[0]):
            if best[b] > best[block]:
                block = b
        top, v = -1.0, -1
        for u in range(block * _BLOCK, min(n, (block + 1) * _BLOCK)):
            if not picked[u] and safe[u] * brings[u] > top:
                top = safe[u] * brings[u]
                v = u
        if top < best[block]:
            best[block] = top
            continue
        if v < 0:
            break
        seeds[at] = v
        at += 1
        picked[v] = True
        if not single:
            for e in range(out_offsets[v], out_offsets[v + 1]):
                safe[out_targets[e]] *= 1.0 - chance[e]
        for i in range(in_offsets[v], in_offsets[v + 1]):
            u = in_sources[i]
            if u != v:
                brings[u] = max(0.0, brings[u] - (1.0 if single else chance[in_edges[i]] * value[v]))
    return at
