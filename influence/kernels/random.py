"""Random numbers by counting: a draw depends on the seed and on what it is for, never on what was drawn before it."""

import math

import numpy as np

from influence.kernels._jit import jit

__all__ = ["exponential", "mix", "stream", "uniform", "uniforms", "word"]

# SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the odd constant, and the two multipliers of its finaliser.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ONE = np.uint64(1)
_STEP = 2.0**-53


@jit
def mix(x):
    """Return the finaliser of SplitMix64 of a uint64."""
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


@jit
def stream(seed, sample):
    """Return the uint64 that stands for one sample of a seed; both are whole numbers of 0 or more."""
    return mix(mix(np.uint64(seed) + _GOLDEN) + (np.uint64(sample) + _ONE) * _GOLDEN)


@jit
def word(start, number):
    """Return the draw of a number (of a node, of an arc, of a step) from a stream, as 64 bits.

    A word is a stream in its turn, for draws within a draw.
    """
    return mix(start + (np.uint64(number) + _ONE) * _GOLDEN)


@jit
def uniform(bits):
    """Return 64 bits as a number in (0, 1], a multiple of 2⁻⁵³."""
    return (np.float64(bits >> np.uint64(11)) + 1.0) * _STEP


@jit
def exponential(bits):
    """Return 64 bits as a draw from the exponential distribution of mean 1, from 0 to 36.74."""
    return -math.log(uniform(bits))


@jit
def uniforms(seed, sample, size):
    """Return the uniform draws of the numbers 0 … size - 1 of one sample, float64 of shape (size,)."""
    start = stream(seed, sample)
    drawn = np.empty(size, np.float64)
    for i in range(size):
        drawn[i] = uniform(word(start, i))
    return drawn
