"""The backtest table of the README: ciao at five cuts, higgs at one.

python benchmarks/backtest.py [--whole] [--rate auto|rule|learned] [--placebos 8] [--bootstrap 400]
"""

from __future__ import annotations

import argparse
import statistics

import numpy as np
from common import data_folder, machine, markdown

from influence import Settings, backtest
from influence.api import parse_moment
from influence.io import Tables, read_tables
from influence.score import score_history
from influence.ties import History, Ledger
from influence.ties.history import DAY
from influence.value.metrics import Resampler, best_first, spearman

CUTS = ("2004-01-01", "2005-01-01", "2006-01-01", "2007-01-01", "2008-01-01")
HIGGS_CUT = "2012-07-04T06:00:00"
HEADER = [
    "data, cut",
    "score",
    "NDCG",
    "excess capture",
    "share of best",
    "share, top 1 %",
    "Spearman",
    "predicted / observed",
]


def number(value: float | None, low: float | None = None, high: float | None = None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} ({low:.2f} … {high:.2f})"


def table(label: str, tables: Tables, cut: str, settings: Settings, placebos: int) -> list[list[str]]:
    result = backtest(tables, settings=settings, cut=cut, placebos=placebos)
    rows = []
    for row in result.frame.iter_rows(named=True):
        cells = [
            number(row[metric], row[f"{metric}_low"], row[f"{metric}_high"])
            if metric in ("ndcg", "excess")
            else number(row[metric])
            for metric in ("ndcg", "excess", "share_top", "share_top_1", "spearman", "predicted_observed")
        ]
        rows.append([label, row["score"], *cells])
        label = ""
    facts = result.facts
    placebo = facts["placebo_excess"]
    note = f"rate {facts['rate']}; best baseline in NDCG: {facts['best_baseline']['ndcg']}"
    rows[-1][1] += f" ({note})"
    if placebo:
        error = statistics.stdev(placebo) / len(placebo) ** 0.5 if len(placebo) > 1 else float("nan")
        cells = ["", f"{statistics.mean(placebo):.3f} ± {error:.3f}"]
        rows.append(["", f"ours on rewired ties (mean of {len(placebo)} ± standard error)", *cells, "", "", "", ""])
    return rows


def whole(tables: Tables, settings: Settings) -> str:
    """Score ciao as the design's prototype did: follow-ons counted whole, chance without cohorts."""
    history = History.from_tables(tables, settings)
    ledger = Ledger.of(history, settings)
    items, n, horizon = ledger.items, ledger.n_people, int(settings.horizon_days * DAY)
    audience, heard = ledger.ties.out_degree.astype(float), ledger.ties.in_degree.astype(float)
    rows = []
    for cut_text in CUTS:
        cut = parse_moment(cut_text, end_of_day=False)
        outcome = ledger.credits.between(cut, cut + horizon)
        observed = np.bincount(ledger.influencer[outcome.tie], minlength=n).astype(float)
        expected = np.zeros(n)
        for first, last in zip(items.offsets[:-1], items.offsets[1:], strict=True):
            time, actor = items.time[first:last], items.actor[first:last]
            counted = (time >= cut) & (time < cut + horizon)
            if counted.any():
                gap = time[:, None] - time[None, :]
                follows = (gap > 0) & (gap <= settings.window_days * DAY) & counted[:, None]
                chance = (follows * heard[actor][:, None]).sum(axis=0) * audience[actor] / audience.sum()
                expected += np.bincount(actor, chance, minlength=n)
        scored = score_history(history, settings, cut=cut, horizon=horizon)
        people = np.flatnonzero(scored.ledger.acted_or_tied(cut))
        top = Resampler(people.size, settings.top_share, 0, 0)
        gain, excess = observed[people], (observed - expected)[people]
        for name, score in (("network value", scored.value.network), ("followers", audience)):
            order = best_first(score[people])
            share, ndcg = top.captured([order], gain, best_first(gain))
            beyond = top.captured([order], excess, best_first(excess))[0]
            values = (spearman(score[people], gain), share[0, 0], ndcg[0, 0], beyond[0, 0])
            rows.append([cut_text, name, *(f"{value:.3f}" for value in values)])
    return markdown(["ciao, cut", "score", "Spearman", "share of best", "NDCG", "excess capture"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--rate", default="auto")
    parser.add_argument("--placebos", type=int, default=8)
    parser.add_argument("--bootstrap", type=int, default=400)
    arguments = parser.parse_args()
    settings = Settings(rate=arguments.rate, bootstrap=arguments.bootstrap)
    folder = data_folder()
    print(machine(), end="\n\n")
    ciao = read_tables([f"follows={folder}/ciao/trust.parquet", f"actions={folder}/ciao/reviews.parquet"])
    if arguments.whole:
        print(whole(ciao, settings))
        return
    rows = []
    for cut in CUTS:
        rows += table(f"ciao, {cut}", ciao, cut, settings, arguments.placebos)
    twitter = folder / "higgs-twitter"
    higgs = read_tables([f"follows={twitter}/follows_prefix.parquet", f"interactions={twitter}/activity.parquet"])
    rows += table("higgs, 2012-07-04 06:00", higgs, HIGGS_CUT, settings, 0)
    print(markdown(HEADER, rows))


if __name__ == "__main__":
    main()
