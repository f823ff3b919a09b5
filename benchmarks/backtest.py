"""The backtest table of the README: ciao at five cuts, higgs at one.

python benchmarks/backtest.py [--whole] [--rate auto|rule|learned] [--placebos 8] [--bootstrap 400]
"""

from __future__ import annotations

import argparse
import statistics

import numpy as np
import polars as pl
from common import data_folder, machine, markdown

from influence import Backtest, Settings, backtest
from influence.api import parse_moment
from influence.io import Tables, read_tables
from influence.score import score_history
from influence.ties import History, Ledger
from influence.ties.history import DAY
from influence.value.metrics import Resampler, best_first, spearman

CUTS = ("2004-01-01", "2005-01-01", "2006-01-01", "2007-01-01", "2008-01-01")
HIGGS_CUT = "2012-07-04T06:00:00"
SUMMARY = [
    "data, cut",
    "rate",
    "NDCG",
    "best baseline",
    "difference, 90 %",
    "excess capture",
    "best baseline",
    "difference, 90 %",
    "on rewired ties",
]
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


def summary(label: str, result: Backtest) -> list[str]:
    """Return one row: ours, the best baseline and the paired difference, in the two main metrics."""
    ours, difference = result.frame.row(0, named=True), result.frame.row(-1, named=True)
    cells = [label, result.facts["rate"]]
    for metric in ("ndcg", "excess"):
        if difference[metric] is None:
            cells += ["", "", ""]
            continue
        rival = result.facts["best_baseline"][metric]
        best = result.frame.row(by_predicate=pl.col("score") == rival, named=True)[metric]
        interval = (difference[metric + suffix] for suffix in ("_low", "_high"))
        cells += [f"**{ours[metric]:.3f}**", f"{best:.3f} {rival}", "{:+.3f} … {:+.3f}".format(*interval)]
    return [*cells, placebo_text(result)]


def placebo_text(result: Backtest) -> str:
    draws = result.facts["placebo_excess"]
    if not draws:
        return ""
    error = f" ± {statistics.stdev(draws) / len(draws) ** 0.5:.2f}" if len(draws) > 1 else ""
    return f"{statistics.mean(draws):.2f}{error}"


def table(label: str, result: Backtest) -> list[list[str]]:
    """Return a row for each score."""
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
    results = {f"ciao, {cut}": backtest(ciao, settings=settings, cut=cut, placebos=arguments.placebos) for cut in CUTS}
    twitter = folder / "higgs-twitter"
    higgs = read_tables([f"follows={twitter}/follows_prefix.parquet", f"interactions={twitter}/activity.parquet"])
    results["higgs, 2012-07-04 06:00"] = backtest(higgs, settings=settings, cut=HIGGS_CUT)
    print(markdown(SUMMARY, [summary(label, result) for label, result in results.items()]), end="\n\n")
    print(markdown(HEADER, [row for label, result in results.items() for row in table(label, result)]))


if __name__ == "__main__":
    main()
