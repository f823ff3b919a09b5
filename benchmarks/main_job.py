"""`influence rank` as a whole process: the first run ever, warm runs, peak memory, growth with the data.

python benchmarks/main_job.py [--runs 5]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from common import data_folder, machine, markdown


def run(arguments: list[str], cache: Path) -> tuple[float, float, float]:
    """Return wall seconds, CPU seconds and peak memory in MiB of one process."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "influence", *arguments],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        sys.exit(f"influence {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    folder = data_folder()
    print(machine(), end="\n\n")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        events = pl.read_parquet(folder / "higgs-twitter" / "activity.parquet")
        for part in (10, 3):
            events.head(events.height // part).write_parquet(scratch / f"events_{part}.parquet")
        follows = f"follows={folder}/higgs-twitter/follows_prefix.parquet"
        jobs = {
            "demo": ["--demo"],
            "ciao, 282,650 reviews": [f"{folder}/ciao/trust.parquet", f"{folder}/ciao/reviews.parquet"],
            f"higgs, first {events.height // 10:,} events": [f"interactions={scratch}/events_10.parquet"],
            f"higgs, first {events.height // 3:,} events": [f"interactions={scratch}/events_3.parquet"],
            f"higgs, {events.height:,} events": [f"interactions={folder}/higgs-twitter/activity.parquet"],
            "higgs with its follows (355,074)": [follows, f"interactions={folder}/higgs-twitter/activity.parquet"],
        }
        rows = []
        for label, sources in jobs.items():
            arguments = ["rank", *sources, "--quiet", "--out", str(scratch / "scores.csv")]
            cache = scratch / "cache" / label.replace(" ", "_").replace(",", "")
            cold = run(arguments, cache)
            warm = [run(arguments, cache) for _ in range(runs)]
            wall, cpu, peak = (statistics.median(values) for values in zip(*warm, strict=True))
            rows.append([label, f"{cold[0]:.1f}", f"{wall:.2f}", f"{cpu / wall:.2f}", f"{peak:,.0f}"])
    print(markdown(["input", "first run ever, s", f"warm, s (median of {runs})", "CPU / wall", "peak MiB"], rows))


if __name__ == "__main__":
    main()
