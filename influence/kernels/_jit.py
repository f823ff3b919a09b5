"""One decorator for every kernel, so that compilation is cached wherever it can be."""

from __future__ import annotations

import functools
import os

import numba

__all__ = ["jit", "prange"]

# Read by the OpenMP runtime when numba loads it, with the first parallel kernel. Waiting threads spin by default, and
# on a machine that does anything else besides, two of them took ten times as long as one; asleep they did not.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

prange = numba.prange


def jit(function=None, *, parallel=False):
    """Compile without the interpreter, caching on disk where a cache can be written.

    A read-only installation without a writable home has no place for a cache, and numba raises
    then at decoration; such a place compiles afresh in each process.
    """
    if function is None:
        return functools.partial(jit, parallel=parallel)
    try:
        return numba.njit(cache=True, parallel=parallel)(function)
    except RuntimeError:
        return numba.njit(parallel=parallel)(function)
