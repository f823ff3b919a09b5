"""Where chance comes from: a stream for each part, and draws that hang on a row alone."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["DAY", "Floats", "Ints", "Mask", "chance", "draw", "stream"]

#: A day in seconds, the unit of all times in here.
DAY = 86_400.0

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def stream(seed: int, part: str) -> np.random.Generator:
    """Return the random numbers of one part: those of the other parts don't move them."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(part.encode())]))


def chance(seed: int, part: str, key: npt.NDArray[Any]) -> Floats:
    """Return a number in [0, 1) for each key, whatever other keys there are (SplitMix64).

    References
    ----------
    Steele, G. L., Lea, D. and Flood, C. H., "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    salt = int(stream(seed, part).integers(0, 2**63))
    z = key.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z ^= z >> np.uint64(shift)
        z *= np.uint64(factor)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def draw(rng: np.random.Generator, weights: Floats, size: int) -> Ints:
    """Return ``size`` indices drawn with replacement in proportion to ``weights``."""
    total = np.cumsum(weights)
    drawn: Ints = np.searchsorted(total, rng.random(size) * total[-1], side="right").astype(np.int64)
    return np.minimum(drawn, len(weights) - 1, out=drawn)
