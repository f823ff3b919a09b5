"""Replicates of listeners, drawn by counting: the draw of a person in a replicate depends on nothing else."""

import math

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["replicate_sums"]

# SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the odd constant, and the two multipliers of its finaliser.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ONE = np.uint64(1)
# A draw needs 16 bits, so that 64 serve four replicates; of a chance they leave out less than 2e-5.
_LANES, _BITS, _LANE = 4, 16, np.uint64(0xFFFF)

BLOCK = 256


@jit
def _mix(x):
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


@jit
def _poisson_table():
    """Return the Poisson(1) count at each of the 2¹⁶ quantiles (i + ½) / 2¹⁶."""
    size = 1 << _BITS
    counts = np.empty(size, np.float64)
    count = 0
    chance = math.exp(-1.0)
    total = chance
    for i in range(size):
        while (i + 0.5) / size > total:
            count += 1
            chance /= count
            total += chance
        counts[i] = count
    return counts


@jit(parallel=True)
def replicate_sums(offsets, listener, amount, seed, replicates, begin, end):
    """Return sums of rows in which each listener counts Poisson(1) times, anew in every replicate.

    ==========  =======  ============================================
    offsets     int64    (n + 1,) rows of the influencers
    listener    int32    (m,)
    amount      float64  (m,)
    seed        int
    replicates  int64    (r,) numbers of the replicates
    begin, end  int      rows
    sums        float64  (r, end - begin)
    ==========  =======  ============================================
    """
    reps = replicates.shape[0]
    stream = np.empty(reps, np.uint64)
    shift = np.empty(reps, np.uint64)
    for b in range(reps):
        word = np.uint64(replicates[b] // _LANES)
        stream[b] = _mix(_mix(np.uint64(seed) + _GOLDEN) + (word + _ONE) * _GOLDEN)
        shift[b] = np.uint64(_BITS * (replicates[b] % _LANES))
    copies = _poisson_table()
    sums = np.zeros((reps, end - begin), np.float64)
    for block in prange((end - begin + BLOCK - 1) // BLOCK):
        acc = np.empty(reps, np.float64)
        for row in range(begin + block * BLOCK, min(end, begin + (block + 1) * BLOCK)):
            if offsets[row] == offsets[row + 1]:
                continue
            acc[:] = 0.0
            for e in range(offsets[row], offsets[row + 1]):
                x = amount[e]
                if x == 0.0:
                    continue
                number = (np.uint64(listener[e]) + _ONE) * _GOLDEN
                drawn = _mix(stream[0] + number)
                for b in range(reps):
                    if b > 0 and stream[b] != stream[b - 1]:
                        drawn = _mix(stream[b] + number)
                    acc[b] += copies[(drawn >> shift[b]) & _LANE] * x
            for b in range(reps):
                sums[b, row - begin] = acc[b]
    return sums
