"""Sums by group over plain arrays, always in the order of the rows, and the numbers of their rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["count_by", "ranges", "sum_by"]


def count_by(group: npt.NDArray[Any], size: int) -> npt.NDArray[np.int64]:
    """Count the rows of each group 0 … size - 1, shape (size,)."""
    return np.bincount(group, minlength=size).astype(np.int64, copy=False)


def sum_by(group: npt.NDArray[Any], values: npt.NDArray[Any], size: int) -> npt.NDArray[np.float64]:
    """Sum the values of each group 0 … size - 1, shape (size,)."""
    return np.bincount(group, values, minlength=size).astype(np.float64, copy=False)


def ranges(begin: npt.NDArray[np.int64], count: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return ``begin[0], begin[0] + 1, …`` (``count[0]`` of them), then those of the next, and so on.

    Examples
    --------
    >>> ranges(np.array([5, 9]), np.array([2, 3])).tolist()
    [5, 6, 9, 10, 11]
    """
    offset = np.cumsum(count) - count
    found: npt.NDArray[np.int64] = np.arange(int(count.sum())) + np.repeat(begin - offset, count)
    return found
