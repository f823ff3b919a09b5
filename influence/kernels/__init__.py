"""Compiled loops: arrays in, arrays out.

Nothing here validates, names, logs or raises; the public function that calls a kernel has done so.
Nodes are int32, offsets int64, sums float64; times are int64 microseconds.
"""
