"""Which edges are answered by the edge turned round."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["answered"]


@jit
def answered(out_offsets, out_targets, in_offsets, in_sources):
    """Return for each edge u → v whether v → u is an edge too, shape (k,).

    ===========  =====  =====================================
    out_offsets  int64  (n + 1,)
    out_targets  int32  (k,) ascending in each row
    in_offsets   int64  (n + 1,)
    in_sources   int32  (k,) ascending in each row
    ===========  =====  =====================================
    """
    n = out_offsets.shape[0] - 1
    found = np.zeros(out_targets.shape[0], np.bool_)
    for u in range(n):
        q, last = in_offsets[u], in_offsets[u + 1]
        for e in range(out_offsets[u], out_offsets[u + 1]):
            while q < last and in_sources[q] < out_targets[e]:
                q += 1
            found[e] = q < last and in_sources[q] == out_targets[e]
    return found
