"""Sums of a Poisson regression, in an order that does not depend on threads."""

import numpy as np

from influence.kernels._jit import jit, prange

__all__ = ["cholesky_solve", "poisson_sums"]

BLOCK = 16384


@jit(parallel=True)
def poisson_sums(design, outcome, offset, beta):
    """Return log-likelihood (up to a constant), gradient (p,) and information (p, p) at ``beta``.

    ========  =======  =========================================
    design    float64  (m, p), rows contiguous
    outcome   float64  (m,), 0 or more
    offset    float64  (m,), finite
    beta      float64  (p,)
    ========  =======  =========================================

    Rows are cut into fixed blocks; each block has one writer, and blocks are added in order.
    """
    m, p = design.shape
    blocks = (m + BLOCK - 1) // BLOCK
    parts = np.zeros((blocks, 1 + p + p * p), np.float64)
    for b in prange(blocks):
        part = parts[b]
        for r in range(b * BLOCK, min(m, (b + 1) * BLOCK)):
            eta = offset[r]
            for i in range(p):
                eta += design[r, i] * beta[i]
            eta = min(max(eta, -700.0), 80.0)
            mu = np.exp(eta)
            part[0] += outcome[r] * eta - mu
            for i in range(p):
                x = design[r, i]
                part[1 + i] += x * (outcome[r] - mu)
                for k in range(i + 1):
                    part[1 + p + i * p + k] += mu * x * design[r, k]
    sums = np.zeros(1 + p + p * p, np.float64)
    for b in range(blocks):
        sums += parts[b]
    information = np.empty((p, p), np.float64)
    for i in range(p):
        for k in range(i + 1):
            information[i, k] = sums[1 + p + i * p + k]
            information[k, i] = information[i, k]
    return sums[0], sums[1 : 1 + p].copy(), information


@jit
def cholesky_solve(matrix, right):
    """Solve a small positive definite system; a pivot that is not positive gives NaN throughout."""
    p = right.shape[0]
    lower = np.zeros((p, p), np.float64)
    for i in range(p):
        for k in range(i + 1):
            value = matrix[i, k]
            for q in range(k):
                value -= lower[i, q] * lower[k, q]
            if i == k:
                if not value > 0.0:
                    return np.full(p, np.nan)
                lower[i, i] = np.sqrt(value)
            else:
                lower[i, k] = value / lower[k, k]
    x = right.copy()
    for i in range(p):
        for k in range(i):
            x[i] -= lower[i, k] * x[k]
        x[i] /= lower[i, i]
    for i in range(p - 1, -1, -1):
        for k in range(i + 1, p):
            x[i] -= lower[k, i] * x[k]
        x[i] /= lower[i, i]
    return x
