"""The graphs of the benchmarks, drawn from a seed or read: edges as two columns of node numbers.

python benchmarks/graphs.py [FOLDER] writes each as FOLDER/<name>.npz, for other programs.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from common import data_folder

__all__ = ["NAMES", "EdgeList", "edge_list"]

#: Chances of the four quarters of the matrix (Graph500, Leskovec's R-MAT).
QUARTERS = 0.57, 0.19, 0.19, 0.05
EDGE_FACTOR = 16
SEED = 1

#: Graphs by name; "rmat" and "plaw" take any number of bits, and a "u" makes an R-MAT undirected.
NAMES = ("rmat12", "rmat14", "rmat17", "rmat20", "rmat12u", "rmat14u", "rmat17u", "rmat20u", "plaw17u", "slashdot")


@dataclasses.dataclass(frozen=True, eq=False)
class EdgeList:
    """Edges without self-loops and without parallel ones; an undirected edge stands once, from its lesser node."""

    name: str
    n: int
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    directed: bool

    @property
    def m(self) -> int:
        return int(self.source.size)

    def __str__(self) -> str:
        kind = "directed" if self.directed else "undirected"
        return f"{self.name}: {self.n:,} nodes, {self.m:,} {kind} edges"


@functools.cache
def edge_list(name: str) -> EdgeList:
    """Return the graph of that name; the same one in every process of a machine, drawn once."""
    kept = Path(tempfile.gettempdir()) / "influence-benchmark-graphs" / f"{name}-{SEED}.npz"
    if not kept.exists():
        made = _make(name)
        kept.parent.mkdir(exist_ok=True)
        _save(made, kept)
        return made
    with np.load(kept) as file:
        return EdgeList(name, int(file["n"]), file["source"], file["target"], bool(file["directed"]))


def _make(name: str) -> EdgeList:
    if name == "slashdot":
        import polars as pl

        frame = pl.read_parquet(data_folder() / "graphs" / "soc_slashdot0902.parquet")
        source, target = (frame.to_series(i).to_numpy() for i in (0, 1))
        return _clean(name, source, target, int(max(source.max(), target.max())) + 1, directed=True)
    directed = not name.endswith("u")
    bits = int(name.removesuffix("u")[4:])
    if name.startswith("plaw"):
        return _clean(name, *planted(1 << bits), 1 << bits, directed=False)
    return _clean(name, *rmat(bits), 1 << bits, directed=directed)


def rmat(bits: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Draw 16 · 2^bits edges, a bit of both ends at a time; the nodes are then shuffled."""
    rng = np.random.default_rng(SEED)
    m = EDGE_FACTOR << bits
    source, target = np.zeros(m, np.int32), np.zeros(m, np.int32)
    a, b, c, _ = QUARTERS
    for _ in range(bits):
        u = rng.random(m, dtype=np.float32)
        down = u >= a + b
        right = ((u >= a) & ~down) | (u >= a + b + c)
        source = (source << 1) | down
        target = (target << 1) | right
    # numbers would tell the degree otherwise, which makes a cache look better than it is
    number = rng.permutation(1 << bits)
    return number[source], number[target]


def planted(
    n: int, *, exponent: float = 2.5, least: int = 4, inside: float = 0.7
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Draw power-law degrees, and communities of power-law sizes in which a share of everybody's edges stays.

    Ends are paired at random, those that stay within their community.
    """
    rng = np.random.default_rng(SEED)
    degree = np.minimum(least * (1.0 - rng.random(n)) ** (-1.0 / (exponent - 1.0)), n**0.75).astype(np.int64)
    sizes = (20.0 * (1.0 - rng.random(n // 20)) ** -1.0).clip(max=n / 100).astype(np.int64)
    community = np.repeat(np.arange(sizes.size), sizes)[:n]
    community = rng.permutation(np.concatenate([community, np.full(n - community.size, sizes.size)]))
    ends = np.repeat(np.arange(n), degree)
    stays = rng.random(ends.size) < inside
    pairs = []
    for some, group in ((ends[stays], community[ends[stays]]), (ends[~stays], np.zeros(int((~stays).sum()), int))):
        order = np.lexsort((rng.random(some.size), group))
        some, group = some[order], group[order]
        # the first with the second of each community, the third with the fourth; an odd one has nobody
        place = np.arange(some.size) - np.searchsorted(group, group)
        first = np.flatnonzero((place % 2 == 0)[:-1] & (group[:-1] == group[1:]))
        pairs.append((some[first], some[first + 1]))
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])


def _clean(
    name: str, source: npt.NDArray[np.int64], target: npt.NDArray[np.int64], n: int, *, directed: bool
) -> EdgeList:
    if not directed:
        source, target = np.minimum(source, target), np.maximum(source, target)
    different = source != target
    code = np.sort(source[different].astype(np.int64) * n + target[different])
    code = code[np.diff(code, prepend=-1) > 0]  # np.unique hashes, which takes many times as long
    source, target = np.divmod(code, n)
    return EdgeList(name, n, source.astype(np.int32), target.astype(np.int32), directed)


def _save(made: EdgeList, path: Path) -> None:
    part = path.with_suffix(".part.npz")
    np.savez(part, source=made.source, target=made.target, n=made.n, directed=made.directed)
    part.replace(path)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    for name in NAMES:
        made = edge_list(name)
        print(made)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            _save(made, folder / f"{name}.npz")


if __name__ == "__main__":
    main()
