"""Replicates of listeners, drawn by counting: the draw of a person in a replicate depends on nothing else."""

import math

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["replicate_sums"]

# SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the odd constant, and the two multipliers of its finaliser.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ONE, _SHIFT = np.uint64(1), np.uint64(11)
_TO_UNIT = 2.0**-53

BLOCK = 256


@jit
def _mix(x):
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


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
    for b in range(reps):
        stream[b] = _mix(_mix(np.uint64(seed) + _GOLDEN) + (np.uint64(replicates[b]) + _ONE) * _GOLDEN)
    sums = np.zeros((reps, end - begin), np.float64)
    for block in prange((end - begin + BLOCK - 1) // BLOCK):
        for row in range(begin + block * BLOCK, min(end, begin + (block + 1) * BLOCK)):
            for e in range(offsets[row], offsets[row + 1]):
                number = (np.uint64(listener[e]) + _ONE) * _GOLDEN
                for b in range(reps):
                    u = (np.float64(_mix(stream[b] + number) >> _SHIFT) + 0.5) * _TO_UNIT
                    count = 0
                    chance = math.exp(-1.0)
                    total = chance
                    while u > total and count < 20:
                        count += 1
                        chance /= count
                        total += chance
                    sums[b, row - begin] += count * amount[e]
    return sums
