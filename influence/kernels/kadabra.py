"""Shortest paths drawn at random: between two random ends, one of their shortest paths, each as likely (KADABRA).

A draw depends on the seed and its number alone, and counts are whole: neither threads nor cuts change them. The search
goes from both ends, always on where fewer arcs wait. Before a layer is labelled it is only looked through for nodes of
the other side's outermost layer, which spares the labelling of the last and largest one.
"""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.brandes_weighted import SETTLED, UNSEEN, pop, push
from influence.kernels.random import stream, uniform, word

__all__ = ["draw_paths", "draw_weighted_paths"]


@jit
def _ends(start, n):
    """Return two different nodes."""
    s = min(n - 1, int((1.0 - uniform(word(start, 0))) * n))
    t = min(n - 2, int((1.0 - uniform(word(start, 1))) * (n - 1)))
    return s, t + (1 if t >= s else 0)


@jit
def _meetings(low, high, queue, offsets, neighbours, label, outermost, paths, weight):
    """Fill weight[low:high], the running number of paths across to nodes labelled `outermost`; return the last."""
    total = 0.0
    for i in range(low, high):
        u, across = queue[i], 0.0
        for e in range(offsets[u], offsets[u + 1]):
            w = neighbours[e]
            if label[w] == outermost:
                across += paths[w]
        total += paths[u] * across
        weight[i] = total
    return total


@jit
def _expand(low, high, queue, offsets, neighbours, label, mark, paths):
    """Label the next layer with `mark`; return the end of the queue and the arcs that wait there."""
    tail, waiting = high, 0
    for i in range(low, high):
        u = queue[i]
        for e in range(offsets[u], offsets[u + 1]):
            w = neighbours[e]
            if label[w] == 0:
                label[w] = mark
                paths[w] = paths[u]
                queue[tail] = w
                tail += 1
                waiting += offsets[w + 1] - offsets[w]
            elif label[w] == mark:
                paths[w] += paths[u]
    return tail, waiting


@jit
def _pick(u, offsets, neighbours, label, wanted, paths, share):
    """Return a neighbour of u labelled `wanted`, that at the given share of their paths."""
    total, chosen = 0.0, u
    for e in range(offsets[u], offsets[u + 1]):
        w = neighbours[e]
        if label[w] == wanted:
            total += paths[w]
            chosen = w
            if total > share:
                break
    return chosen


@jit
def _draw(start, n, out_offsets, out_targets, in_offsets, in_sources, label, paths, ahead, behind, weight, count):
    """Draw one path and count its inner nodes; return False where paths were too many to count."""
    s, t = _ends(start, n)
    label[s], label[t], paths[s], paths[t], ahead[0], behind[0] = 1, -1, 1.0, 1.0, s, t
    low, high, depth = 0, 1, 1
    back_low, back_high, back_depth = 0, 1, 1
    waiting = out_offsets[s + 1] - out_offsets[s]
    back_waiting = in_offsets[t + 1] - in_offsets[t]
    found, u, w = 0.0, s, t
    while waiting > 0 and back_waiting > 0:
        if waiting <= back_waiting:
            found = _meetings(low, high, ahead, out_offsets, out_targets, label, -back_depth, paths, weight)
            if found > 0.0:
                share = (1.0 - uniform(word(start, 2))) * found
                i = min(high - 1, low + np.searchsorted(weight[low:high], share, side="right"))
                u = ahead[i]
                rest = (share - (weight[i - 1] if i > low else 0.0)) / paths[u]
                w = _pick(u, out_offsets, out_targets, label, -back_depth, paths, rest)
                break
            depth += 1
            tail, waiting = _expand(low, high, ahead, out_offsets, out_targets, label, depth, paths)
            low, high = high, tail
        else:
            found = _meetings(back_low, back_high, behind, in_offsets, in_sources, label, depth, paths, weight)
            if found > 0.0:
                share = (1.0 - uniform(word(start, 2))) * found
                i = min(back_high - 1, back_low + np.searchsorted(weight[back_low:back_high], share, side="right"))
                w = behind[i]
                rest = (share - (weight[i - 1] if i > back_low else 0.0)) / paths[w]
                u = _pick(w, in_offsets, in_sources, label, depth, paths, rest)
                break
            back_depth += 1
            tail, back_waiting = _expand(back_low, back_high, behind, in_offsets, in_sources, label, -back_depth, paths)
            back_low, back_high = back_high, tail
    if 0.0 < found < np.inf:
        number = 3
        while u != s:
            count[u] += 1
            share = (1.0 - uniform(word(start, number))) * paths[u]
            u = _pick(u, in_offsets, in_sources, label, label[u] - 1, paths, share)
            number += 1
        while w != t:
            count[w] += 1
            share = (1.0 - uniform(word(start, number))) * paths[w]
            w = _pick(w, out_offsets, out_targets, label, label[w] + 1, paths, share)
            number += 1
    for i in range(high):
        label[ahead[i]] = 0
    for i in range(back_high):
        label[behind[i]] = 0
    return found < np.inf


@jit(parallel=True)
def draw_paths(
    first,
    stop,
    seed,
    out_offsets,
    out_targets,
    in_offsets,
    in_sources,
    label,
    paths,
    ahead,
    behind,
    weight,
    count,
    failed,
):
    """Draw paths first … stop - 1 and add one to the count of each node inside each.

    =======================  =======  =============  ==============================================
    out_offsets, in_offsets  int64    (n + 1,)
    out_targets, in_sources  uint32   (m,)
    label                    int32    (threads, n)   zero before and after
    paths, weight            float64  (threads, n)   any
    ahead, behind            uint32   (threads, n)   any
    count                    int64    (threads, n)   added to
    failed                   int64    (threads,)     added to: draws with too many paths to count
    =======================  =======  =============  ==============================================
    """
    n, threads = out_offsets.shape[0] - 1, label.shape[0]
    for t in prange(threads):
        for number in range(first + t, stop, threads):
            if not _draw(
                stream(seed, number),
                n,
                out_offsets,
                out_targets,
                in_offsets,
                in_sources,
                label[t],
                paths[t],
                ahead[t],
                behind[t],
                weight[t],
                count[t],
            ):
                failed[t] += 1


@jit
def _settle(size, settled, offsets, neighbours, length, heap, place, distance, order, other, best):
    """Settle the nearest node; return the heap's size and the least length of a path through to the other side."""
    u = pop(heap, place, distance, size)
    size -= 1
    place[u] = SETTLED - settled  # and when
    order[settled] = u
    for e in range(offsets[u], offsets[u + 1]):
        w = neighbours[e]
        through = distance[u] + length[e]
        best = min(best, through + other[w])
        if place[w] > SETTLED and through < distance[w]:
            size = push(heap, place, distance, size, w, through)
    return size, best


@jit
def _count(order, settled, offsets, neighbours, length, slack, place, distance, paths):
    """Fill the number of shortest paths to each settled node, from the rows that lead back."""
    paths[order[0]] = 1.0
    for i in range(1, settled):
        u, total = order[i], 0.0
        reach = distance[u] * (1.0 + slack)
        for e in range(offsets[u], offsets[u + 1]):
            w = neighbours[e]
            if place[u] < place[w] <= SETTLED and distance[w] + length[e] <= reach:
                total += paths[w]
        paths[u] = total


@jit
def _step(u, share, offsets, neighbours, length, slack, place, distance, paths):
    """Return a node before u on its shortest paths, that at the given share of them."""
    total, chosen, reach = 0.0, u, distance[u] * (1.0 + slack)
    for e in range(offsets[u], offsets[u + 1]):
        w = neighbours[e]
        if place[u] < place[w] <= SETTLED and distance[w] + length[e] <= reach:
            total += paths[w]
            chosen = w
            if total > share:
                break
    return chosen


@jit
def _draw_weighted(
    start,
    n,
    out_offsets,
    out_targets,
    out_length,
    in_offsets,
    in_sources,
    in_length,
    slack,
    heap,
    place,
    distance,
    order,
    paths,
    count,
):
    """Draw one path by length and count its inner nodes; return False where paths were too many to count.

    The first row of each work array belongs to the side of the source. Every node of a shortest path is settled by one
    side at least when no shorter path can be found; those settled by the source's side come first on it, so that one
    arc of each path leads out of them.
    """
    s, t = _ends(start, n)
    size, back_size = push(heap[0], place[0], distance[0], 0, s, 0.0), push(heap[1], place[1], distance[1], 0, t, 0.0)
    settled, back_settled, best = 0, 0, np.inf
    while size > 0 and back_size > 0:
        near, back_near = heap[0, 0], heap[1, 0]
        begun = settled > 0 and back_settled > 0
        shortest = distance[0, near] + distance[1, back_near] > best * (1.0 + slack)
        if begun and (near == t or back_near == s or shortest):
            break
        # each side its own end first, then whichever has less before it
        if settled == 0 or (begun and size <= back_size):
            size, best = _settle(
                size, settled, out_offsets, out_targets, out_length, heap[0], place[0], distance[0], order[0],
                distance[1], best,
            )  # fmt: skip
            settled += 1
        else:
            back_size, best = _settle(
                back_size, back_settled, in_offsets, in_sources, in_length, heap[1], place[1], distance[1], order[1],
                distance[0], best,
            )  # fmt: skip
            back_settled += 1
    found = 0.0
    if best < np.inf:
        _count(order[0], settled, in_offsets, in_sources, in_length, slack, place[0], distance[0], paths[0])
        _count(order[1], back_settled, out_offsets, out_targets, out_length, slack, place[1], distance[1], paths[1])
        reach = best * (1.0 + slack)
        for again in range(2):
            total, share = 0.0, (1.0 - uniform(word(start, 2))) * found
            u, w = s, t
            for i in range(settled):
                v = order[0, i]
                for e in range(out_offsets[v], out_offsets[v + 1]):
                    x = out_targets[e]
                    if (
                        place[0, x] > SETTLED
                        and place[1, x] <= SETTLED
                        and distance[0, v] + out_length[e] + distance[1, x] <= reach
                    ):
                        total += paths[0, v] * paths[1, x]
                        u, w = v, x
                        if again and total > share:
                            break
                if again and total > share:
                    break
            found = total
        if 0.0 < found < np.inf:
            number = 3
            while u != s:
                count[u] += 1
                share = (1.0 - uniform(word(start, number))) * paths[0, u]
                u = _step(u, share, in_offsets, in_sources, in_length, slack, place[0], distance[0], paths[0])
                number += 1
            while w != t:
                count[w] += 1
                share = (1.0 - uniform(word(start, number))) * paths[1, w]
                w = _step(w, share, out_offsets, out_targets, out_length, slack, place[1], distance[1], paths[1])
                number += 1
    for side in range(2):
        for i in range(settled if side == 0 else back_settled):
            place[side, order[side, i]] = UNSEEN
            distance[side, order[side, i]] = np.inf
        for i in range(size if side == 0 else back_size):
            place[side, heap[side, i]] = UNSEEN
            distance[side, heap[side, i]] = np.inf
    return found < np.inf


@jit(parallel=True)
def draw_weighted_paths(
    first,
    stop,
    seed,
    out_offsets,
    out_targets,
    out_length,
    in_offsets,
    in_sources,
    in_length,
    slack,
    heap,
    place,
    distance,
    order,
    paths,
    count,
    failed,
):
    """Draw paths first … stop - 1, by length, and add one to the count of each node inside each.

    =======================  =======  ================  ==================================================
    out_offsets, in_offsets  int64    (n + 1,)
    out_targets, in_sources  uint32   (m,)
    out_length, in_length    float64  (m,)
    slack                    float64                    as a part of a length
    heap                     int32    (threads, 2, n)   any
    place                    int32    (threads, 2, n)   UNSEEN before and after
    distance                 float64  (threads, 2, n)   infinite before and after
    order                    uint32   (threads, 2, n)   any
    paths                    float64  (threads, 2, n)   any
    count                    int64    (threads, n)      added to
    failed                   int64    (threads,)        added to: draws with too many paths to count
    =======================  =======  ================  ==================================================
    """
    n, threads = out_offsets.shape[0] - 1, heap.shape[0]
    for t in prange(threads):
        for number in range(first + t, stop, threads):
            if not _draw_weighted(
                stream(seed, number),
                n,
                out_offsets,
                out_targets,
                out_length,
                in_offsets,
                in_sources,
                in_length,
                slack,
                heap[t],
                place[t],
                distance[t],
                order[t],
                paths[t],
                count[t],
            ):
                failed[t] += 1
