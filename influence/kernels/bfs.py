"""Breadth-first searches: from one node, and from 512 at once."""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.lanes import pull_row, row_count

__all__ = ["advance", "bfs", "clear_rows", "first_steps", "lane_totals", "renumber", "search_sums", "spread"]

_BLOCKS = 64
_CHUNK = 16  # rows whose counts share a cache line
_DOWN, _UP, _EARLY = 14, 24, 4  # when a search turns round (Beamer, Asanović and Patterson, SC 2012)


@jit
def advance(out_offsets, out_targets, in_offsets, in_sources, begin, end, level, unseen_arcs, upward, depth, order,
            parent, parents):  # fmt: skip
    """Take a search from order[begin:end], the nodes of a level, to the next; return the end, arcs left and direction.

    It turns round to ask the nodes not yet reached for a parent where that is less work.
    """
    n = depth.shape[0]
    arcs = 0
    for p in range(begin, end):
        arcs += out_offsets[order[p] + 1] - out_offsets[order[p]]
    unseen_arcs -= arcs
    many = n // _UP
    upward = end - begin > (many if upward else many // _EARLY) and (upward or arcs > unseen_arcs // _DOWN)
    found = end
    if upward:
        for v in range(n):
            if depth[v] < 0:
                for e in range(in_offsets[v], in_offsets[v + 1]):
                    if depth[in_sources[e]] == level:
                        depth[v] = level + 1
                        if parents:
                            parent[v] = in_sources[e]
                        order[found] = v
                        found += 1
                        break
    else:
        for p in range(begin, end):
            u = order[p]
            for e in range(out_offsets[u], out_offsets[u + 1]):
                v = out_targets[e]
                if depth[v] < 0:
                    depth[v] = level + 1
                    if parents:
                        parent[v] = u
                    order[found] = v
                    found += 1
    return found, unseen_arcs, upward


@jit
def bfs(out_offsets, out_targets, in_offsets, in_sources, source, cutoff, depth, order, parent):
    """Fill depths, order and parents of a search from one node; return how many nodes it reached and the last depth.

    The nodes of a depth are in ascending order where the search asked for parents, else in the order of their parents;
    a parent is the first found.

    ===========  =======  ===========================
    out_offsets  int64    (n + 1,)
    out_targets  int32    (m,)
    in_offsets   int64    (n + 1,)
    in_sources   int32    (m,)
    source       int
    cutoff       int      greatest depth
    depth        int32    (n,), -1 where not reached
    order        int32    (n,), the first are filled
    parent       int32    (n,), -1 where there is none
    ===========  =======  ===========================
    """
    depth[:] = -1
    parent[:] = -1
    depth[source] = 0
    order[0] = source
    begin, end, level = 0, 1, 0
    unseen_arcs = out_targets.shape[0]
    upward = False
    while begin < end and level < cutoff:
        found, unseen_arcs, upward = advance(
            out_offsets, out_targets, in_offsets, in_sources, begin, end, level, unseen_arcs, upward, depth, order,
            parent, True,
        )  # fmt: skip
        begin, end = end, found
        level += 1
    return end, depth[order[end - 1]]


@jit(parallel=True)
def search_sums(out_offsets, out_targets, in_offsets, in_sources, sources, chosen, depth, order, parent, reach, far,
                near, last):  # fmt: skip
    """Fill sums over the chosen nodes that are reached from each source, itself left out.

    ============  =======  ==================================================
    out_offsets   int64    and so on, as for a search from one node
    sources       int32    (k,)
    chosen        uint8    (n,)
    depth, order  int32    (k, n) for work
    parent        int32    (1,) not used
    reach         int64    (k,) their number
    far, near     float64  (k,) their distances added up, and one over these
    last          int64    (k,) the depth of the last node, chosen or not
    ============  =======  ==================================================
    """
    n = out_offsets.shape[0] - 1
    for k in prange(sources.shape[0]):
        away, queue = depth[k], order[k]
        away[:] = -1
        away[sources[k]] = 0
        queue[0] = sources[k]
        begin, end, level = 0, 1, 0
        unseen_arcs = out_targets.shape[0]
        upward = False
        while begin < end and end < n:
            found, unseen_arcs, upward = advance(
                out_offsets, out_targets, in_offsets, in_sources, begin, end, level, unseen_arcs, upward, away, queue,
                parent, False,
            )  # fmt: skip
            begin, end = end, found
            level += 1
        count, total, closeness = 0, 0, 0.0
        last[k] = away[queue[end - 1]]
        # from far to near, level by level
        here, level = 0, last[k]
        for p in range(end - 1, 0, -1):
            if away[queue[p]] < level:
                closeness += here / level
                count, total = count + here, total + here * level
                here, level = 0, away[queue[p]]
            if chosen[queue[p]]:
                here += 1
        if level > 0:
            closeness += here / level
            count, total = count + here, total + here * level
        reach[k], far[k], near[k] = count, total, closeness


@jit(parallel=True)
def clear_rows(rows):
    """Set a table to zero."""
    n = rows.shape[0]
    for b in prange((n + 1023) // 1024):
        for i in range(b * 1024, min(n, (b + 1) * 1024)):
            for w in range(rows.shape[1]):
                rows[i, w] = 0


@jit
def first_steps(offsets, targets, sources, order, start, stop, seen, after, marks, mark, counts):
    """Take up to 512 sources to their first level, and be through with some rows as :func:`spread` is.

    ===========  ======  ===================================================================
    offsets      int64   (n + 1,) rows that are pushed to
    targets      int32   (m,)
    sources      int32   (l,) each has the bit of its place
    order        int32   rows, of which order[start:stop] are reached by all at the second level
    seen, after  uint64  (n, 8) who came so far, nobody yet; who comes now, where marks say so
    marks        uint8   (n,)
    counts       int32   (levels, n)
    ===========  ======  ===================================================================
    """
    lanes = sources.shape[0]
    for lane in range(lanes):
        seen[sources[lane], lane >> 6] |= np.uint64(1) << np.uint64(lane & 63)
    for lane in range(lanes):
        word, bit = lane >> 6, np.uint64(1) << np.uint64(lane & 63)
        for e in range(offsets[sources[lane]], offsets[sources[lane] + 1]):
            i = targets[e]
            if i != sources[lane]:
                if marks[i] != mark:
                    marks[i] = mark
                    after[i, :] = 0
                after[i, word] |= bit
                seen[i, word] |= bit
                counts[1, i] += 1
    for p in range(start, stop):
        counts[2, order[p]] += lanes - row_count(seen, np.int64(order[p]))


@jit(parallel=True)
def lane_totals(order, start, stop, rows, marks, mark, planes, totals):
    """Add to the total of each source how many rows it came to, where marks say that rows hold somebody.

    ===========  ======  ===================================================================
    order        int32   rows, of which order[start:stop] are looked at
    rows         uint64  (n, 8) a bit for each source
    marks        uint8   (n,)
    planes       uint64  (parts, 8, 32) zero, before and after: a counter in binary for each bit of a word
    totals       int64   (512,)
    ===========  ======  ===================================================================
    """
    parts = planes.shape[0]
    size = (stop - start + parts - 1) // parts
    for part in prange(parts):
        plane = planes[part]
        for p in range(start + part * size, min(stop, start + (part + 1) * size)):
            i = np.int64(order[p])
            if marks[i] != mark:
                continue
            for w in range(8):
                carry, digit = rows[i, w], 0
                while carry != 0:
                    both = plane[w, digit] & carry
                    plane[w, digit] ^= carry
                    carry = both
                    digit += 1
    for part in range(parts):
        for w in range(8):
            for digit in range(32):
                bits = planes[part, w, digit]
                if bits != 0:
                    for bit in range(64):
                        totals[w * 64 + bit] += np.int64((bits >> np.uint64(bit)) & np.uint64(1)) << digit
                    planes[part, w, digit] = 0


@jit
def renumber(offsets, targets, number, rank):
    """Return the rows of some nodes in a new order, with new numbers.

    =======  =====  ===========================
    offsets  int64  (n + 1,)
    targets  int32  (m,) all of them among those
    number   int64  (k,) old numbers
    rank     int32  (n,) new numbers
    =======  =====  ===========================
    """
    k = number.shape[0]
    rows = np.zeros(k + 1, np.int64)
    for i in range(k):
        rows[i + 1] = rows[i] + offsets[number[i] + 1] - offsets[number[i]]
    nodes = np.empty(rows[k], np.int32)
    for i in range(k):
        first = offsets[number[i]]
        for e in range(rows[i], rows[i + 1]):
            nodes[e] = rank[targets[first + e - rows[i]]]
    return rows, nodes


@jit(parallel=True)
def spread(offsets, nodes, order, start, stop, depth, sure, level, everyone, lanes, before, seen, after, marks_before,
           mark_before, marks_after, mark_after, counts):  # fmt: skip
    """Take a search from up to 512 sources one level on, in some rows; return how many (source, row) it reached.

    Rows of a depth of ``sure`` are through with this level: those sources that have not reached them do so at the
    next.

    ============  ======  ==============================================================
    offsets       int64   (n + 1,) rows that are pulled from
    nodes         int32   (m,)
    order         int32   rows
    start, stop   int     the rows that are looked at: order[start:stop]
    depth         int32   (n,)
    sure          int     depth, or one that there is not
    level         int
    everyone      uint64  (8,) the sources
    lanes         int     their number
    before        uint64  (n, 8) who came at the last level, where marks_before says so
    seen          uint64  (n, 8) who came so far
    after         uint64  (n, 8) who comes now
    marks_before  uint8   (n,)
    marks_after   uint8   (n,)
    counts        int32   (levels, n) sources at each distance
    ============  ======  ==============================================================
    """
    reached = 0
    for b in prange(_BLOCKS):
        for chunk in range(start + b * _CHUNK, stop, _BLOCKS * _CHUNK):
            for p in range(chunk, min(stop, chunk + _CHUNK)):
                i = np.int64(order[p])
                new = pull_row(
                    nodes, offsets[i], offsets[i + 1], marks_before, mark_before, before, seen, after, i, everyone
                )
                marks_after[i] = mark_after if new else 0
                reached += new
                counts[level, i] += new
                if depth[i] == sure:
                    counts[level + 1, i] += lanes - row_count(seen, i)
    return reached
