"""Products with the rows of a graph: one writer a row and sums in a fixed order, so threads do not change a byte."""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.prefetch import AHEAD, prefetch

__all__ = ["affine", "pull", "walk"]

BLOCK = 1024
LONG = 32  # edges
FAR = 1 << 18  # numbers of 8 bytes: 2 MiB, more than a core's own cache


@jit
def sum_rows(offsets, neighbours, weight, weighted, x, y, start, stop):
    """Set y[i] to the sum of weight[e] * x[neighbours[e]] over row i, of x alone where not weighted, i < stop.

    Short rows end where the processor does not expect it, and what it has begun to read is lost. So nothing else is
    done between them, and where x is larger than the caches it is told some edges ahead what it will need. Long rows
    have four chains of additions, as one would wait for itself.
    """
    far = x.shape[0] > FAR
    last = neighbours.shape[0] - 1
    for i in range(start, stop):
        first, end = offsets[i], offsets[i + 1]
        a = b = c = d = 0.0
        if far:
            if weighted:
                for e in range(first, end):
                    prefetch(x, np.int64(neighbours[min(e + AHEAD, last)]))
                    a += weight[e] * x[neighbours[e]]
            else:
                for e in range(first, end):
                    prefetch(x, np.int64(neighbours[min(e + AHEAD, last)]))
                    a += x[neighbours[e]]
        else:
            if end - first >= LONG:
                whole = first + (end - first) // 4 * 4
                if weighted:
                    for e in range(first, whole, 4):
                        a += weight[e] * x[neighbours[e]]
                        b += weight[e + 1] * x[neighbours[e + 1]]
                        c += weight[e + 2] * x[neighbours[e + 2]]
                        d += weight[e + 3] * x[neighbours[e + 3]]
                else:
                    for e in range(first, whole, 4):
                        a += x[neighbours[e]]
                        b += x[neighbours[e + 1]]
                        c += x[neighbours[e + 2]]
                        d += x[neighbours[e + 3]]
                first = whole
            if weighted:
                for e in range(first, end):
                    a += weight[e] * x[neighbours[e]]
            else:
                for e in range(first, end):
                    a += x[neighbours[e]]
        y[i] = (a + b) + (c + d)


@jit(parallel=True)
def pull(offsets, neighbours, weight, x):
    """Return y with y[i] = sum of weight[e] * x[neighbours[e]] over row i.

    ==========  =======  ==========
    offsets     int64    (n + 1,)
    neighbours  int32    (k,)
    weight      float64  (k,)
    x, y        float64  (n,)
    ==========  =======  ==========
    """
    n = offsets.shape[0] - 1
    y = np.empty(n, np.float64)
    for b in prange((n + BLOCK - 1) // BLOCK):
        sum_rows(offsets, neighbours, weight, True, x, y, b * BLOCK, min(n, (b + 1) * BLOCK))
    return y


@jit(parallel=True)
def walk(bounds, offsets, neighbours, weight, weighted, sent, following, x, share, alpha, own, q, jump, p, tally):
    """Move a walker one step: x[i] = alpha * row i of sent + q * own[i] + p * jump[i], following = share * x.

    ================  =======  ==============  ==================================================================
    bounds            int64    (blocks + 1,)   first row of each block
    offsets           int64    (n + 1,)
    neighbours        int32    (k,)
    weight            float64  (k,)            not read unless `weighted`
    sent, following   float64  (n,)            what a node passes on along an edge of weight 1, before and after
    x                 float64  (n,)            overwritten
    share             float64  (n,)            1 / outgoing weight, 0 where there is none
    own, jump         float64  (n,) or (1,)    one number stands for all
    tally             float64  (blocks, 4)     of each block, see below
    ================  =======  ==============  ==================================================================

    The tally holds Σ|y − x|, Σ y where nothing is passed on, Σ following, and the largest |y − x| / (q own), with x
    before the step and y after it.
    """
    step_own = 1 if own.shape[0] > 1 else 0
    step_jump = 1 if jump.shape[0] > 1 else 0
    for b in prange(bounds.shape[0] - 1):
        sum_rows(offsets, neighbours, weight, weighted, sent, following, bounds[b], bounds[b + 1])
        change = stuck = passed = worst = 0.0
        for i in range(bounds[b], bounds[b + 1]):
            given = q * own[i * step_own]
            new = alpha * following[i] + given + p * jump[i * step_jump]
            difference = abs(new - x[i])
            change += difference
            if worst < np.inf and difference > worst * given:
                worst = difference / given if given > 0.0 else np.inf
            part = share[i]
            stuck += new if part == 0.0 else 0.0
            x[i] = new
            following[i] = new * part
            passed += new * part
        tally[b, 0] = change
        tally[b, 1] = stuck
        tally[b, 2] = passed
        tally[b, 3] = worst


@jit(parallel=True)
def affine(bounds, offsets, neighbours, weight, weighted, x, y, scale, shift, own, tally):
    """Set y[i] = scale * row i of x + shift * x[i] + own[i].

    ==========  =======  ==============  ==================================
    bounds      int64    (blocks + 1,)   first row of each block
    offsets     int64    (n + 1,)
    neighbours  int32    (k,)
    weight      float64  (k,)            not read unless `weighted`
    x, y        float64  (n,)
    own         float64  (n,) or (1,)    one number stands for all
    tally       float64  (blocks, 6)     of each block, see below
    ==========  =======  ==============  ==================================

    The tally holds Σ|y − x|, Σ|y|, Σ y², Σ x y, the largest |y − x| / own, and the largest y / x, infinite where
    y > 0 = x.
    """
    step = 1 if own.shape[0] > 1 else 0
    for b in prange(bounds.shape[0] - 1):
        sum_rows(offsets, neighbours, weight, weighted, x, y, bounds[b], bounds[b + 1])
        change = total = square = dot = relative = high = 0.0
        for i in range(bounds[b], bounds[b + 1]):
            given = own[i * step]
            old = x[i]
            new = scale * y[i] + shift * old + given
            y[i] = new
            difference = abs(new - old)
            change += difference
            total += abs(new)
            square += new * new
            dot += old * new
            if relative < np.inf and difference > relative * given:
                relative = difference / given if given > 0.0 else np.inf
            if high < np.inf and new > high * old:
                high = new / old if old > 0.0 else np.inf
        tally[b, 0] = change
        tally[b, 1] = total
        tally[b, 2] = square
        tally[b, 3] = dot
        tally[b, 4] = relative
        tally[b, 5] = high
