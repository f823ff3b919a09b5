"""Sums by group over plain arrays, always in the order of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["count_by", "sum_by"]


def count_by(group: npt.NDArray[Any], size: int) -> npt.NDArray[np.int64]:
    """Count the rows of each group 0 … size - 1, shape (size,)."""
    return np.bincount(group, minlength=size).astype(np.int64, copy=False)


def sum_by(group: npt.NDArray[Any], values: npt.NDArray[Any], size: int) -> npt.NDArray[np.float64]:
    """Sum the values of each group 0 … size - 1, shape (size,)."""
    return np.bincount(group, values, minlength=size).astype(np.float64, copy=False)
