"""Make an interaction file of any size: string ids, time and type, with the skew of a real community.

python benchmarks/make_events.py ROWS FOLDER [--seed 0]

writes events.csv and events.parquet; the same rows for the same seed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl

TYPES = ("reply", "share", "mention", "like")


def events(rows: int, seed: int = 0) -> pl.DataFrame:
    """Return interactions of about ``rows / 16`` people as an R-MAT graph with times over one year.

    Chakrabarti, Zhan and Faloutsos, SDM 2004, with a = 0.57, b = c = 0.19.
    """
    rng = np.random.default_rng(seed)
    levels = max(1, int(np.log2(max(2, rows / 16))))
    source = np.zeros(rows, np.int64)
    target = np.zeros(rows, np.int64)
    for _ in range(levels):
        draw = rng.random(rows)
        source = 2 * source + (draw >= 0.76)
        target = 2 * target + (((draw >= 0.57) & (draw < 0.76)) | (draw >= 0.95))
    label = rng.permutation(1 << levels)
    names = pl.Series([f"user_{number:08d}" for number in range(1 << levels)])
    time = np.sort(rng.integers(1_640_995_200, 1_672_531_200, rows))
    return pl.DataFrame(
        {
            "source": names.gather(label[source]),
            "target": names.gather(label[target]),
            "type": pl.Series(TYPES).gather(rng.integers(0, len(TYPES), rows)),
            "timestamp": time,
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    frame = events(arguments.rows, arguments.seed)
    frame.write_csv(arguments.folder / "events.csv")
    frame.write_parquet(arguments.folder / "events.parquet")


if __name__ == "__main__":
    main()
