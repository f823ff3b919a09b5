"""Shortest paths from one source at a time, counted on the way out and gathered on the way back (Brandes).

Source number k belongs to lane `k % lanes`, and a lane takes its sources in order: its sums depend neither on threads
nor on how the list is cut. Nodes are numbered by falling degree (`relabel`), so that what is read most lies together
and rows of one length follow each other; node numbers are unsigned, which spares the check for negative indices.

Only what was reached is reset. The layer one hop further out is found in whichever way reads fewer arcs: the layer
pushes its path counts along its out-arcs, or every node not reached yet pulls along its in-arcs. Neither asks whether
an arc lies on a shortest path: a push also adds to nodes reached before, whose counts have been copied by then, and a
pull reads zeros everywhere outside the layer. The way back does the same with what the paths carry.

Every kernel here takes

===========================  =======  ============  ==========================================================
out_offsets, in_offsets      int64    (n + 1,)
out_targets, in_sources      uint32   (m,)
target                       uint8    (n,)          1 where a path may end
queue                        uint32   (n + 1,)      nodes as reached, layer by layer
paths                        float64  (n,)          by place in the queue: shortest paths, then what each carries
inbox, layer                 float64  (n,)          zero before and after
back                         float64  (n,)          any
starts                       int32    (n + 2,)      first place of each layer in the queue
pushed                       bool     (n + 1,)      whether the layer is filled by a push on the way back
===========================  =======  ============  ==========================================================

with one row of the work arrays for each thread where a kernel is parallel.
"""

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["MANY", "betweenness_lanes", "edge_lanes", "relabel"]

#: In place of the number of nodes reached: more shortest paths than a float can count.
MANY = -1


@jit(parallel=True)
def relabel(order, number, offsets, targets, placed, moved, arcs, keep):
    """Fill the rows of the graph whose node i was order[i], and where each arc was if asked.

    =======  ======  ========  =================================
    order    int64   (n,)      number it had
    number   uint32  (n,)      number it gets
    offsets  int64   (n + 1,)
    targets  int32   (m,)
    placed   int64   (n + 1,)  offsets of the rows to fill
    moved    uint32  (m,)      rows to fill
    arcs     int64   (m,)      filled if `keep`
    =======  ======  ========  =================================
    """
    for i in prange(order.shape[0]):
        first = offsets[order[i]]
        for k in range(placed[i + 1] - placed[i]):
            moved[placed[i] + k] = number[targets[first + k]]
            if keep:
                arcs[placed[i] + k] = first + k


@jit
def _gather(neighbours, x, start, stop):
    """Return the sum of x over the neighbours of arcs start … stop - 1."""
    a = b = c = d = 0.0  # four chains of additions, as one would wait for itself
    whole = start + (stop - start) // 4 * 4
    for e in range(start, whole, 4):
        a += x[neighbours[e]]
        b += x[neighbours[e + 1]]
        c += x[neighbours[e + 2]]
        d += x[neighbours[e + 3]]
    for e in range(whole, stop):
        a += x[neighbours[e]]
    return (a + b) + (c + d)


@jit
def _outwards(source, out_offsets, out_targets, in_offsets, in_sources, queue, paths, inbox, layer, starts, pushed):
    """Fill queue, paths, starts and pushed; return the depth and the number of nodes reached, or MANY."""
    n = out_offsets.shape[0] - 1
    queue[0], paths[0], inbox[source], starts[0], starts[1] = source, 1.0, 1.0, 0, 1
    low, high, depth, listed, most = 0, 1, 0, False, 1.0
    ahead = out_offsets[source + 1] - out_offsets[source]
    unseen = in_offsets[n] - (in_offsets[source + 1] - in_offsets[source])
    while ahead > 0 and unseen > 0:
        tail = high
        if 2 * ahead <= unseen + (0 if listed else n):  # an addition to memory costs about two reads
            for i in range(low, high):
                u, count = queue[i], paths[i]
                for e in range(out_offsets[u], out_offsets[u + 1]):
                    w = out_targets[e]
                    before = inbox[w]
                    inbox[w] = before + count
                    queue[tail] = w  # kept only if new
                    tail += 1 if before == 0.0 else 0
            listed = False
        else:
            if not listed:  # what is not reached yet waits behind the queue
                k = high
                for v in range(n):
                    queue[k] = v
                    k += 1 if inbox[v] == 0.0 else 0
                listed = True
            for i in range(low, high):
                layer[queue[i]] = paths[i]
            for i in range(high, n):
                v = queue[i]
                count = _gather(in_sources, layer, in_offsets[v], in_offsets[v + 1])
                if count > 0.0:
                    queue[i] = queue[tail]
                    queue[tail] = v
                    inbox[v] = count
                    tail += 1
            for i in range(low, high):
                layer[queue[i]] = 0.0
        if tail == high:
            break
        before_ahead, ahead, behind = ahead, 0, 0
        for i in range(high, tail):
            w = queue[i]
            paths[i] = inbox[w]
            most = max(most, paths[i])
            ahead += out_offsets[w + 1] - out_offsets[w]
            behind += in_offsets[w + 1] - in_offsets[w]
        pushed[depth] = 2 * behind <= before_ahead
        unseen -= behind
        depth += 1
        starts[depth + 1] = tail
        low, high = high, tail
    for i in range(high):
        inbox[queue[i]] = 0.0
    return depth, (high if most < np.inf else MANY)


@jit
def _inwards(
    depth,
    times,
    out_offsets,
    out_targets,
    in_offsets,
    in_sources,
    target,
    queue,
    paths,
    back,
    layer,
    starts,
    pushed,
    total,
):
    """Add `times` what passes through each node to total; w carries (target + what passes through w) / its paths."""
    for i in range(starts[depth], starts[depth + 1]):
        paths[i] = target[queue[i]] / paths[i]
    for d in range(depth - 1, 0, -1):
        low, high, end = starts[d], starts[d + 1], starts[d + 2]
        if pushed[d]:
            for i in range(low, high):
                back[queue[i]] = 0.0
            for i in range(high, end):
                w, carried = queue[i], paths[i]
                for e in range(in_offsets[w], in_offsets[w + 1]):
                    back[in_sources[e]] += carried
        else:
            for i in range(high, end):
                layer[queue[i]] = paths[i]
            for i in range(low, high):
                v = queue[i]
                back[v] = _gather(out_targets, layer, out_offsets[v], out_offsets[v + 1])
            for i in range(high, end):
                layer[queue[i]] = 0.0
        for i in range(low, high):
            v = queue[i]
            total[v] += times * (paths[i] * back[v])
            paths[i] = target[v] / paths[i] + back[v]


@jit(parallel=True)
def betweenness_lanes(
    start,
    stop,
    sources,
    times,
    out_offsets,
    out_targets,
    in_offsets,
    in_sources,
    target,
    endpoints,
    queue,
    paths,
    inbox,
    back,
    layer,
    starts,
    pushed,
    reached,
    total,
):
    """Add what passes through each node, on paths from sources start … stop - 1, to the lanes.

    =========  =======  ==========  ==================================================
    sources    int64    (k,)
    times      float64  (k,)        how often each counts
    endpoints  bool                 whether a path passes through its ends
    reached    int64    (k,)        filled: nodes reached, the source included, or MANY
    total      float64  (lanes, n)  added to
    =========  =======  ==========  ==================================================
    """
    lanes, threads = total.shape[0], queue.shape[0]
    for t in prange(threads):
        for lane in range(t, lanes, threads):
            for k in range(start + (lane - start) % lanes, stop, lanes):
                s = sources[k]
                depth, reached[k] = _outwards(
                    s,
                    out_offsets,
                    out_targets,
                    in_offsets,
                    in_sources,
                    queue[t],
                    paths[t],
                    inbox[t],
                    layer[t],
                    starts[t],
                    pushed[t],
                )
                _inwards(
                    depth,
                    times[k],
                    out_offsets,
                    out_targets,
                    in_offsets,
                    in_sources,
                    target,
                    queue[t],
                    paths[t],
                    back[t],
                    layer[t],
                    starts[t],
                    pushed[t],
                    total[lane],
                )
                if endpoints:
                    ends = 0
                    for i in range(1, reached[k]):
                        w = queue[t, i]
                        ends += target[w]
                        total[lane, w] += times[k] * target[w]
                    total[lane, s] += times[k] * ends


@jit(parallel=True)
def edge_lanes(
    start,
    stop,
    sources,
    times,
    out_offsets,
    out_targets,
    in_offsets,
    in_sources,
    target,
    queue,
    paths,
    inbox,
    layer,
    starts,
    pushed,
    reached,
    total,
):
    """Add what passes along each arc, on paths from sources start … stop - 1, to the lanes.

    =======  =======  ==========  ==================================================
    sources  int64    (k,)
    times    float64  (k,)        how often each counts
    reached  int64    (k,)        filled: nodes reached, the source included, or MANY
    total    float64  (lanes, m)  added to
    =======  =======  ==========  ==================================================
    """
    lanes, threads = total.shape[0], queue.shape[0]
    for t in prange(threads):
        for lane in range(t, lanes, threads):
            for k in range(start + (lane - start) % lanes, stop, lanes):
                depth, reached[k] = _outwards(
                    sources[k],
                    out_offsets,
                    out_targets,
                    in_offsets,
                    in_sources,
                    queue[t],
                    paths[t],
                    inbox[t],
                    layer[t],
                    starts[t],
                    pushed[t],
                )
                own, carry = queue[t], layer[t]
                for i in range(starts[t, depth], starts[t, depth + 1]):
                    paths[t, i] = target[own[i]] / paths[t, i]
                for d in range(depth - 1, -1, -1):
                    low, high, end = starts[t, d], starts[t, d + 1], starts[t, d + 2]
                    for i in range(high, end):
                        carry[own[i]] = paths[t, i]
                    for i in range(low, high):
                        v = own[i]
                        share, carried = times[k] * paths[t, i], 0.0
                        for e in range(out_offsets[v], out_offsets[v + 1]):
                            through = carry[out_targets[e]]
                            carried += through
                            total[lane, e] += share * through
                        paths[t, i] = target[v] / paths[t, i] + carried
                    for i in range(high, end):
                        carry[own[i]] = 0.0
