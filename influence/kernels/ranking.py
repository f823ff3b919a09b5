"""How much of an outcome the top of an ordering holds, with replicates of people."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["largest_in_rows", "top_sums"]


@jit
def top_sums(order, copies, gain, discount_sum, k):
    """Return (sum, discounted sum) of ``gain`` over the first ``k`` places of an ordering.

    ============  =======  =============================================================
    order         int64    (n,) people, best first
    copies        int64    (n,) how often a person stands in this replicate
    gain          float64  (n,)
    discount_sum  float64  (places + 1,) running sum of the discount of places 1, 2, …
    k             int      places
    ============  =======  =============================================================
    """
    place = 0
    total = 0.0
    discounted = 0.0
    for q in range(order.shape[0]):
        p = order[q]
        c = min(copies[p], k - place)
        if c > 0:
            total += c * gain[p]
            discounted += gain[p] * (discount_sum[place + c] - discount_sum[place])
            place += c
            if place == k:
                break
    return total, discounted


@jit
def largest_in_rows(offsets, value, width):
    """Return for each row the positions of its ``width`` largest values, largest first, -1 where there are fewer.

    Values at or below zero are left out. The earlier position wins a tie, so that rows sorted by id break ties by id.
    """
    n = offsets.shape[0] - 1
    best = np.full((n, width), -1, np.int64)
    for i in range(n):
        filled = 0
        for e in range(offsets[i], offsets[i + 1]):
            x = value[e]
            if not x > 0.0 or (filled == width and x <= value[best[i, width - 1]]):
                continue
            q = filled if filled < width else width - 1
            while q > 0 and x > value[best[i, q - 1]]:
                best[i, q] = best[i, q - 1]
                q -= 1
            best[i, q] = e
            if filled < width:
                filled += 1
    return best
