"""Triangles: every one is met once, from its node of least degree.

Nodes are numbered by falling degree ("labels"), so that no node has many neighbours of lesser label: at most the square
root of twice the edges. Those neighbours are its lower row, ascending. Node v marks its lower row, and every node u
that has v in its lower row looks through what stands there before v: a marked w makes the triangle u, v, w. That is
Σ_u d(u) (d(u) - 1) / 2 looks, d the lengths of the lower rows, and the marks of the hubs stay in the nearest cache.

Indices are cast to unsigned integers: a signed one costs a test for wrapping round in the innermost loop.

============  =======  ==================================================================
offsets       int64    (n + 1,) rows of all neighbours, an edge in the rows of both ends
targets       int32    (2 m,) self-loops may be among them: they are passed over
label         int32    (n,) place of each node by falling degree
order         int32    (n,) node of each label
lower_start   int64    (n + 1,) lower rows by label
lower         int32    (m,) labels, ascending in each row
upper_start   int64    (n + 1,) the same edges by their lesser label
upper         int32    (m,) the greater label
place         int32    (m,) where the lesser label stands in the lower row of the greater
lower_weight  float64  (m,) weight of each edge, beside ``lower``; empty where none is needed
============  =======  ==================================================================
"""

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["count_triangles", "degree_order", "lower_rows", "lower_sizes", "triangle_work", "weigh_triangles"]


@jit
def degree_order(offsets):
    """Return order and label by falling degree, equal degrees by number."""
    n = offsets.shape[0] - 1
    most = 0
    for i in range(n):
        most = max(most, offsets[i + 1] - offsets[i])
    start = np.zeros(most + 2, np.int64)
    for i in range(n):
        start[most - (offsets[i + 1] - offsets[i]) + 1] += 1
    for k in range(most + 1):
        start[k + 1] += start[k]
    order = np.empty(n, np.int32)
    label = np.empty(n, np.int32)
    for i in range(n):
        k = most - (offsets[i + 1] - offsets[i])
        order[start[k]] = i
        label[i] = start[k]
        start[k] += 1
    return order, label


@jit(parallel=True)
def lower_sizes(offsets, targets, order, label, lower_size, upper_size):
    """Count the neighbours of lesser and of greater label, by label; sizes int64 (n,)."""
    n = order.shape[0]
    block = 256
    for b in prange((n + block - 1) // block):
        for w in range(b * block, min(n, (b + 1) * block)):
            less = 0
            more = 0
            for e in range(np.uint64(offsets[order[w]]), np.uint64(offsets[order[w] + 1])):
                x = label[np.uint32(targets[e])]
                less += x < w
                more += x > w
            lower_size[w] = less
            upper_size[w] = more


@jit
def lower_rows(offsets, targets, weight, order, label, start, stop, filled, lower_start, lower, lower_weight,
               upper_start, upper, place):  # fmt: skip
    """Write both rows of the edges whose lesser label lies in start … stop - 1.

    weight is float64 (2 m,) or empty; filled, int32 (n,), counts what stands in each lower row and starts as zeros.
    Labels come in ascending order, so every lower row fills ascending.
    """
    weighted = lower_weight.shape[0] > 0
    for w in range(start, stop):
        k = np.uint64(upper_start[w])
        for e in range(np.uint64(offsets[order[w]]), np.uint64(offsets[order[w] + 1])):
            x = np.uint32(label[np.uint32(targets[e])])
            if x > w:
                at = filled[x]
                filled[x] = at + 1
                p = np.uint64(lower_start[x] + at)
                lower[p] = w
                if weighted:
                    lower_weight[p] = weight[e]
                upper[k] = x
                place[k] = at
                k += np.uint64(1)


@jit(parallel=True)
def triangle_work(lower_start, upper_start, place, work):
    """Fill work, int64 (n,), with about how many steps each label takes below; each at least 1."""
    n = work.shape[0]
    block = 256
    for b in prange((n + block - 1) // block):
        for v in range(b * block, min(n, (b + 1) * block)):
            steps = 1
            if lower_start[v + 1] > lower_start[v]:
                steps += 2 * (lower_start[v + 1] - lower_start[v]) + 4 * (upper_start[v + 1] - upper_start[v])
                for k in range(np.uint64(upper_start[v]), np.uint64(upper_start[v + 1])):
                    steps += place[k]
            work[v] = steps


@jit(parallel=True)
def count_triangles(lower_start, lower, upper_start, upper, place, bounds, marks, counts):
    """Add the triangles whose middle label is bounds[t] … bounds[t + 1] - 1 to counts[t], lane by lane t.

    marks is uint8 (lanes, n) and zero, before and after; counts int64 (lanes, n), by label: whole numbers, so it does
    not matter how many lanes there are.
    """
    for t in prange(marks.shape[0]):
        mark = marks[t]
        count = counts[t]
        for v in range(bounds[t], bounds[t + 1]):
            first, last = np.uint64(lower_start[v]), np.uint64(lower_start[v + 1])
            if first == last:
                continue
            for p in range(first, last):
                mark[np.uint32(lower[p])] = 1
            total = 0
            for k in range(np.uint64(upper_start[v]), np.uint64(upper_start[v + 1])):
                u = np.uint32(upper[k])
                begin = lower_start[u]
                found = 0
                for p in range(np.uint64(begin), np.uint64(begin + place[k])):
                    w = np.uint32(lower[p])
                    # without a branch: whether w is marked cannot be foreseen
                    hit = mark[w]
                    found += hit
                    count[w] += hit
                count[u] += found
                total += found
            count[v] += total
            for p in range(first, last):
                mark[np.uint32(lower[p])] = 0


@jit(parallel=True)
def weigh_triangles(lower_start, lower, lower_weight, upper_start, upper, place, start, stop, marks, sums):
    """Add the products of the weights of each triangle with a middle label in start … stop - 1 to its three nodes.

    marks and sums are float64 (lanes, n), marks zero before and after. Label v belongs to lane v mod lanes: with the
    same lanes the sums are the same to the last digit, whatever the threads and however the labels are cut.
    """
    lanes = marks.shape[0]
    for t in prange(lanes):
        mark = marks[t]
        total = sums[t]
        for v in range(start + (t - start) % lanes, stop, lanes):
            first, last = np.uint64(lower_start[v]), np.uint64(lower_start[v + 1])
            if first == last:
                continue
            for p in range(first, last):
                mark[np.uint32(lower[p])] = lower_weight[p]
            own = 0.0
            for k in range(np.uint64(upper_start[v]), np.uint64(upper_start[v + 1])):
                u = np.uint32(upper[k])
                begin = lower_start[u]
                edge = lower_weight[np.uint64(begin + place[k])]
                found = 0.0
                for p in range(np.uint64(begin), np.uint64(begin + place[k])):
                    w = np.uint32(lower[p])
                    product = lower_weight[p] * mark[w] * edge
                    found += product
                    total[w] += product
                total[u] += found
                own += found
            total[v] += own
            for p in range(first, last):
                mark[np.uint32(lower[p])] = 0.0
