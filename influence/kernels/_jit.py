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
        compiled = numba.njit(cache=True, parallel=parallel)(function)
    except RuntimeError:
        return numba.njit(parallel=parallel)(function)
    _outlive_upgrades(compiled)
    return compiled


def _outlive_upgrades(compiled):
    """Take an index of the cache that cannot be read for an empty one.

    It is pickled with the types of the arguments: where another version left it, they may have gone since, and numba
    raises at the first call.
    """
    file = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    load = getattr(file, "_load_index", None)
    if load is None:
        return

    def load_or_begin_anew():
        try:
            return load()
        except (AttributeError, ImportError):
            return {}

    file._load_index = load_or_begin_anew
