"""Exporting a million customers: time, memory, sizes; the same again; and with 1 % of the scores changed.

python benchmarks/export.py [--people 100000 1000000] [--forms salesforce hubspot identify csv]

Each line is a process of its own, so that its peak memory is its own. Beside it: the same records by a loop over rows
with Python's csv or json, as such jobs are often written, which remembers nothing and so writes all of them each time.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from common import machine, markdown

FORMS = ("salesforce", "hubspot", "identify", "csv")


def ranking(people: int, changed: float = 0.0) -> pl.DataFrame:
    """Return a ranking of drawn values; of a share of the people, the values are 10 % higher."""
    draws = np.random.default_rng(0)
    values = np.sort(draws.lognormal(3, 2, people))[::-1].copy()
    values[draws.random(people) < changed] *= 1.1
    return pl.DataFrame(
        {
            "rank": np.arange(1, people + 1),
            "id": [f"customer-{number:08d}" for number in range(people)],
            "network_value": values,
            "low": values / 2,
            "high": values * 2,
            "own_value": draws.lognormal(3, 1, people),
            "percentile": 100 * (1 - np.arange(people) / people),
            "quadrant": np.array(["Champion", "Affluent", "Advocate", "Miser"])[draws.integers(0, 4, people)],
            "hidden_gem": draws.random(people) < 0.02,
            "suggested_reward": ["access: early products, and a line to the experts"] * people,
            "reasons": [
                f"reaches {number % 997} people (103 customers) worth 3,433 EUR; 73 acted later (replies count most)"
                for number in range(people)
            ],
        }
    )


def ours(people: int, form: str, folder: Path) -> dict[str, Any]:
    from influence.export.delivery import deliver
    from influence.export.records import make_records
    from influence.export.targets import Target

    target = Target.of(form)

    def export(changed: float) -> tuple[float, Any]:
        frame = ranking(people, changed)
        facts = {"as_of": "2026-01-31T12:00:00Z", "unit": "money", "currency": "EUR", "listed": people}
        began = time.perf_counter()
        done = deliver(make_records(frame, target, facts=facts), target, folder)
        return time.perf_counter() - began, done

    first, done = export(0.0)
    second, again = export(0.0)
    third, changed = export(0.01)
    assert again.folder is None, "an equal export wrote something"
    return {
        "first": first,
        "equal": second,
        "changed": third,
        "written": sum(part.rows for part in changed.files),
        "files": len(done.files),
        "largest": max(part.bytes for part in done.files),
        "bytes": sum(part.bytes for part in done.files),
        "state": (folder / "state.sqlite").stat().st_size,
    }


def by_rows(people: int, form: str, folder: Path) -> dict[str, Any]:
    frame = ranking(people)
    began = time.perf_counter()
    rows = frame.iter_rows(named=True)
    with (folder / "all").open("w", encoding="utf-8", newline="") as file:
        if form in ("salesforce", "csv"):
            writer = csv.DictWriter(file, frame.columns)
            writer.writeheader()
            writer.writerows(rows)
        elif form == "hubspot":
            batch = []
            for row in rows:
                properties = {f"influence_{name}": str(value) for name, value in row.items()}
                batch.append({"idProperty": "email", "id": row["id"], "properties": properties})
                if len(batch) == 100:
                    file.write(json.dumps({"inputs": batch}) + "\n")
                    batch = []
        else:
            for row in rows:
                file.write(json.dumps({"type": "identify", "userId": row["id"], "traits": row}) + "\n")
    return {"first": time.perf_counter() - began, "bytes": (folder / "all").stat().st_size}


def child(which: str, people: int, form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = (ours if which == "ours" else by_rows)(people, form, Path(folder))
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def run(which: str, people: int, form: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", which, "--people", str(people), "--forms", form]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--forms", nargs="+", default=list(FORMS))
    parser.add_argument("--child", choices=["ours", "rows"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.people[0], arguments.forms[0])
        return
    print(machine(), "\n")
    header = [
        "people",
        "first, s",
        "by rows, s",
        "equal, s",
        "1 % changed, s",
        "written then",
        "MB",
        "largest file, MB",
    ]
    header += ["state, MB", "peak, MiB", "by rows, MiB"]
    rows = []
    for form in arguments.forms:
        for people in arguments.people:
            done, rowwise = run("ours", people, form), run("rows", people, form)
            rows.append(
                [
                    form,
                    f"{people:,}",
                    *(
                        f"{seconds:.1f}"
                        for seconds in (done["first"], rowwise["first"], done["equal"], done["changed"])
                    ),
                    f"{done['written']:,}",
                    *(f"{size / 1e6:.0f}" for size in (done["bytes"], done["largest"], done["state"])),
                    *(f"{size:,.0f}" for size in (done["peak"], rowwise["peak"])),
                ]
            )
    print(markdown(["format", *header], rows))


if __name__ == "__main__":
    main()
