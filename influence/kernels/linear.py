"""Pulls over rows of weighted edges: one writer a row, so the sum does not depend on threads."""

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["pagerank_step", "pull"]

BLOCK = 1024


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
        for i in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            total = 0.0
            for e in range(offsets[i], offsets[i + 1]):
                total += weight[e] * x[neighbours[e]]
            y[i] = total
    return y


@jit(parallel=True)
def pagerank_step(offsets, neighbours, weight, x, restart, alpha, dangling):
    """Return alpha * (pull(x) + dangling * restart) + (1 - alpha) * restart, one fused row at a time."""
    n = offsets.shape[0] - 1
    y = np.empty(n, np.float64)
    for b in prange((n + BLOCK - 1) // BLOCK):
        for i in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            total = 0.0
            for e in range(offsets[i], offsets[i + 1]):
                total += weight[e] * x[neighbours[e]]
            y[i] = alpha * (total + dangling * restart[i]) + (1.0 - alpha) * restart[i]
    return y
