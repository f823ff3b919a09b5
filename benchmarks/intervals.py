"""Whether nine of ten outcomes fall into the 90 % intervals: on ciao at every cut, and on drawn communities.

python benchmarks/intervals.py [--draws 200] [--people 2000] [--data FOLDER]

An outcome is what was seen to follow a person in the horizon after the cut; its interval is that of the follow-ons
which the score expected, made of nothing later than the cut. Shares are of the people who had acted or were tied before
the cut: of all, and of the 10 % and 5 % with the highest expectation, where a score is used. Most of all have no
follower and no outcome, and are covered for nothing.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import machine, markdown

from influence.api import parse_moment
from influence.config import Settings
from influence.datasets.community import synthetic_community
from influence.io import read_tables, tables_from_frames
from influence.score.mvp import score_history
from influence.ties import History, Ledger
from influence.value.intervals import measure_residuals

SHARES = (1.0, 0.1, 0.05)


def covered(history: History, whole: Ledger, settings: Settings, cut: int) -> dict[str, Any] | None:
    """Return the share of outcomes inside their intervals, by share of people; None without intervals."""
    scored = score_history(history, settings, cut=cut)
    residuals = measure_residuals(scored.ledger, scored.cut, scored.rates)
    if residuals is None:
        return None
    came = whole.credit_of_people(whole.credits.between(cut, cut + scored.rates.horizon))
    people = np.flatnonzero(scored.ledger.acted_or_tied(cut))
    expected, came = scored.predicted[people], came[people]
    low, high = residuals.bounds(expected)
    low, high = np.minimum(low, expected), np.maximum(high, expected)
    inside = (came >= low - 1e-9) & (came <= high + 1e-9)
    order = np.argsort(-expected, kind="stable")
    shares = [float(inside[order[: max(1, round(share * order.size))]].mean()) for share in SHARES]
    return {
        "rate": scored.rates.model,
        "people": people.size,
        "shares": shares,
        "ratio": float(expected.sum() / came.sum()),
        "earlier": residuals.ratios,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--people", type=int, default=2_000)
    here = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("INFLUENCE_DATA", here)))
    arguments = parser.parse_args()
    print(machine(), "\n")
    settings = Settings()
    header = ["rate", "people", *(f"{share:.0%}" for share in SHARES), "expected / observed", "earlier ones"]
    ciao = arguments.data / "ciao"
    if ciao.is_dir():
        tables = read_tables([f"follows={ciao}/trust.parquet", f"actions={ciao}/reviews.parquet"])
        history = History.from_tables(tables, settings)
        whole = Ledger.of(history, settings)
        rows = []
        for year in range(2003, 2011):
            found = covered(history, whole, settings, parse_moment(f"{year}-01-01", end_of_day=False))
            if found is not None:
                rows.append([str(year), *row(found)])
        print(markdown(["ciao, cut", *header], rows), "\n")
    began = time.perf_counter()
    found = [one for seed in range(arguments.draws) if (one := drawn(arguments.people, seed, settings)) is not None]
    shares = np.array([one["shares"] for one in found])
    middle = [f"{mean:.3f}" for mean in shares.mean(axis=0)]
    spread = [f"{low:.3f} … {high:.3f}" for low, high in zip(*np.quantile(shares, [0.05, 0.95], axis=0), strict=True)]
    ratio = [one["ratio"] for one in found]
    print(
        markdown(
            [f"{len(found)} communities", *(f"{share:.0%}" for share in SHARES), "expected / observed"],
            [
                ["mean", *middle, f"{np.exp(np.mean(np.log(ratio))):.2f}"],
                ["5 % … 95 % of draws", *spread, "{:.2f} … {:.2f}".format(*np.quantile(ratio, [0.05, 0.95]))],
            ],
        )
    )
    print(f"\n{time.perf_counter() - began:.0f} s for {arguments.draws} draws of {arguments.people:,} people.")


def row(found: dict[str, Any]) -> list[str]:
    earlier = ", ".join(f"{ratio:.2f}" for ratio in found["earlier"])
    shares = [f"{share:.3f}" for share in found["shares"]]
    return [found["rate"], f"{found['people']:,}", *shares, f"{found['ratio']:.2f}", earlier]


def drawn(people: int, seed: int, settings: Settings) -> dict[str, Any] | None:
    """Draw a community, and look at the last quarter of its time from before."""
    made = synthetic_community(people, max(1, people // 40), seed=seed)
    tables = tables_from_frames(follows=made.follows, interactions=made.interactions, actions=made.actions)
    history = History.from_tables(tables, settings)
    first, last = history.span or (0, 0)
    return covered(history, Ledger.of(history, settings), settings, first + 3 * (last - first) // 4)


if __name__ == "__main__":
    main()
