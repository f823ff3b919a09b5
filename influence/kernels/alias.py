"""Draws from a fixed distribution by one look into a table."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["fill_alias"]


@jit
def fill_alias(mass, table):
    """Fill in the alias table of draws in proportion to ``mass`` (Walker 1977, Vose 1991).

    With u uniform on (0, 1], i = ⌊n u⌋ is drawn if n u - i < table[i, 0], else table[i, 1]; nothing of mass 0 ever is.

    =====  =======  ===========================
    mass   float64  (n,) 0 or more, not all of them 0
    table  float64  (n, 2), the second column whole numbers
    =====  =======  ===========================
    """
    n = mass.shape[0]
    total = 0.0
    for i in range(n):
        total += mass[i]
    # the poor from the front, the rich from the back
    waiting = np.empty(n, np.int32)
    poor, rich = 0, n
    for i in range(n):
        table[i, 0], table[i, 1] = mass[i] / total * n, i
        if table[i, 0] < 1.0:
            waiting[poor] = i
            poor += 1
        else:
            rich -= 1
            waiting[rich] = i
    while poor > 0 and rich < n:
        poor -= 1
        i, j = waiting[poor], waiting[rich]
        table[i, 1] = j
        table[j, 0] -= 1.0 - table[i, 0]
        if table[j, 0] < 1.0:
            rich += 1
            waiting[poor] = j
            poor += 1
