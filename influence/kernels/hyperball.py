"""HyperLogLog counters of the balls around all nodes."""

import numpy as np

from influence.kernels._jit import jit, prange
from influence.kernels.lanes import WIDTH, max_row
from influence.kernels.random import stream, word

__all__ = ["first_registers", "grow_balls"]

_BLOCKS = 64
_CHUNK = 64
_UNIT = 46  # a register of 0 counts 2⁴⁶, so that the sum over 2¹⁶ registers is a whole number of 64 bits


@jit(parallel=True)
def first_registers(seed, bits, registers):
    """Set the counters to those of the nodes alone.

    =========  ======  ==============================
    seed       uint64
    bits       int     log₂ of the number of registers
    registers  uint8   (n, 2 ** bits)
    =========  ======  ==============================
    """
    n = registers.shape[0]
    start = stream(seed, 0)
    for b in prange((n + 1023) // 1024):
        for i in range(b * 1024, min(n, (b + 1) * 1024)):
            registers[i, :] = 0
            drawn = word(start, i)
            rest = drawn << np.uint64(bits)
            rank = 1
            while rank <= 64 - bits and (rest >> np.uint64(63)) == np.uint64(0):
                rest = rest << np.uint64(1)
                rank += 1
            registers[i, np.int64(drawn >> np.uint64(64 - bits))] = rank


@jit(parallel=True)
def grow_balls(offsets, nodes, before, after, marks_before, marks_after, tops, top, empty, step, size, sums, changed):
    """Grow every ball by one hop, estimate its size, and add the size up over the steps.

    The sizes after the first step are known: they are given.

    The estimate is Ertl's (2017, section 4), α m² / (m σ(C₀ / m) + Σ 2^-register over registers above 0).

    =============  =======  ================================================================
    offsets        int64    (n + 1,) rows that are pulled from
    nodes          int32    (m,)
    before, after  uint8    (n, registers)
    marks_before   uint8    (n,) 1 where the counter changed at the last step
    marks_after    uint8    (n,)
    tops           uint8    (tops, registers) counters that some nodes cannot exceed; 255 where nothing is known
    top            int32    (n,) which of them
    empty          float64  (registers + 1,) m σ(C₀ / m) by the number of registers of 0
    step           int
    size           float64  (n,) estimated sizes
    sums           float64  (4, n) sizes, their squares; both with weight 1/step - 1/(step + 1)
    changed        int64    (blocks,) counters that changed
    =============  =======  ================================================================
    """
    n, m = before.shape
    alpha = 0.5 / np.log(2.0) * m * m
    unit = 2.0**-_UNIT
    weight = 1.0 / (step * (step + 1.0))
    for b in prange(_BLOCKS):
        count = 0
        for chunk in range(b * _CHUNK, n, _BLOCKS * _CHUNK):
            for v in range(chunk, min(n, chunk + _CHUNK)):
                i = np.int64(v)
                differs = False
                for part in range(m // WIDTH):
                    if max_row(
                        nodes,
                        offsets[i],
                        offsets[i + 1],
                        marks_before,
                        np.uint8(1),
                        before,
                        after,
                        i,
                        part,
                        tops,
                        np.int64(top[i]),
                    ):
                        differs = True
                marks_after[i] = differs
                if differs:
                    count += 1
                    if step > 1:
                        total, zeros = np.int64(0), np.int64(0)
                        for j in range(m):
                            register = np.int64(after[i, j])
                            total += np.int64(1 << _UNIT) >> register
                            zeros += register == 0
                        size[i] = min(n, max(size[i], alpha / (empty[zeros] + (total * unit - zeros))))
                sums[0, i] += size[i]
                sums[1, i] += size[i] * size[i]
                sums[2, i] += size[i] * weight
                sums[3, i] += size[i] * size[i] * weight
        changed[b] = count
