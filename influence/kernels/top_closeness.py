"""Searches that stop once a node cannot be among the nearest to whole, and sizes of balls of two hops."""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.bfs import advance

__all__ = ["cut_searches", "hub_bits", "sum_over", "two_hops"]

_BLOCK = 16
_FIVES = np.uint64(0x5555555555555555)
_THREES = np.uint64(0x3333333333333333)
_NIBBLES = np.uint64(0x0F0F0F0F0F0F0F0F)


@jit
def _count(word):
    """Return the bits set in 64."""
    word = word - ((word >> np.uint64(1)) & _FIVES)
    word = (word & _THREES) + ((word >> np.uint64(2)) & _THREES)
    word = (word + (word >> np.uint64(4))) & _NIBBLES
    word = word + (word >> np.uint64(8))
    word = word + (word >> np.uint64(16))
    return np.int64((word + (word >> np.uint64(32))) & np.uint64(0x7F))


@jit(parallel=True)
def sum_over(offsets, nodes, values, sums):
    """Fill each row's sum of the values of its nodes.

    =======  =====  ========
    offsets  int64  (n + 1,)
    nodes    int32  (m,)
    values   int64  (n,)
    sums     int64  (n,)
    =======  =====  ========
    """
    n = sums.shape[0]
    for b in prange((n + 1023) // 1024):
        for i in range(b * 1024, min(n, (b + 1) * 1024)):
            total = 0
            for e in range(offsets[i], offsets[i + 1]):
                total += values[nodes[e]]
            sums[i] = total


@jit(parallel=True)
def hub_bits(offsets, nodes, hubs, bits):
    """Set the bits of the neighbours of each hub.

    =======  ======  ===========
    offsets  int64   (n + 1,)
    nodes    int32   (m,)
    hubs     int32   (h,)
    bits     uint64  (h, words), 0
    =======  ======  ===========
    """
    for h in prange(hubs.shape[0]):
        row = bits[h]
        for e in range(offsets[hubs[h]], offsets[hubs[h] + 1]):
            row[nodes[e] >> 6] |= np.uint64(1) << np.uint64(nodes[e] & 63)


@jit(parallel=True)
def two_hops(offsets, nodes, hub, bits, asked, begin, end, whole, tables, found):
    """Count the nodes within two hops of some nodes, themselves included, or only over hubs where not ``whole``.

    ==========  ======  =============================================
    offsets     int64   (n + 1,)
    nodes       int32   (m,)
    hub         int32   (n,) row of bits, -1 for most nodes
    bits        uint64  (h, words)
    asked       int32   (k,)
    begin, end  int     of those
    whole       bool
    tables      uint64  (threads, words) for work
    found       int64   (k,)
    ==========  ======  =============================================
    """
    threads = tables.shape[0]
    for thread in prange(threads):
        table = tables[thread]
        for chunk in range(begin + thread * _BLOCK, end, threads * _BLOCK):
            for k in range(chunk, min(end, chunk + _BLOCK)):
                v = asked[k]
                table[:] = 0
                table[v >> 6] |= np.uint64(1) << np.uint64(v & 63)
                for e in range(offsets[v], offsets[v + 1]):
                    u = nodes[e]
                    table[u >> 6] |= np.uint64(1) << np.uint64(u & 63)
                    if hub[u] >= 0:
                        row = bits[hub[u]]
                        for w in range(table.shape[0]):
                            table[w] |= row[w]
                    elif whole:
                        for f in range(offsets[u], offsets[u + 1]):
                            t = nodes[f]
                            table[t >> 6] |= np.uint64(1) << np.uint64(t & 63)
                count = 0
                for w in range(table.shape[0]):
                    count += _count(table[w])
                found[k] = count


@jit(parallel=True)
def cut_searches(out_offsets, out_targets, in_offsets, in_sources, sources, whole, harmonic, improved, least, depth,
                 order, parent, values):  # fmt: skip
    """Fill the closeness or harmonic centrality of some nodes, or -1 where it is seen to be below the least.

    After each level, the next holds no more nodes than the last one has arcs, and all others are a hop farther
    (Bergamini et al. 2019, section 4.2).

    ============  =======  ===================================================
    out_offsets   int64    (n + 1,) rows that are searched, and so on as for a search from one node
    sources       int32    (k,)
    whole         int64    (k,) nodes that each reaches, itself included
    harmonic      bool     else closeness
    improved      bool     as Wasserman and Faust scale closeness
    least         float
    depth, order  int32    (k, n) for work
    parent        int32    (1,) not used
    values        float64  (k,)
    ============  =======  ===================================================
    """
    n = out_offsets.shape[0] - 1
    for k in prange(sources.shape[0]):
        away, queue = depth[k], order[k]
        away[:] = -1
        source = sources[k]
        away[source] = 0
        queue[0] = source
        begin, end, level = 0, 1, 0
        unseen_arcs = out_targets.shape[0]
        upward = False
        reach = whole[k] - 1
        far, near = 0, 0.0
        value = 0.0
        while end < whole[k] and begin < end:
            found, unseen_arcs, upward = advance(
                out_offsets, out_targets, in_offsets, in_sources, begin, end, level, unseen_arcs, upward, away, queue,
                parent, False,
            )  # fmt: skip
            begin, end = end, found
            level += 1
            far += (end - begin) * level
            near += (end - begin) / level
            arcs = 0
            for p in range(begin, end):
                arcs += out_offsets[queue[p] + 1] - out_offsets[queue[p]]
            left = whole[k] - end
            following = min(left, arcs)
            if harmonic:
                bound = near + following / (level + 1) + (left - following) / (level + 2)
            else:
                bound = reach / (far + following * (level + 1) + (left - following) * (level + 2))
                if improved:
                    bound *= reach / (n - 1)
            if bound < least:
                value = -1.0
                break
        if value == 0.0 and reach > 0:
            if harmonic:
                # from far to near, as for all nodes at once
                stop = end
                for back in range(level, 0, -1):
                    first = stop
                    while first > 0 and away[queue[first - 1]] == back:
                        first -= 1
                    value += (stop - first) / back
                    stop = first
            else:
                value = reach / far
                if improved:
                    value *= reach / (n - 1)
        values[k] = value
